//! What happened to Ada's account.

use postern_events::account::{
    AccountEvent, CodeEntryPaused, CodeEntryResumed, DeviceRenamed, DeviceRevoked, DeviceSeen,
    DeviceTrusted, Disclosed, EmailChanged, EmailUndeliverable, EmailVerified, Erased,
    LocaleChosen, MethodChosen, PasswordChanged, PasswordCompromised, PasswordReset,
    PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause,
    RecoveryCodesCreated, Registered, RevokedBecause, SignedOutByOperator, SignedOutEverywhere,
    TrustedBy, TwoStepDisabled, TwoStepEnabled, UndeliverableBecause,
};
use postern_events::vocabulary::{
    Alerts, GuessClass, Method, Platform, PushPlatform, PushTokenKey,
};

use super::{
    DEVICE, EMAIL, FORMER_EMAIL, ORIGIN, POLICY, Sample, ada, address_key, asked, asked_message,
    at, attempt, email_change, full, key, minimal, phone, registration, reset, sealed, session,
    tablet,
};

pub(super) fn samples() -> Vec<Sample> {
    [
        opened(),
        devices(),
        pushes(),
        code_entry(),
        choices(),
        passwords(),
        addresses(),
        operators(),
        end(),
    ]
    .concat()
}

fn opened() -> Vec<Sample> {
    vec![
        full(&AccountEvent::Registered(Registered {
            account: ada(),
            email: sealed(EMAIL),
            address_key: address_key(),
            locale: "cs-CZ".to_owned(),
            method: Method::App,
            verification: registration(),
            policy: POLICY,
        })),
        full(&AccountEvent::EmailVerified(EmailVerified { verification: registration() })),
    ]
}

fn devices() -> Vec<Sample> {
    let removed = DeviceRevoked {
        device: tablet(),
        key: key(),
        because: RevokedBecause::Removed,
        by: Some(phone()),
        policy: POLICY,
    };
    vec![
        full(&AccountEvent::DeviceTrusted(DeviceTrusted {
            device: tablet(),
            key: key(),
            platform: Platform::Ios,
            description: sealed(DEVICE),
            origin: sealed(ORIGIN),
            by: TrustedBy::SignIn(attempt()),
            trusted_before: 1,
            policy: POLICY,
        })),
        full(&AccountEvent::DeviceSeen(DeviceSeen { device: phone() })),
        full(&AccountEvent::DeviceRevoked(removed.clone())),
        minimal(&AccountEvent::DeviceRevoked(DeviceRevoked {
            because: RevokedBecause::Unused,
            by: None,
            ..removed
        })),
        full(&AccountEvent::SignedOutEverywhere(SignedOutEverywhere {
            by: phone(),
            session: session(),
            revoked: vec![tablet()],
        })),
        full(&AccountEvent::DeviceRenamed(DeviceRenamed {
            device: tablet(),
            description: sealed(DEVICE),
            by: phone(),
        })),
    ]
}

fn pushes() -> Vec<Sample> {
    vec![
        full(&AccountEvent::PushEndpointRegistered(PushEndpointRegistered {
            device: tablet(),
            platform: PushPlatform::Apns,
            token: PushTokenKey::from_bytes([
                44, 201, 7, 150, 83, 238, 19, 112, 5, 176, 221, 64, 132, 9, 250, 31,
            ]),
            alerts: Alerts::Allowed,
        })),
        full(&AccountEvent::PushEndpointRemoved(PushEndpointRemoved {
            device: tablet(),
            because: PushRemovedBecause::Moved,
        })),
        full(&AccountEvent::PushEndpointDisabled(PushEndpointDisabled {
            device: tablet(),
            message: asked_message(),
        })),
    ]
}

fn code_entry() -> Vec<Sample> {
    let paused = CodeEntryPaused {
        class: GuessClass::SignIn,
        wrong_in_a_row: 10,
        until: Some(at(22)),
        policy: POLICY,
    };
    vec![
        full(&AccountEvent::CodeEntryPaused(paused.clone())),
        minimal(&AccountEvent::CodeEntryPaused(CodeEntryPaused {
            wrong_in_a_row: 100,
            until: None,
            ..paused
        })),
        full(&AccountEvent::RecoveryCodesCreated(RecoveryCodesCreated {
            count: 10,
            by: phone(),
            policy: POLICY,
        })),
    ]
}

fn choices() -> Vec<Sample> {
    let enabled = TwoStepEnabled { by: Some(phone()), policy: POLICY };
    vec![
        full(&AccountEvent::TwoStepEnabled(enabled.clone())),
        minimal(&AccountEvent::TwoStepEnabled(TwoStepEnabled { by: None, ..enabled })),
        full(&AccountEvent::TwoStepDisabled(TwoStepDisabled {
            by: phone(),
            session: session(),
            revoked: vec![tablet()],
            policy: POLICY,
        })),
        full(&AccountEvent::MethodChosen(MethodChosen {
            method: Method::Email,
            by: phone(),
            reachable: vec![Method::App, Method::Email],
            policy: POLICY,
        })),
        full(&AccountEvent::LocaleChosen(LocaleChosen { locale: "de-AT".to_owned(), by: phone() })),
    ]
}

fn passwords() -> Vec<Sample> {
    vec![
        full(&AccountEvent::PasswordChanged(PasswordChanged {
            by: phone(),
            session: session(),
            signed_out_others: true,
            revoked: vec![tablet()],
            policy: POLICY,
        })),
        full(&AccountEvent::PasswordReset(PasswordReset {
            verification: reset(),
            keys: vec![key()],
            held: true,
            revoked: vec![phone(), tablet()],
            policy: POLICY,
        })),
        full(&AccountEvent::PasswordCompromised(PasswordCompromised {
            asked_by: asked(),
            stream: format!("sign_in/{}", attempt()),
            policy: POLICY,
        })),
    ]
}

fn addresses() -> Vec<Sample> {
    vec![
        full(&AccountEvent::EmailChanged(EmailChanged {
            email: sealed(EMAIL),
            before: sealed(FORMER_EMAIL),
            address_key: address_key(),
            verification: email_change(),
            by: phone(),
            policy: POLICY,
        })),
        full(&AccountEvent::EmailUndeliverable(EmailUndeliverable {
            message: asked_message(),
            because: UndeliverableBecause::Bounced,
        })),
    ]
}

fn operators() -> Vec<Sample> {
    vec![
        full(&AccountEvent::Disclosed(Disclosed { policy: POLICY })),
        full(&AccountEvent::CodeEntryResumed(CodeEntryResumed {
            until: at(22),
            wrong_in_a_row: 10,
            policy: POLICY,
        })),
        full(&AccountEvent::SignedOutByOperator(SignedOutByOperator {
            revoked: vec![phone(), tablet()],
            policy: POLICY,
        })),
    ]
}

fn end() -> Vec<Sample> {
    let erased = Erased { by: Some(phone()), email: sealed(EMAIL) };
    vec![
        full(&AccountEvent::Erased(erased.clone())),
        minimal(&AccountEvent::Erased(Erased { by: None, ..erased })),
    ]
}
