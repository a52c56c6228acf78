//! A push in the forms that Apple's and Google's services take through SNS.

use jiff::SignedDuration;
use postern_events::vocabulary::PushPlatform;
use serde_json::{Map, Value, json};

use crate::letters::shown::bounded;
use crate::push::{Content, Push, SignInRequest};

/// The version of what the app reads.
const VERSION: u8 = 1;

/// A push as it is given to SNS.
pub(super) struct Parcel {
    /// The payload for the platform, as text, under the platform's name.
    pub(super) message: Value,
    /// How it is to be carried: names as in SNS's developer guide.
    pub(super) attributes: Vec<(&'static str, String)>,
}

impl Parcel {
    pub(super) fn of(push: &Push) -> Self {
        let (platform, payload, attributes) = match push.platform {
            PushPlatform::Apns => {
                ("APNS", apple(&push.content), to_apple("AWS.SNS.MOBILE.APNS.TTL", push))
            }
            PushPlatform::ApnsSandbox => (
                "APNS_SANDBOX",
                apple(&push.content),
                to_apple("AWS.SNS.MOBILE.APNS_SANDBOX.TTL", push),
            ),
            PushPlatform::Fcm => {
                ("GCM", google(push), vec![("AWS.SNS.MOBILE.FCM.TTL", seconds(push.life))])
            }
        };
        let kind = push.content.kind();
        let message = json!({ "default": kind, platform: payload.to_string() });
        Self { message, attributes }
    }
}

/// Whole seconds, one at least: SNS takes no push that lives for none.
fn seconds(life: SignedDuration) -> String {
    life.as_secs().max(1).to_string()
}

/// Only the time to live is named anew for the sandbox. An alert goes at once (10); Apple wants
/// anything that shows nothing to be patient (5).
fn to_apple(ttl: &'static str, push: &Push) -> Vec<(&'static str, String)> {
    let (kind, priority) = match push.content {
        Content::SignInRequest(_) => ("alert", "10"),
        Content::RequestClosed { .. } | Content::SignedOut => ("background", "5"),
    };
    let collapse =
        push.content.request().map(|id| ("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", id.to_string()));
    [
        (ttl, seconds(push.life)),
        ("AWS.SNS.MOBILE.APNS.PUSH_TYPE", kind.to_owned()),
        ("AWS.SNS.MOBILE.APNS.PRIORITY", priority.to_owned()),
    ]
    .into_iter()
    .chain(collapse)
    .collect()
}

fn apple(content: &Content) -> Value {
    let aps = match content {
        Content::SignInRequest(it) => json!({
            "alert": { "title": it.alert.title, "body": it.alert.body },
            "sound": "default",
            // A code lives for minutes: it may break through a phone's summary of the day.
            "interruption-level": "time-sensitive",
        }),
        Content::RequestClosed { .. } | Content::SignedOut => json!({ "content-available": 1 }),
    };
    json!({ "aps": aps, "data": { "postern": told(content) } })
}

/// The body of FCM's HTTP v1 API, as SNS hands it on. Values of `data` can only be text there.
fn google(push: &Push) -> Value {
    let mut android = Map::new();
    android.insert("ttl".to_owned(), format!("{}s", seconds(push.life)).into());
    if let Some(id) = push.content.request() {
        android.insert("collapse_key".to_owned(), id.to_string().into());
    }
    let data = json!({ "postern": told(&push.content).to_string() });
    let mut message = Map::from_iter([("data".to_owned(), data)]);
    let priority = match &push.content {
        Content::SignInRequest(it) => {
            let notification = json!({ "title": it.alert.title, "body": it.alert.body });
            message.insert("notification".to_owned(), notification);
            "high"
        }
        // Who wakes phones for what is not shown is soon not allowed to wake them at all.
        Content::RequestClosed { .. } | Content::SignedOut => "normal",
    };
    android.insert("priority".to_owned(), priority.into());
    message.insert("android".to_owned(), android.into());
    json!({ "fcmV1Message": { "message": message } })
}

/// What the app reads.
fn told(content: &Content) -> Value {
    let kind = content.kind();
    match content {
        Content::SignInRequest(it) => {
            let SignInRequest { id, device, platform, country, city, expires_at, alert: _ } = &**it;
            json!({
                "v": VERSION,
                "type": kind,
                "id": id,
                "device": { "name": device.as_deref().map(bounded), "platform": platform },
                "location": {
                    "country": country.as_deref().map(bounded),
                    "city": city.as_deref().map(bounded),
                },
                "expires_at": expires_at.to_string(),
            })
        }
        Content::RequestClosed { id } => json!({ "v": VERSION, "type": kind, "id": id }),
        Content::SignedOut => json!({ "v": VERSION, "type": kind }),
    }
}

#[cfg(test)]
pub(super) mod tests;
