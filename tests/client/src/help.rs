//! What people do when something is wrong: they ask for help, and they say that it wasn't them.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// Asks for help with the account that is signed in here.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn ask_for_help(&self, request: &Value) -> Answered {
        self.call_signed_in("POST", "/v1/support-requests", Some(request)).await
    }

    /// Asks for help with the account of the address in the request.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn ask_for_help_from_outside(&self, request: &Value) -> Answered {
        self.call("POST", "/v1/support-requests", Some(request)).await
    }

    /// Sends a file to the address that a request for help was answered with. That address is good
    /// for one kind and length of file, and is all the proof it takes.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn upload(&self, url: &str, content_type: &str, content: Vec<u8>) -> Answered {
        let put = self.http().put(url).header(CONTENT_TYPE, content_type).body(content);
        Answer::read("PUT of an upload".to_owned(), put.send().await?).await
    }

    /// "It wasn't me", with the token from a mail. A browser says it, so nothing else comes with it.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn report(&self, token: &str) -> Answered {
        let body = json!({ "token": token });
        let request = self.request("POST", "/v1/security-reports").json(&body);
        request.app_version(None).proofs(&[]).send().await
    }
}
