//! Calls that may be repeated until an answer arrives, and are done once all the same.

use serde_json::Value;

use crate::answer::Answer;
use crate::client::{Client, Session};
use crate::trouble::Trouble;

impl Client {
    /// Posts under an `Idempotency-Key`, proven by the device's key alone. A session in the answer
    /// is kept.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives; then the same call can be made again.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Result<Answer, Trouble> {
        let answer = self.posted(key, path, body, None).await?;
        if let Some(session) = answer.body.get("session").and_then(Session::read) {
            self.keep(Some(session));
        }
        Ok(answer)
    }

    /// The same in the name of the session.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without one; [`Trouble::Unanswered`] if no answer arrives.
    pub async fn post_once_signed_in(
        &self,
        key: &str,
        path: &str,
        body: &Value,
    ) -> Result<Answer, Trouble> {
        let session = self.session().ok_or(Trouble::SignedOut)?;
        self.posted(key, path, body, Some(&session.access_token)).await
    }

    /// Makes the call, and once more with the right time if its proof was dated wrongly.
    async fn posted(
        &self,
        key: &str,
        path: &str,
        body: &Value,
        token: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let mut request = self.request("POST", path).header("Idempotency-Key", key).json(body);
        if let Some(token) = token {
            request = request.token(token);
        }
        let answer = request.clone().send().await?;
        if answer.code() == "invalid_proof" && answer.body.get("server_time").is_some() {
            return request.send().await;
        }
        Ok(answer)
    }
}
