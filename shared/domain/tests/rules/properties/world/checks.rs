//! What holds after every step, and of everything that was stored.

use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_events::sign_in::SignInEvent;

use super::World;
use crate::stream::stored_and_loaded;

impl World {
    /// What holds after every step.
    pub(in crate::properties) fn check(&mut self) {
        for attempt in &mut self.attempts {
            let events = &attempt.stream.events;
            let count = |of: fn(&SignInEvent) -> bool| events.iter().filter(|it| of(it)).count();
            let verified = count(|it| matches!(it, SignInEvent::CodeVerified(_)));
            let rejected = count(|it| matches!(it, SignInEvent::CodeRejected(_)));
            let completed = count(|it| matches!(it, SignInEvent::Completed(_)));
            let sends =
                count(|it| matches!(it, SignInEvent::CodeIssued(_) | SignInEvent::CodeResent(_)));
            let Some(SignInEvent::Attempted(first)) = events.first() else { panic!("no attempt") };
            assert!(attempt.judged <= 5 && verified + rejected == usize::from(attempt.judged));
            assert!(sends <= 5 && completed <= 1);
            let skips_code = first.inputs.trusted || !first.inputs.two_step;
            assert!(completed == 0 || verified == 1 || skips_code, "{events:?}");
            let opened_at = attempt.id.time();
            for issued in attempt.issued() {
                assert!(issued.expires_at <= opened_at + policy::ATTEMPT_LIFE);
            }
            if let Some((_, challenge)) = attempt.stream.state.pending() {
                assert!(challenge.guesses_left() <= attempt.guesses_left, "guesses came back");
                attempt.guesses_left = challenge.guesses_left();
            }
        }
        assert!(self.open_account().devices.len() <= policy::TRUSTED_DEVICES);
    }

    /// What holds for everything that was stored.
    pub(in crate::properties) fn check_stored(&self) {
        for attempt in &self.attempts {
            assert_eq!(attempt.stream.refolded(), attempt.stream.state);
            assert_eq!(stored_and_loaded(&attempt.stream.state), attempt.stream.state);
        }
        assert_eq!(self.account.refolded(), self.account.state);
        assert_eq!(stored_and_loaded(&self.account.state), self.account.state);
        let guard = serde_json::to_string(&self.guard).unwrap();
        assert_eq!(serde_json::from_str::<AccountGuard>(&guard).unwrap(), self.guard);
    }
}
