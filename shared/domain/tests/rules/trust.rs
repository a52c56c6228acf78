//! Which keys become trusted, and for how long they stay so.

use postern_domain::account::{
    Account, AccountCommand, AccountRefusal, OpenAccount, TrustedDevice,
};
use postern_domain::policy;
use postern_domain::sign_in::SignInCommand;
use postern_events::account::{
    AccountEvent, DeviceRevoked, DeviceSeen, DeviceTrusted, RevokedBecause, TrustedBy,
};
use postern_events::vocabulary::{Method, Platform};

use crate::fixtures::*;
use crate::sign_in::{awaiting_mailed_code, code, completed, tablet};
use crate::stream::Stream;

const NINETY_DAYS: i64 = 90 * DAY;

/// Ada's account as a stream would have it.
pub(crate) fn open(account: OpenAccount) -> Stream<Account> {
    Stream::with_state(Account::Open(Box::new(account)))
}

fn household(count: u8) -> Vec<TrustedDevice> {
    (100..100 + count).map(|number| trusted_device(number, 0)).collect()
}

/// Whether the tablet is trusted after the right code.
fn admitted_to(account: OpenAccount, trust: bool, second: i64) -> bool {
    let command = SignInCommand::Verify {
        asking: tablet(second),
        account: Box::new(account),
        guess: guess(&code(Method::Email, 1, 0)),
        trust,
        session: session(),
    };
    let events = awaiting_mailed_code().when(command).unwrap();
    assert!(events.contains(&completed(true)) || events.contains(&completed(false)));
    events.contains(&completed(true))
}

fn trust(number: u8, second: i64) -> AccountCommand {
    AccountCommand::TrustDevice { device: Box::new(new_device(number)), now: at(second) }
}

fn trusted(number: u8, before: u8) -> AccountEvent {
    AccountEvent::DeviceTrusted(DeviceTrusted {
        device: device(number),
        key: key(number),
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        by: TrustedBy::SignIn(attempt()),
        trusted_before: before,
        policy: policy::VERSION,
    })
}

fn unused(number: u8) -> AccountEvent {
    AccountEvent::DeviceRevoked(DeviceRevoked {
        device: device(number),
        key: key(number),
        because: RevokedBecause::Unused,
        by: None,
        policy: policy::VERSION,
    })
}

#[test]
fn a_device_that_does_not_want_trust_gets_none() {
    assert!(admitted_to(account(), true, 1));
    assert!(!admitted_to(account(), false, 1));
}

#[test]
fn the_twentieth_device_is_trusted_and_the_21st_signs_in_untrusted() {
    assert!(admitted_to(account_with(household(19)), true, 1));
    assert!(!admitted_to(account_with(household(20)), true, 1));
}

#[test]
fn a_21st_device_pushes_nothing_out() {
    let twenty = open(account_with(household(20)));
    assert_eq!(twenty.when(trust(TABLET, 1)), Err(AccountRefusal::NoRoom));
    let nineteen = open(account_with(household(19)));
    assert_eq!(nineteen.when(trust(TABLET, 1)), Ok(vec![trusted(TABLET, 19)]));
}

#[test]
fn a_trusted_device_costs_less_than_200_bytes_of_state() {
    let size = |count| serde_json::to_string(&account_with(household(count))).unwrap().len();
    assert!(size(20) - size(0) < 20 * 200, "the state lies in every commit");
}

#[test]
fn a_key_is_trusted_once() {
    assert_eq!(open(account()).when(trust(PHONE, 1)), Err(AccountRefusal::AlreadyTrusted));
}

#[test]
fn trust_ends_after_ninety_days_unused() {
    let account = account();
    assert!(account.trusted(key(PHONE), at(NINETY_DAYS - 1)).is_some());
    for second in [NINETY_DAYS, NINETY_DAYS + 1] {
        assert!(account.trusted(key(PHONE), at(second)).is_none());
        assert!(account.device(device(PHONE), at(second)).is_none());
    }
}

#[test]
fn use_keeps_trust_alive() {
    let seen = AccountEvent::DeviceSeen(DeviceSeen { device: device(PHONE) });
    let used = open(account()).and(at(80 * DAY), vec![seen]);
    let account = used.state.open().unwrap();
    assert!(account.trusted(key(PHONE), at(80 * DAY + NINETY_DAYS - 1)).is_some());
    assert!(account.trusted(key(PHONE), at(80 * DAY + NINETY_DAYS)).is_none());
}

#[test]
fn an_unused_device_makes_room_and_is_revoked_as_unused() {
    let mut devices = household(19);
    for it in &mut devices {
        it.seen = at(10 * DAY);
    }
    devices.insert(0, trusted_device(PHONE, 0));
    let mut twenty = open(account_with(devices));
    assert_eq!(twenty.when(trust(TABLET, NINETY_DAYS - 1)), Err(AccountRefusal::NoRoom));

    let events = twenty.ask(at(NINETY_DAYS), trust(TABLET, NINETY_DAYS));
    assert_eq!(events, Ok(vec![unused(PHONE), trusted(TABLET, 19)]));
    let account = twenty.state.open().unwrap();
    assert_eq!(account.devices.len(), 20);
    assert_eq!(account.attempt_generation, 0, "nobody removed anything");
}

#[test]
fn a_key_that_comes_back_after_ninety_days_is_trusted_anew() {
    let mut account = open(account());
    let mut back = new_device(PHONE);
    back.id = device(77);
    let command = AccountCommand::TrustDevice { device: Box::new(back), now: at(NINETY_DAYS) };
    let events = account.ask(at(NINETY_DAYS), command).unwrap();
    assert_eq!(events.first(), Some(&unused(PHONE)));
    let devices = &account.state.open().unwrap().devices;
    assert_eq!(devices.len(), 1);
    assert_eq!((devices[0].id, devices[0].since), (device(77), at(NINETY_DAYS)));
}

#[test]
fn use_is_recorded_once_a_day_for_each_device() {
    let mut account = open(account_with(vec![trusted_device(PHONE, 0), trusted_device(TABLET, 0)]));
    let see =
        |number, second| AccountCommand::SeeDevice { device: device(number), now: at(second) };
    let seen = |number| vec![AccountEvent::DeviceSeen(DeviceSeen { device: device(number) })];
    assert_eq!(account.when(see(PHONE, DAY - 1)), Ok(vec![]));
    assert_eq!(account.ask(at(DAY), see(PHONE, DAY)), Ok(seen(PHONE)));
    assert_eq!(account.when(see(PHONE, DAY + 1)), Ok(vec![]));
    assert_eq!(account.when(see(TABLET, DAY + 1)), Ok(seen(TABLET)));
    assert_eq!(account.when(see(PHONE, 2 * DAY)), Ok(seen(PHONE)));
}

#[test]
fn the_use_of_an_unknown_or_lapsed_device_is_refused() {
    let account = open(account());
    let see =
        |number, second| AccountCommand::SeeDevice { device: device(number), now: at(second) };
    assert_eq!(account.when(see(TABLET, 1)), Err(AccountRefusal::NoDevice));
    assert_eq!(account.when(see(PHONE, NINETY_DAYS)), Err(AccountRefusal::NoDevice));
}
