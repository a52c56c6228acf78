//! What an owner sees of an account, and decides about it as a whole: its language, the names of its
//! devices, who signed in, its end.

use serde_json::json;

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// What a call leads to: an answer of any status.
type Answered = Result<Answer, Trouble>;

impl Client {
    /// Opens an account whose owner reads a language, named by its tag.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn register_in(&self, locale: &str, email: &str, password: &str) -> Answered {
        let device = self.description();
        let body = json!({
            "email": email, "password": password, "locale": locale, "device": device,
        });
        self.call("POST", "/v1/registrations", Some(&body)).await
    }

    /// Chooses the language of mails and answers from now on.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn choose_locale(&self, locale: &str) -> Answered {
        let body = json!({ "locale": locale });
        self.call_signed_in("PATCH", "/v1/account", Some(&body)).await
    }

    /// A page of the attempts to sign in, newest first. The query is empty, or `?limit=…&cursor=…`.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn activity(&self, query: &str) -> Answered {
        self.call_signed_in("GET", &format!("/v1/activity{query}"), None).await
    }

    /// Calls a device otherwise; its own app doesn't change that.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn rename_device(&self, id: &str, name: &str) -> Answered {
        let body = json!({ "name": name });
        self.call_signed_in("PATCH", &format!("/v1/devices/{id}"), Some(&body)).await
    }

    /// Ends the account, and all that is known about its owner. It takes a session that has just been
    /// stepped up.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without a session; [`Trouble::Unanswered`] without an answer.
    pub async fn erase_account(&self) -> Answered {
        self.call_signed_in("DELETE", "/v1/account", None).await
    }
}
