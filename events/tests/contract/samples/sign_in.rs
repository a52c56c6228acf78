//! What happened in Ada's attempt to sign in on her tablet, and in attempts of others.

use postern_events::code::Locked;
use postern_events::sign_in::{
    AttemptInputs, Attempted, AuthenticationMethod, Cancelled, CancelledBecause, Completed, Denied,
    RecoveryCodeUsed, Refused, Reported, SignInEvent,
};
use postern_events::vocabulary::{Method, Platform, Purpose};

use super::{
    DEVICE, LOCATED_BY, ORIGIN, POLICY, Sample, ada, asked, attempt, full, issued, key, minimal,
    phone, rejected, resent, sealed, session, tablet, verified,
};

pub(super) fn samples() -> Vec<Sample> {
    [beginnings(), codes(), ends()].concat()
}

fn beginnings() -> Vec<Sample> {
    let attempted = Attempted {
        attempt: attempt(),
        account: ada(),
        key: key(),
        device: tablet(),
        platform: Platform::Ios,
        description: sealed(DEVICE),
        origin: sealed(ORIGIN),
        country: Some("CZ".to_owned()),
        located_by: Some(LOCATED_BY.to_owned()),
        inputs: AttemptInputs {
            trusted: false,
            two_step: true,
            method: Method::App,
            reachable: vec![Method::Email],
            attempt_generation: 0,
            trust_generation: 0,
            pushable: Some(2),
        },
        policy: POLICY,
    };
    let refused = Refused {
        account: Some(ada()),
        platform: Platform::Android,
        country: Some("CZ".to_owned()),
        located_by: Some(LOCATED_BY.to_owned()),
        policy: POLICY,
    };
    vec![
        full(&SignInEvent::Attempted(attempted.clone())),
        minimal(&SignInEvent::Attempted(Attempted {
            country: None,
            located_by: None,
            inputs: AttemptInputs { pushable: None, ..attempted.inputs.clone() },
            ..attempted
        })),
        full(&SignInEvent::Refused(refused.clone())),
        minimal(&SignInEvent::Refused(Refused {
            account: None,
            country: None,
            located_by: None,
            ..refused
        })),
    ]
}

fn codes() -> Vec<Sample> {
    vec![
        full(&SignInEvent::CodeIssued(issued(Purpose::SignIn))),
        full(&SignInEvent::CodeResent(resent())),
        full(&SignInEvent::CodeRejected(rejected())),
        full(&SignInEvent::CodeVerified(verified())),
        full(&SignInEvent::RecoveryCodeUsed(RecoveryCodeUsed { codes_left: 9 })),
    ]
}

fn ends() -> Vec<Sample> {
    vec![
        full(&SignInEvent::Completed(Completed {
            device: tablet(),
            trusted: true,
            session: session(),
            amr: vec![
                AuthenticationMethod::Pwd,
                AuthenticationMethod::Pop,
                AuthenticationMethod::Otp,
            ],
        })),
        full(&SignInEvent::Denied(Denied { by: phone() })),
        full(&SignInEvent::Reported(Reported { asked_by: asked() })),
        full(&SignInEvent::Cancelled(Cancelled {
            because: Some(CancelledBecause::AccountChanged),
        })),
        minimal(&SignInEvent::Cancelled(Cancelled { because: None })),
        full(&SignInEvent::Locked(Locked { wrong: 5 })),
    ]
}
