//! A session is stepped up: at once, by a code on another device or in the mailbox, or not at all.

use postern_domain::challenge::{CodeRefusal, Guess};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::verification::{
    Ending, Going, Outcome, Verification, VerificationCommand, VerificationRefusal, Way,
};
use postern_events::ids::SessionId;
use postern_events::verification::{Completed, Denied, VerificationEvent};
use postern_events::vocabulary::Method::{self, App, Email};
use postern_events::vocabulary::Purpose::{self, StepUp};

use crate::fixtures::*;
use crate::stream::{Stream, given};
use crate::verifications::{awaiting, code, code_issued, going, open, opened, resend, verify};

fn completed() -> VerificationEvent {
    VerificationEvent::Completed(Completed { session: session() })
}

fn right(method: Method) -> Guess {
    guess(&code(StepUp, method))
}

/// A guess that steps the tablet's session up if it is right.
fn step_up(going: Going, guess: Guess) -> VerificationCommand {
    verify(going, guess, Outcome::Session(session()))
}

fn closed() -> Result<Vec<VerificationEvent>, VerificationRefusal> {
    Err(VerificationRefusal::Code(CodeRefusal::Closed))
}

/// A step-up for which nobody is reached.
fn unreachable() -> Stream<Verification> {
    given(at(0), vec![VerificationEvent::Opened(opened(StepUp))])
}

#[test]
fn a_device_trusted_for_long_enough_is_stepped_up_at_once() {
    let mut process = Stream::<Verification>::default();
    let events = process.ask(at(0), open(StepUp, Way::AtOnce(session())));
    assert_eq!(events, Ok(vec![VerificationEvent::Opened(opened(StepUp)), completed()]));
    let how = Ending::Complete { session: session() };
    let closed = Verification::Closed { account: ada(), key: key(TABLET), how };
    assert_eq!(process.state, closed);
}

#[test]
fn any_other_device_needs_a_code_of_six_digits_by_the_way_it_is_sent() {
    for method in [App, Email] {
        let events = Stream::<Verification>::default().when(open(StepUp, Way::Code(method)));
        let issued = code_issued(StepUp, method, 1, 0);
        assert_eq!(events, Ok(vec![VerificationEvent::Opened(opened(StepUp)), issued]));
        assert_eq!(code(StepUp, method).reveal().len(), 6);
    }
}

#[test]
fn a_code_that_stands_alone_has_eight_digits() {
    for purpose in [Purpose::PasswordReset, Purpose::EmailChange] {
        assert_eq!(code(purpose, Email).reveal().len(), 8);
    }
}

#[test]
fn where_nobody_is_reached_there_is_nothing_to_guess_at() {
    let mut process = Stream::<Verification>::default();
    let events = process.ask(at(0), open(StepUp, Way::Nowhere));
    assert_eq!(events, Ok(vec![VerificationEvent::Opened(opened(StepUp))]));
    assert_eq!(process.when(step_up(going(1), right(Email))), closed());
    assert_eq!(process.when(resend(going(40), None, Some(both_ways()))), closed());
}

#[test]
fn the_right_code_steps_the_session_up_once() {
    for method in [App, Email] {
        let mut process = awaiting(StepUp, method);
        let events = process.ask(at(1), step_up(going(1), right(method)));
        let verified = VerificationEvent::CodeVerified(verified(1, method));
        assert_eq!(events, Ok(vec![verified, completed()]));
        assert_eq!(process.when(step_up(going(2), right(method))), closed());
    }
}

#[test]
fn the_fifth_wrong_code_closes_the_step_up() {
    let mut process = awaiting(StepUp, App);
    let wrong = || wrong_guess(&code(StepUp, App));
    for left in (1..5).rev() {
        let events = process.ask(at(1), step_up(going(1), wrong()));
        assert_eq!(events, Ok(vec![VerificationEvent::CodeRejected(rejected(1, left))]));
    }
    let last = process.ask(at(1), step_up(going(1), wrong())).unwrap();
    assert_eq!(last.last(), Some(&VerificationEvent::Locked(locked(5))));
    assert_eq!(process.when(step_up(going(2), right(App))), closed());
}

#[test]
fn another_session_or_another_key_finds_no_step_up() {
    let other = Some(SessionId::new(at(0), [99; 10]));
    for stranger in [
        Going { session: other, ..going(1) },
        Going { session: None, ..going(1) },
        Going { key: key(PHONE), ..going(1) },
    ] {
        for process in [awaiting(StepUp, App), unreachable()] {
            let guessed = process.when(step_up(stranger, right(App)));
            assert_eq!(guessed, Err(VerificationRefusal::NotFound));
            let resent = process.when(resend(stranger, None, Some(both_ways())));
            assert_eq!(resent, Err(VerificationRefusal::NotFound));
        }
    }
}

#[test]
fn a_step_up_dies_when_the_accounts_generation_rises_or_the_account_is_gone() {
    for generation in [Some(1), None] {
        let later = Going { generation, ..going(40) };
        let process = awaiting(StepUp, App);
        assert_eq!(process.when(step_up(later, right(App))), closed());
        assert_eq!(process.when(resend(later, None, Some(both_ways()))), closed());
    }
}

#[test]
fn a_step_up_is_sent_again_or_by_the_other_method_like_any_code() {
    let process = awaiting(StepUp, App);
    let again = process.when(resend(going(30), None, Some(both_ways())));
    assert_eq!(again, Ok(vec![VerificationEvent::CodeResent(resent(App, 1))]));
    let other = process.when(resend(going(1), Some(Email), Some(both_ways())));
    assert_eq!(other, Ok(vec![code_issued(StepUp, Email, 2, 1)]));
}

#[test]
fn a_step_up_is_not_sent_by_a_way_that_reaches_nobody() {
    let process = awaiting(StepUp, Email);
    let unavailable = |why| Err(VerificationRefusal::ChannelUnavailable(why));
    let by_app = process.when(resend(going(1), Some(App), Some(by_mail_only())));
    assert_eq!(by_app, unavailable(Unavailable::NoDevice));
    let without_mail = Some(Unavailable::Undeliverable);
    let bounced = Channels { without_mail, ..both_ways() };
    let by_mail = process.when(resend(going(40), None, Some(bounced)));
    assert_eq!(by_mail, unavailable(Unavailable::Undeliverable));
}

#[test]
fn without_a_mail_left_a_step_up_waits_or_takes_the_app() {
    let spent = Channels { mails_left: 0, mails_again_at: at(7 * MINUTE), ..both_ways() };
    let refused = awaiting(StepUp, Email).when(resend(going(40), None, Some(spent)));
    let again_at = at(7 * MINUTE);
    let too_many = CodeRefusal::TooManySends { again_at };
    assert_eq!(refused, Err(VerificationRefusal::Code(too_many)));
    let shown = awaiting(StepUp, Email).when(resend(going(40), Some(App), Some(spent)));
    assert_eq!(shown, Ok(vec![code_issued(StepUp, App, 2, 40)]));
}

#[test]
fn what_proves_an_address_travels_to_it_and_to_no_app() {
    let process = awaiting(Purpose::PasswordReset, Email);
    let by_app = process.when(resend(going(40), Some(App), None));
    assert_eq!(by_app, Err(VerificationRefusal::ChannelUnavailable(Unavailable::NoDevice)));
    let again = process.when(resend(going(40), Some(Email), None));
    assert_eq!(again, Ok(vec![VerificationEvent::CodeResent(resent(Email, 1))]));
}

#[test]
fn another_trusted_device_denies_a_step_up_while_it_is_open() {
    let deny = |generation, second| {
        let (by, now) = (device(PHONE), at(second));
        VerificationCommand::Deny { by, generation, now }
    };
    let denied = VerificationEvent::Denied(Denied { by: device(PHONE) });
    let mut process = awaiting(StepUp, App);
    assert_eq!(process.when(deny(1, 1)), closed(), "it is dead already");
    assert_eq!(process.when(deny(0, 10 * MINUTE)), closed(), "it has ended");
    assert_eq!(process.ask(at(1), deny(0, 1)), Ok(vec![denied]));
    assert_eq!(process.when(step_up(going(2), right(App))), closed());
    assert_eq!(process.when(deny(0, 2)), closed());
    assert_eq!(unreachable().when(deny(0, 1)), closed());
}
