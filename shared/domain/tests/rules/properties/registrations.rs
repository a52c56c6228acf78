//! One registration, asked anything at any time, by its own key and by a stranger's.

use jiff::SignedDuration;
use postern_domain::policy;
use postern_domain::verification::{
    Outcome, Verification, VerificationCommand, VerificationRefusal, Way,
};
use postern_events::code::CodeIssued;
use postern_events::ids::AccountId;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::Method;
use proptest::prelude::*;

use super::{Typed, any_typed, any_wait, cases};
use crate::fixtures::*;
use crate::registration::{going, opened};
use crate::stream::{Stream, stored_and_loaded};

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Guess { by: u8, typed: Typed, late: bool },
    Resend { by: u8 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let by = || prop_oneof![9 => Just(PHONE), 1 => Just(TABLET)];
    prop_oneof![
        3 => any_wait().prop_map(Step::Wait),
        4 => (by(), any_typed(), prop::bool::weighted(0.2))
            .prop_map(|(by, typed, late)| Step::Guess { by, typed, late }),
        3 => by().prop_map(|by| Step::Resend { by }),
    ]
}

fn code_issued(event: &VerificationEvent) -> Option<&CodeIssued> {
    if let VerificationEvent::CodeIssued(it) = event { Some(it) } else { None }
}

fn issued(events: &[VerificationEvent]) -> Vec<&CodeIssued> {
    events.iter().filter_map(code_issued).collect()
}

/// Takes the steps, with a check after each, and returns what happened.
fn play(taken_by: Option<AccountId>, steps: &[Step]) -> Stream<Verification> {
    let mut now = at(0);
    let mut process = Stream::<Verification>::default();
    let open = VerificationCommand::Open {
        opened: Box::new(opened(taken_by)),
        way: Way::Code(Method::Email),
        material: material(0),
        now,
    };
    process.ask(now, open).unwrap();
    let (mut left, mut judged) = (5, 0);
    for (number, step) in (1..).zip(steps) {
        match step {
            Step::Wait(seconds) => now += SignedDuration::from_secs(*seconds),
            Step::Resend { by } => {
                let material = material(number);
                let (method, channels) = (None, None);
                let going = going(*by, now);
                let resend = VerificationCommand::Resend { going, method, channels, material };
                let answer = process.ask(now, resend);
                let stranger = answer == Err(VerificationRefusal::NotFound);
                assert_eq!(stranger, *by != PHONE);
            }
            Step::Guess { by, typed, late } => {
                let codes = issued(&process.events);
                let id = registration().to_string();
                let code = typed.code(&codes, ada(), &id);
                let newest = code_of(codes.last().unwrap(), ada(), &id);
                let (going, guess, never) = (going(*by, now), guess(&code), *late);
                let outcome = Outcome::Session(session());
                let verify = VerificationCommand::Verify { going, guess, never, outcome };
                if let Ok(events) = process.ask(now, verify) {
                    judged += 1;
                    let right = matches!(events.first(), Some(VerificationEvent::CodeVerified(_)));
                    let may = newest.reveal() == code.reveal() && taken_by.is_none() && !late;
                    assert_eq!((right, *by), (may, PHONE));
                }
            }
        }
        if let Verification::CodeRequired(_, challenge) = &process.state {
            assert!(challenge.guesses_left() <= left, "guesses came back");
            left = challenge.guesses_left();
        }
        assert!(judged <= 5);
    }
    process
}

fn happened(process: &Stream<Verification>, what: fn(&VerificationEvent) -> bool) -> usize {
    process.events.iter().filter(|it| what(it)).count()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_the_newest_code_of_a_free_address_completes_a_registration(
        taken in any::<bool>(),
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        let taken_by = taken.then(|| AccountId::new(at(-1), [8; 10]));
        let process = play(taken_by, &steps);
        let verified = happened(&process, |it| matches!(it, VerificationEvent::CodeVerified(_)));
        let completed = happened(&process, |it| matches!(it, VerificationEvent::Completed(_)));
        let sends = happened(&process, |it| {
            matches!(it, VerificationEvent::CodeIssued(_) | VerificationEvent::CodeResent(_))
        });
        prop_assert_eq!(completed, verified);
        prop_assert!(verified <= usize::from(!taken) && sends <= 5);
        for code in issued(&process.events) {
            prop_assert!(code.expires_at <= at(0) + policy::ATTEMPT_LIFE);
        }
        prop_assert_eq!(process.refolded(), process.state.clone());
        prop_assert_eq!(stored_and_loaded(&process.state), process.state);
    }

    #[test]
    fn wrong_codes_tell_a_taken_address_from_a_free_one_by_nothing(
        steps in prop::collection::vec(
            any_step().prop_filter("no right code", |step| {
                !matches!(step, Step::Guess { typed: Typed::Newest, .. })
            }),
            1..40,
        ),
    ) {
        let free = play(None, &steps);
        let taken = play(Some(AccountId::new(at(-1), [8; 10])), &steps);
        let guessed = happened(&free, |it| matches!(it, VerificationEvent::CodeVerified(_)));
        prop_assume!(guessed == 0);
        prop_assert_eq!(&free.events[1..], &taken.events[1..]);
    }
}
