//! The account changes under an attempt, and whoever waits for it is told.

use postern_domain::challenge::CodeRefusal;
use postern_domain::sign_in::{Ending, SignIn, SignInCommand, SignInRefusal};
use postern_events::sign_in::{Cancelled, CancelledBecause, Denied, SignInEvent};

use crate::fixtures::*;
use crate::sending::resend;
use crate::sign_in::{
    attempted, awaiting_mailed_code, completed, tablet, verify_right, verify_wrong,
};
use crate::stream::{Stream, given};

/// The account's generation is this one now.
fn supersede(generation: u32, second: i64) -> SignInCommand {
    SignInCommand::Supersede { generation, now: at(second) }
}

fn called_off() -> SignInEvent {
    SignInEvent::Cancelled(Cancelled { because: Some(CancelledBecause::AccountChanged) })
}

#[test]
fn an_attempt_of_another_generation_is_called_off_because_the_account_changed() {
    let mut attempt = awaiting_mailed_code();
    assert_eq!(attempt.ask(at(1), supersede(1, 1)), Ok(vec![called_off()]));
    let how = Ending::Cancelled;
    assert_eq!(attempt.state, SignIn::Closed { account: ada(), key: key(TABLET), how });
    for command in [
        verify_right(tablet(40)),
        verify_wrong(tablet(40)),
        resend(None, 2, 40),
        SignInCommand::Cancel { asking: tablet(40) },
    ] {
        assert_eq!(attempt.when(command), Err(SignInRefusal::Code(CodeRefusal::Closed)));
    }
}

#[test]
fn an_attempt_that_lives_is_left_alone() {
    let mut attempt = awaiting_mailed_code();
    assert_eq!(attempt.ask(at(1), supersede(0, 1)), Ok(vec![]));
    assert!(attempt.when(verify_right(tablet(2))).is_ok());
}

#[test]
fn nobody_is_told_twice() {
    let mut attempt = awaiting_mailed_code();
    attempt.ask(at(1), supersede(1, 1)).unwrap();
    for generation in [0, 1, 2] {
        assert_eq!(attempt.when(supersede(generation, 2)), Ok(vec![]));
    }
}

#[test]
fn an_attempt_that_ended_otherwise_keeps_its_end() {
    let denied = SignInEvent::Denied(Denied { by: device(PHONE) });
    let given_up = SignInEvent::Cancelled(Cancelled { because: None });
    let too_often = SignInEvent::Locked(locked(5));
    for end in [denied, given_up, too_often, completed(true)] {
        let ended = awaiting_mailed_code().and(at(1), vec![end]);
        assert_eq!(ended.when(supersede(1, 2)), Ok(vec![]), "{:?}", ended.state);
    }
}

#[test]
fn an_attempt_that_ran_out_by_itself_is_not_called_off_as_well() {
    let attempt = awaiting_mailed_code();
    assert_eq!(attempt.when(supersede(1, 10 * MINUTE - 1)), Ok(vec![called_off()]));
    assert_eq!(attempt.when(supersede(1, 10 * MINUTE)), Ok(vec![]));
}

#[test]
fn where_no_code_is_awaited_there_is_nothing_to_call_off() {
    assert_eq!(Stream::<SignIn>::default().when(supersede(1, 1)), Ok(vec![]));
    let unreachable: Stream<SignIn> = given(at(0), vec![attempted(&[])]);
    assert_eq!(unreachable.when(supersede(1, 1)), Ok(vec![]));
}
