//! What a trusted phone does for others: it shows their requests and lets them be refused, and it
//! says where it can be told of them.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// Those who want to sign in and wait for a code, newest first.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn requests(&self) -> Answered {
        self.call_signed_in("GET", "/v1/sign-in-requests", None).await
    }

    /// One of them, with its code if the code is to be read here.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn open_request(&self, id: &str) -> Answered {
        self.call_signed_in("GET", &format!("/v1/sign-in-requests/{id}"), None).await
    }

    /// "It wasn't me": ends every open attempt of the device that asks.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn deny(&self, id: &str) -> Answered {
        self.call_signed_in("POST", &format!("/v1/sign-in-requests/{id}/deny"), None).await
    }

    /// Says where this device can be pushed to, by whom (`apns`, `apns_sandbox` or `fcm`) and
    /// whether its owner sees what is pushed (`allowed`, `denied` or `unknown`). An app does so
    /// at each start: saying the same once more changes nothing.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn register_push(&self, platform: &str, token: &str, alerts: &str) -> Answered {
        let body = json!({ "platform": platform, "token": token, "alerts": alerts });
        self.put_push(&body).await
    }

    /// Says so in a body of the caller's own.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn put_push(&self, body: &Value) -> Answered {
        self.call_signed_in("PUT", "/v1/devices/current/push", Some(body)).await
    }

    /// Says that this device wants no more pushes.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn remove_push(&self) -> Answered {
        self.call_signed_in("DELETE", "/v1/devices/current/push", None).await
    }
}
