//! Members that several calls share, parsed at the edge.

use std::net::IpAddr;

use postern_domain::email::EmailAddress;
use postern_domain::password::Password;
use postern_domain::text::device_description;
use postern_events::vocabulary::{DeviceDescription, Origin, Platform};
use postern_runtime::places::Place;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::word;
use crate::problem::Problem;

/// A device as its app gives it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDevice)]
pub(super) struct GivenDevice {
    /// What its owner calls it: 1 to 40 graphemes on one line.
    #[schema(min_length = 1, max_length = 1_024)]
    name: String,
    /// The maker's model name.
    #[schema(min_length = 1, max_length = 64)]
    model: String,
    /// `ios`, `android`, `web` or `other`.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = String, pattern = "^(ios|android|web|other)$")]
    platform: Platform,
    /// The version of its system.
    #[schema(min_length = 1, max_length = 32)]
    os_version: String,
}

impl GivenDevice {
    pub(super) fn platform(&self) -> Platform {
        self.platform
    }

    pub(super) fn description(&self) -> Result<DeviceDescription, Problem> {
        device_description(&self.name, &self.model, &self.os_version).map_err(|bad| {
            Problem::invalid(&format!("/device/{}", bad.member), bad.why.to_string())
        })
    }
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(text).map_err(|error| Problem::invalid("/email", error.to_string()))
}

pub(super) fn password(text: &str) -> Result<Password, Problem> {
    Password::parse(text).map_err(|error| Problem::invalid("/password", error.to_string()))
}

pub(super) fn new_password(text: &str) -> Result<Password, Problem> {
    Password::parse(text).map_err(|error| Problem::invalid("/new_password", error.to_string()))
}

/// Where a request came from, as far as its address tells.
pub(super) fn origin(ip: IpAddr, place: &Place) -> Origin {
    Origin { ip, city: place.city.clone() }
}
