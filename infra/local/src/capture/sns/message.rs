//! What a platform would get of a message that is published to a phone.

use serde_json::{Map, Value};

use super::Refused;
use crate::capture::Platform;

/// The longest payload that a platform takes: 4 KB at APNs ("Generating a remote notification")
/// and 4,096 bytes at FCM ("About FCM messages").
const MAX_PAYLOAD: usize = 4096;

/// The payload for `platform` in a message that holds one for each platform, as text each.
pub(super) fn payload(message: &str, platform: Platform) -> Result<Value, Refused> {
    let by_platform: Map<String, Value> = serde_json::from_str(message)
        .map_err(|_| structure("JSON message body failed to parse"))?;
    let text = match by_platform.get(platform.in_sns()) {
        Some(Value::String(text)) => text,
        Some(_) => return Err(structure("an entry of the JSON message body is not a string")),
        None => return Err(structure("the JSON message body has no entry for the platform")),
    };
    if text.len() > MAX_PAYLOAD {
        return Err(notification(platform, "is too large"));
    }
    let whole: Value =
        serde_json::from_str(text).map_err(|_| notification(platform, "is malformed"))?;
    let payload = match platform {
        Platform::Apns | Platform::ApnsSandbox => Some(&whole),
        // How SNS tells FCM's HTTP v1 form from the older one, which FCM no longer takes.
        Platform::Fcm => whole.pointer("/fcmV1Message/message"),
    };
    payload
        .filter(|payload| payload.is_object())
        .cloned()
        .ok_or_else(|| notification(platform, "is malformed"))
}

fn structure(why: &str) -> Refused {
    Refused::Invalid(format!("Message Structure - {why}"))
}

fn notification(platform: Platform, why: &str) -> Refused {
    Refused::Invalid(format!(
        "Message Reason: Invalid notification for protocol {}: Notification {why}",
        platform.in_sns()
    ))
}
