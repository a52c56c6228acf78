//! Words that several events share.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How a code reaches its owner.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Shown by the app on the account's trusted devices.
    App,
    /// Sent to the account's e-mail address.
    Email,
}

/// What a code is asked for; part of what the code is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in on a device that isn't trusted.
    SignIn,
    /// To prove an e-mail address and open an account.
    Registration,
    /// To prove an account's mailbox and set a new password.
    PasswordReset,
    /// To prove a new e-mail address for an account.
    EmailChange,
    /// To do something sensitive on a device that is signed in.
    StepUp,
}

impl Purpose {
    /// The name as events and derivations spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Registration => "registration",
            Self::PasswordReset => "password_reset",
            Self::EmailChange => "email_change",
            Self::StepUp => "step_up",
        }
    }
}

/// Wrong codes are counted per account and class, each class with figures of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuessClass {
    /// Codes behind the right password.
    SignIn,
    /// Codes that stand alone.
    Recovery,
}

/// What kind of system a device runs, as its app says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// An iPhone or iPad.
    Ios,
    /// An Android phone or tablet.
    Android,
    /// A browser.
    Web,
    /// Anything else.
    Other,
}

/// Through whom a push reaches a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushPlatform {
    /// Apple's push service.
    Apns,
    /// Apple's push service for builds in development.
    ApnsSandbox,
    /// Firebase Cloud Messaging.
    Fcm,
}

/// Whether a device shows what is pushed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alerts {
    /// Its owner allows it.
    Allowed,
    /// Its owner forbids it: a push would be seen by nobody.
    Denied,
    /// The app can't tell.
    Unknown,
}

/// A device as its app describes it: text of its owner, so personal, and shown as text only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceDescription {
    /// What its owner calls it.
    pub name: String,
    /// The maker's model name.
    pub model: String,
    /// The version of its system.
    pub os_version: String,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address the gateway saw.
    pub ip: std::net::IpAddr,
    /// The city that the address suggests; never more than a suggestion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes the first 128 bits of a keyed HMAC-SHA-256.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 128 bits.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(de::Error::custom)?;
                bytes.try_into().map(Self).map_err(|_| de::Error::custom("not 128 bits"))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{22}$" })
            }
        }
    };
}

keyed!(
    /// A device's key on one account: a keyed HMAC over the account and the key's RFC 7638
    /// thumbprint, so that a phone can't be followed from account to account.
    DeviceKey
);
keyed!(
    /// An e-mail address, normalised, under a keyed HMAC: enough to find its claim, not to read it.
    AddressKey
);
keyed!(
    /// A push token under a keyed HMAC: enough to know it again, not to send to it.
    PushTokenKey
);
keyed!(
    /// A network that requests come from, under a keyed HMAC.
    SourceKey
);
keyed!(
    /// 128 bits of chance that a code is derived from.
    Nonce
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyed_value_is_22_characters_of_base64url() {
        let key = DeviceKey::from_bytes([255; 16]);
        let json = serde_json::to_string(&key).expect("text");
        assert_eq!(json, "\"_____________________w\"");
        assert_eq!(serde_json::from_str::<DeviceKey>(&json).expect("the same"), key);
        assert!(serde_json::from_str::<DeviceKey>("\"AAAA\"").is_err());
    }
}
