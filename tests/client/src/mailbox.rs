//! What a mailbox proves: a forgotten password, a new address.

use serde_json::json;

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// "I forgot my password": a code goes to the address, if it has an account.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn forget_password(&self, email: &str) -> Answered {
        let body = json!({ "email": email });
        self.call("POST", "/v1/password-resets", Some(&body)).await
    }

    /// Asks for the reset's code once more.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn resend_reset(&self, id: &str) -> Answered {
        self.call("POST", &format!("/v1/password-resets/{id}/code"), None).await
    }

    /// Gives the reset's code and a new password; whoever was signed in is so no longer.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn verify_reset(&self, id: &str, code: &str, new_password: &str) -> Answered {
        let body = json!({ "code": code, "new_password": new_password });
        self.call("POST", &format!("/v1/password-resets/{id}/verify"), Some(&body)).await
    }

    /// Wants to move the account to another address, which a code has to prove.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn change_email(&self, email: &str) -> Answered {
        let body = json!({ "email": email });
        self.call_signed_in("POST", "/v1/email-changes", Some(&body)).await
    }

    /// Asks for the code to the new address once more.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn resend_email_change(&self, id: &str) -> Answered {
        self.call_signed_in("POST", &format!("/v1/email-changes/{id}/code"), None).await
    }

    /// Gives the code from the new address; the account is there from then on.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn verify_email_change(&self, id: &str, code: &str) -> Answered {
        let body = json!({ "code": code });
        self.call_signed_in("POST", &format!("/v1/email-changes/{id}/verify"), Some(&body)).await
    }
}
