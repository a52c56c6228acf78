//! No order of takes and waits gets more out of a budget than its figures say.

use jiff::{SignedDuration, Timestamp};
use postern_domain::budget::{Allowance, CODE_MAILS, DAY, OPEN_MAILS, PUSHES, Spent};
use postern_domain::guard::AccountGuard;
use postern_domain::tries::{AddressTries, KeyTries};
use postern_events::vocabulary::{Method, SourceKey};
use proptest::prelude::*;

use super::{any_wait, cases};
use crate::fixtures::*;

fn any_allowance() -> impl Strategy<Value = Allowance> {
    prop_oneof![Just(CODE_MAILS), Just(OPEN_MAILS), Just(PUSHES)]
}

/// Seconds that pass while no clock is behind.
fn passing() -> impl Strategy<Value = i64> {
    any_wait().prop_map(|it| it.max(0))
}

/// The times at which one was taken, trying again after each wait.
fn taken(allowance: Allowance, waits: &[i64]) -> (Spent, Vec<Timestamp>, Timestamp) {
    let (mut spent, mut times, mut now) = (Spent::default(), Vec::new(), at(0));
    for wait in waits {
        now += SignedDuration::from_secs(*wait);
        if allowance.take(&mut spent, now).is_ok() {
            times.push(now);
        }
    }
    (spent, times, now)
}

fn within(times: &[Timestamp], from: Timestamp, length: SignedDuration) -> usize {
    times.iter().filter(|at| **at >= from && **at < from + length).count()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn no_window_holds_more_than_its_figures_allow(
        allowance in any_allowance(),
        waits in prop::collection::vec(passing(), 1..80),
    ) {
        let (_, times, _) = taken(allowance, &waits);
        for from in &times {
            prop_assert!(within(&times, *from, DAY) <= usize::from(allowance.a_day));
            let Some((at_once, every)) = allowance.burst else { continue };
            for more in 0..allowance.a_day {
                let length = every * i32::from(more + 1);
                prop_assert!(within(&times, *from, length) <= usize::from(at_once + more));
            }
        }
    }

    #[test]
    fn one_is_left_again_exactly_when_it_was_said(
        allowance in any_allowance(),
        waits in prop::collection::vec(passing(), 1..80),
    ) {
        let (spent, _, now) = taken(allowance, &waits);
        let available_at = allowance.available_at(&spent, now);
        prop_assert_eq!(allowance.left(&spent, now) > 0, available_at == now);
        prop_assert!(allowance.left(&spent, available_at) >= 1);
        let just_before = available_at - SignedDuration::from_millis(1);
        prop_assert!(just_before < now || allowance.left(&spent, just_before) == 0);
    }

    #[test]
    fn whatever_clocks_say_no_more_is_left_than_there_can_be(
        allowance in any_allowance(),
        waits in prop::collection::vec(any_wait(), 1..80),
        later in any_wait(),
    ) {
        let (spent, _, now) = taken(allowance, &waits);
        let left = allowance.left(&spent, now + SignedDuration::from_secs(later));
        let most = allowance.burst.map_or(allowance.a_day, |(at_once, _)| at_once);
        prop_assert!(left <= most);
        prop_assert!(allowance.left(&Spent::default(), now) == most);
    }

    #[test]
    fn a_clock_that_goes_back_and_forth_gains_nothing(
        backs in prop::collection::vec(1..600_i64, 1..40),
    ) {
        let mut spent = Spent::default();
        for _ in 0..5 {
            CODE_MAILS.take(&mut spent, at(HOUR)).unwrap();
        }
        for back in backs {
            for second in [HOUR - back, HOUR] {
                prop_assert!(CODE_MAILS.take(&mut spent, at(second)).is_err());
            }
        }
    }

    #[test]
    fn nothing_but_a_right_code_gives_a_push_back(
        steps in prop::collection::vec((0..5_u8, passing()), 1..120),
    ) {
        let (mut guard, mut now, mut pushes) = (AccountGuard::default(), at(0), Vec::new());
        for (step, wait) in steps {
            now += SignedDuration::from_secs(wait % 600);
            match step {
                0 => {
                    let ends_at = now + SignedDuration::from_mins(10);
                    let _ = guard.open_attempt("a", key(TABLET), now, ends_at);
                }
                1 => guard.close("a"),
                2 => drop(guard.deny(key(TABLET), now)),
                3 => drop(guard.claim_guess("a", now)),
                _ => {}
            }
            if guard.claim_send(Method::App, now).is_ok() {
                pushes.push(now);
            }
        }
        for from in &pushes {
            prop_assert!(within(&pushes, *from, DAY) <= 10);
        }
    }

    #[test]
    fn no_order_of_wrong_passwords_compares_more_than_the_day_allows(
        steps in prop::collection::vec((0..4_u8, any::<bool>(), 0..900_i64), 1..400),
    ) {
        let (mut tries, mut keys, mut now) = (AddressTries::default(), KeyTries::default(), at(0));
        let (mut wrong, mut wrong_on_key) = (Vec::new(), Vec::new());
        for (source, right, wait) in steps {
            now += SignedDuration::from_secs(wait);
            let source = SourceKey::from_bytes([source; 16]);
            if right {
                let _ = tries.right(source, now);
            } else if tries.wrong(source, now).is_ok() {
                wrong.push(now);
            }
            if keys.wrong(key(PHONE), now).is_ok() {
                wrong_on_key.push(now);
            }
        }
        for from in &wrong {
            prop_assert!(within(&wrong, *from, DAY) <= 100);
        }
        for from in &wrong_on_key {
            prop_assert!(within(&wrong_on_key, *from, DAY) <= 10);
        }
    }
}
