//! Every path and method there is.

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};

use crate::Api;
use crate::problem::{Code, Problem};

mod account;
mod activity;
mod attempts;
mod devices;
mod email_changes;
mod erasure;
mod given;
mod login_security;
mod meta;
mod open_mails;
mod passwords;
mod presented;
mod processes;
mod push;
mod recovery_codes;
mod registering;
mod registrations;
mod report_page;
mod reports;
mod requests;
mod resets;
mod resetting;
mod sign_ins;
mod step_ups;
mod still_in;
mod superseding;
mod support;
mod tokens;

/// The calls that carry a password, as method and path.
const WITH_PASSWORD: [(&str, &str); 5] = [
    ("POST", "/v1/registrations"),
    ("POST", "/v1/sign-ins"),
    ("POST", "/v1/step-ups"),
    ("POST", "/v1/password"),
    ("POST", "/v1/password-resets/{id}/verify"),
];

pub(crate) fn with_password() -> Router<Api> {
    Router::new()
        .route("/v1/registrations", post(registrations::create))
        .route("/v1/sign-ins", post(sign_ins::create))
        .route("/v1/step-ups", post(step_ups::create))
        .route("/v1/password", post(passwords::change))
        .route("/v1/password-resets/{id}/verify", post(resetting::verify))
}

pub(crate) fn without_password() -> Router<Api> {
    let router = Router::new()
        .route("/v1/registrations/{id}/code", post(registering::resend))
        .route("/v1/registrations/{id}/verify", post(registering::verify))
        .route("/v1/sign-ins/{id}", get(attempts::show).delete(attempts::cancel))
        .route("/v1/sign-ins/{id}/code", post(attempts::resend))
        .route("/v1/sign-ins/{id}/verify", post(attempts::verify))
        .route("/v1/password-resets", post(resets::create))
        .route("/v1/password-resets/{id}/code", post(resets::resend))
        .route("/v1/step-ups/{id}/code", post(step_ups::resend))
        .route("/v1/step-ups/{id}/verify", post(step_ups::verify))
        .route("/v1/email-changes", post(email_changes::create))
        .route("/v1/email-changes/{id}/code", post(email_changes::resend))
        .route("/v1/email-changes/{id}/verify", post(email_changes::verify))
        .route("/v1/tokens", post(tokens::refresh))
        .route("/v1/sign-out", post(tokens::sign_out))
        .route("/v1/account", get(account::show).patch(account::change).delete(erasure::erase))
        .route("/v1/login-security", get(login_security::show).patch(login_security::change))
        .route("/v1/recovery-codes", post(recovery_codes::create))
        .route("/v1/activity", get(activity::list))
        .route("/v1/devices", get(devices::list))
        .route("/v1/devices/{id}", delete(devices::remove).patch(devices::rename))
        .route("/v1/devices/current/push", put(push::register).delete(push::remove))
        .route("/v1/sign-in-requests", get(requests::list))
        .route("/v1/sign-in-requests/{id}", get(requests::show))
        .route("/v1/sign-in-requests/{id}/deny", post(requests::deny))
        .route("/v1/support-requests", post(support::create))
        .route("/v1/security-reports", get(report_page::show).post(reports::create))
        .route("/v1/client-config", get(meta::client_config))
        .route("/.well-known/jwks.json", get(meta::jwks))
        .route("/healthz", get(meta::healthy));
    // The gateway sends every other method on these paths here: they exist, the method doesn't.
    WITH_PASSWORD.iter().fold(router, |router, (allowed, path)| {
        router.route(path, MethodRouter::new().fallback(async move || only(allowed)))
    })
}

fn only(allowed: &'static str) -> Response {
    let mut response = Problem::new(Code::MethodNotAllowed).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Whether the function for calls with a password serves this call.
#[must_use]
pub fn carries_password(method: &Method, path: &str) -> bool {
    WITH_PASSWORD.iter().any(|(m, p)| method.as_str() == *m && fits(path, p))
}

/// Whether a path is of this form, in which `{…}` stands for any one segment.
fn fits(path: &str, form: &str) -> bool {
    let (mut given, mut known) = (path.split('/'), form.split('/'));
    let alike = |(given, known): (&str, &str)| {
        given == known || (known.starts_with('{') && !given.is_empty())
    };
    loop {
        match (given.next(), known.next()) {
            (None, None) => return true,
            (Some(given), Some(known)) if alike((given, known)) => {}
            (Some(_) | None, _) => return false,
        }
    }
}

pub(crate) async fn nothing_here() -> Problem {
    Problem::new(Code::NotFound)
}

pub(crate) async fn no_such_method() -> Problem {
    Problem::new(Code::MethodNotAllowed)
}

/// An identifier in a path. One that can't exist is as unknown as one that doesn't.
pub(crate) struct Named<T>(Option<T>);

impl<T> Named<T> {
    pub(crate) fn known(self) -> Result<T, Problem> {
        self.0.ok_or_else(|| Problem::new(Code::NotFound))
    }
}

impl<T: std::str::FromStr, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(Self(text.and_then(|Path(text)| text.parse().ok())))
    }
}

#[cfg(test)]
mod tests;
