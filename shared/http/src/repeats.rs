//! Calls that may be repeated: the `Idempotency-Key`.
//!
//! No answer is kept. What is kept, for a day, is when a key was first used and a keyed hash of the
//! body; the names of new streams follow from it, and commits bear its name, so that a repeat finds
//! what the first call has done and answers from that.

use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use postern_domain::policy;

use crate::Api;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;

/// The header.
const HEADER: &str = "idempotency-key";
/// The longest key: any spelling of a random number has fewer characters.
pub(crate) const MAX_KEY: usize = 255;

/// A call that may be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Repeatable {
    /// Stands for the key, the caller and the path.
    name: String,
    /// Whether it was called before, as far as that got.
    pub(crate) is_repeat: bool,
    /// When it was first called; names derived from it begin with this.
    pub(crate) at: Timestamp,
}

impl Repeatable {
    /// As commits bear it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What identifiers are derived from.
    pub(crate) fn seed(&self) -> [&[u8]; 2] {
        [b"idempotency", self.name.as_bytes()]
    }

    /// What its claims on guards are marked with.
    pub(crate) fn mark(&self) -> u64 {
        let bytes = URL_SAFE_NO_PAD.decode(&self.name).unwrap_or_default();
        let first: Option<[u8; 8]> = bytes.first_chunk().copied();
        first.map_or(0, u64::from_be_bytes)
    }

    /// Remembers the call, or knows it again.
    ///
    /// # Errors
    /// `invalid_request` for what is no key; `idempotency_key_reused` where the key came with another
    /// body before.
    pub(crate) async fn of(
        api: &Api,
        headers: &HeaderMap,
        path: &str,
        caller: &[u8],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let key = value.as_bytes();
        let fits = (1..=MAX_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
        if !fits || values.next().is_some() {
            let form = format!("Idempotency-Key must be 1 to {MAX_KEY} visible ASCII characters");
            return Err(Problem::invalid("", form));
        }
        let parts = api.parts();
        let name = URL_SAFE_NO_PAD.encode(parts.lookup.call_name(&[caller, path.as_bytes(), key]));
        let hash = parts.lookup.call_body(&[body]);
        let until = now + policy::IDEMPOTENCY_LIFE;
        let guards = parts.store.guards();
        let call = guards.remember_call(&name, hash, now, until, api.chance()).await;
        let call = call.map_err(|error| of_store(&error))?;
        if call.body != hash {
            return Err(Problem::new(Code::IdempotencyKeyReused));
        }
        Ok(Some(Self { name, is_repeat: !call.is_new, at: call.at }))
    }
}

/// A call that came this much earlier has ended, one way or the other.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(10);
/// How often a repeat that came at the same moment looks what became of the first call.
const LOOKS: usize = 12;
/// How long it waits in between: as long as a password takes to hash.
const PAUSE: Duration = Duration::from_millis(100);

impl Repeatable {
    /// Whether a repeat that found nothing, and has looked so often, is to look again. One that came
    /// while the first call was still under way waits for it a little; where nothing comes of that, the
    /// repeat does the work itself.
    pub(crate) async fn waits(&self, now: Timestamp, looked: usize) -> bool {
        let waits = self.is_repeat && looked < LOOKS && now.duration_since(self.at) <= AT_ONCE;
        if waits {
            tokio::time::sleep(PAUSE).await;
        }
        waits
    }
}
