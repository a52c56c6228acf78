//! A push as the local stack caught it.

use serde::Deserialize;
use serde_json::Value;

/// One captured push.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Push {
    /// The sending service's identifier.
    pub id: String,
    /// When it was sent (RFC 3339).
    pub at: String,
    /// By whom it reaches the phone: `apns`, `apns_sandbox` or `fcm`.
    pub platform: String,
    /// Which phone it is for.
    pub token: String,
    /// What the phone's system gets.
    pub payload: Value,
    /// How it is to be carried, by name.
    #[serde(default)]
    pub attributes: Value,
}

impl Push {
    /// What it says to the app. Apple hands JSON on as it is, Google only text; an app reads both.
    #[must_use]
    pub fn postern(&self) -> Option<Value> {
        let told = self.payload.get("data")?.get("postern")?;
        match told.as_str() {
            Some(text) => serde_json::from_str(text).ok(),
            None => Some(told.clone()),
        }
    }

    /// What it is about: `sign_in_request`, `request_closed` or `signed_out`.
    #[must_use]
    pub fn kind(&self) -> Option<String> {
        self.postern()?.get("type")?.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn push(platform: &str, told: &Value) -> Push {
        Push {
            id: "1".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            platform: platform.to_owned(),
            token: "a".repeat(64),
            payload: json!({ "data": { "postern": told } }),
            attributes: Value::Null,
        }
    }

    #[test]
    fn what_a_push_says_is_read_alike_from_both_systems() {
        let told = json!({ "v": 1, "type": "sign_in_request", "id": "sin_1" });
        let apple = push("apns", &told);
        let google = push("fcm", &json!(told.to_string()));
        assert_eq!(apple.postern(), Some(told));
        assert_eq!(google.postern(), apple.postern());
        assert_eq!(google.kind().as_deref(), Some("sign_in_request"));
    }

    #[test]
    fn a_push_that_is_not_for_the_app_says_nothing() {
        assert_eq!(push("fcm", &json!("nonsense")).kind(), None);
        let alien = Push { payload: json!({ "aps": {} }), ..push("apns", &Value::Null) };
        assert_eq!(alien.postern(), None);
    }
}
