//! How long codes and attempts live, and what wrong codes lead to.

use postern_domain::challenge::{CodeRefusal, Guess};
use postern_domain::codes::Code;
use postern_domain::sign_in::{SignIn, SignInRefusal};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method::{self, App, Email};

use crate::fixtures::*;
use crate::sign_in::{
    attempted, awaiting_mailed_code, code, code_issued, completed, tablet, verify, verify_right,
    verify_wrong,
};
use crate::stream::{Stream, given};

const LIFE: i64 = 5 * MINUTE;
const ATTEMPT: i64 = 10 * MINUTE;

/// An attempt whose second code was mailed nine minutes after the first.
fn sent_again_after_nine_minutes() -> Stream<SignIn> {
    awaiting_mailed_code().and(at(9 * MINUTE), vec![code_issued(Email, 2, 9 * MINUTE)])
}

/// An attempt after so many wrong codes.
fn after_wrong_codes(count: u8) -> Stream<SignIn> {
    let rejections = (1..=count).map(|n| SignInEvent::CodeRejected(rejected(1, 5 - n)));
    awaiting_mailed_code().and(at(1), rejections.collect())
}

fn right_for(method: Method, issue: u8) -> Guess {
    guess(&code(method, issue, 0))
}

#[test]
fn the_right_code_completes_the_attempt() {
    let events = awaiting_mailed_code().when(verify_right(tablet(1)));
    let expected = vec![SignInEvent::CodeVerified(verified(1, Email)), completed(true)];
    assert_eq!(events, Ok(expected));
}

#[test]
fn a_wrong_code_is_a_fact_and_leaves_four_guesses() {
    let mut attempt = awaiting_mailed_code();
    let events = attempt.ask(at(1), verify_wrong(tablet(1)));
    assert_eq!(events, Ok(vec![SignInEvent::CodeRejected(rejected(1, 4))]));
    assert_eq!(attempt.state.pending().unwrap().1.guesses_left(), 4);
}

#[test]
fn a_code_is_accepted_for_five_minutes_and_no_longer() {
    let attempt = awaiting_mailed_code();
    assert!(attempt.when(verify_right(tablet(LIFE - 1))).is_ok());
    for second in [LIFE, LIFE + 1] {
        let refused = attempt.when(verify_right(tablet(second)));
        assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Expired)));
    }
}

#[test]
fn a_wrong_code_after_the_expiry_is_not_compared_either() {
    let refused = awaiting_mailed_code().when(verify_wrong(tablet(LIFE)));
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Expired)));
}

#[test]
fn an_attempt_lives_for_ten_minutes_and_so_does_its_last_code() {
    let attempt = sent_again_after_nine_minutes();
    let newest = guess(&code(Email, 2, 9 * MINUTE));
    assert!(attempt.when(verify(tablet(ATTEMPT - 1), newest.clone())).is_ok());
    for second in [ATTEMPT, ATTEMPT + 1] {
        let refused = attempt.when(verify(tablet(second), newest.clone()));
        assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Closed)));
    }
}

#[test]
fn a_code_issued_at_nine_minutes_expires_at_ten() {
    let mut attempt = awaiting_mailed_code();
    let again = crate::sending::resend(None, 2, 9 * MINUTE);
    let events = attempt.ask(at(9 * MINUTE), again).unwrap();
    let [SignInEvent::CodeIssued(second)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(second.expires_at, at(ATTEMPT));
}

#[test]
fn the_fourth_wrong_code_leaves_one_guess_and_the_right_code_still_counts() {
    let attempt = after_wrong_codes(3);
    let events = attempt.when(verify_wrong(tablet(2)));
    assert_eq!(events, Ok(vec![SignInEvent::CodeRejected(rejected(1, 1))]));
    assert!(after_wrong_codes(4).when(verify_right(tablet(2))).unwrap().contains(&completed(true)));
}

#[test]
fn the_fifth_wrong_code_closes_the_attempt() {
    let mut attempt = after_wrong_codes(4);
    let events = attempt.ask(at(2), verify_wrong(tablet(2)));
    let expected = vec![SignInEvent::CodeRejected(rejected(1, 0)), SignInEvent::Locked(locked(5))];
    assert_eq!(events, Ok(expected));
    let refused = attempt.when(verify_right(tablet(3)));
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn five_wrong_codes_are_the_end_even_where_the_lock_was_not_recorded() {
    let refused = after_wrong_codes(5).when(verify_right(tablet(2)));
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Closed)));
}

#[test]
fn only_the_newest_code_is_accepted_and_an_older_one_counts_as_wrong() {
    let attempt = awaiting_mailed_code().and(at(LIFE), vec![code_issued(Email, 2, LIFE)]);
    let older = attempt.when(verify(tablet(LIFE + 1), right_for(Email, 1)));
    assert_eq!(older, Ok(vec![SignInEvent::CodeRejected(rejected(2, 4))]));
    let newest = attempt.when(verify(tablet(LIFE + 1), right_for(Email, 2))).unwrap();
    assert_eq!(newest.first(), Some(&SignInEvent::CodeVerified(verified(2, Email))));
}

#[test]
fn a_code_for_one_method_is_wrong_after_a_switch_to_another() {
    let events = vec![attempted(&[App, Email]), code_issued(App, 1, 0)];
    let attempt: Stream<SignIn> = given(at(0), events);
    let attempt = attempt.and(at(1), vec![code_issued(Email, 2, 1)]);
    let older = attempt.when(verify(tablet(2), right_for(App, 1)));
    assert_eq!(older, Ok(vec![SignInEvent::CodeRejected(rejected(2, 4))]));
    assert!(
        attempt.when(verify(tablet(2), right_for(Email, 2))).unwrap().contains(&completed(true))
    );
}

#[test]
fn a_new_code_does_not_give_guesses_back() {
    let attempt = after_wrong_codes(4).and(at(LIFE), vec![code_issued(Email, 2, LIFE)]);
    let last = attempt.when(verify(tablet(LIFE + 1), wrong_guess(&code(Email, 2, LIFE))));
    let expected = vec![SignInEvent::CodeRejected(rejected(2, 0)), SignInEvent::Locked(locked(5))];
    assert_eq!(last, Ok(expected));
}

#[test]
fn a_code_of_another_attempt_is_wrong() {
    let event = issued(postern_events::vocabulary::Purpose::SignIn, Email, 1, 0);
    let theirs: Code = code_of(&event, ada(), "sin_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let events = awaiting_mailed_code().when(verify(tablet(1), guess(&theirs)));
    assert_eq!(events, Ok(vec![SignInEvent::CodeRejected(rejected(1, 4))]));
}
