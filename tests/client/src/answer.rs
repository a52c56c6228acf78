//! What the server answered.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::trouble::Trouble;

/// An answer of any status: a refusal is one too, and says why in `body["code"]`.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and path of the call.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; null where there is none, a string where it isn't JSON.
    pub body: Value,
}

impl Answer {
    pub(crate) async fn read(call: String, response: reqwest::Response) -> Result<Self, Trouble> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Ok(Self { call, status, headers, body })
    }

    /// One header as text, empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A problem's code, which never changes and is never translated; empty for other answers.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// A member that the contract promises as text.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if it is missing.
    pub fn text(&self, member: &str) -> Result<&str, Trouble> {
        self.body.get(member).and_then(Value::as_str).ok_or_else(|| Trouble::Unreadable {
            call: self.call.clone(),
            why: format!("it has no {member}"),
        })
    }

    /// The answer, if it has the one status that the caller can go on with.
    ///
    /// # Errors
    /// [`Trouble::Refused`] for any other.
    pub fn require(self, status: u16) -> Result<Self, Trouble> {
        if self.status == status {
            return Ok(self);
        }
        let code = self.code().to_owned();
        Err(Trouble::Refused { call: self.call, status: self.status, code })
    }
}
