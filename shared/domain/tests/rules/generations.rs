//! What ends with each fact about an account: open attempts, and sessions with their trust.

use std::collections::BTreeSet;

use postern_domain::account::Account;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, CodeEntryResumed, DeviceRenamed, DeviceRevoked, DeviceSeen,
    DeviceTrusted, Disclosed, EmailChanged, EmailUndeliverable, EmailVerified, Erased,
    LocaleChosen, MethodChosen, PasswordChanged, PasswordCompromised, PasswordReset,
    PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause,
    RecoveryCodesCreated, Registered, RevokedBecause, SignedOutByOperator, SignedOutEverywhere,
    TrustedBy, TwoStepDisabled, TwoStepEnabled, UndeliverableBecause,
};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::MessageId;
use postern_events::vocabulary::{
    Alerts, GuessClass, Method, Platform, PushPlatform, PushTokenKey,
};

use crate::fixtures::*;
use crate::trust::open;

/// What a fact ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Nothing,
    Attempts,
    /// Sessions and trust, and open attempts with them.
    Trust,
    /// The account.
    Everything,
}
use Ends::{Attempts, Everything, Nothing, Trust};

fn revoked(because: RevokedBecause) -> AccountEvent {
    let (device, key, by) = (device(TABLET), key(TABLET), Some(device(PHONE)));
    AccountEvent::DeviceRevoked(DeviceRevoked { device, key, because, by, policy: 1 })
}

fn password_changed(signed_out_others: bool) -> AccountEvent {
    AccountEvent::PasswordChanged(PasswordChanged {
        by: device(PHONE),
        session: session(),
        signed_out_others,
        revoked: if signed_out_others { vec![device(TABLET)] } else { vec![] },
        policy: 1,
    })
}

fn of_devices() -> Vec<(AccountEvent, Ends)> {
    let (device, key, message) = (device(TABLET), key(9), MessageId::derived(at(0), &[]));
    let (platform, token) = (PushPlatform::Fcm, PushTokenKey::from_bytes([1; 16]));
    let (by, session, revoked_devices) = (crate::fixtures::device(PHONE), session(), vec![device]);
    let trusted = DeviceTrusted {
        device: crate::fixtures::device(9),
        key,
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        by: TrustedBy::SignIn(attempt()),
        trusted_before: 2,
        policy: 1,
    };
    let registered = PushEndpointRegistered { device, platform, token, alerts: Alerts::Allowed };
    let removed = PushEndpointRemoved { device, because: PushRemovedBecause::Asked };
    let everywhere = SignedOutEverywhere { by, session, revoked: revoked_devices };
    let renamed = DeviceRenamed { device, description: sealed(), by };
    vec![
        (AccountEvent::DeviceTrusted(trusted), Nothing),
        (AccountEvent::DeviceSeen(DeviceSeen { device }), Nothing),
        (revoked(RevokedBecause::Removed), Attempts),
        (revoked(RevokedBecause::Reported), Attempts),
        (revoked(RevokedBecause::Unused), Nothing),
        (AccountEvent::SignedOutEverywhere(everywhere), Trust),
        (AccountEvent::PushEndpointRegistered(registered), Nothing),
        (AccountEvent::PushEndpointRemoved(removed), Nothing),
        (AccountEvent::PushEndpointDisabled(PushEndpointDisabled { device, message }), Nothing),
        (AccountEvent::DeviceRenamed(renamed), Nothing),
    ]
}

fn of_settings() -> Vec<(AccountEvent, Ends)> {
    let (by, revoked) = (device(PHONE), vec![device(TABLET)]);
    let enabled = TwoStepEnabled { by: Some(by), policy: 1 };
    let disabled = TwoStepDisabled { by, session: session(), revoked, policy: 1 };
    let method = MethodChosen { method: Method::App, by, reachable: vec![], policy: 1 };
    let locale = LocaleChosen { locale: "cs".to_owned(), by };
    let codes = RecoveryCodesCreated { count: 10, by, policy: 1 };
    vec![
        (AccountEvent::TwoStepEnabled(enabled), Attempts),
        (AccountEvent::TwoStepDisabled(disabled), Trust),
        (AccountEvent::MethodChosen(method), Attempts),
        (AccountEvent::LocaleChosen(locale), Nothing),
        (AccountEvent::RecoveryCodesCreated(codes), Nothing),
    ]
}

fn of_ownership() -> Vec<(AccountEvent, Ends)> {
    let (verification, message) = (registration(), MessageId::derived(at(0), &[]));
    let (by, keys, revoked) =
        (device(PHONE), vec![key(PHONE)], vec![device(PHONE), device(TABLET)]);
    let reset = PasswordReset { verification, keys, held: true, revoked, policy: 1 };
    let stream = "sign_in/sin".to_owned();
    let compromised = PasswordCompromised { asked_by: asked_at(0), stream, policy: 1 };
    let (email, before) = (sealed(), sealed());
    let address_key = address_key();
    let moved = EmailChanged { email, before, address_key, verification, by, policy: 1 };
    let because = UndeliverableBecause::Bounced;
    let class = GuessClass::SignIn;
    let paused = CodeEntryPaused { class, wrong_in_a_row: 10, until: None, policy: 1 };
    let registered = Registered {
        account: ada(),
        email: sealed(),
        address_key,
        locale: "en".to_owned(),
        method: Method::Email,
        verification,
        policy: 1,
    };
    vec![
        (AccountEvent::Registered(registered), Nothing),
        (AccountEvent::EmailVerified(EmailVerified { verification }), Nothing),
        (AccountEvent::CodeEntryPaused(paused), Nothing),
        (password_changed(false), Attempts),
        (password_changed(true), Trust),
        (AccountEvent::PasswordReset(reset), Trust),
        (AccountEvent::PasswordCompromised(compromised), Attempts),
        (AccountEvent::EmailChanged(moved), Attempts),
        (AccountEvent::EmailUndeliverable(EmailUndeliverable { message, because }), Nothing),
        (AccountEvent::Erased(Erased { by: Some(by), email: sealed() }), Everything),
    ]
}

fn of_operators() -> Vec<(AccountEvent, Ends)> {
    let resumed = CodeEntryResumed { until: at(0), wrong_in_a_row: 10, policy: 1 };
    let revoked = vec![device(PHONE), device(TABLET)];
    let signed_out = SignedOutByOperator { revoked, policy: 1 };
    vec![
        (AccountEvent::Disclosed(Disclosed { policy: 1 }), Nothing),
        (AccountEvent::CodeEntryResumed(resumed), Nothing),
        (AccountEvent::SignedOutByOperator(signed_out), Trust),
    ]
}

fn table() -> Vec<(AccountEvent, Ends)> {
    [of_devices(), of_settings(), of_ownership(), of_operators()].concat()
}

#[test]
fn each_fact_ends_what_it_has_to_end_and_nothing_more() {
    for (event, ends) in table() {
        let devices = vec![trusted_device(PHONE, 0), trusted_device(TABLET, 0)];
        let after = open(account_with(devices)).and(at(1), vec![event.clone()]).state;
        let generations = after.open().map(|it| (it.attempt_generation, it.trust_generation));
        let expected = match ends {
            Nothing => Some((0, 0)),
            Attempts => Some((1, 0)),
            Trust => Some((1, 1)),
            Everything => None,
        };
        assert_eq!(generations, expected, "{event:?}");
        assert_eq!(after == Account::Erased, ends == Everything);
    }
}

#[test]
fn the_table_has_every_fact_about_an_account() {
    let tried: BTreeSet<_> = table().iter().map(|it| it.0.name()).collect();
    let all: BTreeSet<_> = AccountEvent::ENTRIES.iter().map(|it| it.name).collect();
    assert_eq!(tried, all);
}
