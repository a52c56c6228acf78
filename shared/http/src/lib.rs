//! The HTTPS API, as routers that Lambda functions and the local stack serve alike.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::middleware::from_fn_with_state;
use postern_domain::codes::CodeKeys;
use postern_domain::ports::{Chance, Clock};
use postern_runtime::places::Places;
use postern_store::Store;
use postern_store::lookup::LookupKeys;
use postern_store::password::Peppers;
use postern_store::streams::Meta;
use postern_store::uploads::Grants;
use postern_words::words::Words;
use tokio::sync::Semaphore;

mod answer;
pub mod app_version;
mod body;
mod call;
mod hashing;
mod openapi;
pub mod problem;
pub mod proof;
mod rate;
mod refusal;
mod repeats;
mod routes;
mod sessions;
pub mod settings;
mod start;
#[cfg(test)]
mod testing;
pub mod token;
mod view;

pub use routes::carries_password;
pub use settings::Settings;
pub use start::{NotStarted, Surroundings};

/// What the API works with.
pub struct Parts {
    /// The tables.
    pub store: Store,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub chance: Arc<dyn Chance>,
    /// Keys that codes are derived with.
    pub code_keys: Arc<CodeKeys>,
    /// Keys that password hashes are keyed with.
    pub peppers: Arc<Peppers>,
    /// The key that addresses and devices are looked up with.
    pub lookup: LookupKeys,
    /// Keys that sign access tokens.
    pub token_keys: token::TokenKeys,
    /// Where addresses are.
    pub places: Places,
    /// Where files for support are uploaded to.
    pub uploads: Grants,
    /// What people read.
    pub words: Arc<Words>,
    /// What is configured.
    pub settings: Settings,
}

/// Passwords hashed at once: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 4;

struct Inner {
    parts: Parts,
    hashing: Arc<Semaphore>,
    document: OnceLock<Bytes>,
}

/// The API: cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

impl Api {
    /// Takes what the API works with.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let hashing = Arc::new(Semaphore::new(HASHES_AT_ONCE));
        Self(Arc::new(Inner { parts, hashing, document: OnceLock::new() }))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn hashing(&self) -> &Arc<Semaphore> {
        &self.0.hashing
    }

    /// The `OpenAPI` document, made when it is first asked for.
    pub(crate) fn document(&self) -> Bytes {
        let made = || {
            let document = openapi::document(&self.0.parts.settings.public_url, routes::calls());
            serde_json::to_vec(&document).map(Bytes::from).unwrap_or_default()
        };
        self.0.document.get_or_init(made).clone()
    }

    pub(crate) fn chance(&self) -> &dyn Chance {
        &*self.0.parts.chance
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.0.parts.clock.now()
    }

    /// What every commit says about its making.
    pub(crate) fn meta(&self, request: &answer::RequestId, actor: &str) -> Meta {
        Meta {
            request: request.0.to_string(),
            actor: actor.to_owned(),
            function: self.0.parts.settings.function.to_owned(),
            policy: postern_domain::policy::VERSION,
            idempotency: None,
        }
    }

    /// Every call that carries a password; the function with the memory for Argon2id.
    pub fn sign_in_router(&self) -> Router {
        self.finish(routes::of_sign_in())
    }

    /// Every other call.
    pub fn account_router(&self) -> Router {
        self.finish(routes::of_account())
    }

    fn finish(&self, routes: Router<Self>) -> Router {
        routes
            .fallback(routes::nothing_here)
            .method_not_allowed_fallback(routes::no_such_method)
            .layer(from_fn_with_state(self.clone(), answer::complete))
            .with_state(self.clone())
    }
}
