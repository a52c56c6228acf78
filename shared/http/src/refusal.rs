//! From a refusal or a failure to the answer a client gets; one match each, exhaustive.

use jiff::Timestamp;
use postern_domain::account::AccountRefusal;
use postern_domain::challenge::CodeRefusal;
use postern_domain::channels::Unavailable;
use postern_domain::guard::{Paused, Unclaimable};
use postern_domain::password::Weak;
use postern_domain::sign_in::SignInRefusal;
use postern_domain::tries::TooManyTries;
use postern_domain::verification::VerificationRefusal;
use postern_runtime::feed::chain_of;
use postern_store::streams::{ExecuteError, TogetherError};
use postern_store::{Busyness, StoreError};

use crate::problem::{Code, Problem, Saying};
use crate::view::because;

/// How long a client waits before it repeats what the tables could not do.
const RETRY_UNAVAILABLE: jiff::SignedDuration = jiff::SignedDuration::from_secs(2);

/// Logs why, once, and says only that it did not work.
pub(crate) fn unavailable(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = chain_of(error), "a request could not be carried out");
    Problem::new(Code::Unavailable).retry_in(RETRY_UNAVAILABLE)
}

/// Others were faster each time: whoever asks again soon may be first.
pub(crate) fn contended() -> Problem {
    tracing::warn!("a decision lost every race");
    Problem::new(Code::Unavailable).retry_in(RETRY_UNAVAILABLE)
}

pub(crate) fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Conflict
        | StoreError::Unavailable(_)
        | StoreError::Busy { because: Busyness::Throttled | Busyness::Contended, .. } => {
            unavailable(error)
        }
        StoreError::Broken { .. } => {
            tracing::error!(error = chain_of(error), "something stored can't be read");
            Problem::new(Code::Crashed)
        }
    }
}

pub(crate) fn of_together(error: &TogetherError) -> Problem {
    match error {
        TogetherError::Conflict { .. } => unavailable(error),
        TogetherError::Store(error) => of_store(error),
    }
}

/// Turns a failed decision into an answer, with `refused` for the decider's own refusals.
pub(crate) fn of_execute<R: std::error::Error + 'static>(
    error: ExecuteError<R>,
    refused: impl FnOnce(R) -> Problem,
) -> Problem {
    match error {
        ExecuteError::Refused(refusal) => refused(refusal),
        ExecuteError::Sealing(why) => {
            tracing::error!(error = chain_of(&why), "a personal value could not be sealed");
            Problem::new(Code::Crashed)
        }
        ExecuteError::Store(error) => of_store(&error),
    }
}

pub(crate) fn of_code(refusal: CodeRefusal, now: Timestamp) -> Problem {
    match refusal {
        CodeRefusal::Closed => Problem::new(Code::AttemptClosed),
        CodeRefusal::Expired => Problem::new(Code::CodeExpired),
        CodeRefusal::TooSoon { available_at } => {
            Problem::new(Code::ResendTooSoon).retry_at(available_at, now)
        }
        CodeRefusal::TooManySends { again_at } => {
            Problem::new(Code::TooManySends).retry_at(again_at, now)
        }
        CodeRefusal::Key(missing) => unavailable(&missing),
    }
}

pub(crate) fn of_sign_in(refusal: SignInRefusal, now: Timestamp) -> Problem {
    match refusal {
        SignInRefusal::NotFound => Problem::new(Code::NotFound),
        SignInRefusal::Exists => unavailable(&refusal),
        SignInRefusal::ChannelUnavailable(why) => of_channel(why, now),
        SignInRefusal::Code(refusal) => of_code(refusal, now),
    }
}

/// A method that can't be taken, and why.
pub(crate) fn of_channel(why: Unavailable, now: Timestamp) -> Problem {
    let problem = Problem::new(Code::ChannelUnavailable).with("because", because(why));
    match why {
        Unavailable::NoDevice => problem.saying(Saying::NoDevice),
        Unavailable::Undeliverable => problem.saying(Saying::Bounced),
        Unavailable::TooManyPushes { until } => {
            problem.saying(Saying::TooManyPushes).retry_at(until, now)
        }
        Unavailable::RecentlyReset { until } => {
            problem.saying(Saying::RecentlyReset).retry_at(until, now)
        }
    }
}

/// A password that is not taken as a new one.
pub(crate) fn of_weak(weak: Weak) -> Problem {
    Problem::new(Code::WeakPassword).saying(match weak {
        Weak::TooShort => Saying::TooShort,
        Weak::Guessable => Saying::Guessable,
        Weak::TooShortAlone => Saying::TooShortAlone,
    })
}

pub(crate) fn of_verification(refusal: VerificationRefusal, now: Timestamp) -> Problem {
    match refusal {
        VerificationRefusal::NotFound => Problem::new(Code::NotFound),
        VerificationRefusal::Exists => unavailable(&refusal),
        VerificationRefusal::ChannelUnavailable(why) => of_channel(why, now),
        VerificationRefusal::Code(refusal) => of_code(refusal, now),
    }
}

pub(crate) fn of_account(refusal: AccountRefusal, now: Timestamp) -> Problem {
    match refusal {
        AccountRefusal::StepUpRequired => Problem::new(Code::StepUpRequired),
        AccountRefusal::WeakAlone => of_weak(Weak::TooShortAlone),
        AccountRefusal::ChannelUnavailable(why) => of_channel(why, now),
        AccountRefusal::NoDevice => Problem::new(Code::NotFound),
        AccountRefusal::TooYoung => Problem::new(Code::DeviceTooNew),
        AccountRefusal::NoAccount => Problem::new(Code::InvalidToken),
        AccountRefusal::Exists | AccountRefusal::AlreadyTrusted | AccountRefusal::NoRoom => {
            unavailable(&refusal)
        }
    }
}

/// Too many wrong passwords; whether this one was right is not said.
pub(crate) fn of_tries(tries: TooManyTries, now: Timestamp) -> Problem {
    Problem::new(Code::RateLimited).retry_at(tries.until, now)
}

/// A paused account, to somebody who guesses.
pub(crate) fn of_pause(paused: Paused, now: Timestamp) -> Problem {
    let problem = Problem::new(Code::TooManyAttempts);
    match paused.until {
        Some(until) => problem.retry_at(until, now),
        // Only a new password lifts it; a client that waits should not wait in vain too often.
        None => problem.retry_in(postern_domain::policy::LONGEST_PAUSE),
    }
}

pub(crate) fn of_claim(refusal: Unclaimable, now: Timestamp) -> Problem {
    match refusal {
        Unclaimable::Paused(paused) => of_pause(paused, now),
        Unclaimable::Spent => Problem::new(Code::AttemptClosed),
    }
}
