//! Any event, with any members and at any time, fitting its stream or not.

use jiff::Timestamp;
use postern_domain::challenge::CodeFact;
use postern_domain::policy;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, DeviceRevoked, DeviceSeen, DeviceTrusted, EmailVerified,
    PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause,
    Registered, RevokedBecause, SignedOutEverywhere, TrustedBy,
};
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use postern_events::ids::{EventId, MessageId};
use postern_events::message::{
    Claimed, Deferred, Failed, GivenUp, MessageEvent, MessageKind, NotTaken, Sent,
};
use postern_events::sign_in::{
    AttemptInputs, Attempted, Cancelled, CancelledBecause, Completed, Denied, Refused, SignInEvent,
};
use postern_events::verification::{self, Opened, VerificationEvent};
use postern_events::vocabulary::{
    Alerts, GuessClass, Method, Nonce, Platform, Purpose, PushPlatform, PushTokenKey,
};
use proptest::prelude::*;

use crate::fixtures::*;
use crate::registration::opened;

/// Any time that can be written down, in the clock's own precision.
pub(super) fn any_time() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_second() + 1, Timestamp::MAX.as_second());
    (first..last, 0..1_000_i64)
        .prop_map(|(s, ms)| Timestamp::from_millisecond(s * 1_000 + ms).unwrap())
}

/// A time within some years of the tests.
pub(super) fn sane_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![(0..20 * MINUTE).prop_map(at), (-3_000 * DAY..3_000 * DAY).prop_map(at)]
}

fn any_method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::App), Just(Method::Email)]
}

fn any_purpose() -> impl Strategy<Value = Purpose> {
    prop_oneof![Just(Purpose::SignIn), Just(Purpose::Registration)]
}

fn any_code_fact<T: Strategy<Value = Timestamp>>(time: T) -> impl Strategy<Value = CodeFact> {
    let issued = (any_purpose(), any_method(), any::<u8>(), "[k0-9]{0,3}", any::<[u8; 16]>(), time)
        .prop_map(|(purpose, method, issue, kid, nonce, expires_at)| {
            let nonce = Nonce::from_bytes(nonce);
            CodeFact::Issued(CodeIssued { purpose, method, issue, kid, nonce, expires_at })
        });
    prop_oneof![
        issued,
        (any_method(), any::<u8>())
            .prop_map(|(method, issue)| CodeFact::Resent(CodeResent { method, issue })),
        (any::<u8>(), any::<u8>()).prop_map(|(issue, attempts_left)| {
            CodeFact::Rejected(CodeRejected { issue, attempts_left })
        }),
        (any::<u8>(), any_method())
            .prop_map(|(issue, method)| CodeFact::Verified(CodeVerified { issue, method })),
        any::<u8>().prop_map(|wrong| CodeFact::Locked(Locked { wrong })),
    ]
}

/// Any event of an attempt.
pub(super) fn any_sign_in<T: Strategy<Value = Timestamp>>(
    time: T,
) -> impl Strategy<Value = SignInEvent> {
    let attempted =
        (0..4_u8, prop::collection::vec(any_method(), 0..3), any::<u32>(), any::<bool>()).prop_map(
            |(from, reachable, attempt_generation, trusted)| {
                SignInEvent::Attempted(Attempted {
                    attempt: attempt(),
                    account: ada(),
                    key: key(from),
                    device: device(from),
                    platform: Platform::Other,
                    description: sealed(),
                    origin: sealed(),
                    country: None,
                    inputs: AttemptInputs {
                        trusted,
                        two_step: !trusted,
                        method: Method::App,
                        reachable,
                        attempt_generation,
                        trust_generation: attempt_generation,
                        pushable: None,
                    },
                    policy: policy::VERSION,
                })
            },
        );
    let code = any_code_fact(time).prop_map(|fact| match fact {
        CodeFact::Issued(it) => SignInEvent::CodeIssued(it),
        CodeFact::Resent(it) => SignInEvent::CodeResent(it),
        CodeFact::Rejected(it) => SignInEvent::CodeRejected(it),
        CodeFact::Verified(it) => SignInEvent::CodeVerified(it),
        CodeFact::Locked(it) => SignInEvent::Locked(it),
    });
    prop_oneof![
        2 => attempted,
        8 => code,
        1 => any::<bool>().prop_map(|trusted| SignInEvent::Completed(Completed {
            device: device(TABLET),
            trusted,
            session: session(),
            amr: vec![],
        })),
        1 => any::<bool>().prop_map(|changed| SignInEvent::Cancelled(Cancelled {
            because: changed.then_some(CancelledBecause::AccountChanged),
        })),
        1 => (0..4_u8).prop_map(|by| SignInEvent::Denied(Denied { by: device(by) })),
        1 => Just(SignInEvent::Refused(Refused {
            account: None,
            platform: Platform::Other,
            country: None,
            policy: 0,
        })),
    ]
}

/// Any event of a verification.
pub(super) fn any_verification<T: Strategy<Value = Timestamp>>(
    time: T,
) -> impl Strategy<Value = VerificationEvent> {
    let code = any_code_fact(time).prop_map(|fact| match fact {
        CodeFact::Issued(it) => VerificationEvent::CodeIssued(it),
        CodeFact::Resent(it) => VerificationEvent::CodeResent(it),
        CodeFact::Rejected(it) => VerificationEvent::CodeRejected(it),
        CodeFact::Verified(it) => VerificationEvent::CodeVerified(it),
        CodeFact::Locked(it) => VerificationEvent::Locked(it),
    });
    prop_oneof![
        2 => (any::<bool>(), 0..4_u8, any_purpose()).prop_map(|(taken, from, purpose)| {
            let taken_by = taken.then(ada);
            VerificationEvent::Opened(Opened { key: key(from), purpose, ..opened(taken_by) })
        }),
        8 => code,
        1 => Just(VerificationEvent::Completed(verification::Completed { session: session() })),
    ]
}

/// Any event of an account.
pub(super) fn any_account<T: Strategy<Value = Timestamp>>(
    time: T,
) -> impl Strategy<Value = AccountEvent> {
    let alerts = prop_oneof![Just(Alerts::Allowed), Just(Alerts::Denied), Just(Alerts::Unknown)];
    let message = MessageId::derived(at(0), &[]);
    let because = prop_oneof![Just(RevokedBecause::Removed), Just(RevokedBecause::Unused)];
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
        1 => prop::collection::vec(0..40_u8, 0..5).prop_map(|ids| {
            let revoked = ids.into_iter().map(device).collect();
            let (by, session) = (device(PHONE), session());
            AccountEvent::SignedOutEverywhere(SignedOutEverywhere { by, session, revoked })
        }),
        1 => (any::<u16>(), prop::option::of(time)).prop_map(|(wrong_in_a_row, until)| {
            let class = GuessClass::SignIn;
            AccountEvent::CodeEntryPaused(CodeEntryPaused { class, wrong_in_a_row, until, policy: 0 })
        }),
    ]
}

/// Any event of a message.
pub(super) fn any_message<T: Strategy<Value = Timestamp> + Clone>(
    time: T,
) -> impl Strategy<Value = MessageEvent> {
    prop_oneof![
        4 => (any::<u16>(), time.clone(), time.clone()).prop_map(|(attempt, lease_until, deadline)| {
            MessageEvent::Claimed(Claimed {
                asked_by: EventId::new(at(0), [1; 10]),
                stream: String::new(),
                kind: MessageKind::NewDevice,
                channel: Method::Email,
                recipient: ada(),
                device: None,
                attempt,
                lease_until,
                deadline,
            })
        }),
        4 => time.prop_map(|next_at| {
            MessageEvent::Deferred(Deferred { because: NotTaken::Unavailable, next_at })
        }),
        1 => Just(MessageEvent::Sent(Sent { carrier_id: None })),
        1 => Just(MessageEvent::Failed(Failed { because: GivenUp::Expired })),
    ]
}
