//! How a code can reach the owner, and which way is taken by itself.

use postern_domain::account::{OpenAccount, TrustedDevice};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::{RightPassword, SignIn, SignInCommand};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method::{self, App, Email};
use postern_events::vocabulary::Platform;

use crate::fixtures::*;
use crate::stream::Stream;

const NINETY_DAYS: i64 = 90 * DAY;

/// Other trusted devices, those among them that are pushed to, and the sends left of each kind.
fn channels(showing: usize, pushable: usize, pushes_left: u8, mails_left: u8) -> Channels {
    Channels {
        showing,
        pushable,
        pushes_left,
        pushes_again_at: at(DAY),
        mails_left,
        mails_again_at: at(5 * MINUTE),
        without_mail: None,
    }
}

#[test]
fn the_accounts_method_is_taken_where_it_reaches_and_else_the_other() {
    // Showing, pushable, pushes, mails; taken by an account whose method is the app, or the mail.
    let rows = [
        ((1, 1, 1, 1), Some(App), Some(Email)),
        ((1, 1, 1, 0), Some(App), Some(App)),
        ((1, 1, 0, 1), Some(Email), Some(Email)),
        ((1, 1, 0, 0), None, None),
        ((1, 0, 1, 1), Some(Email), Some(Email)),
        // Somebody could open the app and look, but nobody would tell them to.
        ((1, 0, 1, 0), None, None),
        ((1, 0, 0, 1), Some(Email), Some(Email)),
        ((1, 0, 0, 0), None, None),
        ((0, 0, 1, 1), Some(Email), Some(Email)),
        ((0, 0, 1, 0), None, None),
        ((0, 0, 0, 1), Some(Email), Some(Email)),
        ((0, 0, 0, 0), None, None),
    ];
    for ((showing, pushable, pushes, mails), by_app, by_mail) in rows {
        let channels = channels(showing, pushable, pushes, mails);
        let chosen = (channels.chosen(App), channels.chosen(Email));
        assert_eq!(chosen, (by_app, by_mail), "{channels:?}");
    }
}

#[test]
fn the_app_is_missing_for_want_of_a_device_first_and_of_pushes_second() {
    let until = at(DAY);
    assert_eq!(channels(1, 0, 1, 1).without_app(), None);
    assert_eq!(channels(0, 0, 1, 1).without_app(), Some(Unavailable::NoDevice));
    assert_eq!(channels(0, 0, 0, 1).without_app(), Some(Unavailable::NoDevice));
    assert_eq!(channels(1, 1, 0, 1).without_app(), Some(Unavailable::TooManyPushes { until }));
}

#[test]
fn spent_pushes_keep_no_code_from_devices_that_nothing_is_pushed_to() {
    let silent = channels(1, 0, 0, 0);
    assert_eq!(silent.without_app(), None);
    assert_eq!(silent.available(), [App, Email]);
    assert_eq!(silent.sends_left(), u8::MAX, "only the attempt's own limit holds");
    assert_eq!(channels(1, 0, 3, 2).sends_left(), u8::MAX);
}

#[test]
fn a_mail_always_costs_and_the_app_only_where_somebody_is_pushed_to() {
    for (showing, pushable, app_costs) in [(0, 0, false), (2, 0, false), (1, 1, true)] {
        for (pushes, mails) in [(0, 0), (1, 1)] {
            let channels = channels(showing, pushable, pushes, mails);
            assert_eq!((channels.costs(App), channels.costs(Email)), (app_costs, true));
        }
    }
}

#[test]
fn a_mail_can_always_be_asked_for_and_the_app_where_a_device_shows_codes() {
    assert_eq!(channels(1, 0, 1, 0).available(), [App, Email]);
    assert_eq!(channels(0, 0, 1, 0).available(), [Email]);
    assert_eq!(channels(1, 1, 0, 0).available(), [Email]);
}

#[test]
fn what_is_left_is_what_each_usable_way_has_left() {
    assert_eq!(channels(1, 1, 3, 2).sends_left(), 5);
    assert_eq!(channels(0, 0, 3, 2).sends_left(), 2, "pushes that nobody can show don't count");
    assert_eq!(channels(1, 1, 0, 2).sends_left(), 2);
    assert_eq!(channels(1, 1, 0, 0).sends_left(), 0);
}

#[test]
fn nobody_is_reached_before_the_first_budget_has_something_again() {
    assert_eq!(channels(1, 1, 0, 0).reachable_at(), Some(at(5 * MINUTE)));
    let pushes_first = Channels { pushes_again_at: at(MINUTE), ..channels(1, 1, 0, 0) };
    assert_eq!(pushes_first.reachable_at(), Some(at(MINUTE)));
    for showing in [0, 1] {
        let unpushed = Channels { showing, pushable: 0, ..pushes_first };
        assert_eq!(unpushed.reachable_at(), Some(at(5 * MINUTE)), "a push that reaches nobody");
    }
}

fn seen_from(number: u8, devices: Vec<TrustedDevice>, second: i64) -> (usize, usize) {
    let guard = AccountGuard::default();
    let channels = Channels::of(&account_with(devices), key(number), &guard, at(second));
    (channels.showing, channels.pushable)
}

#[test]
fn other_trusted_devices_show_the_code_never_the_one_that_asks() {
    let phone = || pushed_to(trusted_device(PHONE, 0));
    assert_eq!(seen_from(TABLET, vec![phone()], 0), (1, 1));
    assert_eq!(seen_from(PHONE, vec![phone()], 0), (0, 0));
    assert_eq!(seen_from(PHONE, vec![phone(), trusted_device(TABLET, 0)], 0), (1, 0));
}

#[test]
fn a_device_whose_trust_lapsed_shows_no_code() {
    let devices = || vec![pushed_to(trusted_device(PHONE, 0)), trusted_device(3, DAY)];
    assert_eq!(seen_from(TABLET, devices(), NINETY_DAYS - 1), (2, 1));
    assert_eq!(seen_from(TABLET, devices(), NINETY_DAYS), (1, 0));
}

#[test]
fn a_device_whose_endpoint_died_still_shows_codes() {
    let mut phone = pushed_to(trusted_device(PHONE, 0));
    phone.push.as_mut().unwrap().alive = false;
    assert_eq!(seen_from(TABLET, vec![phone], 0), (1, 0));
}

#[test]
fn the_guards_budgets_are_what_is_left() {
    let (mut guard, account) = (AccountGuard::default(), account());
    for _ in 0..10 {
        guard.claim_send(App, at(0)).unwrap();
    }
    for _ in 0..5 {
        guard.claim_send(Email, at(0)).unwrap();
    }
    let spent = Channels::of(&account, key(TABLET), &guard, at(1));
    assert_eq!((spent.pushes_left, spent.pushes_again_at), (0, at(DAY)));
    assert_eq!((spent.mails_left, spent.mails_again_at), (0, at(5 * MINUTE)));
}

/// The methods of the codes that a right password on the tablet leads to.
fn first_code(own: Method, channels: Channels) -> Vec<Method> {
    let password = Box::new(RightPassword {
        id: attempt(),
        account: OpenAccount { method: own, ..account() },
        channels: Some(channels),
        key: key(TABLET),
        device: device(TABLET),
        session: session(),
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        country: None,
        located_by: None,
        material: material(1),
    });
    let open = SignInCommand::Open { password, now: at(0) };
    let events = Stream::<SignIn>::default().when(open).unwrap();
    assert!(matches!(events.first(), Some(SignInEvent::Attempted(_))));
    let code = |event: &SignInEvent| {
        if let SignInEvent::CodeIssued(it) = event { Some(it.method) } else { None }
    };
    events.iter().filter_map(code).collect()
}

#[test]
fn the_first_code_travels_by_the_chosen_method_or_there_is_none() {
    assert_eq!(first_code(App, channels(1, 1, 1, 1)), [App]);
    assert_eq!(first_code(App, channels(1, 0, 1, 1)), [Email]);
    assert_eq!(first_code(Email, channels(1, 1, 1, 0)), [App]);
    assert_eq!(first_code(App, channels(0, 0, 10, 0)), []);
    assert_eq!(first_code(App, channels(1, 0, 10, 0)), []);
}
