//! Whether a guard that counts less than the log tells was forgiven since the log was read.
//!
//! A right code and a denial forgive, and move only the stream of what was asked. So the streams are looked
//! at of all that could still be guessed at when the reading began; what was asked since, the guard itself
//! remembers for a day. Where neither tells, nothing is said of the guard: better unsettled than wrong.

use jiff::{SignedDuration, Timestamp};
use postern_domain::decider::Decider;
use postern_domain::guard::{AccountGuard, Counted};
use postern_domain::policy::ATTEMPT_LIFE;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::catalogue::EventSet as _;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::verification::VerificationEvent;
use postern_store::guards::Guarded;
use postern_store::{StoreError, keys};

use super::settling::Settling;

/// For how long after the reading began a guard surely remembers what was asked since: a day less whatever
/// clocks may differ by.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(23);

/// What looking at one of the streams costs about, in units of reading.
const STREAM_COSTS: f64 = 1.0;

/// From when on attempts may have been open when the reading began, or be missing in what was read,
/// whatever clocks may differ by.
pub(super) fn reach(begun: Timestamp) -> Timestamp {
    begun.checked_sub(ATTEMPT_LIFE).unwrap_or(Timestamp::MIN)
}

impl Settling<'_> {
    /// Whether a guard as it is may have been forgiven what the log tells: one that was read before this
    /// is asked. One that is lost never was.
    pub(super) async fn may_be_forgiven(
        &self,
        present: &Guarded<AccountGuard>,
    ) -> Result<bool, StoreError> {
        if present.revision == 0 {
            return Ok(false);
        }
        let Some(begun) = self.begun.filter(|it| self.now.duration_since(*it) < REMEMBERED) else {
            return Ok(true);
        };
        let from = reach(begun);
        if present.value.opened_unknown_to(&self.told, from) {
            return Ok(true);
        }
        for asked in self.told.pending(from) {
            self.pace.wait().await;
            let forgives = self.forgives(asked).await?;
            self.pace.spend(STREAM_COSTS).await;
            if forgives {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether something forgiving has happened in an attempt or a step-up by now.
    async fn forgives(&self, asked: &str) -> Result<bool, StoreError> {
        if let Ok(id) = asked.parse() {
            let counts = |it: &StoredEvent| Ok(Counted::of_sign_in(&SignInEvent::read(it)?));
            return self.any_forgives::<SignIn>(id, counts).await;
        }
        if let Ok(id) = asked.parse() {
            let counts =
                |it: &StoredEvent| Ok(Counted::of_verification(&VerificationEvent::read(it)?));
            return self.any_forgives::<Verification>(id, counts).await;
        }
        // Nothing that is asked is called so, and nothing can be told of it.
        Ok(true)
    }

    async fn any_forgives<D: Decider>(
        &self,
        id: D::Id,
        counts: impl Fn(&StoredEvent) -> Result<Option<Counted>, Unreadable>,
    ) -> Result<bool, StoreError> {
        let stream = keys::stream::<D>(id);
        for commit in self.store.streams().load_commits(&stream).await? {
            for stored in &commit.events {
                let what = || format!("commit {} of stream {stream}", commit.version);
                let broken =
                    |why: Unreadable| StoreError::Broken { what: what(), source: why.into() };
                let counted = counts(stored).map_err(broken)?;
                if let Some(Counted::Right | Counted::Denied) = counted {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
