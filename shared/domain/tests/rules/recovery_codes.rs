//! A recovery code in a code's place: also where nothing reaches the owner.

use postern_domain::account::{AccountCommand, AccountRefusal, OpenAccount};
use postern_domain::challenge::CodeRefusal;
use postern_domain::policy;
use postern_domain::sign_in::{Asking, Ending, SignIn, SignInCommand, SignInRefusal};
use postern_events::account::{AccountEvent, RecoveryCodesCreated};
use postern_events::sign_in::{RecoveryCodeUsed, SignInEvent};

use crate::fixtures::*;
use crate::sign_in::{attempted, awaiting_mailed_code, completed, tablet, verify_right};
use crate::stream::{Stream, given};
use crate::trust::open;

/// An attempt for which no channel reaches the owner.
fn unreachable() -> Stream<SignIn> {
    given(at(0), vec![attempted(&[])])
}

fn recover(asking: Asking, codes_left: Option<u8>, guesses_left: u8) -> SignInCommand {
    SignInCommand::Recover {
        asking,
        account: Box::new(account()),
        codes_left,
        guesses_left,
        trust: true,
        session: session(),
    }
}

fn used(codes_left: u8) -> SignInEvent {
    SignInEvent::RecoveryCodeUsed(RecoveryCodeUsed { codes_left })
}

fn wrong(issue: u8, attempts_left: u8) -> SignInEvent {
    SignInEvent::CodeRejected(rejected(issue, attempts_left))
}

fn closed() -> Result<Vec<SignInEvent>, SignInRefusal> {
    Err(SignInRefusal::Code(CodeRefusal::Closed))
}

#[test]
fn recovery_codes_are_made_ten_at_a_time_behind_a_step_up() {
    let create = |acting| AccountCommand::CreateRecoveryCodes { acting };
    let account = open(account());
    let refused = account.when(create(acting(PHONE, 0)));
    assert_eq!(refused, Err(AccountRefusal::StepUpRequired));
    let by = device(PHONE);
    let created = RecoveryCodesCreated { count: 10, by, policy: policy::VERSION };
    let events = account.when(create(stepped_up(PHONE, 0)));
    assert_eq!(events, Ok(vec![AccountEvent::RecoveryCodesCreated(created)]));
}

#[test]
fn a_right_recovery_code_lets_the_device_in_whether_or_not_a_code_was_sent() {
    for mut attempt in [awaiting_mailed_code(), unreachable()] {
        let events = attempt.ask(at(1), recover(tablet(1), Some(9), 4));
        assert_eq!(events, Ok(vec![used(9), completed(true)]));
        assert!(matches!(attempt.state, SignIn::Closed { how: Ending::Complete(_), .. }));
        assert_eq!(attempt.when(recover(tablet(2), Some(8), 3)), closed(), "once");
    }
}

#[test]
fn a_recovery_code_trusts_the_device_only_if_it_wants_that_and_there_is_room() {
    let full = (100..120).map(|number| trusted_device(number, 0)).collect();
    for (account, trust) in [(account(), false), (account_with(full), true)] {
        let command = SignInCommand::Recover {
            asking: tablet(1),
            account: Box::new(account),
            codes_left: Some(9),
            guesses_left: 4,
            trust,
            session: session(),
        };
        let events = unreachable().when(command);
        assert_eq!(events, Ok(vec![used(9), completed(false)]));
    }
}

#[test]
fn a_recovery_code_outlives_the_mailed_one_but_not_the_attempt() {
    for attempt in [awaiting_mailed_code(), unreachable()] {
        let late = attempt.when(recover(tablet(10 * MINUTE - 1), Some(9), 4));
        assert_eq!(late, Ok(vec![used(9), completed(true)]));
        assert_eq!(attempt.when(recover(tablet(10 * MINUTE), Some(9), 4)), closed());
    }
}

#[test]
fn a_wrong_recovery_code_counts_like_a_wrong_code() {
    let mut attempt = awaiting_mailed_code();
    for attempts_left in (1..5).rev() {
        let events = attempt.ask(at(1), recover(tablet(1), None, attempts_left));
        assert_eq!(events, Ok(vec![wrong(1, attempts_left)]));
    }
    let last = attempt.ask(at(1), recover(tablet(1), None, 0));
    assert_eq!(last, Ok(vec![wrong(1, 0), SignInEvent::Locked(locked(5))]));
    assert_eq!(attempt.when(recover(tablet(2), Some(9), 0)), closed());
    assert_eq!(attempt.when(verify_right(tablet(2))), closed());
}

#[test]
fn wrong_codes_of_both_kinds_are_counted_together() {
    let mailed = (1..=4).map(|n| wrong(1, 5 - n));
    let attempt = awaiting_mailed_code().and(at(1), mailed.collect());
    let fifth = attempt.when(recover(tablet(2), None, 0));
    assert_eq!(fifth, Ok(vec![wrong(1, 0), SignInEvent::Locked(locked(5))]));
}

#[test]
fn where_no_code_was_sent_the_claims_say_what_is_left_and_the_fifth_closes() {
    let mut attempt = unreachable();
    for left in (1..5).rev() {
        let events = attempt.ask(at(1), recover(tablet(1), None, left));
        assert_eq!(events, Ok(vec![wrong(0, left)]));
    }
    let last = attempt.ask(at(1), recover(tablet(1), None, 0));
    assert_eq!(last, Ok(vec![wrong(0, 0), SignInEvent::Locked(locked(5))]));
    assert_eq!(attempt.when(recover(tablet(2), Some(9), 0)), closed());
}

#[test]
fn another_key_or_generation_recovers_nothing() {
    for attempt in [awaiting_mailed_code(), unreachable()] {
        let stranger = Asking { key: key(PHONE), ..tablet(1) };
        for codes_left in [Some(9), None] {
            let refused = attempt.when(recover(stranger.clone(), codes_left, 4));
            assert_eq!(refused, Err(SignInRefusal::NotFound));
            let later = Asking { generation: 1, ..tablet(1) };
            assert_eq!(attempt.when(recover(later, codes_left, 4)), closed());
        }
    }
    let nothing = Stream::<SignIn>::default().when(recover(tablet(1), Some(9), 4));
    assert_eq!(nothing, Err(SignInRefusal::NotFound));
}

#[test]
fn a_key_that_became_trusted_meanwhile_keeps_its_device() {
    let both = vec![trusted_device(PHONE, 0), trusted_device(9, 0)];
    let mut account: OpenAccount = account_with(both);
    account.devices[1].key = key(TABLET);
    let command = SignInCommand::Recover {
        asking: tablet(1),
        account: Box::new(account),
        codes_left: Some(0),
        guesses_left: 4,
        trust: false,
        session: session(),
    };
    let events = unreachable().when(command).unwrap();
    let Some(SignInEvent::Completed(it)) = events.last() else { panic!("{events:?}") };
    assert_eq!((it.device, it.trusted), (device(9), true));
}
