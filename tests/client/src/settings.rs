//! What an owner changes behind their password: the second step, the password, recovery codes. Most
//! of it needs a session that has just been stepped up.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// Shows once more that the owner is there. `complete` at once on a device that has been trusted
    /// for a day, otherwise `code_required`.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn step_up(&self, password: &str) -> Answered {
        let body = json!({ "password": password });
        self.call_signed_in("POST", "/v1/step-ups", Some(&body)).await
    }

    /// Asks for a step-up's code once more, by the method it came by.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn resend_step_up(&self, id: &str) -> Answered {
        self.call_signed_in("POST", &format!("/v1/step-ups/{id}/code"), None).await
    }

    /// Asks for a step-up's code by a method of the caller's choice.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn resend_step_up_by(&self, id: &str, method: &str) -> Answered {
        let body = json!({ "method": method });
        self.call_signed_in("POST", &format!("/v1/step-ups/{id}/code"), Some(&body)).await
    }

    /// Gives a step-up's code; sensitive calls of this session pass for five minutes then.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn verify_step_up(&self, id: &str, code: &str) -> Answered {
        let body = json!({ "code": code });
        self.call_signed_in("POST", &format!("/v1/step-ups/{id}/verify"), Some(&body)).await
    }

    /// How the account's sign-ins are secured, and what would make them safer.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn login_security(&self) -> Answered {
        self.call_signed_in("GET", "/v1/login-security", None).await
    }

    /// Changes that: `two_step_enabled`, `method`, or both.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn secure_login(&self, wishes: &Value) -> Answered {
        self.call_signed_in("PATCH", "/v1/login-security", Some(wishes)).await
    }

    /// Sets another password; every other device is signed out and trusted no longer.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn change_password(&self, current: &str, new: &str) -> Answered {
        let body = json!({ "current_password": current, "new_password": new });
        self.call_signed_in("POST", "/v1/password", Some(&body)).await
    }

    /// Sets another password and leaves the other devices signed in.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn change_password_alone(&self, current: &str, new: &str) -> Answered {
        let body = json!({
            "current_password": current, "new_password": new, "sign_out_others": false,
        });
        self.call_signed_in("POST", "/v1/password", Some(&body)).await
    }

    /// Makes ten new recovery codes, which are shown this once; the former ones are worthless.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn create_recovery_codes(&self) -> Answered {
        self.call_signed_in("POST", "/v1/recovery-codes", None).await
    }
}
