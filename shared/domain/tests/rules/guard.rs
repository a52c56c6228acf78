//! What is counted over all attempts of an account.

use jiff::Timestamp;
use postern_domain::guard::{AccountGuard, Claim, Paused, Unclaimable};

use crate::fixtures::*;

const NOW: i64 = 0;

/// A guard with an attempt on which nothing was guessed.
fn with_attempt(id: &str, second: i64) -> AccountGuard {
    let mut guard = AccountGuard::default();
    guard.open_attempt(id, key(TABLET), at(second), at(second + 10 * MINUTE)).unwrap();
    guard
}

/// Spends so many wrong guesses, waiting for every pause to end. Verifications stand in for
/// attempts, so that the limit of attempts an hour doesn't interfere.
struct Guesser {
    guard: AccountGuard,
    now: Timestamp,
    count: u16,
}

impl Guesser {
    fn new() -> Self {
        Self { guard: AccountGuard::default(), now: at(NOW), count: 0 }
    }

    fn wrong(&mut self) -> Claim {
        if let Some(Paused { until: Some(until) }) = self.guard.paused(self.now) {
            self.now = until;
        }
        let id = format!("attempt {}", self.count / 5);
        if self.count.is_multiple_of(5) {
            let ends_at = self.now + jiff::SignedDuration::from_hours(100);
            self.guard.open_verification(&id, key(TABLET), self.now, ends_at);
        }
        self.count += 1;
        self.guard.claim_guess(&id, self.now).unwrap()
    }

    fn up_to(count: u16) -> (Self, Claim) {
        let mut guesser = Self::new();
        let last = (0..count).map(|_| guesser.wrong()).last().unwrap();
        (guesser, last)
    }
}

fn minutes_of_pause(count: u16) -> i64 {
    let (guesser, last) = Guesser::up_to(count);
    let until = last.pause.and_then(|it| it.until).expect("a pause that ends");
    until.duration_since(guesser.now).as_mins()
}

fn paused(second: i64) -> Paused {
    Paused { until: Some(at(second)) }
}

#[test]
fn an_attempt_has_five_guesses_to_claim() {
    let mut guard = with_attempt("a", NOW);
    for (wrong_in_a_row, left) in [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0)] {
        let claim = guard.claim_guess("a", at(1));
        assert_eq!(claim, Ok(Claim { wrong_in_a_row, pause: None, left }));
    }
    assert_eq!(guard.claim_guess("a", at(1)), Err(Unclaimable::Spent));
    assert_eq!(guard.wrong_in_a_row(), 5, "a refused claim counts nothing");
}

#[test]
fn a_claim_is_spent_whether_or_not_its_guess_was_ever_recorded() {
    let mut guard = with_attempt("a", NOW);
    for left in (0..5).rev() {
        guard.claim_guess("a", at(1)).unwrap();
        assert_eq!(guard.guesses_left("a", at(1)), left);
    }
    assert_eq!(guard.deny(key(TABLET), at(1)), ["a"], "a denial still names it");
}

#[test]
fn an_attempt_without_a_guess_left_is_not_pending() {
    let mut guard = with_attempt("a", NOW);
    guard.open_attempt("b", key(TABLET), at(1), at(10 * MINUTE)).unwrap();
    for _ in 0..4 {
        guard.claim_guess("a", at(2)).unwrap();
        assert_eq!(guard.pending(at(2)).collect::<Vec<_>>(), ["a", "b"]);
    }
    guard.claim_guess("a", at(2)).unwrap();
    assert_eq!(guard.pending(at(2)).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn an_unknown_a_closed_or_an_ended_attempt_has_no_guess_left() {
    let guard = with_attempt("a", NOW);
    let left = |id, second| guard.guesses_left(id, at(second));
    assert_eq!((left("a", 10 * MINUTE - 1), left("a", 10 * MINUTE)), (5, 0));
    assert_eq!(left("b", 1), 0);
    let mut closed = guard.clone();
    closed.close("a");
    assert_eq!(closed.guesses_left("a", at(1)), 0);
}

#[test]
fn an_unknown_a_closed_or_an_ended_attempt_can_not_be_guessed_at() {
    let mut guard = with_attempt("a", NOW);
    assert_eq!(guard.claim_guess("b", at(1)), Err(Unclaimable::Spent));
    assert!(guard.claim_guess("a", at(10 * MINUTE - 1)).is_ok());
    assert_eq!(guard.claim_guess("a", at(10 * MINUTE)), Err(Unclaimable::Spent));
    let mut guard = with_attempt("a", NOW);
    guard.close("a");
    assert_eq!(guard.claim_guess("a", at(1)), Err(Unclaimable::Spent));
}

#[test]
fn the_tenth_wrong_code_in_a_row_pauses_code_entry_for_fifteen_minutes() {
    let (_, ninth) = Guesser::up_to(9);
    assert_eq!(ninth, Claim { wrong_in_a_row: 9, pause: None, left: 1 });
    let (guesser, tenth) = Guesser::up_to(10);
    let pause = Some(paused(15 * MINUTE));
    assert_eq!(tenth, Claim { wrong_in_a_row: 10, pause, left: 0 });
    assert_eq!(guesser.guard.paused(at(15 * MINUTE - 1)), Some(paused(15 * MINUTE)));
    assert_eq!(guesser.guard.paused(at(15 * MINUTE)), None);
}

#[test]
fn each_further_ten_double_the_pause_up_to_a_day() {
    let pauses: Vec<_> = (1..=9).map(|tens| minutes_of_pause(tens * 10)).collect();
    assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
}

#[test]
fn between_the_tens_there_is_no_further_pause() {
    for count in [11, 19, 21, 99] {
        let (guesser, last) = Guesser::up_to(count);
        assert_eq!((last.pause, guesser.guard.paused(guesser.now)), (None, None), "{count}");
    }
}

#[test]
fn a_hundred_wrong_codes_in_a_row_switch_code_entry_off_for_good() {
    let (guesser, last) = Guesser::up_to(100);
    let off = Paused { until: None };
    assert_eq!(last.pause, Some(off));
    assert_eq!(guesser.guard.paused(at(10_000 * DAY)), Some(off));
}

#[test]
fn while_paused_nothing_is_claimed_and_nothing_is_opened() {
    let (Guesser { mut guard, .. }, _) = Guesser::up_to(9);
    guard.open_verification("last", key(TABLET), at(1), at(HOUR));
    guard.claim_guess("last", at(1)).unwrap();
    let pause = paused(15 * MINUTE + 1);
    assert_eq!(guard.claim_guess("last", at(2)), Err(Unclaimable::Paused(pause)));
    assert_eq!(guard.open_attempt("new", key(TABLET), at(2), at(10 * MINUTE)), Err(pause));
    assert_eq!(guard.wrong_in_a_row(), 10);
    assert!(guard.claim_guess("last", at(15 * MINUTE + 1)).is_ok());
}

#[test]
fn a_right_code_clears_the_count_the_pause_and_its_attempt() {
    let (Guesser { mut guard, .. }, _) = Guesser::up_to(9);
    guard.open_verification("right", key(TABLET), at(1), at(HOUR));
    let claim = guard.claim_guess("right", at(1)).unwrap();
    assert!(claim.pause.is_some(), "the tenth claim would pause");
    guard.verified("right");
    assert_eq!((guard.wrong_in_a_row(), guard.paused(at(1))), (0, None));
    assert_eq!(guard.claim_guess("right", at(2)), Err(Unclaimable::Spent));
}

#[test]
fn closing_an_attempt_or_opening_another_forgives_nothing() {
    let mut guard = with_attempt("a", NOW);
    for _ in 0..4 {
        guard.claim_guess("a", at(1)).unwrap();
    }
    guard.close("a");
    guard.open_attempt("b", key(TABLET), at(DAY), at(DAY + 10 * MINUTE)).unwrap();
    assert_eq!(guard.claim_guess("b", at(DAY)).unwrap().wrong_in_a_row, 5);
}

#[test]
fn the_sixth_attempt_within_an_hour_waits_for_the_first_to_be_an_hour_old() {
    let mut guard = AccountGuard::default();
    for second in 0..5 {
        guard.open_attempt(&format!("{second}"), key(TABLET), at(second), at(10 * MINUTE)).unwrap();
    }
    let sixth = |guard: &mut AccountGuard, second| {
        guard.open_attempt("6", key(TABLET), at(second), at(2 * HOUR))
    };
    assert_eq!(sixth(&mut guard, 5), Err(paused(HOUR)));
    assert_eq!(sixth(&mut guard, HOUR - 1), Err(paused(HOUR)));
    assert_eq!(sixth(&mut guard, HOUR), Ok(()));
    assert_eq!(sixth(&mut guard, HOUR), Err(paused(HOUR + 1)), "five within the hour again");
}

#[test]
fn the_21st_attempt_within_a_day_waits_for_the_first_to_be_a_day_old() {
    let mut guard = AccountGuard::default();
    for number in 0..20 {
        let second = number * HOUR;
        guard.open_attempt(&format!("{number}"), key(TABLET), at(second), at(second + 1)).unwrap();
    }
    let next = |guard: &mut AccountGuard, second| {
        guard.open_attempt("21", key(TABLET), at(second), at(3 * DAY))
    };
    assert_eq!(next(&mut guard, 20 * HOUR), Err(paused(DAY)));
    assert_eq!(next(&mut guard, DAY - 1), Err(paused(DAY)));
    assert_eq!(next(&mut guard, DAY), Ok(()));
}

#[test]
fn a_refused_attempt_can_not_be_guessed_at() {
    let mut guard = AccountGuard::default();
    for number in 0..5 {
        guard.open_attempt(&format!("{number}"), key(TABLET), at(0), at(10 * MINUTE)).unwrap();
    }
    guard.open_attempt("6", key(TABLET), at(1), at(11 * MINUTE)).unwrap_err();
    assert_eq!(guard.claim_guess("6", at(2)), Err(Unclaimable::Spent));
}

#[test]
fn a_verification_has_five_guesses_and_no_part_in_the_accounts_counts() {
    let mut guard = AccountGuard::default();
    guard.open_verification("v", key(TABLET), at(0), at(10 * MINUTE));
    for _ in 0..5 {
        assert_eq!(guard.claim_verification_guess("v", None, at(1)), Ok(()));
    }
    assert_eq!(guard.claim_verification_guess("v", None, at(1)), Err(Unclaimable::Spent));
    assert_eq!(guard.wrong_in_a_row(), 0);
}

#[test]
fn what_no_longer_matters_is_forgotten() {
    let mut guard = AccountGuard::default();
    for number in 0..400 {
        let second = number * 2 * HOUR;
        guard
            .open_attempt(&format!("attempt {number}"), key(TABLET), at(second), at(second + 1))
            .unwrap();
    }
    assert!(serde_json::to_string(&guard).unwrap().len() < 1_500, "it lies in one item");
}

#[test]
fn the_eleventh_recovery_guess_of_a_day_waits_and_holds_up_no_sign_in() {
    let mut guard = AccountGuard::default();
    for number in 0..11 {
        guard.open_verification(&format!("{number}"), key(TABLET), at(number), at(2 * DAY));
    }
    for number in 0..10 {
        assert_eq!(guard.claim_recovery_guess(&format!("{number}"), None, at(number)), Ok(()));
    }
    let refused = Err(Unclaimable::Paused(paused(DAY)));
    assert_eq!(guard.claim_recovery_guess("10", None, at(10)), refused);
    assert_eq!(guard.claim_recovery_guess("10", None, at(DAY - 1)), refused);
    assert_eq!((guard.wrong_in_a_row(), guard.paused(at(10))), (0, None));
    assert_eq!(guard.claim_recovery_guess("10", None, at(DAY)), Ok(()));
}

#[test]
fn a_right_code_forgives_no_recovery_guess() {
    let mut guard = AccountGuard::default();
    for number in 0..10 {
        let id = format!("{}", number / 5);
        guard.open_verification(&id, key(TABLET), at(0), at(2 * DAY));
        guard.claim_recovery_guess(&id, None, at(0)).unwrap();
    }
    guard.verified("0");
    guard.open_verification("new", key(TABLET), at(1), at(2 * DAY));
    assert_eq!(
        guard.claim_recovery_guess("new", None, at(1)),
        Err(Unclaimable::Paused(paused(DAY)))
    );
}

#[test]
fn a_guard_tells_what_another_never_knew_that_was_opened() {
    let before = with_attempt("first", 10);
    let mut now = before.clone();
    assert!(!now.opened_unknown_to(&before, at(0)));
    now.open_attempt("second", key(TABLET), at(20), at(20 + 10 * MINUTE)).unwrap();
    now.verified("second");
    assert!(now.opened_unknown_to(&before, at(19)));
    assert!(!now.opened_unknown_to(&before, at(20)), "not after that time");
    assert!(!before.opened_unknown_to(&now, at(0)), "it knows less");

    let mut stepped_up = before.clone();
    stepped_up.open_step_up("step-up", key(TABLET), at(10), at(10 + 10 * MINUTE)).unwrap();
    assert!(stepped_up.opened_unknown_to(&before, at(9)));
    let mut at_once = before.clone();
    at_once.open_attempt("other", key(TABLET), at(10), at(10 + 10 * MINUTE)).unwrap();
    assert!(at_once.opened_unknown_to(&before, at(9)), "two at one time are two");
}

#[test]
fn what_is_over_is_left_out_of_a_guard_as_of_then() {
    let guard = with_attempt("first", 0);
    assert_eq!(guard.clone().as_of(at(1)), guard);
    assert_eq!(guard.clone().as_of(at(10 * MINUTE)).pending(at(1)).count(), 0);
    assert_eq!(guard.as_of(at(DAY)), AccountGuard::default());
}
