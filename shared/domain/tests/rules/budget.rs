//! How often something is sent: at once, after a while, in a day.

use postern_domain::budget::{Allowance, CODE_MAILS, Exhausted, OPEN_MAILS, PUSHES, Spent};
use postern_domain::guard::AccountGuard;
use postern_events::vocabulary::Method::{App, Email};

use crate::fixtures::*;

/// Takes one at each of these seconds; every one of them is there to be taken.
fn spent(allowance: Allowance, seconds: &[i64]) -> Spent {
    let mut spent = Spent::default();
    for second in seconds {
        assert_eq!(allowance.take(&mut spent, at(*second)), Ok(()), "second {second}");
    }
    spent
}

/// As many as there ever are, each as early as it may be.
fn as_early_as_possible(allowance: Allowance, count: usize) -> Vec<i64> {
    let (mut spent, mut now) = (Spent::default(), at(0));
    let take = |_| {
        now = allowance.available_at(&spent, now);
        allowance.take(&mut spent, now).unwrap();
        now.duration_since(at(0)).as_secs()
    };
    (0..count).map(take).collect()
}

/// Taken as early as it says, and not a second earlier.
fn is_exhausted(allowance: Allowance, spent: &Spent, from: i64, until: i64) {
    for second in [from, until - 1] {
        assert_eq!(allowance.left(spent, at(second)), 0, "second {second}");
        assert_eq!(allowance.available_at(spent, at(second)), at(until));
        let refused = allowance.take(&mut spent.clone(), at(second));
        assert_eq!(refused, Err(Exhausted { until: at(until) }));
    }
    assert_eq!(allowance.available_at(spent, at(until)), at(until));
    assert_eq!(allowance.take(&mut spent.clone(), at(until)), Ok(()));
}

#[test]
fn the_sixth_code_mail_at_once_waits_for_five_minutes() {
    let five = spent(CODE_MAILS, &[0; 5]);
    is_exhausted(CODE_MAILS, &five, 0, 5 * MINUTE);
    assert_eq!(CODE_MAILS.left(&five, at(5 * MINUTE)), 1);
}

#[test]
fn code_mails_come_back_one_by_one_up_to_five() {
    let five = spent(CODE_MAILS, &[0; 5]);
    let left: Vec<_> =
        (0..=7).map(|fives| CODE_MAILS.left(&five, at(fives * 5 * MINUTE))).collect();
    assert_eq!(left, [0, 1, 2, 3, 4, 5, 5, 5]);
}

#[test]
fn the_21st_code_mail_of_a_day_waits_for_the_first_to_be_a_day_old() {
    let times = as_early_as_possible(CODE_MAILS, 21);
    assert_eq!(times[..7], [0, 0, 0, 0, 0, 5 * MINUTE, 10 * MINUTE]);
    assert_eq!((times[19], times[20]), (75 * MINUTE, DAY));
    let twenty = spent(CODE_MAILS, &times[..20]);
    is_exhausted(CODE_MAILS, &twenty, 75 * MINUTE, DAY);
}

#[test]
fn the_third_open_mail_at_once_waits_for_half_an_hour_and_the_seventh_for_a_day() {
    let times = as_early_as_possible(OPEN_MAILS, 7);
    let halves = [0, 0, 30 * MINUTE, HOUR, 90 * MINUTE, 2 * HOUR];
    assert_eq!(times[..6], halves);
    assert_eq!(times[6], DAY);
    is_exhausted(OPEN_MAILS, &spent(OPEN_MAILS, &[0, 0]), 0, 30 * MINUTE);
    is_exhausted(OPEN_MAILS, &spent(OPEN_MAILS, &halves), 2 * HOUR, DAY);
}

#[test]
fn the_eleventh_push_of_a_day_waits_for_the_first_to_be_a_day_old() {
    let nine = spent(PUSHES, &[0; 9]);
    assert_eq!(PUSHES.left(&nine, at(0)), 1);
    let ten = spent(PUSHES, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    is_exhausted(PUSHES, &ten, 9, DAY);
    assert_eq!(PUSHES.left(&ten, at(DAY)), 1);
    assert_eq!(PUSHES.left(&ten, at(DAY + 9)), 10);
}

#[test]
fn a_day_is_any_twenty_four_hours() {
    let ten = spent(PUSHES, &[23 * HOUR; 10]);
    is_exhausted(PUSHES, &ten, DAY + 1, 23 * HOUR + DAY);
}

#[test]
fn what_is_refused_costs_nothing() {
    let mut five = spent(CODE_MAILS, &[0; 5]);
    let before = five.clone();
    for _ in 0..3 {
        CODE_MAILS.take(&mut five, at(1)).unwrap_err();
    }
    assert_eq!(five, before);
}

#[test]
fn a_clock_that_was_set_back_refills_nothing() {
    let later = 10 * MINUTE;
    let mut mails = spent(CODE_MAILS, &[later; 4]);
    assert_eq!(CODE_MAILS.left(&mails, at(0)), 1);
    CODE_MAILS.take(&mut mails, at(0)).unwrap();
    for second in [0, later, later + 5 * MINUTE - 1] {
        assert_eq!(CODE_MAILS.left(&mails, at(second)), 0, "second {second}");
        assert_eq!(CODE_MAILS.available_at(&mails, at(second)), at(later + 5 * MINUTE));
    }
    assert_eq!(CODE_MAILS.left(&mails, at(later + 5 * MINUTE)), 1);
}

#[test]
fn what_is_older_than_a_day_is_forgotten() {
    let mut mails = spent(CODE_MAILS, &[0, 1]);
    mails.forget(at(DAY));
    assert_eq!(mails, spent(CODE_MAILS, &[1]));
    mails.forget(at(DAY + 1));
    assert!(mails.is_empty());
}

#[test]
fn each_method_has_a_budget_of_its_own() {
    let mut guard = AccountGuard::default();
    for _ in 0..10 {
        guard.claim_send(App, at(0)).unwrap();
    }
    assert_eq!(guard.claim_send(App, at(0)), Err(Exhausted { until: at(DAY) }));
    for _ in 0..5 {
        guard.claim_send(Email, at(0)).unwrap();
    }
    assert_eq!(guard.claim_send(Email, at(0)), Err(Exhausted { until: at(5 * MINUTE) }));
}

#[test]
fn a_right_code_clears_the_pushes_and_leaves_the_mails() {
    let mut guard = AccountGuard::default();
    for _ in 0..10 {
        guard.claim_send(App, at(0)).unwrap();
    }
    for _ in 0..5 {
        guard.claim_send(Email, at(0)).unwrap();
    }
    guard.verified("whichever");
    assert_eq!(PUSHES.left(guard.pushes(), at(1)), 10);
    assert_eq!(CODE_MAILS.left(guard.mails(), at(1)), 0);
}

#[test]
fn closing_denying_and_opening_attempts_give_no_send_back() {
    let mut guard = AccountGuard::default();
    guard.open_attempt("a", key(TABLET), at(0), at(10 * MINUTE)).unwrap();
    for _ in 0..10 {
        guard.claim_send(App, at(0)).unwrap();
    }
    guard.close("a");
    guard.deny(key(TABLET), at(1));
    guard.open_attempt("b", key(TABLET), at(1), at(10 * MINUTE)).unwrap();
    assert_eq!(guard.claim_send(App, at(1)), Err(Exhausted { until: at(DAY) }));
}
