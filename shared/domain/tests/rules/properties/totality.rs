//! Whatever was stored loads, and whatever loads answers.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, Acting, Order, Report, Settings};
use postern_domain::decider::Decider;
use postern_domain::message::{Feedback, Message, MessageCommand};
use postern_domain::sign_in::{Asking, SignIn, SignInCommand};
use postern_domain::support::{Support, SupportCommand};
use postern_domain::verification::{Going, Outcome, Verification, VerificationCommand};
use postern_events::account::{AccountEvent, Erased, UndeliverableBecause};
use postern_events::ids::{DeviceId, EventId, MessageId};
use postern_events::message::{Claimed, GivenUp, MessageKind, NotTaken};
use postern_events::support::SupportEvent;
use postern_events::vocabulary::Method;
use proptest::prelude::*;

use super::cases;
use super::events::{
    any_account, any_bounce, any_message, any_sign_in, any_support, any_time, any_verification,
    sane_time,
};
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

fn trusted_devices(account: &Stream<Account>, now: Timestamp) -> Vec<DeviceId> {
    let devices = account.state.open().map(|it| it.devices.iter());
    devices.into_iter().flatten().filter(|it| it.holds(now)).map(|it| it.id).collect()
}

/// How often attempts and trust have ended.
fn generations(account: &Stream<Account>) -> (u32, u32) {
    account.state.open().map_or((0, 0), |it| (it.attempt_generation, it.trust_generation))
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
        for codes_left in [None, Some(number)] {
            let _ = stream.when(SignInCommand::Recover {
                asking: asking.clone(),
                account: Box::new(account()),
                codes_left,
                guesses_left: number,
                trust: true,
                session: session(),
            });
        }
        let reported = stream.when(SignInCommand::Report { asked_by: asked_at(0) });
        prop_assert!(reported.is_ok());
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
        (from, by_session, never) in (0..4_u8, any::<bool>(), any::<bool>()),
        generation in prop::option::of(0..3_u32),
    ) {
        let stream = loaded::<Verification>(&log);
        let code = postern_domain::codes::Code::parse("123456", 6).unwrap();
        let going = Going { key: key(from), session: by_session.then(session), generation, now };
        for outcome in [Outcome::Session(session()), Outcome::Fulfilled] {
            let guess = guess(&code);
            let _ = stream.when(VerificationCommand::Verify { going, guess, never, outcome });
        }
        for channels in [None, Some(both_ways()), Some(by_mail_only())] {
            for method in [None, Some(Method::App), Some(Method::Email)] {
                let material = material(1);
                let _ = stream.when(VerificationCommand::Resend { going, method, channels, material });
            }
        }
        let generation = generation.unwrap_or_default();
        let _ = stream.when(VerificationCommand::Deny { by: device(from), generation, now });
        let reported = stream.when(VerificationCommand::Report { asked_by: asked_at(0) });
        prop_assert!(reported.is_ok());
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
    fn any_account_answers_whatever_else_is_asked_of_it(
        log in log(sane_time(), any_account(sane_time())),
        (now, asked) in (sane_time(), sane_time()),
        (number, by, stepped_up) in (0..40_u8, 0..40_u8, any::<bool>()),
        (turned_on, method, flag) in (any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        let stream = loaded::<Account>(&log);
        let acting = Acting { device: device(by), session: session(), stepped_up, now };
        let method = method.then_some(if flag { Method::App } else { Method::Email });
        let settings = Settings { two_step: Some(turned_on), method };
        let commands = [
            AccountCommand::Settle {
                settings,
                acting,
                channels: Box::new(if flag { both_ways() } else { by_mail_only() }),
                long_enough: flag,
            },
            AccountCommand::ChooseLocale { locale: "cs".to_owned(), by: device(by) },
            AccountCommand::RenameDevice { device: device(number), description: sealed(), acting },
            AccountCommand::CreateRecoveryCodes { acting },
            AccountCommand::ChangePassword { acting, sign_out_others: flag },
            AccountCommand::ResetPassword { verification: registration(), now },
            AccountCommand::ChangeEmail {
                email: sealed(),
                address_key: address_key(),
                verification: registration(),
                by: device(by),
            },
            AccountCommand::Report(Report {
                asked_by: EventId::new(asked, [1; 10]),
                stream: String::new(),
                at: asked,
                device: flag.then(|| device(number)),
                key: None,
                knew_password: stepped_up,
                turned_off: turned_on,
            }),
            AccountCommand::MarkUndeliverable {
                message: MessageId::derived(asked, &[]),
                asked_at: asked,
                because: UndeliverableBecause::Complained,
            },
            AccountCommand::Erase { acting },
            AccountCommand::Operate(Order::Disclose),
            AccountCommand::Operate(Order::ResumeCodeEntry { until: asked, wrong_in_a_row: 10 }),
            AccountCommand::Operate(Order::SignOut),
            AccountCommand::Operate(Order::Erase),
        ];
        for command in commands {
            let mut after = stream.clone();
            let trusted = trusted_devices(&after, now);
            let answer = after.ask(now, command);
            prop_assert!(stream.state.open().is_some() || answer.is_err());
            prop_assert!(trusted_devices(&after, now).iter().all(|it| trusted.contains(it)));
            let (after, before) = (generations(&after), generations(&stream));
            let fell = after.0 < before.0 || after.1 < before.1;
            prop_assert!(!fell || after == (0, 0), "a generation fell");
        }
    }

    #[test]
    fn whatever_an_erased_account_is_told_it_stays_erased(
        before in log(sane_time(), any_account(sane_time())),
        after in log(sane_time(), any_account(sane_time())),
    ) {
        let erased = AccountEvent::Erased(Erased { by: None, email: sealed() });
        let all: Vec<_> = before.into_iter().chain([(at(0), erased)]).chain(after).collect();
        prop_assert_eq!(loaded::<Account>(&all).state, Account::Erased);
    }

    #[test]
    fn a_request_for_help_is_made_once(
        log in log(sane_time(), any_support()),
        another in any_support(),
    ) {
        let stream = loaded::<Support>(&log);
        let SupportEvent::Requested(requested) = another;
        let answer = stream.when(SupportCommand::Request(Box::new(requested)));
        prop_assert_eq!(answer.is_ok(), log.is_empty());
    }

    #[test]
    fn any_message_answers(
        log in log(sane_time(), any_message(sane_time().boxed())),
        now in sane_time(),
        (deadline, bounce) in (sane_time(), any_bounce()),
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
        for feedback in [
            Feedback::Delivered,
            Feedback::Delayed,
            Feedback::Bounced(bounce),
            Feedback::Complained,
            Feedback::Rejected,
        ] {
            let mut told = stream.clone();
            let first = told.ask(now, MessageCommand::Note(feedback));
            prop_assert_eq!(first.is_err(), stream.state == Message::New);
            let again = told.when(MessageCommand::Note(feedback));
            prop_assert!(again.is_err() || feedback == Feedback::Delayed || again == Ok(vec![]));
        }
    }
}
