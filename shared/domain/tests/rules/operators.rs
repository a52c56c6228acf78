//! What operators may do to an account: end things, lift a pause that ends, be shown what is stored.
//! Nothing they do lets anybody in, or forgives a guess.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, AccountRefusal, Order};
use postern_domain::guard::{AccountGuard, Counted, Recount, Resumed, Unresumable};
use postern_domain::policy;
use postern_events::account::{
    AccountEvent, CodeEntryResumed, Disclosed, Erased, SignedOutByOperator,
};

use crate::fixtures::*;
use crate::stream::Stream;
use crate::trust::open;

const ORDERS: [Order; 4] = [
    Order::Disclose,
    Order::ResumeCodeEntry { until: Timestamp::UNIX_EPOCH, wrong_in_a_row: 10 },
    Order::SignOut,
    Order::Erase,
];

fn family() -> Stream<Account> {
    let mut lapsed = trusted_device(3, 0);
    lapsed.seen = at(-100 * DAY);
    open(account_with(vec![trusted_device(PHONE, 0), trusted_device(TABLET, 0), lapsed]))
}

fn ordered(order: Order) -> AccountEvent {
    let events = family().when(AccountCommand::Operate(order)).unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    event.clone()
}

#[test]
fn where_no_account_is_open_nothing_can_be_ordered() {
    let erased = AccountEvent::Erased(Erased { by: None, email: sealed() });
    for none in [Stream::<Account>::default(), family().and(at(1), vec![erased])] {
        for order in ORDERS {
            let refused = none.when(AccountCommand::Operate(order));
            assert_eq!(refused, Err(AccountRefusal::NoAccount), "{order:?}");
        }
    }
}

#[test]
fn an_operator_signs_out_everybody_lapsed_trust_included() {
    let event = ordered(Order::SignOut);
    let revoked = vec![device(PHONE), device(TABLET), device(3)];
    let expected = SignedOutByOperator { revoked, policy: policy::VERSION };
    assert_eq!(event, AccountEvent::SignedOutByOperator(expected));
    let after = family().and(at(1), vec![event]).state;
    let account = after.open().unwrap();
    assert!(account.devices.is_empty());
    assert_eq!((account.attempt_generation, account.trust_generation), (1, 1));
}

#[test]
fn what_an_operator_is_shown_or_resumes_is_a_fact_and_changes_nothing() {
    let (until, wrong_in_a_row, policy) = (at(HOUR), 20, policy::VERSION);
    let resumed = CodeEntryResumed { until, wrong_in_a_row, policy };
    for (order, expected) in [
        (Order::Disclose, AccountEvent::Disclosed(Disclosed { policy })),
        (Order::ResumeCodeEntry { until, wrong_in_a_row }, AccountEvent::CodeEntryResumed(resumed)),
    ] {
        let event = ordered(order);
        assert_eq!(event, expected);
        assert_eq!(family().and(at(1), vec![event]).state, family().state);
    }
}

#[test]
fn an_operator_erases_without_a_step_up_and_the_event_names_no_device() {
    let event = ordered(Order::Erase);
    assert_eq!(event, AccountEvent::Erased(Erased { by: None, email: sealed() }));
    assert_eq!(family().and(at(1), vec![event]).state, Account::Erased);
}

/// So many wrong codes in a row, the last of them at this second, as the guard counted them and as the
/// log tells of them. Step-ups stand in for attempts, whose number an hour is limited.
fn after_wrong(count: u16) -> (AccountGuard, Recount, Timestamp) {
    let (mut guard, mut recount, mut now) = (AccountGuard::default(), Recount::default(), at(0));
    for number in 0..count {
        let id = format!("step-up {}", number / 5);
        if number.is_multiple_of(5) {
            now += policy::LONGEST_PAUSE;
            let step_up = postern_events::ids::VerificationId::new(now, [1; 10]);
            let opened = Counted::StepUp { id: step_up, key: key(TABLET), pushable: 0 };
            guard.open_step_up(&id, key(TABLET), now, now + policy::ATTEMPT_LIFE).unwrap();
            recount.count(&id, &opened, now);
        }
        guard.claim_guess(&id, now).unwrap();
        recount.count(&id, &Counted::Wrong, now);
    }
    (guard, recount, now)
}

#[test]
fn a_pause_is_lifted_and_the_count_stays() {
    let (mut guard, _, now) = after_wrong(10);
    let until = now + policy::FIRST_PAUSE;
    assert_eq!(guard.resume(now), Ok(Resumed { until, wrong_in_a_row: 10 }));
    assert_eq!((guard.paused(now), guard.wrong_in_a_row()), (None, 10));
    assert_eq!(guard.resume(now), Err(Unresumable::NotPaused));
}

#[test]
fn after_a_pause_that_was_lifted_the_next_one_is_as_long_as_ever() {
    let (mut lifted, _, now) = after_wrong(10);
    lifted.resume(now).unwrap();
    lifted.open_step_up("next", key(TABLET), now, now + policy::ATTEMPT_LIFE).unwrap();
    lifted.open_step_up("last", key(TABLET), now, now + policy::ATTEMPT_LIFE).unwrap();
    let mut claims = (0..10).map(|number| {
        let id = if number < 5 { "next" } else { "last" };
        lifted.claim_guess(id, now).unwrap()
    });
    let pause = claims.by_ref().find_map(|it| it.pause).unwrap();
    assert_eq!(pause.until, Some(now + policy::FIRST_PAUSE * 2));
}

#[test]
fn what_only_a_new_password_lifts_no_operator_does() {
    let (mut guard, _, now) = after_wrong(100);
    let before = guard.clone();
    assert_eq!(guard.resume(now), Err(Unresumable::Off));
    assert_eq!(guard, before);
}

#[test]
fn where_nothing_is_paused_nothing_is_lifted() {
    for count in [0, 9, 11] {
        let (mut guard, _, now) = after_wrong(count);
        let before = guard.clone();
        assert_eq!(guard.resume(now), Err(Unresumable::NotPaused), "{count}");
        assert_eq!(guard, before);
    }
    let (mut guard, _, now) = after_wrong(10);
    let over = now + policy::FIRST_PAUSE;
    assert_eq!(guard.resume(over), Err(Unresumable::NotPaused), "a pause that is over");
}

#[test]
fn a_guard_made_anew_from_the_log_knows_that_a_pause_was_lifted() {
    let (mut guard, mut recount, now) = after_wrong(10);
    let lifted_at = now + policy::FIRST_PAUSE / 2;
    guard.resume(lifted_at).unwrap();
    let still_paused = recount.clone().guard(lifted_at);
    assert!(still_paused.paused(lifted_at).is_some());
    let resumed = CodeEntryResumed { until: at(0), wrong_in_a_row: 10, policy: 1 };
    let counted = Counted::of_account(&AccountEvent::CodeEntryResumed(resumed)).unwrap();
    recount.count("account", &counted, lifted_at);
    let told = recount.guard(lifted_at);
    assert_eq!((told.paused(lifted_at), told.wrong_in_a_row()), (None, 10));
    assert!(guard.counts_as(&told, lifted_at));
    assert!(guard.clone().at_least(told).counts_as(&guard, lifted_at));
}
