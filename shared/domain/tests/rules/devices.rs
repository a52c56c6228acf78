//! Who may take whose trust away, and what dies with it.

use postern_domain::account::{Account, AccountCommand, AccountRefusal};
use postern_domain::policy;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, DeviceRevoked, RevokedBecause, SignedOutEverywhere,
};
use postern_events::vocabulary::GuessClass;

use crate::fixtures::*;
use crate::stream::Stream;
use crate::trust::open;

/// Trusted two days before the tests begin.
const OLD: u8 = 10;
/// Trusted an hour before the tests begin.
const YOUNG: u8 = 11;
/// Trusted a minute before the tests begin.
const YOUNGEST: u8 = 12;

fn family() -> Stream<Account> {
    open(account_with(vec![
        trusted_device(OLD, -2 * DAY),
        trusted_device(YOUNG, -HOUR),
        trusted_device(YOUNGEST, -MINUTE),
    ]))
}

fn remove(device_number: u8, by: u8, second: i64) -> AccountCommand {
    AccountCommand::RemoveDevice {
        device: device(device_number),
        by: device(by),
        stepped_up: false,
        now: at(second),
    }
}

fn stepped_up(device_number: u8, by: u8) -> AccountCommand {
    AccountCommand::RemoveDevice {
        device: device(device_number),
        by: device(by),
        stepped_up: true,
        now: at(0),
    }
}

fn removed(number: u8, by: u8) -> AccountEvent {
    AccountEvent::DeviceRevoked(DeviceRevoked {
        device: device(number),
        key: key(number),
        because: RevokedBecause::Removed,
        by: Some(device(by)),
        policy: policy::VERSION,
    })
}

#[test]
fn an_old_device_removes_younger_and_older_ones() {
    assert_eq!(family().when(remove(YOUNG, OLD, 0)), Ok(vec![removed(YOUNG, OLD)]));
    let grown = family().when(remove(OLD, YOUNG, 23 * HOUR));
    assert_eq!(grown, Ok(vec![removed(OLD, YOUNG)]));
}

#[test]
fn a_device_is_young_for_a_day() {
    let refused = family().when(remove(OLD, YOUNG, 23 * HOUR - 1));
    assert_eq!(refused, Err(AccountRefusal::TooYoung));
}

#[test]
fn a_young_device_removes_younger_ones_but_no_older_one() {
    assert_eq!(family().when(remove(YOUNGEST, YOUNG, 0)), Ok(vec![removed(YOUNGEST, YOUNG)]));
    assert_eq!(family().when(remove(YOUNG, YOUNGEST, 0)), Err(AccountRefusal::TooYoung));
}

#[test]
fn of_two_young_devices_trusted_in_one_moment_neither_removes_the_other() {
    let twins = vec![trusted_device(YOUNG, -HOUR), trusted_device(YOUNGEST, -HOUR)];
    let account = open(account_with(twins));
    for (device, by) in [(YOUNG, YOUNGEST), (YOUNGEST, YOUNG)] {
        assert_eq!(account.when(remove(device, by, 0)), Err(AccountRefusal::TooYoung));
    }
}

#[test]
fn a_device_always_removes_itself() {
    assert_eq!(family().when(remove(YOUNGEST, YOUNGEST, 0)), Ok(vec![removed(YOUNGEST, YOUNGEST)]));
}

#[test]
fn a_step_up_lets_a_young_device_remove_an_older_one() {
    assert_eq!(family().when(stepped_up(OLD, YOUNGEST)), Ok(vec![removed(OLD, YOUNGEST)]));
}

#[test]
fn an_untrusted_session_counts_as_young() {
    assert_eq!(family().when(remove(YOUNGEST, TABLET, 0)), Err(AccountRefusal::TooYoung));
    assert_eq!(family().when(stepped_up(YOUNGEST, TABLET)), Ok(vec![removed(YOUNGEST, TABLET)]));
}

#[test]
fn a_device_whose_trust_lapsed_counts_as_untrusted() {
    let mut account = account_with(vec![trusted_device(OLD, 0), trusted_device(YOUNG, 89 * DAY)]);
    account.devices[1].seen = at(89 * DAY);
    let refused = open(account).when(remove(YOUNG, OLD, 90 * DAY));
    assert_eq!(refused, Err(AccountRefusal::TooYoung));
}

#[test]
fn a_removed_device_can_not_be_removed_again() {
    let mut family = family();
    family.ask(at(0), remove(YOUNG, OLD, 0)).unwrap();
    assert_eq!(family.when(remove(YOUNG, OLD, 1)), Err(AccountRefusal::NoDevice));
    assert_eq!(family.when(remove(TABLET, OLD, 1)), Err(AccountRefusal::NoDevice));
}

#[test]
fn removing_a_device_ends_its_trust_and_every_open_attempt() {
    let mut family = family();
    family.ask(at(0), remove(YOUNG, OLD, 0)).unwrap();
    let account = family.state.open().unwrap();
    assert!(account.trusted(key(YOUNG), at(1)).is_none());
    assert!(account.trusted(key(OLD), at(1)).is_some());
    assert_eq!((account.attempt_generation, account.trust_generation), (1, 0));
}

#[test]
fn signing_out_everywhere_ends_all_trust_but_the_asking_devices() {
    let mut family = family();
    let events = family.ask(at(0), everywhere(OLD, false));
    let expected = SignedOutEverywhere {
        by: device(OLD),
        session: session(),
        revoked: vec![device(YOUNG), device(YOUNGEST)],
    };
    assert_eq!(events, Ok(vec![AccountEvent::SignedOutEverywhere(expected)]));
    let account = family.state.open().unwrap();
    let trusted: Vec<_> = account.devices.iter().map(|it| it.id).collect();
    assert_eq!(trusted, [device(OLD)]);
    assert_eq!((account.attempt_generation, account.trust_generation), (1, 1));
}

fn everywhere(by: u8, stepped_up: bool) -> AccountCommand {
    let (by, session) = (device(by), session());
    AccountCommand::SignOutEverywhere { by, session, stepped_up, now: at(0) }
}

#[test]
fn nobody_signs_out_everywhere_who_may_not_remove_every_other_device() {
    let mut family = family();
    for by in [YOUNG, YOUNGEST, TABLET] {
        assert_eq!(family.when(everywhere(by, false)), Err(AccountRefusal::TooYoung));
    }
    family.ask(at(0), everywhere(TABLET, true)).unwrap();
    assert!(family.state.open().unwrap().devices.is_empty());
}

#[test]
fn a_pause_is_a_fact_of_the_account_and_ends_nothing_else() {
    let mut family = family();
    let before = family.state.clone();
    let command =
        AccountCommand::PauseCodeEntry { wrong_in_a_row: 10, until: Some(at(15 * MINUTE)) };
    let expected = CodeEntryPaused {
        class: GuessClass::SignIn,
        wrong_in_a_row: 10,
        until: Some(at(15 * MINUTE)),
        policy: policy::VERSION,
    };
    let events = family.ask(at(0), command);
    assert_eq!(events, Ok(vec![AccountEvent::CodeEntryPaused(expected)]));
    assert_eq!(family.state, before);
}

#[test]
fn where_there_is_no_account_nothing_can_be_asked_of_it() {
    let none = Stream::<Account>::default();
    for command in [remove(PHONE, PHONE, 0), everywhere(PHONE, false)] {
        assert_eq!(none.when(command), Err(AccountRefusal::NoAccount));
    }
}
