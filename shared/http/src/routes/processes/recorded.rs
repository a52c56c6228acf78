//! What became of a guess, as the stream records it.

use postern_domain::verification::Verification;
use postern_events::catalogue::EventSet as _;
use postern_events::verification::VerificationEvent;
use postern_store::streams::{Commit, Decided};

use super::Own;
use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;

/// What a call has recorded before, if it is a repeat of one that did.
pub(in crate::routes) async fn recorded_before<C, B>(
    own: &Own,
    call: &Call<C, B>,
) -> Result<Option<Recorded>, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(None) };
    let streams = call.api.parts().store.streams();
    for looked in 0.. {
        let commit = streams.commit_of_call::<Verification>(own.id, repeat.name()).await;
        let found = commit.map_err(|error| of_store(&error))?;
        if found.is_some() || !repeat.waits(call.now, looked).await {
            return Ok(found.and_then(|it| recorded(&it)));
        }
    }
    Ok(None)
}

/// What became of a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::routes) enum Recorded {
    /// It was right.
    Right,
    /// It was wrong.
    Wrong {
        /// Guesses that were left.
        attempts_left: u8,
    },
}

/// A right code that led to nothing is no outcome: what stood in its way is looked at anew.
fn recorded(commit: &Commit) -> Option<Recorded> {
    let ended = |name: &str| matches!(name, "verification.completed" | "verification.fulfilled");
    let led_to_something = commit.events.iter().any(|it| ended(&it.name));
    let outcome = |it: &VerificationEvent| {
        outcome(it).filter(|it| *it != Recorded::Right || led_to_something)
    };
    commit
        .events
        .iter()
        .filter_map(|it| VerificationEvent::read(it).ok())
        .find_map(|it| outcome(&it))
}

fn outcome(event: &VerificationEvent) -> Option<Recorded> {
    if let VerificationEvent::CodeRejected(it) = event {
        return Some(Recorded::Wrong { attempts_left: it.attempts_left });
    }
    matches!(event, VerificationEvent::CodeVerified(_)).then_some(Recorded::Right)
}

/// What a decision on a guess comes to.
pub(in crate::routes) fn judged(decided: &Decided<Verification>) -> Option<Recorded> {
    decided.events().iter().find_map(|it| outcome(&it.event))
}

/// A wrong code, as it is answered.
pub(in crate::routes) fn incorrect(attempts_left: u8) -> Problem {
    Problem::new(Code::CodeIncorrect).with("attempts_left", attempts_left)
}

/// Records a wrong guess and says so. `None`: somebody else was faster, decide again.
pub(in crate::routes) async fn reject<C, B>(
    call: &Call<C, B>,
    decided: Decided<Verification>,
    attempts_left: u8,
) -> Result<Option<std::convert::Infallible>, Problem> {
    let meta = call.meta("anonymous");
    match call.api.parts().store.streams().commit_one(decided, &meta).await {
        Ok(_) => Err(incorrect(attempts_left)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_store(&error)),
    }
}
