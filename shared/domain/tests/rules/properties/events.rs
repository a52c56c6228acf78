//! Any event, with any members and at any time, fitting its stream or not.

use jiff::Timestamp;
use postern_domain::challenge::CodeFact;
use postern_domain::policy;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use postern_events::ids::{EventId, SupportId};
use postern_events::message::{
    BounceKind, Bounced, Claimed, Complained, Deferred, Delayed, Delivered, Failed, GivenUp,
    MessageEvent, MessageKind, NotTaken, Rejected, Sent,
};
use postern_events::sign_in::{
    AttemptInputs, Attempted, Cancelled, CancelledBecause, Completed, Denied, RecoveryCodeUsed,
    Refused, Reported, SignInEvent,
};
use postern_events::support::{Requested, SupportEvent};
use postern_events::verification::{self, Fulfilled, Opened, VerificationEvent};
use postern_events::vocabulary::{Method, Nonce, Platform, Purpose};
use proptest::prelude::*;

mod account;
pub(super) use account::any_account;

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
    prop_oneof![
        Just(Purpose::SignIn),
        Just(Purpose::Registration),
        Just(Purpose::PasswordReset),
        Just(Purpose::EmailChange),
        Just(Purpose::StepUp),
    ]
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
                    located_by: None,
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
        1 => any::<u8>().prop_map(|codes_left| {
            SignInEvent::RecoveryCodeUsed(RecoveryCodeUsed { codes_left })
        }),
        1 => Just(SignInEvent::Reported(Reported { asked_by: asked_at(0) })),
        1 => Just(SignInEvent::Refused(Refused {
            account: None,
            platform: Platform::Other,
            country: None,
            located_by: None,
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
        2 => (any::<bool>(), 0..4_u8, any_purpose(), prop::option::of(0..3_u32), any::<bool>())
            .prop_map(|(taken, from, purpose, attempt_generation, by_session)| {
                VerificationEvent::Opened(Opened {
                    key: key(from),
                    purpose,
                    attempt_generation,
                    session: by_session.then(session),
                    ..opened(taken.then(ada))
                })
            }),
        8 => code,
        1 => Just(VerificationEvent::Completed(verification::Completed { session: session() })),
        1 => Just(VerificationEvent::Fulfilled(Fulfilled {})),
        1 => (0..4_u8).prop_map(|by| {
            VerificationEvent::Denied(verification::Denied { by: device(by) })
        }),
        1 => Just(VerificationEvent::Reported(verification::Reported { asked_by: asked_at(0) })),
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
        1 => Just(MessageEvent::Delivered(Delivered {})),
        1 => Just(MessageEvent::Delayed(Delayed {})),
        1 => any_bounce().prop_map(|bounce| MessageEvent::Bounced(Bounced { bounce })),
        1 => Just(MessageEvent::Complained(Complained {})),
        1 => Just(MessageEvent::Rejected(Rejected {})),
    ]
}

/// Any way for mail to come back.
pub(super) fn any_bounce() -> impl Strategy<Value = BounceKind> {
    prop_oneof![
        Just(BounceKind::Permanent),
        Just(BounceKind::Transient),
        Just(BounceKind::Undetermined),
    ]
}

/// A request for help, of an account or of an address without one.
pub(super) fn any_support() -> impl Strategy<Value = SupportEvent> {
    any::<bool>().prop_map(|known| {
        SupportEvent::Requested(Requested {
            request: SupportId::new(at(0), [6; 10]),
            account: known.then(ada),
            by: known.then(|| device(PHONE)),
            plea: known.then(sealed),
            app_version: "2.3".to_owned(),
            platform: Platform::Ios,
            description: known.then(sealed),
            origin: known.then(sealed),
            country: None,
            located_by: None,
            attachments: Vec::new(),
            policy: policy::VERSION,
        })
    })
}
