//! A database of places in `MaxMind`'s format, in any of the forms that its makers give a record.

use std::error::Error;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::Offset;
use maxminddb::PathElement::{self, Key};
use maxminddb::{LookupResult, Reader};

use super::{Place, text};

/// Where the code of a country is: nested, or flat in one of two ways. A flat `country` comes last,
/// because beside a `country_code` it holds a name.
const COUNTRY: [&[PathElement<'static>]; 3] =
    [&[Key("country"), Key("iso_code")], &[Key("country_code")], &[Key("country")]];
/// Where the name of a city is.
const CITY: [&[PathElement<'static>]; 2] =
    [&[Key("city"), Key("names"), Key("en")], &[Key("city")]];

/// Why a database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BadDatabase {
    /// The file can't be read.
    #[error("the database of places {} can't be read", path.display())]
    Read {
        /// Where it was looked for.
        path: PathBuf,
        /// What stood in the way.
        source: io::Error,
    },
    /// The file is not in `MaxMind`'s format.
    #[error("{} is not a database of places", path.display())]
    Form {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A database in memory.
#[derive(Debug)]
pub(super) struct Database {
    reader: Reader<Vec<u8>>,
    /// What a place found here is recorded with.
    name: String,
}

impl Database {
    /// Reads the file into memory.
    pub(super) fn open(path: &Path) -> Result<Self, BadDatabase> {
        let bytes =
            fs::read(path).map_err(|source| BadDatabase::Read { path: path.to_owned(), source })?;
        Self::parse(bytes).map_err(|source| BadDatabase::Form { path: path.to_owned(), source })
    }

    fn parse(bytes: Vec<u8>) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let reader = Reader::from_source(bytes)?;
        let built = Timestamp::from_second(reader.metadata().build_epoch.try_into()?)?;
        let name = format!("mmdb {}", Offset::UTC.to_datetime(built).date());
        Ok(Self { reader, name })
    }

    /// The place of this address; none where the database names none that can be read.
    pub(super) fn place(&self, ip: IpAddr) -> Option<Place> {
        let ip = ip.to_canonical();
        if is_internal(ip) {
            return None;
        }
        let Ok(record) = self.reader.lookup(ip) else {
            // The address stays out of the log, and so does what would lead back to it.
            tracing::debug!(database = self.name, "an address can't be looked up");
            return None;
        };
        let country = self.first(&record, &COUNTRY, text::country);
        let city = self.first(&record, &CITY, text::city);
        Place::found(country, city, &self.name)
    }

    /// The first text at one of these paths that `take` accepts.
    fn first(
        &self,
        record: &LookupResult<'_, Vec<u8>>,
        paths: &[&[PathElement<'_>]],
        take: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let mut unreadable = false;
        let found = paths.iter().find_map(|path| {
            let text = record.decode_path::<&str>(path).unwrap_or_else(|_| {
                // The record is of another form, which the next path may fit, or it is broken.
                unreadable = true;
                None
            });
            text.and_then(&take)
        });
        if unreadable && found.is_none() {
            tracing::debug!(database = self.name, "a record of places is of no known form");
        }
        found
    }
}

/// Whether networks everywhere use this address for themselves, so that it is at no place:
/// RFC 1918, RFC 6598 (carriers' NAT), RFC 3927, RFC 4193, RFC 4291.
fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || is_shared(ip),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether an address is in 100.64.0.0/10.
fn is_shared(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_database_is_refused_or_answers_and_never_panics() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/places/nested.mmdb");
        let whole = fs::read(path).expect("the fixture");
        let addresses = ["192.0.2.7", "127.0.0.4", "2001:db8:1::1", "192.0.2.141"]
            .map(|it| it.parse::<IpAddr>().expect("an address"));
        for at in 0..whole.len() {
            for damage in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= damage;
                if let Ok(database) = Database::parse(bytes) {
                    for ip in addresses {
                        let named = database.place(ip).and_then(|it| it.located_by);
                        assert!(named.is_none_or(|it| it == database.name), "byte {at}");
                    }
                }
            }
        }
    }
}
