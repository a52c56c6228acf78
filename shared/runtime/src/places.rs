//! Where a request comes from: the country and the city that its IP address suggests.
//!
//! A place is shown to people, who compare it with where they are. It is approximate, it decides
//! nothing, and not to know one is no error.

mod database;
mod text;
mod viewer;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use http::HeaderMap;

pub use self::database::BadDatabase;
use self::database::Database;
use crate::config::Config;

/// What is known about where a request comes from; by default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The country, in ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The city, in English.
    pub city: Option<String>,
    /// Who says so: `cloudfront`, or `mmdb` and the day on which the database was built. Recorded
    /// beside the place, because the next database may say something else about the same address.
    pub located_by: Option<String>,
}

impl Place {
    /// A place of which at least one part is known.
    fn found(country: Option<String>, city: Option<String>, located_by: &str) -> Option<Self> {
        let known = country.is_some() || city.is_some();
        known.then(|| Self { country, city, located_by: Some(located_by.to_owned()) })
    }
}

/// Whoever can say where a request comes from. A clone shares the database.
#[derive(Debug, Clone, Default)]
pub struct Places {
    database: Option<Arc<Database>>,
    viewer_headers: bool,
}

impl Places {
    /// Knows no place.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Knows the places of a database in `MaxMind`'s format, which is read into memory once.
    ///
    /// # Errors
    /// When the file can't be read or is no such database.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, BadDatabase> {
        let database = Database::open(path.as_ref())?;
        Ok(Self { database: Some(Arc::new(database)), viewer_headers: false })
    }

    /// Knows what the deployment has configured: a database, `CloudFront`'s headers, both or
    /// neither.
    ///
    /// # Errors
    /// As [`Self::from_file`].
    pub fn from_config(config: &Config) -> Result<Self, BadDatabase> {
        let places = config.geo_database.as_ref().map(Self::from_file).transpose()?;
        Ok(places.unwrap_or_default().with_viewer_headers(config.viewer_headers))
    }

    /// Whether the headers that `CloudFront` adds about a viewer are believed. Only right where
    /// every request comes through `CloudFront`, and its policy for requests to the origin has it
    /// set each of them: otherwise a client could send them.
    #[must_use]
    pub fn with_viewer_headers(mut self, believed: bool) -> Self {
        self.viewer_headers = believed;
        self
    }

    /// The address that a request came from. Behind `CloudFront` the peer is one of its edges; the
    /// client is the one that `CloudFront` names.
    #[must_use]
    pub fn source(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let named = if self.viewer_headers { viewer::address(headers) } else { None };
        named.or(peer)
    }

    /// Where a request from this address comes from: as `CloudFront` says, if it is believed and
    /// says something, else as the database says.
    #[must_use]
    pub fn locate(&self, ip: impl Into<Option<IpAddr>>, headers: &HeaderMap) -> Place {
        let named = if self.viewer_headers { viewer::place(headers) } else { None };
        let looked_up = || self.database.as_ref()?.place(self.source(ip.into(), headers)?);
        named.or_else(looked_up).unwrap_or_default()
    }
}
