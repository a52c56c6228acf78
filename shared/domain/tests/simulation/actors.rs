//! Those who act, each a small machine whose steps are the reads and writes that a request or a
//! worker makes. Between any two steps everybody else may act, the clock may jump, and whoever
//! acts may die.

pub(crate) mod denying;
pub(crate) mod notifying;
pub(crate) mod opening;
pub(crate) mod passwords;
pub(crate) mod processes;
pub(crate) mod recovering;
pub(crate) mod reporting;
pub(crate) mod resending;
pub(crate) mod tending;
pub(crate) mod verifying;

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::sign_in::{Asking, SignIn};
use postern_events::ids::{SessionId, SignInId};
use postern_events::sign_in::Completed;

use crate::cast;
use crate::store::{Loaded, Session};
use crate::world::{Known, World};

/// What comes next for one who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another step.
    Step,
    /// Nothing: the answer is given.
    Done,
}

/// One who acts.
pub(crate) trait Actor {
    /// Makes the next read or write.
    fn step(&mut self, world: &mut World) -> Next;

    /// Whether a caller waits for the answer, and no longer than a function may take.
    fn is_request(&self) -> bool {
        true
    }

    /// What happens to its task when it dies.
    fn died(&mut self, _: &mut World) {}
}

/// How often a lost race is decided again.
pub(crate) const DECISIONS: u8 = 5;

/// An attempt of the key that asks, and the account it is on.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) id: SignInId,
    pub(crate) sign_in: Loaded<SignIn>,
    pub(crate) account: Loaded<Account>,
    pub(crate) open: OpenAccount,
    pub(crate) asking: Asking,
}

impl Own {
    pub(crate) fn load(world: &World, known: Known, now: Timestamp) -> Option<Self> {
        let sign_in = world.store.sign_in(known.id);
        let (account, open) = world.account()?;
        let asking =
            Asking { key: cast::key(known.from), generation: open.attempt_generation, now };
        Some(Self { id: known.id, sign_in, account, open, asking })
    }

    /// The session that this admission begins.
    pub(crate) fn session(&self, id: SessionId, completed: &Completed) -> Session {
        Session {
            id,
            attempt: Some(self.id),
            device: completed.device,
            key: self.asking.key,
            trusted: completed.trusted,
            generation: self.open.trust_generation,
            stepped_up: None,
        }
    }
}
