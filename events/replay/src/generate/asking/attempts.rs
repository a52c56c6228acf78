//! What the events of an attempt to sign in ask for.

use jiff::Timestamp;
use postern_domain::policy;
use postern_domain::sign_in::SignIn;
use postern_events::ids::SignInId;
use postern_events::message::MessageKind;
use postern_events::sign_in::{Attempted, SignInEvent};
use postern_events::vocabulary::Method;
use postern_store::model::Recorded;

use super::{Asked, Cause, CodeOf};
use crate::generate::life::Life;

impl Life<'_> {
    /// What an attempt's events ask for.
    pub(in crate::generate) fn ask_for_attempt(
        &mut self,
        id: SignInId,
        events: &[Recorded<SignInEvent>],
    ) {
        let Ok(attempt) = self.attempt(id) else { return };
        let (key, stream) = (attempt.opened.key, attempt.context.stream().to_owned());
        let tells_phones = tells_phones(&attempt.opened);
        let (opened_at, newest) = (attempt.opened_at, code_of(attempt.context.state()));
        let proven = events.iter().any(|it| {
            matches!(it.event, SignInEvent::CodeVerified(_) | SignInEvent::RecoveryCodeUsed(_))
        });
        for recorded in events {
            let cause = Cause { stamp: recorded.stamp, stream: &stream };
            match &recorded.event {
                SignInEvent::CodeIssued(_) | SignInEvent::CodeResent(_) => {
                    let Some((method, deadline)) = newest else { continue };
                    self.ask_for_code(id, &cause, (method, deadline, tells_phones));
                }
                SignInEvent::Completed(_) => {
                    if proven {
                        let mail = cause.mail(self.id, MessageKind::NewDevice);
                        self.mailed(id, &cause);
                        self.ask(Asked { thing: Some(key.to_string()), ..mail });
                    }
                    self.close_request(id, &cause, opened_at);
                }
                SignInEvent::Cancelled(_)
                | SignInEvent::Denied(_)
                | SignInEvent::Reported(_)
                | SignInEvent::Locked(_) => self.close_request(id, &cause, opened_at),
                SignInEvent::Attempted(_)
                | SignInEvent::Refused(_)
                | SignInEvent::CodeRejected(_)
                | SignInEvent::CodeVerified(_)
                | SignInEvent::RecoveryCodeUsed(_) => {}
            }
        }
    }

    fn ask_for_code(
        &mut self,
        id: SignInId,
        cause: &Cause<'_>,
        (method, deadline, tells_phones): (Method, Timestamp, bool),
    ) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        let (first, key) = (attempt.sends.is_empty(), attempt.opened.key);
        attempt.sends.push(method);
        let code = Some(CodeOf::SignIn(id));
        let asks_devices = method == Method::App || (first && tells_phones);
        if method == Method::Email {
            self.mailed(id, cause);
            let mail = cause.mail(self.id, MessageKind::SignInCode);
            self.ask(Asked { deadline, code, ..mail });
        }
        if asks_devices {
            self.ask_devices(cause, MessageKind::SignInRequest, key, (deadline, code, false));
        }
    }

    fn mailed(&mut self, id: SignInId, cause: &Cause<'_>) {
        if let Some(attempt) = self.attempts.get_mut(&id) {
            attempt.mailed = Some(cause.stamp.id);
        }
    }

    /// The phones that were asked are told that it is decided.
    fn close_request(&mut self, id: SignInId, cause: &Cause<'_>, opened_at: Timestamp) {
        let Ok(attempt) = self.attempt(id) else { return };
        let told = tells_phones(&attempt.opened) && !attempt.sends.is_empty();
        let (key, asked) = (attempt.opened.key, told || attempt.sends.contains(&Method::App));
        if asked {
            let deadline = opened_at + policy::ATTEMPT_LIFE;
            self.ask_devices(cause, MessageKind::RequestClosed, key, (deadline, None, false));
        }
    }
}

fn code_of(state: &SignIn) -> Option<(Method, Timestamp)> {
    let (_, challenge) = state.pending()?;
    Some((challenge.newest().method, challenge.newest().expires_at))
}

/// Whether phones could be told of an attempt when it was opened, also where its code is mailed.
fn tells_phones(attempted: &Attempted) -> bool {
    let inputs = &attempted.inputs;
    inputs.reachable.contains(&Method::App) && inputs.pushable.is_none_or(|it| it > 0)
}
