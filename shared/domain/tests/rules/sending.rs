//! When a code is sent again: cooldowns, switches of method, the limit of sends.

use postern_domain::challenge::CodeRefusal;
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::sign_in::{SignIn, SignInCommand, SignInRefusal};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method::{self, App, Email};

use crate::fixtures::*;
use crate::sign_in::{attempted, awaiting_mailed_code, code_issued, tablet};
use crate::stream::{Stream, given};

/// The tablet asks for a code at that second; a new one would be made from `number`.
pub(crate) fn resend(method: Option<Method>, number: u8, second: i64) -> SignInCommand {
    resend_with(both_ways(), method, number, second)
}

/// The same, with the owner reachable in these ways.
fn resend_with(
    channels: Channels,
    method: Option<Method>,
    number: u8,
    second: i64,
) -> SignInCommand {
    let (asking, material) = (tablet(second), material(number));
    SignInCommand::Resend { asking, method, channels, material }
}

/// An attempt with both methods and a code in the app since second 0.
fn shown_in_the_app() -> Stream<SignIn> {
    given(at(0), vec![attempted(&[App, Email]), code_issued(App, 1, 0)])
}

fn sent_again(method: Method, issue: u8) -> SignInEvent {
    SignInEvent::CodeResent(resent(method, issue))
}

fn too_soon(second: i64) -> SignInRefusal {
    SignInRefusal::Code(CodeRefusal::TooSoon { available_at: at(second) })
}

#[test]
fn the_living_code_is_repeated_after_thirty_seconds() {
    let attempt = awaiting_mailed_code();
    assert_eq!(attempt.when(resend(None, 2, 29)), Err(too_soon(30)));
    assert_eq!(attempt.when(resend(None, 2, 30)), Ok(vec![sent_again(Email, 1)]));
}

#[test]
fn each_further_repetition_waits_for_sixty_seconds() {
    let twice = awaiting_mailed_code().and(at(30), vec![sent_again(Email, 1)]);
    assert_eq!(twice.when(resend(None, 2, 89)), Err(too_soon(90)));
    assert_eq!(twice.when(resend(None, 2, 90)), Ok(vec![sent_again(Email, 1)]));
    let thrice = twice.and(at(90), vec![sent_again(Email, 1)]);
    assert_eq!(thrice.when(resend(None, 2, 149)), Err(too_soon(150)));
    assert_eq!(thrice.when(resend(None, 2, 150)), Ok(vec![sent_again(Email, 1)]));
}

#[test]
fn an_expired_code_is_followed_by_a_new_one() {
    let attempt = awaiting_mailed_code();
    let just_before = attempt.when(resend(None, 2, 5 * MINUTE - 1));
    assert_eq!(just_before, Ok(vec![sent_again(Email, 1)]));
    let expired = attempt.when(resend(None, 2, 5 * MINUTE));
    assert_eq!(expired, Ok(vec![code_issued(Email, 2, 5 * MINUTE)]));
}

#[test]
fn another_method_gets_another_code_without_waiting() {
    let events = shown_in_the_app().when(resend(Some(Email), 2, 1));
    assert_eq!(events, Ok(vec![code_issued(Email, 2, 1)]));
}

#[test]
fn switching_back_waits_for_the_methods_own_cooldown() {
    let switched = shown_in_the_app().and(at(10), vec![code_issued(Email, 2, 10)]);
    assert_eq!(switched.when(resend(Some(App), 3, 29)), Err(too_soon(30)));
    let back = switched.when(resend(Some(App), 3, 30));
    assert_eq!(back, Ok(vec![code_issued(App, 3, 30)]));
}

#[test]
fn a_send_by_one_method_does_not_lengthen_the_others_cooldown() {
    let switched = shown_in_the_app().and(at(1), vec![code_issued(Email, 2, 1)]);
    assert_eq!(switched.when(resend(Some(Email), 3, 30)), Err(too_soon(31)));
    assert_eq!(switched.when(resend(Some(Email), 3, 31)), Ok(vec![sent_again(Email, 2)]));
}

#[test]
fn no_method_given_means_the_present_one() {
    let switched = shown_in_the_app().and(at(1), vec![code_issued(Email, 2, 1)]);
    assert_eq!(switched.when(resend(None, 3, 31)), Ok(vec![sent_again(Email, 2)]));
}

#[test]
fn the_fifth_send_over_all_methods_is_the_last() {
    let four = shown_in_the_app()
        .and(at(1), vec![code_issued(Email, 2, 1)])
        .and(at(31), vec![sent_again(Email, 2)])
        .and(at(91), vec![sent_again(Email, 2)]);
    assert_eq!(four.state.pending().unwrap().1.sends_left(), 1);
    let fifth = four.when(resend(Some(App), 3, 92));
    assert_eq!(fifth, Ok(vec![code_issued(App, 3, 92)]));

    let five = four.and(at(92), vec![code_issued(App, 3, 92)]);
    for (method, second) in [(App, 200), (Email, 200), (App, 6 * MINUTE + 33)] {
        let refused = five.when(resend(Some(method), 4, second));
        assert_eq!(
            refused,
            Err(SignInRefusal::Code(CodeRefusal::TooManySends { again_at: at(10 * MINUTE) }))
        );
    }
}

#[test]
fn a_method_that_can_not_reach_the_owner_is_refused() {
    let refused = awaiting_mailed_code().when(resend_with(by_mail_only(), Some(App), 2, 40));
    assert_eq!(refused, Err(SignInRefusal::ChannelUnavailable(Unavailable::NoDevice)));
}

#[test]
fn a_code_shown_in_the_app_is_not_repeated_once_no_device_shows_it() {
    let gone = shown_in_the_app().when(resend_with(by_mail_only(), None, 2, 40));
    assert_eq!(gone, Err(SignInRefusal::ChannelUnavailable(Unavailable::NoDevice)));
    let mailed = shown_in_the_app().when(resend_with(by_mail_only(), Some(Email), 2, 40));
    assert_eq!(mailed, Ok(vec![code_issued(Email, 2, 40)]));
}

#[test]
fn a_device_without_pushes_can_be_asked_for_but_a_spent_budget_can_not() {
    let silent = Channels { pushable: 0, ..both_ways() };
    let shown = awaiting_mailed_code().when(resend_with(silent, Some(App), 2, 1));
    assert_eq!(shown, Ok(vec![code_issued(App, 2, 1)]));
    let spent = Channels { pushes_left: 0, pushes_again_at: at(DAY), ..both_ways() };
    let refused = awaiting_mailed_code().when(resend_with(spent, Some(App), 2, 1));
    let until = at(DAY);
    assert_eq!(
        refused,
        Err(SignInRefusal::ChannelUnavailable(Unavailable::TooManyPushes { until }))
    );
}

#[test]
fn what_is_pushed_to_nobody_is_shown_whatever_the_budget_says() {
    let silent = Channels { pushable: 0, pushes_left: 0, pushes_again_at: at(DAY), ..both_ways() };
    let shown = awaiting_mailed_code().when(resend_with(silent, Some(App), 2, 1));
    assert_eq!(shown, Ok(vec![code_issued(App, 2, 1)]));
}

#[test]
fn without_a_mail_left_no_mail_is_sent_but_the_app_still_is() {
    let spent = Channels { mails_left: 0, mails_again_at: at(7 * MINUTE), ..both_ways() };
    for method in [None, Some(Email)] {
        let refused = awaiting_mailed_code().when(resend_with(spent, method, 2, 40));
        let again_at = at(7 * MINUTE);
        assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::TooManySends { again_at })));
    }
    let shown = awaiting_mailed_code().when(resend_with(spent, Some(App), 2, 40));
    assert_eq!(shown, Ok(vec![code_issued(App, 2, 40)]));
}

#[test]
fn the_cooldown_is_told_before_the_budget() {
    let spent = Channels { mails_left: 0, mails_again_at: at(7 * MINUTE), ..both_ways() };
    let refused = awaiting_mailed_code().when(resend_with(spent, None, 2, 29));
    assert_eq!(refused, Err(too_soon(30)));
}

#[test]
fn nothing_is_sent_once_the_attempt_is_over() {
    let attempt = awaiting_mailed_code();
    assert!(attempt.when(resend(None, 2, 10 * MINUTE - 1)).is_ok());
    let refused = attempt.when(resend(None, 2, 10 * MINUTE));
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn a_repetition_says_which_event_asked_for_it() {
    let attempt = awaiting_mailed_code();
    let first = attempt.state.pending().unwrap().1.asked_by();
    let repeated = attempt.and(at(30), vec![sent_again(Email, 1)]);
    assert_ne!(repeated.state.pending().unwrap().1.asked_by(), first);
}
