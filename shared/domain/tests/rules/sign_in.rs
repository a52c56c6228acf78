//! What a right password leads to, and who may go on with an attempt.

use postern_domain::account::OpenAccount;
use postern_domain::challenge::CodeRefusal;
use postern_domain::codes::Code;
use postern_domain::policy;
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand, SignInRefusal};
use postern_events::sign_in::{
    AttemptInputs, Attempted, AuthenticationMethod, Cancelled, Completed, Refused, SignInEvent,
};
use postern_events::vocabulary::{Method, Platform, Purpose};

use crate::fixtures::*;
use crate::stream::{Stream, given};

/// The tablet's attempt, opened at second 0; codes may travel by these methods.
pub(crate) fn attempted(reachable: &[Method]) -> SignInEvent {
    SignInEvent::Attempted(Attempted {
        attempt: attempt(),
        account: ada(),
        key: key(TABLET),
        device: device(TABLET),
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        country: Some("CZ".to_owned()),
        located_by: None,
        inputs: AttemptInputs {
            trusted: false,
            two_step: true,
            method: Method::Email,
            reachable: reachable.to_vec(),
            attempt_generation: 0,
            trust_generation: 0,
            pushable: Some(u8::from(reachable.contains(&Method::App))),
        },
        policy: policy::VERSION,
    })
}

/// A code for the attempt, made at that second.
pub(crate) fn code_issued(method: Method, issue: u8, second: i64) -> SignInEvent {
    SignInEvent::CodeIssued(issued(Purpose::SignIn, method, issue, second))
}

/// The tablet's attempt with a code mailed at second 0.
pub(crate) fn awaiting_mailed_code() -> Stream<SignIn> {
    let events = vec![attempted(&[Method::Email]), code_issued(Method::Email, 1, 0)];
    given(at(0), events)
}

/// The code of an issue, as Ada reads it.
pub(crate) fn code(method: Method, issue: u8, second: i64) -> Code {
    code_of(&issued(Purpose::SignIn, method, issue, second), ada(), &attempt().to_string())
}

/// The tablet asks at that second.
pub(crate) fn tablet(second: i64) -> Asking {
    Asking { key: key(TABLET), generation: 0, now: at(second) }
}

/// A guess; the device wants to be trusted.
pub(crate) fn verify(asking: Asking, guess: postern_domain::challenge::Guess) -> SignInCommand {
    SignInCommand::Verify {
        asking,
        account: Box::new(account()),
        guess,
        trust: true,
        session: session(),
    }
}

/// A guess that is right for the first mailed code.
pub(crate) fn verify_right(asking: Asking) -> SignInCommand {
    verify(asking, guess(&code(Method::Email, 1, 0)))
}

/// A guess that is wrong.
pub(crate) fn verify_wrong(asking: Asking) -> SignInCommand {
    verify(asking, wrong_guess(&code(Method::Email, 1, 0)))
}

/// The tablet is let in.
pub(crate) fn completed(trusted: bool) -> SignInEvent {
    let amr = vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop, AuthenticationMethod::Otp];
    SignInEvent::Completed(Completed { device: device(TABLET), trusted, session: session(), amr })
}

/// The right password from a device of this number, at that second.
fn password_from(number: u8, account: OpenAccount, second: i64) -> SignInCommand {
    SignInCommand::Open {
        password: Box::new(RightPassword {
            id: attempt(),
            account,
            channels: (number != PHONE).then(by_mail_only),
            key: key(number),
            device: device(TABLET),
            session: session(),
            platform: Platform::Ios,
            description: sealed(),
            origin: sealed(),
            country: Some("CZ".to_owned()),
            located_by: None,
            material: material(1),
        }),
        now: at(second),
    }
}

fn completed_at_once(events: &[SignInEvent]) -> &Completed {
    match events {
        [SignInEvent::Attempted(_), SignInEvent::Completed(it)] => it,
        other => panic!("not let in at once: {other:?}"),
    }
}

#[test]
fn a_right_password_on_an_untrusted_key_asks_for_a_code_by_mail() {
    let nothing = Stream::<SignIn>::default();
    let events = nothing.when(password_from(TABLET, account(), 0));
    let expected = vec![attempted(&[Method::Email]), code_issued(Method::Email, 1, 0)];
    assert_eq!(events, Ok(expected));
}

#[test]
fn a_right_password_on_a_trusted_key_needs_no_code() {
    let nothing = Stream::<SignIn>::default();
    let events = nothing.when(password_from(PHONE, account(), HOUR)).unwrap();
    let completed = completed_at_once(&events);
    assert_eq!((completed.device, completed.trusted), (device(PHONE), true));
    assert_eq!(completed.amr, [AuthenticationMethod::Pwd, AuthenticationMethod::Pop]);
}

#[test]
fn without_two_step_an_untrusted_key_gets_in_and_stays_untrusted() {
    let single = OpenAccount { two_step: false, ..account() };
    let events = Stream::<SignIn>::default().when(password_from(TABLET, single, 0)).unwrap();
    let completed = completed_at_once(&events);
    assert_eq!((completed.device, completed.trusted), (device(TABLET), false));
}

#[test]
fn the_decision_records_what_it_rests_on() {
    let changed = OpenAccount { attempt_generation: 7, trust_generation: 3, ..account() };
    let events = Stream::<SignIn>::default().when(password_from(PHONE, changed, 0)).unwrap();
    let Some(SignInEvent::Attempted(attempted)) = events.first() else { panic!("no attempt") };
    let inputs = &attempted.inputs;
    assert!(inputs.trusted && inputs.two_step);
    assert_eq!((inputs.attempt_generation, inputs.trust_generation), (7, 3));
    assert_eq!(attempted.policy, policy::VERSION);
}

#[test]
fn where_no_channel_reaches_the_owner_there_is_no_code_to_guess() {
    let unreachable: Stream<SignIn> = given(at(0), vec![attempted(&[])]);
    assert!(matches!(unreachable.state, SignIn::Unreachable(_)));
    assert_eq!(unreachable.state.pending(), None);
    let refused = unreachable.when(verify_right(tablet(1)));
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn a_wrong_password_leaves_a_fact_without_a_person_in_it() {
    let refuse = SignInCommand::Refuse {
        account: None,
        platform: Platform::Android,
        country: Some("CZ".to_owned()),
        located_by: None,
    };
    let mut attempt = Stream::<SignIn>::default();
    let events = attempt.ask(at(0), refuse.clone());
    let expected = Refused {
        account: None,
        platform: Platform::Android,
        country: Some("CZ".to_owned()),
        located_by: None,
        policy: policy::VERSION,
    };
    assert_eq!(events, Ok(vec![SignInEvent::Refused(expected)]));
    assert_eq!(attempt.state.whose(), None);
    assert_eq!(attempt.when(refuse), Err(SignInRefusal::Exists));
}

#[test]
fn an_attempt_is_opened_once() {
    let again = awaiting_mailed_code().when(password_from(TABLET, account(), 1));
    assert_eq!(again, Err(SignInRefusal::Exists));
}

#[test]
fn another_keys_attempt_looks_like_none() {
    let theirs = awaiting_mailed_code();
    let none = Stream::<SignIn>::default();
    let stranger = Asking { key: key(PHONE), ..tablet(1) };
    for attempt in [theirs, none] {
        for command in everything_asked_by(&stranger) {
            assert_eq!(attempt.when(command), Err(SignInRefusal::NotFound));
        }
    }
}

#[test]
fn a_raised_generation_closes_the_attempt() {
    let attempt = awaiting_mailed_code();
    let after = Asking { generation: 1, ..tablet(40) };
    for command in everything_asked_by(&after) {
        assert_eq!(attempt.when(command), Err(SignInRefusal::Code(CodeRefusal::Closed)));
    }
}

#[test]
fn a_cancelled_or_completed_attempt_is_closed() {
    let given_up = SignInEvent::Cancelled(Cancelled { because: None });
    let cancelled = awaiting_mailed_code().and(at(1), vec![given_up]);
    let done = awaiting_mailed_code().and(at(1), vec![completed(true)]);
    for attempt in [cancelled, done] {
        for command in everything_asked_by(&tablet(40)) {
            assert_eq!(attempt.when(command), Err(SignInRefusal::Code(CodeRefusal::Closed)));
        }
    }
}

#[test]
fn whoever_attempts_may_give_up() {
    let events = awaiting_mailed_code().when(SignInCommand::Cancel { asking: tablet(1) });
    assert_eq!(events, Ok(vec![SignInEvent::Cancelled(Cancelled { because: None })]));
}

fn everything_asked_by(asking: &Asking) -> [SignInCommand; 4] {
    [
        verify_right(asking.clone()),
        verify_wrong(asking.clone()),
        SignInCommand::Resend {
            asking: asking.clone(),
            method: None,
            channels: both_ways(),
            material: material(2),
        },
        SignInCommand::Cancel { asking: asking.clone() },
    ]
}
