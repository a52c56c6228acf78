//! The API's calls, one function each. Sessions in answers are kept by the client.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::{Client, Session};
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// What an app should know before its first call; needs no proof and no version.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn config(&self) -> Answered {
        let url = format!("{}/v1/client-config", self.base());
        let response = self.http().get(url).send().await?;
        Answer::read("GET /v1/client-config".to_owned(), response).await
    }

    /// Opens an account, which exists once the mailed code has been given.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn register(&self, email: &str, password: &str) -> Answered {
        let device = self.description();
        let body = json!({ "email": email, "password": password, "device": device });
        self.call("POST", "/v1/registrations", Some(&body)).await
    }

    /// Asks for the registration's code once more.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn resend_registration(&self, id: &str) -> Answered {
        self.call("POST", &format!("/v1/registrations/{id}/code"), None).await
    }

    /// Gives the registration's code, and keeps the session that comes of it.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn verify_registration(&self, id: &str, code: &str) -> Answered {
        let body = json!({ "code": code });
        let path = format!("/v1/registrations/{id}/verify");
        Ok(self.signed_in(self.call("POST", &path, Some(&body)).await?))
    }

    /// Signs in: `complete` at once on a trusted device, otherwise `code_required`.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answered {
        let device = self.description();
        let body = json!({ "email": email, "password": password, "device": device });
        Ok(self.signed_in(self.call("POST", "/v1/sign-ins", Some(&body)).await?))
    }

    /// Gives an attempt's code; the device is trusted from then on.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn verify(&self, id: &str, code: &str) -> Answered {
        self.verify_with(id, &json!({ "code": code })).await
    }

    /// Gives an attempt's code on a device that others use too: signed in, but not trusted.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn verify_just_this_once(&self, id: &str, code: &str) -> Answered {
        self.verify_with(id, &json!({ "code": code, "trust_device": false })).await
    }

    async fn verify_with(&self, id: &str, body: &Value) -> Answered {
        let path = format!("/v1/sign-ins/{id}/verify");
        Ok(self.signed_in(self.call("POST", &path, Some(body)).await?))
    }

    /// Asks for an attempt's code once more, by the method it came by.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn resend(&self, id: &str) -> Answered {
        self.call("POST", &format!("/v1/sign-ins/{id}/code"), None).await
    }

    /// Asks for an attempt's code by a method of the caller's choice.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn resend_by(&self, id: &str, method: &str) -> Answered {
        let body = json!({ "method": method });
        self.call("POST", &format!("/v1/sign-ins/{id}/code"), Some(&body)).await
    }

    /// Looks how an attempt is getting on.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn poll(&self, id: &str) -> Answered {
        self.call("GET", &format!("/v1/sign-ins/{id}"), None).await
    }

    /// Gives an attempt up.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn cancel(&self, id: &str) -> Answered {
        self.call("DELETE", &format!("/v1/sign-ins/{id}"), None).await
    }

    /// Fetches the next access token.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn refresh(&self) -> Answered {
        let session = self.session().ok_or(Trouble::SignedOut)?;
        let body = json!({ "refresh_token": session.refresh_token });
        let answer = self.call("POST", "/v1/tokens", Some(&body)).await?;
        if let Some(session) = Session::read(&answer.body) {
            self.keep(Some(session));
        }
        Ok(answer)
    }

    /// Ends the session here; the device stays trusted. The tokens stay with the client, so
    /// that it can be seen that they are worth nothing.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn sign_out(&self) -> Answered {
        self.call_signed_in("POST", "/v1/sign-out", None).await
    }

    /// Ends every session and all trust but this device's.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn sign_out_everywhere(&self) -> Answered {
        let body = json!({ "everywhere": true });
        self.call_signed_in("POST", "/v1/sign-out", Some(&body)).await
    }

    /// The account that the session is for.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn account(&self) -> Answered {
        self.call_signed_in("GET", "/v1/account", None).await
    }

    /// The account's devices: trusted ones, and others that are signed in.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn devices(&self) -> Answered {
        self.call_signed_in("GET", "/v1/devices", None).await
    }

    /// Removes a device: it is signed out at once, and asked for a code next time.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn remove_device(&self, id: &str) -> Answered {
        self.call_signed_in("DELETE", &format!("/v1/devices/{id}"), None).await
    }

    fn signed_in(&self, answer: Answer) -> Answer {
        if let Some(session) = answer.body.get("session").and_then(Session::read) {
            self.keep(Some(session));
        }
        answer
    }
}
