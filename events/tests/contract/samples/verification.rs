//! What happened in the processes by which Ada proved that a mailbox or a phone is hers.

use postern_events::code::Locked;
use postern_events::ids::AccountId;
use postern_events::verification::{
    Completed, Denied, Fulfilled, Opened, Reported, StepUpInputs, VerificationEvent,
};
use postern_events::vocabulary::{Method, Platform, Purpose};

use super::{
    DEVICE, EMAIL, LOCATED_BY, ORIGIN, POLICY, Sample, ada, address_key, asked, at, email_change,
    full, issued, key, minimal, phone, registration, rejected, resent, sealed, session, verified,
};

pub(super) fn samples() -> Vec<Sample> {
    [beginnings(), codes(), ends()].concat()
}

fn beginnings() -> Vec<Sample> {
    let registration = Opened {
        verification: registration(),
        purpose: Purpose::Registration,
        account: AccountId::derived(at(0), &[b"never opened"]),
        taken_by: None,
        key: key(),
        device: phone(),
        platform: Platform::Android,
        description: sealed(DEVICE),
        origin: sealed(ORIGIN),
        country: None,
        located_by: None,
        email: sealed(EMAIL),
        address_key: address_key(),
        locale: "cs-CZ".to_owned(),
        attempt_generation: None,
        session: None,
        inputs: None,
        policy: POLICY,
    };
    let email_change = Opened {
        verification: email_change(),
        purpose: Purpose::EmailChange,
        account: ada(),
        taken_by: Some(AccountId::derived(at(0), &[b"grace"])),
        country: Some("CZ".to_owned()),
        located_by: Some(LOCATED_BY.to_owned()),
        attempt_generation: Some(1),
        session: Some(session()),
        inputs: Some(StepUpInputs {
            settled: false,
            method: Method::App,
            reachable: vec![Method::App, Method::Email],
            pushable: 1,
        }),
        ..registration.clone()
    };
    vec![
        full(&VerificationEvent::Opened(email_change)),
        minimal(&VerificationEvent::Opened(registration)),
    ]
}

fn codes() -> Vec<Sample> {
    vec![
        full(&VerificationEvent::CodeIssued(issued(Purpose::Registration))),
        full(&VerificationEvent::CodeResent(resent())),
        full(&VerificationEvent::CodeRejected(rejected())),
        full(&VerificationEvent::CodeVerified(verified())),
    ]
}

fn ends() -> Vec<Sample> {
    vec![
        full(&VerificationEvent::Completed(Completed { session: session() })),
        full(&VerificationEvent::Fulfilled(Fulfilled {})),
        full(&VerificationEvent::Denied(Denied { by: phone() })),
        full(&VerificationEvent::Reported(Reported { asked_by: asked() })),
        full(&VerificationEvent::Locked(Locked { wrong: 5 })),
    ]
}
