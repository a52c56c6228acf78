//! What SES says of a mail, as it publishes it.
//!
//! A configuration set's events name their type `eventType`, an identity's older notifications
//! `notificationType`; otherwise they are alike. Only what the log needs is read: the addresses,
//! headers and servers in them are nobody's business here.

use std::collections::HashMap;

use postern_domain::message::Feedback;
use postern_events::ids::MessageId;
use postern_events::message::BounceKind;
use serde::Deserialize;

use crate::ses::MESSAGE_TAG;

/// How a complaint calls itself that takes an earlier one back: somebody moved the mail out of
/// their junk.
const NOT_SPAM: &str = "not-spam";

/// What a carrier says about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The message.
    pub message: MessageId,
    /// What is said.
    pub said: Feedback,
}

/// It is not what SES publishes. The text, which may hold an address, is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event of SES (line {line}, column {column})")]
pub struct Unreadable {
    line: usize,
    column: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    #[serde(alias = "notificationType")]
    event_type: String,
    mail: PublishedMail,
    bounce: Option<PublishedBounce>,
    complaint: Option<PublishedComplaint>,
}

#[derive(Deserialize)]
struct PublishedMail {
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedBounce {
    bounce_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedComplaint {
    complaint_feedback_type: Option<String>,
}

impl Report {
    /// Reads what SES publishes. Nothing comes of an event that says nothing about an arrival, such
    /// as an opening, and of one about a mail that Postern did not send.
    ///
    /// # Errors
    /// When the text is not what SES publishes.
    pub fn read(published: &str) -> Result<Option<Self>, Unreadable> {
        let published: Published = serde_json::from_str(published)
            .map_err(|error| Unreadable { line: error.line(), column: error.column() })?;
        let Some(said) = published.said() else {
            tracing::debug!(kind = published.event_type, "an event of SES says nothing of use");
            return Ok(None);
        };
        let tagged = published.mail.tags.get(MESSAGE_TAG).map(Vec::as_slice);
        let message = match tagged {
            Some([name]) => name.parse().ok(),
            Some(_) | None => None,
        };
        if message.is_none() {
            tracing::debug!(?said, "an event of SES is about a mail of somebody else");
        }
        Ok(message.map(|message| Self { message, said }))
    }
}

impl Published {
    fn said(&self) -> Option<Feedback> {
        match self.event_type.as_str() {
            "Delivery" => Some(Feedback::Delivered),
            "DeliveryDelay" => Some(Feedback::Delayed),
            "Bounce" => Some(Feedback::Bounced(self.bounce_kind())),
            "Complaint" if self.takes_complaint_back() => None,
            "Complaint" => Some(Feedback::Complained),
            "Reject" => Some(Feedback::Rejected),
            _ => None,
        }
    }

    fn bounce_kind(&self) -> BounceKind {
        match self.bounce.as_ref().and_then(|it| it.bounce_type.as_deref()) {
            Some("Permanent") => BounceKind::Permanent,
            Some("Transient") => BounceKind::Transient,
            _ => BounceKind::Undetermined,
        }
    }

    fn takes_complaint_back(&self) -> bool {
        let complaint = self.complaint.as_ref();
        complaint.and_then(|it| it.complaint_feedback_type.as_deref()) == Some(NOT_SPAM)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use serde_json::{Value, json};

    use super::*;

    const MESSAGE: &str = "msg_01KTEXJ4AR0000000000000000";

    /// An event as a configuration set publishes it, with members that nobody asked for.
    fn event(kind: &str, details: &Value) -> Value {
        let mut event = json!({
            "eventType": kind,
            "mail": {
                "timestamp": "2026-11-24T12:00:00.250Z",
                "source": "no-reply@postern.example",
                "messageId": "0100-1",
                "destination": ["ada@example.com"],
                "headersTruncated": false,
                "headers": [{"name": "To", "value": "ada@example.com"}],
                "tags": {
                    "ses:configuration-set": ["postern"],
                    "message_id": [MESSAGE],
                },
            },
        });
        event.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
        event
    }

    fn read(event: &Value) -> Option<Feedback> {
        let report = Report::read(&event.to_string()).unwrap()?;
        assert_eq!(report.message, MESSAGE.parse().unwrap());
        Some(report.said)
    }

    fn said(kind: &str, details: &Value) -> Option<Feedback> {
        read(&event(kind, details))
    }

    #[test]
    fn every_kind_of_report_is_understood() {
        let recipients = json!([{"emailAddress": "ada@example.com"}]);
        let delivery = json!({"delivery": {"smtpResponse": "250 2.6.0 Message received"}});
        assert_eq!(said("Delivery", &delivery), Some(Feedback::Delivered));
        let delay = json!({"deliveryDelay": {"delayType": "MailboxFull"}});
        assert_eq!(said("DeliveryDelay", &delay), Some(Feedback::Delayed));
        let reject = json!({"reject": {"reason": "Bad content"}});
        assert_eq!(said("Reject", &reject), Some(Feedback::Rejected));
        let complaint = json!({
            "complaint": {"complainedRecipients": recipients, "complaintFeedbackType": "abuse"},
        });
        assert_eq!(said("Complaint", &complaint), Some(Feedback::Complained));
        for (named, kind) in [
            ("Permanent", BounceKind::Permanent),
            ("Transient", BounceKind::Transient),
            ("Undetermined", BounceKind::Undetermined),
            ("Whatever", BounceKind::Undetermined),
        ] {
            let bounce = json!({"bounce": {"bounceType": named, "bouncedRecipients": recipients}});
            assert_eq!(said("Bounce", &bounce), Some(Feedback::Bounced(kind)), "{named}");
        }
        assert_eq!(said("Bounce", &json!({})), Some(Feedback::Bounced(BounceKind::Undetermined)));
    }

    #[test]
    fn the_older_name_of_the_type_is_understood() {
        let mut event = event("Bounce", &json!({"bounce": {"bounceType": "Permanent"}}));
        let kind = event.as_object_mut().unwrap().remove("eventType").unwrap();
        event["notificationType"] = kind;
        assert_eq!(read(&event), Some(Feedback::Bounced(BounceKind::Permanent)));
    }

    #[test]
    fn a_complaint_without_details_counts_and_one_that_is_taken_back_does_not() {
        assert_eq!(said("Complaint", &json!({})), Some(Feedback::Complained));
        let back = json!({"complaint": {"complaintFeedbackType": "not-spam"}});
        assert_eq!(said("Complaint", &back), None);
    }

    #[test]
    fn what_says_nothing_about_an_arrival_is_passed_over() {
        for kind in ["Send", "Open", "Click", "Rendering Failure", "Subscription", "delivery", ""] {
            assert_eq!(said(kind, &json!({})), None, "{kind}");
        }
    }

    #[test]
    fn a_mail_of_somebody_else_is_passed_over() {
        let mut untagged = event("Delivery", &json!({}));
        untagged["mail"].as_object_mut().unwrap().remove("tags");
        assert_eq!(read(&untagged), None);
        for tag in [json!([]), json!(["x"]), json!([MESSAGE, MESSAGE]), json!(["dev_1"])] {
            let mut event = event("Delivery", &json!({}));
            event["mail"]["tags"]["message_id"] = tag;
            assert_eq!(read(&event), None);
        }
    }

    #[test]
    fn what_is_no_event_is_refused_without_a_word_of_it() {
        let no_type = json!({"mail": {"destination": "ada@example.com"}}).to_string();
        let no_mail = json!({"eventType": "ada@example.com"}).to_string();
        let wrong = json!({"eventType": "Delivery", "mail": "ada@example.com"}).to_string();
        let greeting = "Successfully validated SNS topic for ada@example.com.";
        for text in [no_type.as_str(), &no_mail, &wrong, greeting, "", "[]"] {
            let error = Report::read(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("ada@"), "{error}");
        }
    }
}
