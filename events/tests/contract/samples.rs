//! One morning of Ada's, told in every event there is: the source of golden files not yet written.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use postern_events::account::{
    AccountEvent, CodeEntryPaused, DeviceRevoked, DeviceSeen, DeviceTrusted, EmailVerified,
    PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause,
    Registered, RevokedBecause, SignedOutEverywhere, TrustedBy,
};
use postern_events::catalogue::EventSet;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use postern_events::ids::{
    AccountId, DeviceId, EventId, MessageId, SessionId, SignInId, VerificationId,
};
use postern_events::message::{
    Claimed, Deferred, Failed, GivenUp, MessageEvent, MessageKind, NotTaken, Sent,
};
use postern_events::personal::{Personal, Token};
use postern_events::sign_in::{
    AttemptInputs, Attempted, AuthenticationMethod, Cancelled, CancelledBecause, Completed, Denied,
    Refused, SignInEvent,
};
use postern_events::stored::StoredEvent;
use postern_events::verification::{self, Opened, VerificationEvent};
use postern_events::vocabulary::{
    AddressKey, Alerts, DeviceKey, GuessClass, Method, Nonce, Platform, Purpose, PushPlatform,
    PushTokenKey,
};

use crate::files::stem;

const EMAIL: &str = "Y44BrtuiVi6LMBnQtskI2dvGti77tkOzq8eJJmvGy5Z08pHV4In0RZOwBN1zxysYiQoJlO5Tzqa2dBts36i3BU-CRUnU_A";
const DEVICE: &str = "Tp-rytlQYFln4Mt4PHHvKh4mhRDAPtihE0mRTsii9DrpYynoprFBTj97zY_KpIf9q2S_PxvJojsRF4awP5YSsD712SWc-oQ1WOS_w9XyF2csZtXX5w9SLffSWHuutx-q1-RnfQohi-9kG5IuVimAK95l";
const ORIGIN: &str = "OZHg9CDxa0ocjO41H44eoY2cCNPuxRFjHaqDIyNawn2hmsjHSJL7Dc9rG_p_9lNSBJ1HePPCev2RRWOkrsfKXXUIDEGpiYKCe0EfWg4qVAs8Z1QmXPA38FNAUzxyB02B";
const POLICY: u16 = 1;

/// Every golden file of today's versions: its name and the event in it.
pub(crate) fn samples() -> Vec<(String, StoredEvent)> {
    [account(), sign_in(), verification(), message()].concat()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_str("2026-11-24T09:00:00.125Z").unwrap() + SignedDuration::from_mins(minutes)
}

fn stored<E: EventSet>(event: &E, suffix: &str) -> (String, StoredEvent) {
    let stem = stem(event.name(), event.version());
    let time = at(7);
    let stored = StoredEvent {
        id: EventId::derived(time, &[b"golden", stem.as_bytes(), suffix.as_bytes()]),
        name: event.name().to_owned(),
        version: event.version(),
        time,
        data: event.data().expect("sealed"),
    };
    (format!("{stem}{suffix}.json"), stored)
}

fn full<E: EventSet>(event: &E) -> (String, StoredEvent) {
    stored(event, "")
}

fn minimal<E: EventSet>(event: &E) -> (String, StoredEvent) {
    stored(event, ".minimal")
}

fn sealed<T>(token: &str) -> Personal<T> {
    Personal::Sealed(Token::parse(token).expect("base64url"))
}

fn ada() -> AccountId {
    AccountId::derived(at(0), &[b"ada"])
}

fn phone() -> DeviceId {
    DeviceId::derived(at(0), &[b"phone"])
}

fn tablet() -> DeviceId {
    DeviceId::derived(at(5), &[b"tablet"])
}

fn key() -> DeviceKey {
    DeviceKey::from_bytes([
        205, 233, 187, 19, 216, 149, 4, 196, 172, 35, 225, 113, 219, 121, 63, 199,
    ])
}

fn address_key() -> AddressKey {
    AddressKey::from_bytes([13, 71, 240, 6, 99, 181, 47, 250, 18, 144, 201, 3, 88, 167, 62, 29])
}

fn registration() -> VerificationId {
    VerificationId::derived(at(0), &[b"registration"])
}

fn attempt() -> SignInId {
    SignInId::derived(at(5), &[b"attempt"])
}

fn session() -> SessionId {
    SessionId::derived(at(7), &[b"session"])
}

fn issued(purpose: Purpose) -> CodeIssued {
    CodeIssued {
        purpose,
        method: Method::Email,
        issue: 1,
        kid: "2026-11".to_owned(),
        nonce: Nonce::from_bytes([
            9, 122, 48, 201, 77, 15, 230, 164, 91, 2, 188, 53, 247, 110, 36, 140,
        ]),
        expires_at: at(10),
    }
}

fn resent() -> CodeResent {
    CodeResent { method: Method::Email, issue: 1 }
}

fn rejected() -> CodeRejected {
    CodeRejected { issue: 1, attempts_left: 4 }
}

fn verified() -> CodeVerified {
    CodeVerified { issue: 1, method: Method::Email }
}

fn account() -> Vec<(String, StoredEvent)> {
    let removed = DeviceRevoked {
        device: tablet(),
        key: key(),
        because: RevokedBecause::Removed,
        by: Some(phone()),
        policy: POLICY,
    };
    let paused = CodeEntryPaused {
        class: GuessClass::SignIn,
        wrong_in_a_row: 10,
        until: Some(at(22)),
        policy: POLICY,
    };
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
            message: MessageId::derived(at(6), &[b"asked"]),
        })),
        full(&AccountEvent::CodeEntryPaused(paused.clone())),
        minimal(&AccountEvent::CodeEntryPaused(CodeEntryPaused {
            wrong_in_a_row: 100,
            until: None,
            ..paused
        })),
    ]
}

fn sign_in() -> Vec<(String, StoredEvent)> {
    let attempted = Attempted {
        attempt: attempt(),
        account: ada(),
        key: key(),
        device: tablet(),
        platform: Platform::Ios,
        description: sealed(DEVICE),
        origin: sealed(ORIGIN),
        country: Some("CZ".to_owned()),
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
        policy: POLICY,
    };
    vec![
        full(&SignInEvent::Attempted(attempted.clone())),
        minimal(&SignInEvent::Attempted(Attempted {
            country: None,
            inputs: AttemptInputs { pushable: None, ..attempted.inputs.clone() },
            ..attempted
        })),
        full(&SignInEvent::Refused(refused.clone())),
        minimal(&SignInEvent::Refused(Refused { account: None, country: None, ..refused })),
        full(&SignInEvent::CodeIssued(issued(Purpose::SignIn))),
        full(&SignInEvent::CodeResent(resent())),
        full(&SignInEvent::CodeRejected(rejected())),
        full(&SignInEvent::CodeVerified(verified())),
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
        full(&SignInEvent::Cancelled(Cancelled {
            because: Some(CancelledBecause::AccountChanged),
        })),
        minimal(&SignInEvent::Cancelled(Cancelled { because: None })),
        full(&SignInEvent::Locked(Locked { wrong: 5 })),
    ]
}

fn verification() -> Vec<(String, StoredEvent)> {
    let opened = Opened {
        verification: registration(),
        purpose: Purpose::Registration,
        account: AccountId::derived(at(0), &[b"never opened"]),
        taken_by: Some(ada()),
        key: key(),
        device: phone(),
        platform: Platform::Android,
        description: sealed(DEVICE),
        origin: sealed(ORIGIN),
        country: Some("CZ".to_owned()),
        email: sealed(EMAIL),
        address_key: address_key(),
        locale: "cs-CZ".to_owned(),
        policy: POLICY,
    };
    vec![
        full(&VerificationEvent::Opened(opened.clone())),
        minimal(&VerificationEvent::Opened(Opened { taken_by: None, country: None, ..opened })),
        full(&VerificationEvent::CodeIssued(issued(Purpose::Registration))),
        full(&VerificationEvent::CodeResent(resent())),
        full(&VerificationEvent::CodeRejected(rejected())),
        full(&VerificationEvent::CodeVerified(verified())),
        full(&VerificationEvent::Completed(verification::Completed { session: session() })),
        full(&VerificationEvent::Locked(Locked { wrong: 5 })),
    ]
}

fn message() -> Vec<(String, StoredEvent)> {
    let claimed = Claimed {
        asked_by: EventId::derived(at(5), &[b"asked"]),
        stream: format!("sign_in/{}", attempt()),
        kind: MessageKind::SignInRequest,
        channel: Method::App,
        recipient: ada(),
        device: Some(phone()),
        attempt: 1,
        lease_until: at(8),
        deadline: at(10),
    };
    vec![
        full(&MessageEvent::Claimed(claimed.clone())),
        minimal(&MessageEvent::Claimed(Claimed {
            kind: MessageKind::SignInCode,
            channel: Method::Email,
            device: None,
            ..claimed
        })),
        full(&MessageEvent::Sent(Sent {
            carrier_id: Some("0100019bd2a1f3c4-5f0e6b7a-000000".to_owned()),
        })),
        minimal(&MessageEvent::Sent(Sent { carrier_id: None })),
        full(&MessageEvent::Deferred(Deferred { because: NotTaken::Throttled, next_at: at(8) })),
        full(&MessageEvent::Failed(Failed { because: GivenUp::Superseded })),
    ]
}
