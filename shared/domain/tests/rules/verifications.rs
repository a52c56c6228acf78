//! Processes about an account, as other tests ask for them: by session, or for anybody.

use postern_domain::challenge::Guess;
use postern_domain::channels::Channels;
use postern_domain::codes::Code;
use postern_domain::policy;
use postern_domain::verification::{Going, Outcome, Verification, VerificationCommand, Way};
use postern_events::verification::{Opened, StepUpInputs, VerificationEvent};
use postern_events::vocabulary::{Method, Purpose};

use crate::fixtures::*;
use crate::registration;
use crate::stream::{Stream, given};

/// What the tablet's session asks for, in the account's first generation.
pub(crate) fn opened(purpose: Purpose) -> Opened {
    let by_session = matches!(purpose, Purpose::StepUp | Purpose::EmailChange);
    let inputs = (purpose == Purpose::StepUp).then(|| StepUpInputs {
        settled: false,
        method: Method::Email,
        reachable: vec![Method::App, Method::Email],
        pushable: 1,
    });
    Opened {
        purpose,
        key: key(TABLET),
        device: device(TABLET),
        attempt_generation: Some(0),
        session: by_session.then(session),
        inputs,
        policy: policy::VERSION,
        ..registration::opened(None)
    }
}

/// Opens it this way at second 0.
pub(crate) fn open(purpose: Purpose, way: Way) -> VerificationCommand {
    let opened = Box::new(opened(purpose));
    VerificationCommand::Open { opened, way, material: material(1), now: at(0) }
}

pub(crate) fn code_issued(
    purpose: Purpose,
    method: Method,
    issue: u8,
    second: i64,
) -> VerificationEvent {
    VerificationEvent::CodeIssued(issued(purpose, method, issue, second))
}

/// The process with a code that travelled at second 0.
pub(crate) fn awaiting(purpose: Purpose, method: Method) -> Stream<Verification> {
    let events =
        vec![VerificationEvent::Opened(opened(purpose)), code_issued(purpose, method, 1, 0)];
    given(at(0), events)
}

/// The tablet's session goes on at that second.
pub(crate) fn going(second: i64) -> Going {
    let (key, session) = (key(TABLET), Some(session()));
    Going { key, session, generation: Some(0), now: at(second) }
}

/// The first code, as its owner reads it.
pub(crate) fn code(purpose: Purpose, method: Method) -> Code {
    let event = issued(purpose, method, 1, 0);
    code_of(&event, ada(), &crate::fixtures::registration().to_string())
}

pub(crate) fn verify(going: Going, guess: Guess, outcome: Outcome) -> VerificationCommand {
    VerificationCommand::Verify { going, guess, never: false, outcome }
}

pub(crate) fn resend(
    going: Going,
    method: Option<Method>,
    channels: Option<Channels>,
) -> VerificationCommand {
    VerificationCommand::Resend { going, method, channels, material: material(2) }
}
