//! What the events of a process ask for.

use postern_domain::policy;
use postern_events::ids::{AccountId, VerificationId};
use postern_events::message::MessageKind;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{Method, Purpose};
use postern_store::model::Recorded;

use super::{Asked, Cause, CodeOf};
use crate::generate::life::Life;
use crate::generate::processes::Process;

impl Life<'_> {
    /// What a process's events ask for.
    pub(in crate::generate) fn ask_for_process(
        &mut self,
        id: VerificationId,
        events: &[Recorded<VerificationEvent>],
    ) {
        let Ok(process) = self.process(id) else { return };
        let stream = process.context.stream().to_owned();
        for recorded in events {
            let cause = Cause { stamp: recorded.stamp, stream: &stream };
            match &recorded.event {
                VerificationEvent::CodeIssued(_) | VerificationEvent::CodeResent(_) => {
                    self.ask_for_code_of_process(id, &cause);
                }
                VerificationEvent::Completed(_)
                | VerificationEvent::Denied(_)
                | VerificationEvent::Reported(_)
                | VerificationEvent::Locked(_) => self.close_step_up(id, &cause),
                VerificationEvent::Opened(_)
                | VerificationEvent::CodeRejected(_)
                | VerificationEvent::CodeVerified(_)
                | VerificationEvent::Fulfilled(_) => {}
            }
        }
    }

    /// To an address that is taken goes no code, but its owner is told once.
    fn ask_for_code_of_process(&mut self, id: VerificationId, cause: &Cause<'_>) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        let Some((_, challenge)) = process.awaited() else { return };
        let (method, deadline) = (challenge.newest().method, challenge.newest().expires_at);
        let first = process.sends.is_empty();
        process.sends.push(method);
        let (key, code) = (process.key, Some(CodeOf::Process(id)));
        match method {
            Method::App => {
                let kind = MessageKind::SignInRequest;
                self.ask_devices(cause, kind, key, (deadline, code, true));
            }
            Method::Email => {
                let Some((account, kind)) = mail_of(process, first) else { return };
                process.mailed = Some(cause.stamp.id);
                let mail = cause.mail(account, kind);
                let told = kind == MessageKind::RegistrationAttempt;
                self.ask(if told { mail } else { Asked { deadline, code, ..mail } });
            }
        }
    }

    fn close_step_up(&mut self, id: VerificationId, cause: &Cause<'_>) {
        let Ok(process) = self.process(id) else { return };
        if process.sends.contains(&Method::App) {
            let (key, deadline) = (process.key, process.opened_at + policy::ATTEMPT_LIFE);
            self.ask_devices(cause, MessageKind::RequestClosed, key, (deadline, None, true));
        }
    }
}

/// Whom the mail of a process goes to, and what it says.
fn mail_of(process: &Process, first: bool) -> Option<(AccountId, MessageKind)> {
    if let Some(owner) = process.taken_by {
        return first.then_some((owner, MessageKind::RegistrationAttempt));
    }
    let kind = match process.purpose {
        Purpose::Registration => MessageKind::RegistrationCode,
        Purpose::PasswordReset => MessageKind::PasswordResetCode,
        Purpose::EmailChange => MessageKind::EmailChangeCode,
        Purpose::StepUp => MessageKind::StepUpCode,
        Purpose::SignIn => return None,
    };
    Some((process.whose, kind))
}
