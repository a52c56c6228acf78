//! Claims of calls that may be repeated, claims of step-ups, and what a new password forgives.

use postern_domain::guard::{AccountGuard, Claim, Paused, Unclaimable};

use crate::fixtures::*;

const MARK: Option<u64> = Some(7);
const OTHER: Option<u64> = Some(8);

/// A guard with so many wrong codes in a row, and verifications to guess at: a pause is for what
/// stands behind the password, whichever kind of process that is.
fn after_wrong(count: u16) -> AccountGuard {
    let mut guard = AccountGuard::default();
    for number in 0..count {
        let id = format!("{}", number / 5);
        if number.is_multiple_of(5) {
            guard.open_verification(&id, key(TABLET), at(0), at(30 * DAY));
        }
        guard.claim_step_up_guess(&id, true, None, at(0)).unwrap();
    }
    guard.open_verification("next", key(TABLET), at(0), at(30 * DAY));
    guard
}

fn paused(until: i64) -> Result<Claim, Unclaimable> {
    Err(Unclaimable::Paused(Paused { until: Some(at(until)) }))
}

fn off() -> Result<Claim, Unclaimable> {
    Err(Unclaimable::Paused(Paused { until: None }))
}

#[test]
fn a_repeated_call_claims_nothing_more_and_another_call_does() {
    let mut guard = after_wrong(0);
    let first = guard.claim_guess_once("next", MARK, at(1)).unwrap();
    assert_eq!((first.wrong_in_a_row, first.left), (1, 4));
    for _ in 0..9 {
        assert_eq!(guard.claim_guess_once("next", MARK, at(2)), Ok(first));
    }
    let other = guard.claim_guess_once("next", OTHER, at(2)).unwrap();
    assert_eq!((other.wrong_in_a_row, other.left), (2, 3));
}

#[test]
fn calls_without_a_mark_claim_each_time() {
    let mut guard = after_wrong(0);
    for left in (0..5).rev() {
        assert_eq!(guard.claim_guess_once("next", None, at(1)).unwrap().left, left);
    }
    assert_eq!(guard.claim_guess_once("next", None, at(1)), Err(Unclaimable::Spent));
}

#[test]
fn a_mark_is_of_one_attempt() {
    let mut guard = after_wrong(0);
    guard.open_verification("other", key(TABLET), at(0), at(DAY));
    guard.claim_guess_once("next", MARK, at(1)).unwrap();
    assert_eq!(guard.claim_guess_once("other", MARK, at(1)).unwrap().wrong_in_a_row, 2);
}

#[test]
fn a_repeat_finds_its_claim_when_all_are_spent_and_brings_no_second_pause() {
    let mut guard = after_wrong(9);
    let tenth = guard.claim_guess_once("next", MARK, at(1)).unwrap();
    assert_eq!(tenth.pause, Some(Paused { until: Some(at(15 * MINUTE + 1)) }));
    let again = guard.claim_guess_once("next", MARK, at(2)).unwrap();
    assert_eq!((again.wrong_in_a_row, again.pause), (10, None), "also while it is paused");
    assert_eq!(guard.claim_guess_once("next", OTHER, at(2)), paused(15 * MINUTE + 1));
    for mark in 20..24 {
        guard.claim_step_up_guess("next", true, Some(mark), at(3)).unwrap();
    }
    let spent = guard.claim_guess_once("next", MARK, at(4)).unwrap();
    assert_eq!((spent.left, spent.wrong_in_a_row), (0, 14));
}

#[test]
fn a_repeat_after_the_attempt_has_ended_claims_nothing() {
    let mut guard = AccountGuard::default();
    guard.open_verification("v", key(TABLET), at(0), at(10 * MINUTE));
    guard.claim_guess_once("v", MARK, at(1)).unwrap();
    let late = guard.claim_guess_once("v", MARK, at(10 * MINUTE));
    assert_eq!(late, Err(Unclaimable::Spent));
    let mut closed = after_wrong(0);
    closed.claim_guess_once("next", MARK, at(1)).unwrap();
    closed.close("next");
    assert_eq!(closed.claim_guess_once("next", MARK, at(2)), Err(Unclaimable::Spent));
}

#[test]
fn repeats_of_codes_that_stand_alone_spend_none_of_the_days_guesses() {
    let mut guard = AccountGuard::default();
    for id in ["a", "b", "c"] {
        guard.open_verification(id, key(TABLET), at(0), at(2 * DAY));
    }
    for mark in 0..5 {
        for _ in 0..2 {
            guard.claim_recovery_guess("a", Some(mark), at(0)).unwrap();
            guard.claim_recovery_guess("b", Some(mark), at(0)).unwrap();
        }
    }
    let refused = Err(Unclaimable::Paused(Paused { until: Some(at(DAY)) }));
    assert_eq!(guard.claim_recovery_guess("c", MARK, at(1)), refused);
    assert_eq!(guard.claim_recovery_guess("b", Some(4), at(1)), Ok(()), "a repeat");
    assert_eq!(guard.claim_verification_guess("a", Some(4), at(1)), Ok(()), "a repeat");
    assert_eq!(guard.claim_verification_guess("a", OTHER, at(1)), Err(Unclaimable::Spent));
}

#[test]
fn a_step_up_on_a_trusted_key_is_never_paused_and_counts_all_the_same() {
    let mut guard = after_wrong(10);
    assert_eq!(guard.claim_step_up_guess("next", false, None, at(1)), paused(15 * MINUTE));
    let claim = guard.claim_step_up_guess("next", true, None, at(1)).unwrap();
    assert_eq!((claim.wrong_in_a_row, claim.pause), (11, None));
    let still = Some(Paused { until: Some(at(15 * MINUTE)) });
    assert_eq!(guard.paused(at(1)), still, "the pause stays on for the others");
}

#[test]
fn the_twentieth_wrong_code_lengthens_a_pause_that_is_on() {
    let mut guard = after_wrong(19);
    let claim = guard.claim_step_up_guess("next", true, None, at(1)).unwrap();
    let pause = Some(Paused { until: Some(at(30 * MINUTE + 1)) });
    assert_eq!((claim.pause, guard.paused(at(2))), (pause, pause));
}

#[test]
fn the_hundredth_wrong_step_up_switches_code_entry_off_for_untrusted_keys() {
    let mut guard = after_wrong(100);
    assert_eq!(guard.claim_guess("next", at(20 * DAY)), off());
    assert!(guard.claim_step_up_guess("next", true, None, at(20 * DAY)).is_ok());
    assert_eq!(guard.paused(at(20 * DAY)), Some(Paused { until: None }));
}

#[test]
fn a_new_password_forgives_wrong_codes_and_ends_a_pause() {
    for lift in [false, true] {
        let mut guard = after_wrong(10);
        guard.forgive(lift);
        assert_eq!((guard.wrong_in_a_row(), guard.paused(at(1))), (0, None));
        assert!(guard.claim_guess("next", at(1)).is_ok());
    }
}

#[test]
fn what_was_switched_off_is_lifted_by_a_trusted_key_or_the_mailbox_only() {
    let mut guard = after_wrong(100);
    guard.forgive(false);
    assert_eq!((guard.wrong_in_a_row(), guard.claim_guess("next", at(1))), (100, off()));
    guard.forgive(true);
    assert_eq!((guard.wrong_in_a_row(), guard.paused(at(1))), (0, None));
}

#[test]
fn a_new_password_gives_no_guess_at_an_attempt_and_no_send_back() {
    let mut guard = after_wrong(0);
    guard.claim_guess("next", at(1)).unwrap();
    let method = postern_events::vocabulary::Method::App;
    for _ in 0..10 {
        guard.claim_send(method, at(1)).unwrap();
    }
    guard.forgive(true);
    assert_eq!(guard.guesses_left("next", at(2)), 4);
    assert!(guard.claim_send(method, at(2)).is_err());
}

#[test]
fn marks_come_back_from_a_table_as_they_went() {
    let mut guard = after_wrong(3);
    guard.claim_guess_once("next", MARK, at(1)).unwrap();
    let text = serde_json::to_string(&guard).unwrap();
    let mut back: AccountGuard = serde_json::from_str(&text).unwrap();
    assert_eq!(back, guard);
    assert_eq!(back.claim_guess_once("next", MARK, at(2)).unwrap().wrong_in_a_row, 4);
}
