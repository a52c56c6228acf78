//! What SES publishes about a mail that it took: its event format, as far as anybody reads it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::capture::NewMail;

/// A mail that SES took, and what it was told beside it.
pub(super) struct Accepted {
    pub(super) mail: NewMail,
    /// By name.
    pub(super) tags: BTreeMap<String, String>,
    /// What says where events go; without it there are none.
    pub(super) configuration_set: Option<String>,
}

/// What becomes of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its recipients' server takes it.
    Delivered,
    /// Its recipients' server knows nobody of that name.
    Bounced,
}

impl Accepted {
    /// The event about the mail's fate, if anybody is to hear of it.
    pub(super) fn event(&self, fate: Fate, id: &str, at: Timestamp) -> Option<Value> {
        let set = self.configuration_set.as_ref()?;
        let NewMail { to, from, .. } = &self.mail;
        let mut tags: BTreeMap<&str, [&str; 1]> =
            self.tags.iter().map(|(name, value)| (name.as_str(), [value.as_str()])).collect();
        tags.insert("ses:configuration-set", [set]);
        let mail = json!({
            "timestamp": at,
            "source": from,
            "messageId": id,
            "destination": to,
            "headersTruncated": false,
            "tags": tags,
        });
        Some(match fate {
            Fate::Delivered => json!({
                "eventType": "Delivery",
                "mail": mail,
                "delivery": {
                    "timestamp": at,
                    "recipients": to,
                    "smtpResponse": "250 2.0.0 taken",
                    "reportingMTA": "mail.local",
                },
            }),
            Fate::Bounced => {
                let bounced = |address| json!({ "emailAddress": address, "status": "5.1.1" });
                json!({
                    "eventType": "Bounce",
                    "mail": mail,
                    "bounce": {
                        "bounceType": "Permanent",
                        "bounceSubType": "General",
                        "bouncedRecipients": to.iter().map(bounced).collect::<Vec<_>>(),
                        "timestamp": at,
                        "feedbackId": id,
                    },
                })
            }
        })
    }
}
