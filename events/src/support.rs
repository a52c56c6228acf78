//! Facts about one request for help.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, Slots, events};
use crate::ids::{AccountId, DeviceId, SupportId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{DeviceDescription, Origin, Platform};

events! {
    /// Everything that happens to a request for help.
    pub enum SupportEvent in "support" {
        /// Somebody asked for help.
        Requested(Requested) = "support.requested", 1;
    }
}

/// What somebody wrote: text of its author, so personal, and shown as text only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plea {
    /// The words.
    pub message: String,
    /// What the files with it are called, in the order of the attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// A file that may be uploaded with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// Its media type (RFC 6838).
    pub content_type: String,
    /// Its size in bytes.
    pub size: u64,
}

/// See [`SupportEvent::Requested`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requested {
    /// The request's own name.
    pub request: SupportId,
    /// The account that it is about. An address without one leaves nothing personal: then
    /// this and every sealed member are absent, and nobody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The signed-in device that asked; absent where somebody only named the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<DeviceId>,
    /// What was written, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plea: Option<Personal<Plea>>,
    /// The app's version, as it says.
    pub app_version: String,
    /// The platform of the device that asked.
    pub platform: Platform,
    /// The device's description, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Personal<DeviceDescription>>,
    /// Where it asked from, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Personal<Origin>>,
    /// The country the address suggests (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the country and the city were looked up in, with its date where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_by: Option<String>,
    /// The files that may be uploaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The policy the decision was made under.
    pub policy: u16,
}

impl Payload for Requested {
    fn personal(&mut self) -> Slots<'_> {
        let mut slots: Slots<'_> = Vec::new();
        if let Some(it) = &mut self.plea {
            slots.push((PersonalField::Plea, it));
        }
        if let Some(it) = &mut self.description {
            slots.push((PersonalField::Device, it));
        }
        if let Some(it) = &mut self.origin {
            slots.push((PersonalField::Origin, it));
        }
        slots
    }
}
