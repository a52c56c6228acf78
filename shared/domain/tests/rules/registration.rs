//! A registration: the same code rules, and an address that may be taken.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, AccountRefusal};
use postern_domain::challenge::{CodeRefusal, Guess};
use postern_domain::policy;
use postern_domain::verification::{
    Going, Outcome, Verification, VerificationCommand, VerificationRefusal, Way,
};
use postern_events::account::{AccountEvent, EmailVerified, Registered, TrustedBy};
use postern_events::ids::AccountId;
use postern_events::verification::{Completed, Opened, VerificationEvent};
use postern_events::vocabulary::{Method, Platform, Purpose};

use crate::fixtures::*;
use crate::stream::{Stream, given};

/// What a registration from Ada's phone asks for.
pub(crate) fn opened(taken_by: Option<AccountId>) -> Opened {
    Opened {
        verification: registration(),
        purpose: Purpose::Registration,
        account: ada(),
        taken_by,
        key: key(PHONE),
        device: device(PHONE),
        platform: Platform::Android,
        description: sealed(),
        origin: sealed(),
        country: Some("CZ".to_owned()),
        located_by: None,
        email: sealed(),
        address_key: address_key(),
        locale: "en".to_owned(),
        attempt_generation: None,
        session: None,
        inputs: None,
        policy: policy::VERSION,
    }
}

/// Who goes on with a registration: no session, no account yet.
pub(crate) fn going(device: u8, now: Timestamp) -> Going {
    Going { key: key(device), session: None, generation: None, now }
}

fn code_issued(issue: u8, second: i64) -> VerificationEvent {
    VerificationEvent::CodeIssued(issued(Purpose::Registration, Method::Email, issue, second))
}

/// A registration that waits for the code mailed at second 0.
fn awaiting_code(taken_by: Option<AccountId>) -> Stream<Verification> {
    given(at(0), vec![VerificationEvent::Opened(opened(taken_by)), code_issued(1, 0)])
}

fn right(issue: u8) -> Guess {
    let event = issued(Purpose::Registration, Method::Email, issue, 0);
    guess(&code_of(&event, ada(), &registration().to_string()))
}

fn wrong() -> Guess {
    wrong_guess(&right(1).code)
}

fn verify(guess: Guess, second: i64) -> VerificationCommand {
    verify_by(PHONE, guess, false, second)
}

fn verify_by(device: u8, guess: Guess, taken: bool, second: i64) -> VerificationCommand {
    let (going, outcome) = (going(device, at(second)), Outcome::Session(session()));
    VerificationCommand::Verify { going, guess, never: taken, outcome }
}

fn resend(second: i64) -> VerificationCommand {
    resend_by(PHONE, second)
}

fn resend_by(device: u8, second: i64) -> VerificationCommand {
    VerificationCommand::Resend {
        going: going(device, at(second)),
        method: None,
        channels: None,
        material: material(2),
    }
}

/// The account that a taken address has.
fn owner() -> AccountId {
    AccountId::new(at(-DAY), [7; 10])
}

fn code_refused(why: CodeRefusal) -> Result<Vec<VerificationEvent>, VerificationRefusal> {
    Err(VerificationRefusal::Code(why))
}

#[test]
fn a_registration_mails_a_code_and_says_the_same_for_a_taken_address() {
    for taken_by in [None, Some(owner())] {
        let open = VerificationCommand::Open {
            opened: Box::new(Opened { policy: 0, ..opened(taken_by) }),
            way: Way::Code(Method::Email),
            material: material(1),
            now: at(0),
        };
        let events = Stream::<Verification>::default().when(open);
        let expected = vec![VerificationEvent::Opened(opened(taken_by)), code_issued(1, 0)];
        assert_eq!(events, Ok(expected));
    }
}

#[test]
fn the_right_code_completes_the_registration() {
    let mut process = awaiting_code(None);
    let events = process.ask(at(1), verify(right(1), 1));
    let expected = vec![
        VerificationEvent::CodeVerified(verified(1, Method::Email)),
        VerificationEvent::Completed(Completed { session: session() }),
    ];
    assert_eq!(events, Ok(expected));
    assert_eq!(process.when(verify(right(1), 2)), code_refused(CodeRefusal::Closed));
}

#[test]
fn a_taken_address_is_never_registered_whatever_the_guess() {
    for guess in [right(1), wrong()] {
        let mut process = awaiting_code(Some(owner()));
        for attempts_left in (1..5).rev() {
            let events = process.ask(at(1), verify(guess.clone(), 1));
            let expected = VerificationEvent::CodeRejected(rejected(1, attempts_left));
            assert_eq!(events, Ok(vec![expected]));
        }
        let last = process.ask(at(1), verify(guess.clone(), 1));
        let expected = vec![
            VerificationEvent::CodeRejected(rejected(1, 0)),
            VerificationEvent::Locked(locked(5)),
        ];
        assert_eq!(last, Ok(expected));
        assert_eq!(process.when(verify(guess, 2)), code_refused(CodeRefusal::Closed));
    }
}

#[test]
fn an_address_taken_meanwhile_makes_the_right_code_a_wrong_one() {
    let late = awaiting_code(None).when(verify_by(PHONE, right(1), true, 1));
    let wrong = awaiting_code(None).when(verify(wrong(), 1));
    assert_eq!(late, Ok(vec![VerificationEvent::CodeRejected(rejected(1, 4))]));
    assert_eq!(late, wrong);
}

#[test]
fn a_taken_address_answers_repetitions_and_expiry_like_a_free_one() {
    for second in [29, 30, 5 * MINUTE, 10 * MINUTE] {
        let (free, taken) = (awaiting_code(None), awaiting_code(Some(owner())));
        assert_eq!(taken.when(resend(second)), free.when(resend(second)), "{second}");
        let (free, taken) =
            (free.when(verify(wrong(), second)), taken.when(verify(wrong(), second)));
        assert_eq!(taken, free, "{second}");
    }
}

#[test]
fn the_fifth_wrong_code_closes_the_registration() {
    let mut process = awaiting_code(None);
    for _ in 0..4 {
        process.ask(at(1), verify(wrong(), 1)).unwrap();
    }
    let events = process.ask(at(1), verify(wrong(), 1)).unwrap();
    assert_eq!(events.last(), Some(&VerificationEvent::Locked(locked(5))));
    assert_eq!(process.when(verify(right(1), 2)), code_refused(CodeRefusal::Closed));
}

#[test]
fn a_registrations_code_lives_for_five_minutes_and_the_registration_for_ten() {
    let process = awaiting_code(None);
    assert!(process.when(verify(right(1), 5 * MINUTE - 1)).is_ok());
    for second in [5 * MINUTE, 10 * MINUTE - 1] {
        assert_eq!(process.when(verify(right(1), second)), code_refused(CodeRefusal::Expired));
    }
    for second in [10 * MINUTE, 10 * MINUTE + 1] {
        assert_eq!(process.when(verify(right(1), second)), code_refused(CodeRefusal::Closed));
        assert_eq!(process.when(resend(second)), code_refused(CodeRefusal::Closed));
    }
}

#[test]
fn a_registrations_code_is_repeated_and_after_its_expiry_replaced() {
    let process = awaiting_code(None);
    let repeated = VerificationEvent::CodeResent(resent(Method::Email, 1));
    assert_eq!(process.when(resend(30)), Ok(vec![repeated]));
    let new = process.when(resend(5 * MINUTE));
    assert_eq!(new, Ok(vec![code_issued(2, 5 * MINUTE)]));
}

#[test]
fn another_keys_registration_looks_like_none() {
    let stranger = verify_by(TABLET, right(1), false, 1);
    let resend = resend_by(TABLET, 40);
    for process in [awaiting_code(None), Stream::default()] {
        for command in [stranger.clone(), resend.clone()] {
            assert_eq!(process.when(command), Err(VerificationRefusal::NotFound));
        }
    }
}

#[test]
fn a_verification_is_opened_once() {
    let open = VerificationCommand::Open {
        opened: Box::new(opened(None)),
        way: Way::Code(Method::Email),
        material: material(1),
        now: at(0),
    };
    assert_eq!(awaiting_code(None).when(open), Err(VerificationRefusal::Exists));
}

#[test]
fn a_registration_opens_an_account_with_its_device_trusted_and_two_step_on() {
    let process = awaiting_code(None);
    let (pending, _) = process.state.may_go_on(&going(PHONE, at(1))).unwrap();
    let mut account = Stream::<Account>::default();
    let register = AccountCommand::Register(Box::new(pending.registration()));
    let events = account.ask(at(1), register.clone()).unwrap();
    let registered = Registered {
        account: ada(),
        email: sealed(),
        address_key: address_key(),
        locale: "en".to_owned(),
        method: Method::App,
        verification: registration(),
        policy: policy::VERSION,
    };
    let verified = EmailVerified { verification: registration() };
    assert_eq!(events[0], AccountEvent::Registered(registered));
    assert_eq!(events[1], AccountEvent::EmailVerified(verified));
    let AccountEvent::DeviceTrusted(trusted) = &events[2] else { panic!("{events:?}") };
    assert_eq!(trusted.by, TrustedBy::Registration(registration()));

    let open = account.state.open().unwrap();
    assert!(open.two_step && open.trusted(key(PHONE), at(2)).is_some());
    assert_eq!(account.when(register), Err(AccountRefusal::Exists));
}
