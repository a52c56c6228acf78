//! Another address: proven by eight digits, told to the former one, never somebody else's.

use postern_domain::account::{AccountCommand, OpenAccount};
use postern_domain::challenge::CodeRefusal;
use postern_domain::policy;
use postern_domain::verification::{
    Ending, Going, Outcome, Verification, VerificationCommand, VerificationRefusal, Way,
};
use postern_events::account::{AccountEvent, EmailChanged};
use postern_events::ids::AccountId;
use postern_events::personal::{Personal, Token};
use postern_events::verification::{Fulfilled, Opened, VerificationEvent};
use postern_events::vocabulary::AddressKey;
use postern_events::vocabulary::Method::Email;
use postern_events::vocabulary::Purpose::{EmailChange, PasswordReset};

use crate::fixtures::*;
use crate::stream::{Stream, given};
use crate::trust;
use crate::verifications::{awaiting, code, code_issued, going, open, opened, verify};

fn new_address() -> Personal<String> {
    Personal::Sealed(Token::parse("BBBB").unwrap())
}

fn new_key() -> AddressKey {
    AddressKey::from_bytes([6; 16])
}

fn change() -> AccountCommand {
    AccountCommand::ChangeEmail {
        email: new_address(),
        address_key: new_key(),
        verification: registration(),
        by: device(PHONE),
    }
}

fn fulfilled() -> VerificationEvent {
    VerificationEvent::Fulfilled(Fulfilled {})
}

/// A change to an address that somebody else has.
fn taken() -> Stream<Verification> {
    let taken_by = Some(AccountId::new(at(-DAY), [7; 10]));
    let opened = Opened { taken_by, ..opened(EmailChange) };
    given(at(0), vec![VerificationEvent::Opened(opened), code_issued(EmailChange, Email, 1, 0)])
}

#[test]
fn the_account_moves_and_the_event_says_where_from() {
    let mut account = trust::open(OpenAccount { email_undeliverable: true, ..account() });
    let expected = EmailChanged {
        email: new_address(),
        before: sealed(),
        address_key: new_key(),
        verification: registration(),
        by: device(PHONE),
        policy: policy::VERSION,
    };
    assert_eq!(account.ask(at(5), change()), Ok(vec![AccountEvent::EmailChanged(expected)]));
    let open = account.state.open().unwrap();
    assert_eq!((&open.email, open.address_key), (&new_address(), new_key()));
    assert_eq!((open.email_since, open.email_proven_at), (at(5), at(5)));
    assert!(!open.email_undeliverable);
    assert_eq!((open.attempt_generation, open.trust_generation), (1, 0));
    assert_eq!(open.devices.len(), 1, "trust is of keys, not of addresses");
}

#[test]
fn a_hold_after_a_reset_is_not_lifted_by_another_address() {
    let mut account = trust::open(account());
    account.ask(at(0), crate::passwords_and_resets::reset(0)).unwrap();
    account.ask(at(1), change()).unwrap();
    let open = account.state.open().unwrap();
    assert_eq!(open.held_until(key(TABLET), at(2)), Some(at(DAY)));
}

#[test]
fn the_right_code_fulfils_the_change_or_the_reset_once_and_leads_to_no_session() {
    for purpose in [EmailChange, PasswordReset] {
        let mut process = awaiting(purpose, Email);
        let right = || guess(&code(purpose, Email));
        let events = process.ask(at(1), verify(going(1), right(), Outcome::Fulfilled));
        let verified = VerificationEvent::CodeVerified(verified(1, Email));
        assert_eq!(events, Ok(vec![verified, fulfilled()]));
        let how = Ending::Fulfilled;
        let closed = Verification::Closed { account: ada(), key: key(TABLET), how };
        assert_eq!(process.state, closed);
        let again = process.when(verify(going(2), right(), Outcome::Fulfilled));
        assert_eq!(again, Err(VerificationRefusal::Code(CodeRefusal::Closed)));
    }
}

#[test]
fn a_change_is_opened_alike_for_a_taken_address() {
    let free = Stream::<Verification>::default().when(open(EmailChange, Way::Code(Email)));
    let taken_by = Some(AccountId::new(at(-DAY), [7; 10]));
    let opened = Box::new(Opened { taken_by, ..opened(EmailChange) });
    let way = Way::Code(Email);
    let command = VerificationCommand::Open { opened, way, material: material(1), now: at(0) };
    let taken = Stream::<Verification>::default().when(command);
    assert_eq!(free.unwrap()[1..], taken.unwrap()[1..]);
}

#[test]
fn no_code_is_right_for_a_taken_address_and_the_answers_tell_nothing() {
    let right = || guess(&code(EmailChange, Email));
    let wrong = || wrong_guess(&code(EmailChange, Email));
    let (mut free, mut taken) = (awaiting(EmailChange, Email), taken());
    for second in 1..=5 {
        let of_free = free.ask(at(1), verify(going(second), wrong(), Outcome::Fulfilled));
        let of_taken = taken.ask(at(1), verify(going(second), right(), Outcome::Fulfilled));
        assert_eq!(of_free, of_taken);
    }
    let after = taken.when(verify(going(6), right(), Outcome::Fulfilled));
    assert_eq!(after, Err(VerificationRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn an_address_that_was_taken_meanwhile_makes_the_right_code_a_wrong_one() {
    let (going, guess) = (going(1), guess(&code(EmailChange, Email)));
    let never = true;
    let late = VerificationCommand::Verify { going, guess, never, outcome: Outcome::Fulfilled };
    let events = awaiting(EmailChange, Email).when(late);
    assert_eq!(events, Ok(vec![VerificationEvent::CodeRejected(rejected(1, 4))]));
}

#[test]
fn a_change_is_its_sessions_and_dies_with_the_accounts_generation() {
    let right = || guess(&code(EmailChange, Email));
    let process = awaiting(EmailChange, Email);
    let other = Going { session: None, ..going(1) };
    let refused = process.when(verify(other, right(), Outcome::Fulfilled));
    assert_eq!(refused, Err(VerificationRefusal::NotFound));
    let later = Going { generation: Some(1), ..going(1) };
    let refused = process.when(verify(later, right(), Outcome::Fulfilled));
    assert_eq!(refused, Err(VerificationRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn a_reset_is_its_keys_whatever_session_that_has() {
    let right = || guess(&code(PasswordReset, Email));
    let process = awaiting(PasswordReset, Email);
    let without = Going { session: None, ..going(1) };
    assert!(process.when(verify(without, right(), Outcome::Fulfilled)).is_ok());
    let other_key = Going { key: key(PHONE), ..going(1) };
    let refused = process.when(verify(other_key, right(), Outcome::Fulfilled));
    assert_eq!(refused, Err(VerificationRefusal::NotFound));
}
