//! Every path and method there is.

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use crate::Api;
use crate::openapi::{Calls, TakeCalls};
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
mod reference;
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

pub(crate) use activity::Query;
pub(crate) use requests::RequestName;

/// The calls that carry a password, as method and path.
const WITH_PASSWORD: [(&str, &str); 5] = [
    ("POST", "/v1/registrations"),
    ("POST", "/v1/sign-ins"),
    ("POST", "/v1/step-ups"),
    ("POST", "/v1/password"),
    ("POST", "/v1/password-resets/{id}/verify"),
];

fn with_password<C: TakeCalls>(calls: C) -> C {
    calls
        .post("/v1/registrations", registrations::create, &registrations::CREATE)
        .post("/v1/sign-ins", sign_ins::create, &sign_ins::CREATE)
        .post("/v1/step-ups", step_ups::create, &step_ups::CREATE)
        .post("/v1/password", passwords::change, &passwords::CHANGE)
        .post("/v1/password-resets/{id}/verify", resetting::verify, &resetting::VERIFY)
}

fn without_password<C: TakeCalls>(calls: C) -> C {
    calls
        .post("/v1/registrations/{id}/code", registering::resend, &registering::RESEND)
        .post("/v1/registrations/{id}/verify", registering::verify, &registering::VERIFY)
        .get("/v1/sign-ins/{id}", attempts::show, &attempts::SHOW)
        .delete("/v1/sign-ins/{id}", attempts::cancel, &attempts::CANCEL)
        .post("/v1/sign-ins/{id}/code", attempts::resend, &attempts::RESEND)
        .post("/v1/sign-ins/{id}/verify", attempts::verify, &attempts::VERIFY)
        .post("/v1/password-resets", resets::create, &resets::CREATE)
        .post("/v1/password-resets/{id}/code", resets::resend, &resets::RESEND)
        .post("/v1/step-ups/{id}/code", step_ups::resend, &step_ups::RESEND)
        .post("/v1/step-ups/{id}/verify", step_ups::verify, &step_ups::VERIFY)
        .post("/v1/email-changes", email_changes::create, &email_changes::CREATE)
        .post("/v1/email-changes/{id}/code", email_changes::resend, &email_changes::RESEND)
        .post("/v1/email-changes/{id}/verify", email_changes::verify, &email_changes::VERIFY)
        .post("/v1/tokens", tokens::refresh, &tokens::REFRESH)
        .post("/v1/sign-out", tokens::sign_out, &tokens::SIGN_OUT)
        .get("/v1/account", account::show, &account::SHOW)
        .patch("/v1/account", account::change, &account::CHANGE)
        .delete("/v1/account", erasure::erase, &erasure::ERASE)
        .get("/v1/login-security", login_security::show, &login_security::SHOW)
        .patch("/v1/login-security", login_security::change, &login_security::CHANGE)
        .post("/v1/recovery-codes", recovery_codes::create, &recovery_codes::CREATE)
        .get("/v1/activity", activity::list, &activity::LIST)
        .get("/v1/devices", devices::list, &devices::LIST)
        .delete("/v1/devices/{id}", devices::remove, &devices::REMOVE)
        .patch("/v1/devices/{id}", devices::rename, &devices::RENAME)
        .put("/v1/devices/current/push", push::register, &push::REGISTER)
        .delete("/v1/devices/current/push", push::remove, &push::REMOVE)
        .get("/v1/sign-in-requests", requests::list, &requests::LIST)
        .get("/v1/sign-in-requests/{id}", requests::show, &requests::SHOW)
        .post("/v1/sign-in-requests/{id}/deny", requests::deny, &requests::DENY)
        .post("/v1/support-requests", support::create, &support::CREATE)
        .get("/v1/security-reports", report_page::show, &report_page::SHOW)
        .post("/v1/security-reports", reports::create, &reports::CREATE)
        .get("/v1/client-config", meta::client_config, &meta::CLIENT_CONFIG)
        .get("/.well-known/jwks.json", meta::jwks, &meta::JWKS)
        .get("/healthz", meta::healthy, &meta::HEALTHY)
        .get("/openapi.json", reference::document, &reference::DOCUMENT)
        .get("/docs", reference::page, &reference::PAGE)
        .file("/docs/redoc.js", reference::VIEWER)
        .file("/docs/page.js", reference::SCRIPT)
}

/// What the function for calls with a password serves.
pub(crate) fn of_sign_in() -> Router<Api> {
    with_password(Router::new())
}

/// What the function for all others serves.
pub(crate) fn of_account() -> Router<Api> {
    // The gateway sends every other method on these paths here: they exist, the method doesn't.
    WITH_PASSWORD.iter().fold(without_password(Router::new()), |routes, (allowed, path)| {
        routes.route(path, MethodRouter::new().fallback(async move || only(allowed)))
    })
}

/// Every call there is, whichever function serves it.
pub(crate) fn calls() -> Calls {
    without_password(with_password(Calls::new()))
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
