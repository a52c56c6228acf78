//! The owner looks at what is pending, and says that it is not hers.

use jiff::SignedDuration;
use postern_domain::challenge::CodeRefusal;
use postern_domain::guard::{AccountGuard, Unclaimable};
use postern_domain::sign_in::{Ending, SignIn, SignInCommand, SignInRefusal};
use postern_events::sign_in::{Denied, SignInEvent};
use postern_events::vocabulary::Method;

use crate::fixtures::*;
use crate::sending::resend;
use crate::sign_in::{
    attempted, awaiting_mailed_code, code_issued, completed, tablet, verify_right, verify_wrong,
};
use crate::stream::{Stream, given};

/// A key that attempts beside the tablet.
const LAPTOP: u8 = 5;

fn deny(generation: u32, second: i64) -> SignInCommand {
    SignInCommand::Deny { by: device(PHONE), generation, now: at(second) }
}

fn denied() -> SignInEvent {
    SignInEvent::Denied(Denied { by: device(PHONE) })
}

fn closed() -> Result<Vec<SignInEvent>, SignInRefusal> {
    Err(SignInRefusal::Code(CodeRefusal::Closed))
}

#[test]
fn a_denied_attempt_is_closed_to_everything() {
    let mut attempt = awaiting_mailed_code();
    assert_eq!(attempt.ask(at(1), deny(0, 1)), Ok(vec![denied()]));
    let how = Ending::Denied;
    assert_eq!(attempt.state, SignIn::Closed { account: ada(), key: key(TABLET), how });
    let cancel = SignInCommand::Cancel { asking: tablet(40) };
    for command in [
        verify_right(tablet(40)),
        verify_wrong(tablet(40)),
        resend(None, 2, 40),
        resend(Some(Method::App), 2, 40),
        cancel,
        deny(0, 40),
    ] {
        assert_eq!(attempt.when(command), closed());
    }
}

#[test]
fn only_what_is_open_can_be_denied() {
    assert_eq!(Stream::<SignIn>::default().when(deny(0, 1)), closed());
    let unreachable: Stream<SignIn> = given(at(0), vec![attempted(&[])]);
    assert_eq!(unreachable.when(deny(0, 1)), closed());
    let done = awaiting_mailed_code().and(at(1), vec![completed(true)]);
    assert_eq!(done.when(deny(0, 2)), closed());
    assert_eq!(awaiting_mailed_code().when(deny(1, 1)), closed(), "a generation later");
    let attempt = awaiting_mailed_code();
    assert_eq!(attempt.when(deny(0, 10 * MINUTE - 1)), Ok(vec![denied()]));
    assert_eq!(attempt.when(deny(0, 10 * MINUTE)), closed());
}

#[test]
fn an_attempt_can_be_denied_after_its_code_expired_while_a_new_one_could_be_asked_for() {
    let attempt = awaiting_mailed_code();
    assert_eq!(attempt.when(deny(0, 6 * MINUTE)), Ok(vec![denied()]));
    let again = attempt.and(at(6 * MINUTE), vec![code_issued(Method::Email, 2, 6 * MINUTE)]);
    assert_eq!(again.when(deny(0, 7 * MINUTE)), Ok(vec![denied()]));
}

/// Two attempts of the tablet and one of the laptop.
fn three_attempts() -> AccountGuard {
    let mut guard = AccountGuard::default();
    for (id, from, second) in [("t1", TABLET, 0), ("l1", LAPTOP, 1), ("t2", TABLET, 2)] {
        let ends_at = at(second) + SignedDuration::from_mins(10);
        guard.open_attempt(id, key(from), at(second), ends_at).unwrap();
    }
    guard
}

fn pending(guard: &AccountGuard, second: i64) -> Vec<&str> {
    guard.pending(at(second)).collect()
}

#[test]
fn open_attempts_are_pending_oldest_first_until_they_end() {
    let guard = three_attempts();
    assert_eq!(pending(&guard, 3), ["t1", "l1", "t2"]);
    assert_eq!(pending(&guard, 10 * MINUTE - 1), ["t1", "l1", "t2"]);
    assert_eq!(pending(&guard, 10 * MINUTE), ["l1", "t2"]);
    assert_eq!(pending(&guard, 10 * MINUTE + 2), [""; 0]);
    assert!(guard.is_open("t1", at(10 * MINUTE - 1)) && !guard.is_open("t1", at(10 * MINUTE)));
    assert!(!guard.is_open("t3", at(3)));
}

#[test]
fn a_denial_closes_every_attempt_of_its_key_and_no_other() {
    let mut guard = three_attempts();
    assert_eq!(guard.deny(key(TABLET), at(3)), ["t1", "t2"]);
    assert_eq!(pending(&guard, 3), ["l1"]);
    for id in ["t1", "t2"] {
        assert!(!guard.is_open(id, at(3)));
        assert_eq!(guard.claim_guess(id, at(3)), Err(Unclaimable::Spent));
    }
    assert!(guard.claim_guess("l1", at(3)).is_ok());
    assert_eq!(guard.deny(key(TABLET), at(4)), [""; 0], "nothing is left to deny");
}

#[test]
fn an_attempt_that_is_over_is_not_named_in_a_denial() {
    let mut guard = three_attempts();
    assert_eq!(guard.deny(key(TABLET), at(10 * MINUTE)), ["t2"]);
    assert_eq!(pending(&guard, 10 * MINUTE), ["l1"]);
}

#[test]
fn a_denial_forgives_no_wrong_code_and_no_attempt() {
    let mut guard = three_attempts();
    for _ in 0..4 {
        guard.claim_guess("t1", at(3)).unwrap();
    }
    guard.deny(key(TABLET), at(4));
    assert_eq!(guard.wrong_in_a_row(), 4);
    for (id, second) in [("t3", 5), ("t4", 6)] {
        guard.open_attempt(id, key(TABLET), at(second), at(10 * MINUTE)).unwrap();
    }
    let sixth = guard.open_attempt("t5", key(TABLET), at(7), at(10 * MINUTE));
    assert_eq!(sixth.unwrap_err().until, Some(at(HOUR)));
}

#[test]
fn a_denial_lasts_no_longer_than_its_attempts() {
    let mut guard = three_attempts();
    guard.deny(key(TABLET), at(3));
    guard.open_attempt("t3", key(TABLET), at(4), at(10 * MINUTE)).unwrap();
    assert_eq!(pending(&guard, 4), ["l1", "t3"]);
}
