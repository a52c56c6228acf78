//! Which sessions are over for good, whatever a table still holds of them.

use std::collections::{BTreeMap, BTreeSet};

use postern_events::ids::{DeviceId, SessionId};

use super::{Acting, Watch};
use crate::store::{Session, Store};

/// The sessions that were seen, and those that have to be dead.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    begun: BTreeMap<SessionId, DeviceId>,
    over: BTreeSet<SessionId>,
}

impl Watch {
    /// A session begins: of an attempt that completed, once, and in the generation it belongs to.
    pub(super) fn session_began(&mut self, store: &Store, session: &Session, by: Acting) {
        self.sessions.begun.insert(session.id, session.device);
        let Some(id) = session.attempt else { return };
        let attempt = self.attempts.entry(id).or_default();
        attempt.sessions += 1;
        let (completed, born) = (attempt.completed, attempt.trust_generation);
        let alive = store.sessions.iter().filter(|it| it.attempt == Some(id)).count();
        self.rule(completed == 1, || {
            format!("{id}: a session of an attempt that did not complete")
        });
        self.rule(alive <= 1, || format!("{id}: {alive} sessions of one code"));
        let lives = store.account_state().open().is_some_and(|it| session.lives(it, by.now));
        let now = self.trust.sessions;
        self.rule(!lives || born == now, || {
            format!("{id} of trust generation {born} has a session in generation {now}")
        });
    }

    /// All sessions are over but this one.
    pub(super) fn sessions_end(&mut self, but: Option<SessionId>) {
        let ended = self.sessions.begun.keys().filter(|it| Some(**it) != but);
        self.sessions.over.extend(ended);
    }

    /// Those of a device that is no longer trusted are over.
    pub(super) fn sessions_of_end(&mut self, device: DeviceId) {
        let ended = self.sessions.begun.iter().filter(|it| *it.1 == device).map(|it| *it.0);
        self.sessions.over.extend(ended);
    }

    /// No session that is over is answered ever again.
    pub(super) fn compare_sessions(&mut self, store: &Store, by: Acting) {
        let Some(open) = store.account_state().open() else { return };
        let over = |it: &&Session| self.sessions.over.contains(&it.id) && it.lives(open, by.now);
        let revived = store.sessions.iter().find(over).map(|it| it.id);
        self.rule(revived.is_none(), || format!("{revived:?} is over and still answered"));
    }
}
