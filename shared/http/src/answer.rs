//! What every answer has in common, problems and crashes included.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use postern_domain::ports::draw;
use postern_runtime::deadline::Deadline;
use postern_runtime::feed::chain_of;
use postern_words::language::Language;
use postern_words::words::{Argument, Words};
use tracing::Instrument as _;

use crate::Api;
use crate::problem::{Code, Problem};
use crate::refusal::unavailable;

/// The request's own name, in logs, in commits and in the answer.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub Arc<str>);

/// The language of one answer: what the request accepts, until its account is known.
#[derive(Debug, Clone)]
pub(crate) struct Spoken {
    accepted: Language,
    of_account: Arc<OnceLock<Language>>,
}

impl Spoken {
    /// What the request accepts; several header fields count as one (RFC 9110, 5.2).
    fn accepted(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let wishes: Vec<&str> = fields.filter_map(|it| it.to_str().ok()).collect();
        Self { accepted: Language::accept(&wishes.join(",")), of_account: Arc::default() }
    }

    /// From here on the account's own language counts.
    pub(crate) fn set(&self, language: Language) {
        // A request is authenticated once; whatever was set first stays.
        self.of_account.get_or_init(|| language);
    }

    /// What the answer is written in.
    pub(crate) fn language(&self) -> Language {
        self.of_account.get().copied().unwrap_or(self.accepted)
    }
}

/// Says a message. A missing one is a mistake of ours that a test finds before anybody meets it; its
/// name is still better than no answer.
pub(crate) fn say(
    words: &Words,
    language: Language,
    message: &str,
    arguments: &[(&str, Argument<'_>)],
) -> String {
    words.say(language, message, arguments).unwrap_or_else(|missing| {
        tracing::error!(error = chain_of(&missing), "a message is missing");
        message.to_owned()
    })
}

/// Two years, and every name below this one (RFC 6797).
const TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

/// Names the request, lets it run, turns problems and panics into documents.
pub(crate) async fn complete(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let name = format!("req_{}", URL_SAFE_NO_PAD.encode(draw::<16>(api.chance())));
    let id = RequestId(name.into());
    request.extensions_mut().insert(id.clone());
    let spoken = Spoken::accepted(request.headers());
    request.extensions_mut().insert(spoken.clone());
    let words = &api.parts().words;
    let span = tracing::info_span!("call", request = %id.0);
    let deadline = request.extensions().get().copied().unwrap_or(Deadline::NONE);
    let answered = deadline.within(next.run(request).instrument(span));
    let mut response = match AssertUnwindSafe(answered).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(late)) => unavailable(&late).answer(words, spoken.language(), &id.0),
        Err(panic) => {
            tracing::error!(request = %id.0, panic = panic_text(panic.as_ref()), "a request crashed");
            Problem::new(Code::Crashed).answer(words, spoken.language(), &id.0)
        }
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let allowed = response.headers_mut().remove(header::ALLOW);
        response = problem.answer(words, spoken.language(), &id.0);
        if let Some(allowed) = allowed {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(spoken.language().tag()));
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// What a panic says of itself; a payload that is no text says nothing.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[cfg(test)]
mod tests;
