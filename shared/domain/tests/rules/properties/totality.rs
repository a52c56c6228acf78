//! Whatever was stored loads, and whatever loads answers.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::decider::Decider;
use postern_domain::message::{Message, MessageCommand};
use postern_domain::sign_in::{Asking, SignIn, SignInCommand};
use postern_domain::verification::{Verification, VerificationCommand};
use postern_events::ids::EventId;
use postern_events::message::{Claimed, GivenUp, MessageKind, NotTaken};
use postern_events::vocabulary::Method;
use proptest::prelude::*;

use super::cases;
use super::events::{any_account, any_message, any_sign_in, any_time, any_verification, sane_time};
use crate::fixtures::*;
use crate::stream::{Stream, stored_and_loaded};

/// Lets everything happen, and compares what is stored with what is remembered.
fn loaded<D: Decider>(events: &[(Timestamp, D::Event)]) -> Stream<D> {
    let mut stream = Stream::<D>::default();
    for (time, event) in events {
        stream.happened(*time, std::slice::from_ref(event));
    }
    assert_eq!(stream.refolded(), stream.state);
    assert_eq!(stored_and_loaded(&stream.state), stream.state);
    stream
}

/// Up to 30 events with their times.
fn log<E: std::fmt::Debug>(
    time: impl Strategy<Value = Timestamp>,
    event: impl Strategy<Value = E>,
) -> impl Strategy<Value = Vec<(Timestamp, E)>> {
    prop::collection::vec((time, event), 0..30)
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn any_log_loads(
        account in log(any_time(), any_account(any_time())),
        sign_in in log(any_time(), any_sign_in(any_time())),
        verification in log(any_time(), any_verification(any_time())),
        message in log(any_time(), any_message(any_time().boxed())),
    ) {
        loaded::<Account>(&account);
        loaded::<SignIn>(&sign_in);
        loaded::<Verification>(&verification);
        loaded::<Message>(&message);
    }

    #[test]
    fn any_attempt_answers(
        log in log(sane_time(), any_sign_in(sane_time())),
        now in sane_time(),
        (from, generation, number) in (0..4_u8, any::<u32>(), 0..6_u8),
    ) {
        let stream = loaded::<SignIn>(&log);
        let asking = Asking { key: key(from), generation, now };
        let code = postern_domain::codes::Code::parse("123456", 6).unwrap();
        let verify = crate::sign_in::verify(asking.clone(), guess(&code));
        let _ = stream.when(verify);
        for method in [None, Some(Method::App), Some(Method::Email)] {
            let (asking, material) = (asking.clone(), material(1));
            let channels = if number > 2 { both_ways() } else { by_mail_only() };
            let _ = stream.when(SignInCommand::Resend { asking, method, channels, material });
        }
        let _ = stream.when(SignInCommand::Cancel { asking });
        let _ = stream.when(SignInCommand::Deny { by: device(from), generation, now });
        let born = stream.state.pending().map(|(attempt, _)| attempt.generation);
        for generation in [Some(generation), born].into_iter().flatten() {
            let lives = stream.state.is_open(generation, now).is_ok();
            let told = stream.when(SignInCommand::Supersede { generation, now }).unwrap();
            prop_assert!(told.is_empty() || !lives, "a living attempt was called off");
        }
    }

    #[test]
    fn any_verification_answers(
        log in log(sane_time(), any_verification(sane_time())),
        now in sane_time(),
        (from, taken) in (0..4_u8, any::<bool>()),
    ) {
        let stream = loaded::<Verification>(&log);
        let code = postern_domain::codes::Code::parse("123456", 6).unwrap();
        let (key, guess, session) = (key(from), guess(&code), session());
        let _ = stream.when(VerificationCommand::Verify { key, guess, taken, session, now });
        let _ = stream.when(VerificationCommand::Resend { key, material: material(1), now });
    }

    #[test]
    fn any_account_answers_and_never_trusts_a_21st_key(
        log in log(sane_time(), any_account(sane_time())),
        now in sane_time(),
        (number, by, stepped_up) in (0..40_u8, 0..40_u8, any::<bool>()),
    ) {
        let mut stream = loaded::<Account>(&log);
        let (device, by) = (device(number), device(by));
        let _ = stream.when(AccountCommand::SeeDevice { device, now });
        let _ = stream.when(AccountCommand::RemoveDevice { device, by, stepped_up, now });
        let _ = stream.when(AccountCommand::SignOutEverywhere { by, session: session(), stepped_up, now });
        let trust = AccountCommand::TrustDevice { device: Box::new(new_device(number)), now };
        if stream.ask(now, trust).is_ok() {
            let open = stream.state.open().unwrap();
            prop_assert!(open.trusted(key(number), now).is_some());
            prop_assert!(open.devices.iter().filter(|it| it.holds(now)).count() <= 20);
        }
    }

    #[test]
    fn any_message_answers(
        log in log(sane_time(), any_message(sane_time().boxed())),
        now in sane_time(),
        deadline in sane_time(),
    ) {
        let stream = loaded::<Message>(&log);
        let claim = Box::new(Claimed {
            asked_by: EventId::new(at(0), [1; 10]),
            stream: String::new(),
            kind: MessageKind::NewDevice,
            channel: Method::Email,
            recipient: ada(),
            device: None,
            attempt: 0,
            lease_until: at(0),
            deadline,
        });
        let _ = stream.when(MessageCommand::Claim { claim, now });
        let _ = stream.when(MessageCommand::Defer { because: NotTaken::Rejected, now });
        let _ = stream.when(MessageCommand::Sent { carrier_id: None });
        let _ = stream.when(MessageCommand::GiveUp { because: GivenUp::RecipientErased });
    }
}
