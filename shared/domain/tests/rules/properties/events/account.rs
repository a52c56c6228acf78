//! Any event of an account.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, CodeEntryResumed, DeviceRenamed, DeviceRevoked, DeviceSeen,
    DeviceTrusted, Disclosed, EmailChanged, EmailUndeliverable, EmailVerified, Erased,
    LocaleChosen, MethodChosen, PasswordChanged, PasswordCompromised, PasswordReset,
    PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause,
    RecoveryCodesCreated, Registered, RevokedBecause, SignedOutByOperator, SignedOutEverywhere,
    TrustedBy, TwoStepDisabled, TwoStepEnabled, UndeliverableBecause,
};
use postern_events::ids::{DeviceId, MessageId};
use postern_events::vocabulary::{Alerts, GuessClass, Platform, PushPlatform, PushTokenKey};
use proptest::prelude::*;

use super::any_method;
use crate::fixtures::*;

/// Any event of an account.
pub(in crate::properties) fn any_account<T: Strategy<Value = Timestamp>>(
    time: T,
) -> impl Strategy<Value = AccountEvent> {
    let because = prop_oneof![
        Just(RevokedBecause::Removed),
        Just(RevokedBecause::Unused),
        Just(RevokedBecause::Reported),
    ];
    prop_oneof![
        2 => any_method().prop_map(|method| AccountEvent::Registered(Registered {
            account: ada(),
            email: sealed(),
            address_key: address_key(),
            locale: String::new(),
            method,
            verification: registration(),
            policy: 0,
        })),
        1 => Just(AccountEvent::EmailVerified(EmailVerified { verification: registration() })),
        6 => (0..40_u8, 0..40_u8, any::<u8>()).prop_map(|(id, of, trusted_before)| {
            AccountEvent::DeviceTrusted(DeviceTrusted {
                device: device(id),
                key: key(of),
                platform: Platform::Other,
                description: sealed(),
                origin: sealed(),
                by: TrustedBy::Registration(registration()),
                trusted_before,
                policy: 0,
            })
        }),
        2 => (0..40_u8).prop_map(|id| AccountEvent::DeviceSeen(DeviceSeen { device: device(id) })),
        2 => (0..40_u8, because).prop_map(|(id, because)| {
            let (device, key) = (device(id), key(id));
            AccountEvent::DeviceRevoked(DeviceRevoked { device, key, because, by: None, policy: 0 })
        }),
        8 => any_push(),
        1 => prop::collection::vec(0..40_u8, 0..5).prop_map(|ids| {
            let revoked = ids.into_iter().map(device).collect();
            let (by, session) = (device(PHONE), session());
            AccountEvent::SignedOutEverywhere(SignedOutEverywhere { by, session, revoked })
        }),
        1 => (any::<u16>(), prop::option::of(time)).prop_map(|(wrong_in_a_row, until)| {
            let class = GuessClass::SignIn;
            AccountEvent::CodeEntryPaused(CodeEntryPaused { class, wrong_in_a_row, until, policy: 0 })
        }),
        3 => prop_oneof![2 => any_setting(), 1 => any_order()],
        3 => any_ownership(),
    ]
}

fn any_order() -> impl Strategy<Value = AccountEvent> {
    prop_oneof![
        Just(AccountEvent::Disclosed(Disclosed { policy: 0 })),
        any::<u16>().prop_map(|wrong_in_a_row| {
            let until = at(0);
            AccountEvent::CodeEntryResumed(CodeEntryResumed { until, wrong_in_a_row, policy: 0 })
        }),
        some_devices().prop_map(|revoked| {
            AccountEvent::SignedOutByOperator(SignedOutByOperator { revoked, policy: 0 })
        }),
    ]
}

fn any_push() -> impl Strategy<Value = AccountEvent> {
    let alerts = prop_oneof![Just(Alerts::Allowed), Just(Alerts::Denied), Just(Alerts::Unknown)];
    let message = MessageId::derived(at(0), &[]);
    prop_oneof![
        4 => (0..40_u8, alerts).prop_map(|(id, alerts)| {
            AccountEvent::PushEndpointRegistered(PushEndpointRegistered {
                device: device(id),
                platform: PushPlatform::Fcm,
                token: PushTokenKey::from_bytes([id; 16]),
                alerts,
            })
        }),
        2 => (0..40_u8).prop_map(|id| {
            let (device, because) = (device(id), PushRemovedBecause::Asked);
            AccountEvent::PushEndpointRemoved(PushEndpointRemoved { device, because })
        }),
        2 => (0..40_u8).prop_map(move |id| {
            let device = device(id);
            AccountEvent::PushEndpointDisabled(PushEndpointDisabled { device, message })
        }),
    ]
}

/// Some devices of many.
fn some_devices() -> impl Strategy<Value = Vec<DeviceId>> {
    prop::collection::vec((0..40_u8).prop_map(device), 0..5)
}

fn any_setting() -> impl Strategy<Value = AccountEvent> {
    let (by, session) = (device(PHONE), session());
    prop_oneof![
        any::<bool>().prop_map(move |asked| {
            AccountEvent::TwoStepEnabled(TwoStepEnabled { by: asked.then_some(by), policy: 0 })
        }),
        some_devices().prop_map(move |revoked| {
            AccountEvent::TwoStepDisabled(TwoStepDisabled { by, session, revoked, policy: 0 })
        }),
        any_method().prop_map(move |method| {
            AccountEvent::MethodChosen(MethodChosen { method, by, reachable: vec![], policy: 0 })
        }),
        "[a-z]{0,3}"
            .prop_map(move |locale| { AccountEvent::LocaleChosen(LocaleChosen { locale, by }) }),
        (0..40_u8).prop_map(move |id| {
            let (device, description) = (device(id), sealed());
            AccountEvent::DeviceRenamed(DeviceRenamed { device, description, by })
        }),
        any::<u8>().prop_map(move |count| {
            AccountEvent::RecoveryCodesCreated(RecoveryCodesCreated { count, by, policy: 0 })
        }),
    ]
}

fn any_ownership() -> impl Strategy<Value = AccountEvent> {
    let (by, session) = (device(PHONE), session());
    let verification = registration();
    let keys = prop::collection::vec((0..40_u8).prop_map(key), 0..5);
    prop_oneof![
        4 => (any::<bool>(), some_devices()).prop_map(move |(signed_out_others, revoked)| {
            let changed = PasswordChanged { by, session, signed_out_others, revoked, policy: 0 };
            AccountEvent::PasswordChanged(changed)
        }),
        4 => (keys, some_devices()).prop_map(move |(keys, revoked)| {
            let held = !keys.is_empty();
            let reset = PasswordReset { verification, keys, held, revoked, policy: 0 };
            AccountEvent::PasswordReset(reset)
        }),
        4 => Just(AccountEvent::PasswordCompromised(PasswordCompromised {
            asked_by: asked_at(0),
            stream: String::new(),
            policy: 0,
        })),
        4 => Just(AccountEvent::EmailChanged(EmailChanged {
            email: sealed(),
            before: sealed(),
            address_key: address_key(),
            verification,
            by,
            policy: 0,
        })),
        4 => prop_oneof![
            Just(UndeliverableBecause::Bounced),
            Just(UndeliverableBecause::Complained),
        ]
        .prop_map(|because| {
            let message = MessageId::derived(at(0), &[]);
            AccountEvent::EmailUndeliverable(EmailUndeliverable { message, because })
        }),
        1 => any::<bool>().prop_map(move |asked| {
            AccountEvent::Erased(Erased { by: asked.then_some(by), email: sealed() })
        }),
    ]
}
