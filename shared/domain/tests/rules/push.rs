//! Which of an account's devices are pushed to.

use postern_domain::account::{Account, AccountCommand, AccountRefusal, NewEndpoint, Push};
use postern_events::account::{
    AccountEvent, PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved,
    PushRemovedBecause,
};
use postern_events::ids::{EventId, MessageId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};

use crate::fixtures::*;
use crate::stream::Stream;
use crate::trust::open;

fn endpoint(number: u8, alerts: Alerts) -> NewEndpoint {
    let token = PushTokenKey::from_bytes([number; 16]);
    NewEndpoint { device: device(number), platform: PushPlatform::Apns, token, alerts }
}

fn register(number: u8, alerts: Alerts, second: i64) -> AccountCommand {
    let endpoint = endpoint(number, alerts);
    AccountCommand::RegisterPush { endpoint, moved_from: None, now: at(second) }
}

fn moved(to: u8, from: u8) -> AccountCommand {
    let endpoint = endpoint(to, Alerts::Allowed);
    AccountCommand::RegisterPush { endpoint, moved_from: Some(device(from)), now: at(1) }
}

fn remove(number: u8, because: PushRemovedBecause) -> AccountCommand {
    AccountCommand::RemovePush { device: device(number), because }
}

fn disable(number: u8, since: i64) -> AccountCommand {
    AccountCommand::DisablePush { device: device(number), since: at(since), message: message() }
}

fn message() -> MessageId {
    MessageId::derived(at(0), &[&EventId::derived(at(0), &[]).to_bytes()])
}

fn registered(number: u8, alerts: Alerts) -> AccountEvent {
    let NewEndpoint { device, platform, token, alerts } = endpoint(number, alerts);
    AccountEvent::PushEndpointRegistered(PushEndpointRegistered { device, platform, token, alerts })
}

fn removed(number: u8, because: PushRemovedBecause) -> AccountEvent {
    AccountEvent::PushEndpointRemoved(PushEndpointRemoved { device: device(number), because })
}

fn disabled(number: u8) -> AccountEvent {
    let (device, message) = (device(number), message());
    AccountEvent::PushEndpointDisabled(PushEndpointDisabled { device, message })
}

/// Ada's account with her phone and her tablet trusted.
fn two_devices() -> Stream<Account> {
    open(account_with(vec![trusted_device(PHONE, 0), trusted_device(TABLET, 0)]))
}

/// The same, the phone's app having said at second 10 that it can be pushed to.
fn phone_registered() -> Stream<Account> {
    two_devices().and(at(10), vec![registered(PHONE, Alerts::Allowed)])
}

fn push(account: &Stream<Account>, number: u8) -> Option<Push> {
    let devices = &account.state.open().unwrap().devices;
    devices.iter().find(|it| it.id == device(number)).and_then(|it| it.push)
}

fn pushable(account: &Stream<Account>, second: i64) -> Vec<u8> {
    let open = account.state.open().unwrap();
    let is = |number: &u8| open.pushable(at(second)).any(|it| it.id == device(*number));
    [PHONE, TABLET].into_iter().filter(is).collect()
}

#[test]
fn a_device_is_pushed_to_once_its_app_said_how() {
    let mut account = two_devices();
    assert!(pushable(&account, 0).is_empty());
    let events = account.ask(at(10), register(PHONE, Alerts::Allowed, 10));
    assert_eq!(events, Ok(vec![registered(PHONE, Alerts::Allowed)]));
    assert_eq!(pushable(&account, 10), [PHONE]);
    assert_eq!(push(&account, PHONE), Some(Push { since: at(10), alive: true }));
}

#[test]
fn denied_alerts_reach_nobody_and_unknown_ones_may() {
    for (alerts, alive) in [(Alerts::Denied, false), (Alerts::Unknown, true)] {
        let mut account = phone_registered();
        account.ask(at(20), register(PHONE, alerts, 20)).unwrap();
        assert_eq!(push(&account, PHONE), Some(Push { since: at(20), alive }));
    }
}

#[test]
fn only_a_trusted_device_is_pushed_to() {
    let account = open(account_with(vec![trusted_device(PHONE, 0)]));
    let refused = account.when(register(TABLET, Alerts::Allowed, 1));
    assert_eq!(refused, Err(AccountRefusal::NoDevice));
    let lapsed = account.when(register(PHONE, Alerts::Allowed, 90 * DAY));
    assert_eq!(lapsed, Err(AccountRefusal::NoDevice));
    assert_eq!(
        account
            .and(at(1), vec![registered(TABLET, Alerts::Allowed)])
            .state
            .open()
            .unwrap()
            .devices
            .len(),
        1
    );
}

#[test]
fn a_token_that_moves_within_the_account_leaves_the_other_device() {
    let mut account = phone_registered();
    let events = account.ask(at(20), moved(TABLET, PHONE));
    let expected =
        vec![removed(PHONE, PushRemovedBecause::Moved), registered(TABLET, Alerts::Allowed)];
    assert_eq!(events, Ok(expected));
    assert_eq!((push(&account, PHONE), pushable(&account, 20)), (None, vec![TABLET]));
}

#[test]
fn a_token_moves_from_nobody_who_has_none_and_not_from_itself() {
    let only = Ok(vec![registered(TABLET, Alerts::Allowed)]);
    assert_eq!(two_devices().when(moved(TABLET, PHONE)), only);
    assert_eq!(phone_registered().when(moved(TABLET, TABLET)), only);
    assert_eq!(phone_registered().when(moved(TABLET, 77)), only);
}

#[test]
fn pushes_end_when_the_device_asks_or_its_token_moves_to_another_account() {
    for because in [PushRemovedBecause::Asked, PushRemovedBecause::Moved] {
        let mut account = phone_registered();
        let events = account.ask(at(20), remove(PHONE, because));
        assert_eq!(events, Ok(vec![removed(PHONE, because)]));
        assert_eq!(push(&account, PHONE), None);
        assert_eq!(account.when(remove(PHONE, because)), Ok(vec![]), "nothing is left to end");
    }
    let nothing = two_devices().when(remove(PHONE, PushRemovedBecause::Asked));
    assert_eq!(nothing, Ok(vec![]));
}

#[test]
fn a_dead_endpoint_stays_known_and_is_pushed_to_no_longer() {
    let mut account = phone_registered();
    assert_eq!(account.ask(at(20), disable(PHONE, 10)), Ok(vec![disabled(PHONE)]));
    assert_eq!(push(&account, PHONE), Some(Push { since: at(10), alive: false }));
    assert!(pushable(&account, 20).is_empty());
    assert_eq!(account.when(disable(PHONE, 10)), Ok(vec![]), "it is said once");
}

#[test]
fn only_the_registration_that_failed_is_disabled() {
    let mut account = phone_registered();
    account.ask(at(20), register(PHONE, Alerts::Allowed, 20)).unwrap();
    assert_eq!(account.when(disable(PHONE, 10)), Ok(vec![]));
    assert_eq!(account.when(disable(PHONE, 20)), Ok(vec![disabled(PHONE)]));
    assert_eq!(account.when(disable(TABLET, 20)), Ok(vec![]), "the tablet never registered");
    assert_eq!(account.when(disable(77, 20)), Ok(vec![]));
}

#[test]
fn a_dead_endpoint_comes_to_life_when_its_app_registers_again() {
    let mut account = phone_registered().and(at(20), vec![disabled(PHONE)]);
    account.ask(at(30), register(PHONE, Alerts::Allowed, 30)).unwrap();
    assert_eq!(push(&account, PHONE), Some(Push { since: at(30), alive: true }));
}

#[test]
fn a_device_trusted_anew_is_not_pushed_to() {
    let mut account = phone_registered();
    let by = device(TABLET);
    let removal =
        AccountCommand::RemoveDevice { device: device(PHONE), by, stepped_up: true, now: at(20) };
    account.ask(at(20), removal).unwrap();
    assert!(pushable(&account, 20).is_empty());
    let again = AccountCommand::TrustDevice { device: Box::new(new_device(PHONE)), now: at(30) };
    account.ask(at(30), again).unwrap();
    assert_eq!((push(&account, PHONE), pushable(&account, 30)), (None, vec![]));
}

#[test]
fn trust_that_lapsed_ends_pushes_too() {
    let account = phone_registered();
    assert_eq!(pushable(&account, 90 * DAY - 1), [PHONE]);
    assert!(pushable(&account, 90 * DAY).is_empty());
}

#[test]
fn without_an_account_nothing_is_pushed() {
    let none = Stream::<Account>::default();
    let asked = PushRemovedBecause::Asked;
    for command in [register(PHONE, Alerts::Allowed, 0), remove(PHONE, asked), disable(PHONE, 0)] {
        assert_eq!(none.when(command), Err(AccountRefusal::NoAccount));
    }
}
