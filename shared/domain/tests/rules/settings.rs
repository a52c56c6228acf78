//! What an owner may set, and what that takes.

use postern_domain::account::{Account, AccountCommand, AccountRefusal, OpenAccount, Settings};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::policy;
use postern_events::account::{
    AccountEvent, DeviceRenamed, LocaleChosen, MethodChosen, TwoStepDisabled, TwoStepEnabled,
};
use postern_events::vocabulary::Method::{self, App, Email};

use crate::fixtures::*;
use crate::stream::Stream;
use crate::trust::open;

/// A laptop, trusted beside the phone.
const LAPTOP: u8 = 5;

/// Ada's account with her phone and her laptop trusted for two days.
fn household() -> Stream<Account> {
    open(account_with(vec![trusted_device(PHONE, -2 * DAY), trusted_device(LAPTOP, -2 * DAY)]))
}

fn without_two_step() -> Stream<Account> {
    let devices = vec![trusted_device(PHONE, -2 * DAY)];
    open(OpenAccount { two_step: false, ..account_with(devices) })
}

fn settle_with(settings: Settings, channels: Channels, long_enough: bool) -> AccountCommand {
    let acting = stepped_up(PHONE, 0);
    AccountCommand::Settle { settings, acting, channels: Box::new(channels), long_enough }
}

/// The phone, just stepped up, wishes for this.
pub(crate) fn settle(settings: Settings) -> AccountCommand {
    settle_with(settings, both_ways(), true)
}

pub(crate) const OFF: Settings = Settings { two_step: Some(false), method: None };
pub(crate) const ON: Settings = Settings { two_step: Some(true), method: None };

fn choosing(method: Method) -> Settings {
    Settings { two_step: None, method: Some(method) }
}

fn disabled() -> AccountEvent {
    AccountEvent::TwoStepDisabled(TwoStepDisabled {
        by: device(PHONE),
        session: session(),
        revoked: vec![device(LAPTOP)],
        policy: policy::VERSION,
    })
}

fn enabled() -> AccountEvent {
    let by = Some(device(PHONE));
    AccountEvent::TwoStepEnabled(TwoStepEnabled { by, policy: policy::VERSION })
}

fn chosen(method: Method, reachable: &[Method]) -> AccountEvent {
    AccountEvent::MethodChosen(MethodChosen {
        method,
        by: device(PHONE),
        reachable: reachable.to_vec(),
        policy: policy::VERSION,
    })
}

#[test]
fn nothing_is_set_without_a_step_up_even_where_nothing_would_change() {
    for settings in [ON, OFF, choosing(App), choosing(Email), Settings::default()] {
        let command = AccountCommand::Settle {
            settings,
            acting: acting(PHONE, 0),
            channels: Box::new(both_ways()),
            long_enough: true,
        };
        assert_eq!(household().when(command), Err(AccountRefusal::StepUpRequired));
    }
}

#[test]
fn two_step_off_ends_all_trust_but_the_asking_devices() {
    let mut account = household();
    assert_eq!(account.ask(at(0), settle(OFF)), Ok(vec![disabled()]));
    let open = account.state.open().unwrap();
    let trusted: Vec<_> = open.devices.iter().map(|it| it.id).collect();
    assert_eq!((trusted, open.two_step), (vec![device(PHONE)], false));
    assert_eq!((open.attempt_generation, open.trust_generation), (1, 1));
    assert!(!open.needs_code(key(TABLET), at(1)));
}

#[test]
fn two_step_off_and_on_again_revives_no_trust() {
    let mut account = household();
    account.ask(at(0), settle(OFF)).unwrap();
    assert_eq!(account.ask(at(1), settle(ON)), Ok(vec![enabled()]));
    let open = account.state.open().unwrap();
    assert!(open.two_step && open.trusted(key(PHONE), at(2)).is_some());
    assert!(open.trusted(key(LAPTOP), at(2)).is_none());
    assert!(open.needs_code(key(LAPTOP), at(2)));
    assert_eq!((open.attempt_generation, open.trust_generation), (2, 1));
}

#[test]
fn a_key_that_two_step_off_distrusted_is_trusted_anew_as_a_young_device() {
    let mut account = household();
    account.ask(at(0), settle(OFF)).unwrap();
    let trust = AccountCommand::TrustDevice { device: Box::new(new_device(LAPTOP)), now: at(1) };
    account.ask(at(1), trust).unwrap();
    let open = account.state.open().unwrap();
    assert!(open.trusted(key(LAPTOP), at(2)).unwrap().is_young(at(DAY)));
}

#[test]
fn a_password_too_short_to_stand_alone_keeps_two_step_on() {
    let short = settle_with(OFF, both_ways(), false);
    assert_eq!(household().when(short), Err(AccountRefusal::WeakAlone));
    for settings in [ON, choosing(App)] {
        let events = household().when(settle_with(settings, both_ways(), false));
        assert!(events.is_ok(), "with the second step it doesn't stand alone");
    }
    let off_already = without_two_step().when(settle_with(OFF, both_ways(), false));
    assert_eq!(off_already, Ok(vec![]));
}

#[test]
fn what_is_set_already_is_no_event() {
    assert_eq!(household().when(settle(ON)), Ok(vec![]));
    assert_eq!(household().when(settle(choosing(Email))), Ok(vec![]));
    assert_eq!(household().when(settle(Settings::default())), Ok(vec![]));
    assert_eq!(without_two_step().when(settle(OFF)), Ok(vec![]));
}

#[test]
fn a_method_that_reaches_the_owner_is_chosen_and_ends_open_attempts() {
    let mut account = household();
    let events = account.ask(at(0), settle(choosing(App)));
    assert_eq!(events, Ok(vec![chosen(App, &[App, Email])]));
    let open = account.state.open().unwrap();
    assert_eq!((open.method, open.attempt_generation, open.trust_generation), (App, 1, 0));
}

#[test]
fn the_app_is_not_chosen_without_another_trusted_device_even_where_it_is_the_method() {
    let refused = Err(AccountRefusal::ChannelUnavailable(Unavailable::NoDevice));
    assert_eq!(household().when(settle_with(choosing(App), by_mail_only(), true)), refused);
    let by_app = open(OpenAccount { method: App, ..account() });
    assert_eq!(by_app.when(settle_with(choosing(App), by_mail_only(), true)), refused);
}

#[test]
fn mail_that_does_not_arrive_is_not_chosen_and_one_that_waits_is() {
    let bounced = Channels { without_mail: Some(Unavailable::Undeliverable), ..both_ways() };
    let refused = household().when(settle_with(choosing(Email), bounced, true));
    assert_eq!(refused, Err(AccountRefusal::ChannelUnavailable(Unavailable::Undeliverable)));

    let until = at(DAY);
    let waits =
        Channels { without_mail: Some(Unavailable::RecentlyReset { until }), ..both_ways() };
    let by_app = open(OpenAccount { method: App, ..account() });
    let events = by_app.when(settle_with(choosing(Email), waits, true));
    assert_eq!(events, Ok(vec![chosen(Email, &[App])]));

    let spent = Channels { pushes_left: 0, pushes_again_at: until, ..both_ways() };
    let events = household().when(settle_with(choosing(App), spent, true));
    assert_eq!(events, Ok(vec![chosen(App, &[Email])]));
}

#[test]
fn two_step_off_leaves_no_device_for_the_app_to_be_chosen_with() {
    let both = Settings { two_step: Some(false), method: Some(App) };
    let refused = Err(AccountRefusal::ChannelUnavailable(Unavailable::NoDevice));
    assert_eq!(household().when(settle(both)), refused);
    let with_mail = Settings { two_step: Some(false), method: Some(Email) };
    assert_eq!(household().when(settle(with_mail)), Ok(vec![disabled()]));
}

#[test]
fn both_wishes_are_granted_or_none() {
    let both = Settings { two_step: Some(true), method: Some(App) };
    let granted = without_two_step().when(settle(both));
    assert_eq!(granted, Ok(vec![enabled(), chosen(App, &[App, Email])]));
    let refused = without_two_step().when(settle_with(both, by_mail_only(), true));
    assert_eq!(refused, Err(AccountRefusal::ChannelUnavailable(Unavailable::NoDevice)));
}

#[test]
fn another_language_is_an_event_and_the_same_one_is_none() {
    let choose = |locale: &str| AccountCommand::ChooseLocale {
        locale: locale.to_owned(),
        by: device(PHONE),
    };
    let mut account = household();
    assert_eq!(account.when(choose("en")), Ok(vec![]));
    let (locale, by) = ("cs".to_owned(), device(PHONE));
    let expected = AccountEvent::LocaleChosen(LocaleChosen { locale, by });
    assert_eq!(account.ask(at(0), choose("cs")), Ok(vec![expected]));
    let open = account.state.open().unwrap();
    assert_eq!((open.locale.as_str(), open.attempt_generation), ("cs", 0));
}

#[test]
fn whoever_may_remove_a_device_may_rename_it() {
    let young = || trusted_device(TABLET, -HOUR);
    let account = open(account_with(vec![trusted_device(PHONE, -2 * DAY), young()]));
    let rename = |target, acting| {
        let (device, description) = (device(target), sealed());
        AccountCommand::RenameDevice { device, description, acting }
    };
    let renamed = |target, by| {
        let (device, description, by) = (device(target), sealed(), device(by));
        vec![AccountEvent::DeviceRenamed(DeviceRenamed { device, description, by })]
    };
    for (target, by) in [(PHONE, PHONE), (TABLET, PHONE), (TABLET, TABLET)] {
        assert_eq!(account.when(rename(target, acting(by, 0))), Ok(renamed(target, by)));
    }
    let too_young = account.when(rename(PHONE, acting(TABLET, 0)));
    assert_eq!(too_young, Err(AccountRefusal::TooYoung));
    let elder = account.when(rename(PHONE, stepped_up(TABLET, 0)));
    assert_eq!(elder, Ok(renamed(PHONE, TABLET)));
    let nobody = account.when(rename(LAPTOP, stepped_up(PHONE, 0)));
    assert_eq!(nobody, Err(AccountRefusal::NoDevice));
}
