//! The services that bring a push to a phone.

use serde::{Serialize, Serializer};

/// A platform, and what it is called where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Apple's service.
    Apns,
    /// Apple's service for builds under development.
    ApnsSandbox,
    /// Google's service.
    Fcm,
}

/// Every platform there is.
const ALL: [Platform; 3] = [Platform::Apns, Platform::ApnsSandbox, Platform::Fcm];

impl Platform {
    /// What SNS calls it: in names of resources, and as the key of its part of a message.
    #[must_use]
    pub fn in_sns(self) -> &'static str {
        match self {
            Self::Apns => "APNS",
            Self::ApnsSandbox => "APNS_SANDBOX",
            Self::Fcm => "GCM",
        }
    }

    /// What the API calls it.
    #[must_use]
    pub fn in_api(self) -> &'static str {
        match self {
            Self::Apns => "apns",
            Self::ApnsSandbox => "apns_sandbox",
            Self::Fcm => "fcm",
        }
    }

    /// The platform that SNS calls so.
    #[must_use]
    pub fn from_sns(name: &str) -> Option<Self> {
        ALL.into_iter().find(|platform| platform.in_sns() == name)
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.in_api())
    }
}
