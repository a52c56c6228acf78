//! A new password: set by one who knew the former, or by one who has the mailbox.

use postern_domain::account::{Account, AccountCommand, AccountRefusal, OpenAccount, Reset};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_events::account::{AccountEvent, PasswordChanged, PasswordReset};
use postern_events::vocabulary::Method::{App, Email};

use crate::fixtures::*;
use crate::stream::Stream;
use crate::trust::open;

/// Trusted two days before the tests begin.
const OLD: u8 = 10;
/// Trusted an hour before the tests begin.
const YOUNG: u8 = 11;

fn family() -> Stream<Account> {
    open(account_with(vec![trusted_device(OLD, -2 * DAY), trusted_device(YOUNG, -HOUR)]))
}

fn change(number: u8, stepped: bool, sign_out_others: bool) -> AccountCommand {
    let acting = if stepped { stepped_up(number, 0) } else { acting(number, 0) };
    AccountCommand::ChangePassword { acting, sign_out_others }
}

fn changed(by: u8, signed_out_others: bool, revoked: &[u8]) -> AccountEvent {
    AccountEvent::PasswordChanged(PasswordChanged {
        by: device(by),
        session: session(),
        signed_out_others,
        revoked: revoked.iter().map(|it| device(*it)).collect(),
        policy: policy::VERSION,
    })
}

/// A reset at that second.
pub(crate) fn reset(second: i64) -> AccountCommand {
    AccountCommand::ResetPassword { verification: registration(), now: at(second) }
}

fn was_reset(keys: &[u8], revoked: &[u8]) -> AccountEvent {
    AccountEvent::PasswordReset(PasswordReset {
        verification: registration(),
        keys: keys.iter().map(|it| key(*it)).collect(),
        held: !keys.is_empty(),
        revoked: revoked.iter().map(|it| device(*it)).collect(),
        policy: policy::VERSION,
    })
}

/// Why no code can be mailed to let this key in.
fn without_mail(account: &OpenAccount, number: u8, second: i64) -> Option<Unavailable> {
    Channels::of(account, key(number), &AccountGuard::default(), at(second)).without_mail
}

fn recently_reset(until: i64) -> Unavailable {
    Unavailable::RecentlyReset { until: at(until) }
}

#[test]
fn a_change_that_signs_the_others_out_ends_all_trust_but_the_asking_devices() {
    let mut account = family();
    let events = account.ask(at(0), change(OLD, false, true));
    assert_eq!(events, Ok(vec![changed(OLD, true, &[YOUNG])]));
    let open = account.state.open().unwrap();
    let trusted: Vec<_> = open.devices.iter().map(|it| it.id).collect();
    assert_eq!(trusted, [device(OLD)]);
    assert_eq!((open.attempt_generation, open.trust_generation), (1, 1));
    assert_eq!(open.password_since, at(0));
}

#[test]
fn a_change_that_leaves_the_others_ends_open_attempts_and_no_trust() {
    let mut account = family();
    let events = account.ask(at(0), change(YOUNG, false, false));
    assert_eq!(events, Ok(vec![changed(YOUNG, false, &[])]));
    let open = account.state.open().unwrap();
    assert_eq!(open.devices.len(), 2);
    assert_eq!((open.attempt_generation, open.trust_generation), (1, 0));
}

#[test]
fn a_young_device_or_an_untrusted_session_signs_no_elder_out() {
    for number in [YOUNG, TABLET] {
        let refused = family().when(change(number, false, true));
        assert_eq!(refused, Err(AccountRefusal::TooYoung));
    }
    let elder = family().when(change(YOUNG, true, true));
    assert_eq!(elder, Ok(vec![changed(YOUNG, true, &[OLD])]));
    let untrusted = family().when(change(TABLET, true, true));
    assert_eq!(untrusted, Ok(vec![changed(TABLET, true, &[OLD, YOUNG])]));
}

#[test]
fn a_young_device_that_is_alone_signs_out_whoever_else_has_a_session() {
    let alone = open(account_with(vec![trusted_device(YOUNG, -HOUR)]));
    assert_eq!(alone.when(change(YOUNG, false, true)), Ok(vec![changed(YOUNG, true, &[])]));
}

#[test]
fn a_device_whose_trust_lapsed_shields_nobody_and_is_revoked_all_the_same() {
    let lapsed = trusted_device(OLD, -90 * DAY);
    let account = open(account_with(vec![lapsed, trusted_device(YOUNG, -HOUR)]));
    let events = account.when(change(YOUNG, false, true));
    assert_eq!(events, Ok(vec![changed(YOUNG, true, &[OLD])]));
}

#[test]
fn a_new_password_is_not_the_one_that_somebody_knew() {
    for command in [change(OLD, false, false), reset(0)] {
        let known = OpenAccount { password_compromised: true, ..account() };
        let mut account = open(known);
        account.ask(at(5), command).unwrap();
        let open = account.state.open().unwrap();
        assert_eq!((open.password_compromised, open.password_since), (false, at(5)));
    }
}

#[test]
fn a_reset_ends_all_trust_and_lists_the_keys_that_were_trusted() {
    let mut account = family();
    assert_eq!(account.ask(at(0), reset(0)), Ok(vec![was_reset(&[OLD, YOUNG], &[OLD, YOUNG])]));
    let open = account.state.open().unwrap();
    assert!(open.devices.is_empty());
    assert_eq!((open.attempt_generation, open.trust_generation), (1, 1));
    assert_eq!(open.reset, Some(Reset { at: at(0), keys: vec![key(OLD), key(YOUNG)] }));
}

#[test]
fn for_a_day_after_a_reset_no_code_is_mailed_for_a_key_that_was_not_trusted() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    let open = account.state.open().unwrap();
    for second in [0, 1, DAY - 1] {
        assert_eq!(open.held_until(key(TABLET), at(second)), Some(at(DAY)));
        assert_eq!(without_mail(open, TABLET, second), Some(recently_reset(DAY)));
        for number in [OLD, YOUNG] {
            assert_eq!(open.held_until(key(number), at(second)), None);
            assert_eq!(without_mail(open, number, second), None);
        }
    }
    assert_eq!(open.held_until(key(TABLET), at(DAY)), None);
    assert_eq!(without_mail(open, TABLET, DAY), None);
}

#[test]
fn a_reset_while_no_key_is_trusted_holds_nobody_up() {
    let lapsed = account_with(vec![trusted_device(OLD, -90 * DAY)]);
    for (devices, revoked) in [(account_with(vec![]), vec![]), (lapsed, vec![OLD])] {
        let mut account = open(devices);
        assert_eq!(account.ask(at(0), reset(0)), Ok(vec![was_reset(&[], &revoked)]));
        let open = account.state.open().unwrap();
        assert_eq!((open.reset.clone(), open.held_until(key(TABLET), at(1))), (None, None));
    }
}

#[test]
fn a_second_reset_within_a_day_keeps_the_first_ones_keys_and_holds_for_another_day() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    let second = account.ask(at(DAY - 1), reset(DAY - 1));
    assert_eq!(second, Ok(vec![was_reset(&[OLD, YOUNG], &[])]));
    let open = account.state.open().unwrap();
    assert_eq!(open.held_until(key(TABLET), at(2 * DAY - 2)), Some(at(2 * DAY - 1)));
    assert_eq!(open.held_until(key(OLD), at(DAY)), None);
}

#[test]
fn a_second_reset_adds_the_keys_that_came_back_meanwhile_once_each() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    for number in [OLD, TABLET] {
        let device = Box::new(new_device(number));
        account.ask(at(1), AccountCommand::TrustDevice { device, now: at(1) }).unwrap();
    }
    let second = account.ask(at(2), reset(2));
    assert_eq!(second, Ok(vec![was_reset(&[OLD, YOUNG, TABLET], &[OLD, TABLET])]));
}

#[test]
fn a_reset_a_day_after_another_forgets_the_former_ones_keys() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    assert_eq!(account.ask(at(DAY), reset(DAY)), Ok(vec![was_reset(&[], &[])]));
    assert_eq!(account.state.open().unwrap().held_until(key(TABLET), at(DAY)), None);
}

#[test]
fn a_key_that_was_trusted_and_is_again_shows_codes_as_usual() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    let back = Box::new(new_device(OLD));
    account.ask(at(1), AccountCommand::TrustDevice { device: back, now: at(1) }).unwrap();
    let open = account.state.open().unwrap();
    let channels = Channels::of(open, key(TABLET), &AccountGuard::default(), at(2));
    assert_eq!(channels.available(), [App]);
}

#[test]
fn a_held_key_that_nothing_else_reaches_waits_for_the_day_to_end() {
    let mut account = family();
    account.ask(at(0), reset(0)).unwrap();
    let open = account.state.open().unwrap();
    let channels = Channels::of(open, key(TABLET), &AccountGuard::default(), at(1));
    assert_eq!((channels.chosen(Email), channels.chosen(App)), (None, None));
    assert_eq!((channels.available(), channels.sends_left()), (vec![], 0));
    assert_eq!(channels.reachable_at(), Some(at(DAY)));
}

#[test]
fn a_code_that_was_mailed_for_a_reset_proves_that_mail_arrives() {
    let mut account = open(OpenAccount { email_undeliverable: true, ..account() });
    account.ask(at(0), reset(0)).unwrap();
    assert!(!account.state.open().unwrap().email_undeliverable);
}
