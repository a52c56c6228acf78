//! What becomes of processes: codes typed, sent again, reported, and what a right one leads to.

use postern_domain::account::{AccountCommand, Report};
use postern_domain::budget::OPEN_MAILS;
use postern_domain::channels::Channels;
use postern_domain::guard::Claim;
use postern_domain::ports::draw;
use postern_domain::report::Reported;
use postern_domain::sign_in::SignInCommand;
use postern_domain::verification::{Going, Outcome, Pending, VerificationCommand};
use postern_events::ids::{SessionId, SignInId, VerificationId};
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{Method, Purpose};
use postern_store::streams::Meta;

use super::guessing::Typed;
use super::life::{ACCOUNT, ANONYMOUS, Life, SIGN_IN, Step, Stop};

impl Life<'_> {
    fn going(&self, id: VerificationId, phone: Option<usize>) -> Step<Going> {
        let process = self.process(id)?;
        let registers = process.purpose == Purpose::Registration;
        let open = self.account.state().open().filter(|it| it.id == process.whose);
        let signed_in = phone.and_then(|it| self.owner.phones[it].signed_in.as_ref());
        Ok(Going {
            key: process.key,
            session: signed_in.map(|it| it.session),
            generation: open.filter(|_| !registers).map(|it| it.attempt_generation),
            now: self.now,
        })
    }

    /// Types something as a process's code: whether it was right. Those that belong to a session say
    /// on which phone.
    pub(super) fn prove(
        &mut self,
        id: VerificationId,
        phone: Option<usize>,
        typed: Typed,
    ) -> Step<bool> {
        let (going, name) = (self.going(id, phone)?, id.to_string());
        let process = self.process(id)?;
        let purpose = process.purpose;
        self.call(if purpose == Purpose::PasswordReset { SIGN_IN } else { ACCOUNT });
        let process = self.process(id)?;
        let (pending, challenge) = process.context.state().may_go_on(&going)?;
        challenge.may_guess(self.now).map_err(Stop::refused)?;
        let (guess, is_right) = self.typed(typed, pending.account, &name, challenge)?;
        let pending = pending.clone();
        let claim = self.claim(id, phone)?;
        let outcome = match purpose {
            Purpose::Registration => Outcome::Session(SessionId::new(self.now, draw(&self.chance))),
            Purpose::StepUp => Outcome::Session(going.session.ok_or(Stop::Refused)?),
            Purpose::PasswordReset | Purpose::EmailChange | Purpose::SignIn => Outcome::Fulfilled,
        };
        let process = self.process(id)?;
        let never = process.purpose == Purpose::PasswordReset && process.whose != self.id;
        let actor = self.actor_of(id, phone, is_right)?;
        let meta = self.meta(&actor);
        let command = VerificationCommand::Verify { going, guess, never, outcome };
        let events = self.on_process(id, command, &meta)?;
        let right = events.iter().any(|it| matches!(it.event, VerificationEvent::CodeVerified(_)));
        if right {
            self.achieve(&pending, phone, outcome, &meta)?;
        } else if let Some((wrong_in_a_row, pause)) =
            claim.and_then(|it| Some((it.wrong_in_a_row, it.pause?)))
        {
            self.pause(wrong_in_a_row, pause, &meta)?;
        }
        Ok(right)
    }

    /// As commits name who acts: the device that is let in, or that is signed in.
    fn actor_of(&self, id: VerificationId, phone: Option<usize>, right: bool) -> Step<String> {
        let signed_in = phone.and_then(|it| self.owner.phones[it].signed_in.as_ref());
        let process = self.process(id)?;
        let (pending, _) = process.awaited().ok_or(Stop::Refused)?;
        Ok(match (process.purpose, signed_in) {
            (Purpose::StepUp, Some(it)) => it.device.to_string(),
            (Purpose::EmailChange, Some(it)) if right => it.device.to_string(),
            (Purpose::Registration, _) if right && process.taken_by.is_none() => {
                pending.device.to_string()
            }
            (
                Purpose::Registration
                | Purpose::PasswordReset
                | Purpose::EmailChange
                | Purpose::StepUp
                | Purpose::SignIn,
                _,
            ) => ANONYMOUS.to_owned(),
        })
    }

    /// Claims a guess where guesses at such a process are counted.
    fn claim(&mut self, id: VerificationId, phone: Option<usize>) -> Step<Option<Claim>> {
        let (now, name) = (self.now, id.to_string());
        let process = self.processes.get_mut(&id).ok_or(Stop::Refused)?;
        match process.purpose {
            Purpose::Registration => {
                let claimed = process.guesses.claim_verification_guess(&name, None, now);
                claimed.map_err(Stop::refused).map(|()| None)
            }
            Purpose::StepUp => {
                let device = phone.and_then(|it| self.owner.phones[it].signed_in.as_ref());
                let device = device.map(|it| it.device).ok_or(Stop::Refused)?;
                let trusted = self.open()?.device(device, now).is_some();
                let guard = &mut self.counts.guard;
                let claimed = guard.claim_step_up_guess(&name, trusted, None, now);
                claimed.map_err(Stop::refused).map(Some)
            }
            // Guesses at what nobody has are counted for nobody.
            Purpose::PasswordReset if process.whose != self.id => Ok(None),
            Purpose::PasswordReset | Purpose::EmailChange | Purpose::SignIn => {
                let claimed = self.counts.recovery.claim_recovery_guess(&name, None, now);
                claimed.map_err(Stop::refused).map(|()| None)
            }
        }
    }

    /// What a right code leads to, in the same moment.
    fn achieve(
        &mut self,
        pending: &Pending,
        phone: Option<usize>,
        outcome: Outcome,
        meta: &Meta,
    ) -> Step<()> {
        let (id, name) = (pending.id, pending.id.to_string());
        match (pending.purpose, outcome) {
            (Purpose::Registration, Outcome::Session(session)) => {
                let registration = Box::new(pending.registration());
                self.on_account(AccountCommand::Register(registration), meta)?;
                if let Some(phone) = phone {
                    self.let_in(phone, session, pending.device, pending.description.clone());
                }
            }
            (Purpose::PasswordReset, _) => {
                let command = AccountCommand::ResetPassword { verification: id, now: self.now };
                self.on_account(command, meta)?;
                self.counts.guard.forgive(true);
                self.counts.recovery.recovered(&name);
                self.tell_attempts(meta)?;
            }
            (Purpose::EmailChange, _) => {
                let by = self.acting(phone.ok_or(Stop::Refused)?)?.device;
                let (email, address_key) = (pending.email.clone(), pending.address_key);
                let verification = id;
                let command = AccountCommand::ChangeEmail { email, address_key, verification, by };
                self.on_account(command, meta)?;
                self.counts.recovery.recovered(&name);
                self.has_moved(address_key);
                self.tell_attempts(meta)?;
            }
            (Purpose::StepUp, _) => {
                self.counts.guard.verified(&name);
                if let Some(phone) = phone {
                    self.stepped_up(phone);
                }
            }
            (Purpose::Registration | Purpose::SignIn, _) => {}
        }
        Ok(())
    }

    /// Asks for the code of a process again; a step-up's by another way if one is named.
    pub(super) fn resend_process(
        &mut self,
        id: VerificationId,
        phone: Option<usize>,
        method: Option<Method>,
    ) -> Step<()> {
        self.call(ACCOUNT);
        let (now, going) = (self.now, self.going(id, phone)?);
        let process = self.process(id)?;
        let (_, challenge) = process.context.state().may_go_on(&going)?;
        let way = method.unwrap_or(challenge.newest().method);
        let (mut guard, mut mails) = (self.counts.guard.clone(), self.counts.open_mails.clone());
        let mut channels = None;
        if process.purpose == Purpose::StepUp {
            let found = Channels::of_step_up(self.open()?, process.key, &guard, now);
            if found.costs(way) {
                guard.claim_send(way, now).map_err(Stop::refused)?;
            }
            channels = Some(found);
        } else if process.purpose != Purpose::EmailChange {
            OPEN_MAILS.take(&mut mails, now).map_err(Stop::refused)?;
        }
        let actor = match (channels, going.session, phone) {
            (Some(_), Some(_), Some(phone)) => self.acting(phone)?.device.to_string(),
            _ => ANONYMOUS.to_owned(),
        };
        let material = self.material();
        let command = VerificationCommand::Resend { going, method, channels, material };
        let meta = self.meta(&actor);
        self.on_process(id, command, &meta)?;
        (self.counts.guard, self.counts.open_mails) = (guard, mails);
        Ok(())
    }

    /// Says on a trusted phone that a step-up is somebody else's.
    pub(super) fn deny_step_up(&mut self, id: VerificationId, phone: usize) -> Step<()> {
        self.call(ACCOUNT);
        let (acting, generation) = (self.acting(phone)?, self.open()?.attempt_generation);
        let key = self.process(id)?.key;
        let (by, now) = (acting.device, self.now);
        let command = VerificationCommand::Deny { by, generation, now };
        let meta = self.meta(&by.to_string());
        self.on_process(id, command, &meta)?;
        self.counts.guard.deny(key, now);
        Ok(())
    }

    /// Says through a mail about an attempt that it was somebody else's: whoever it let in is out.
    pub(super) fn report_attempt(&mut self, id: SignInId) -> Step<()> {
        self.call(ACCOUNT);
        let completed = self.completed(id);
        let attempt = self.attempt(id)?;
        let asked_by = attempt.mailed.ok_or(Stop::Refused)?;
        let report = Report {
            asked_by,
            stream: Reported::SignIn(id).stream(),
            at: attempt.opened_at,
            device: completed.as_ref().map(|it| it.device),
            key: completed.map(|_| attempt.opened.key),
            knew_password: true,
            turned_off: false,
        };
        let meta = self.meta("report");
        self.on_attempt(id, SignInCommand::Report { asked_by }, &meta)?;
        self.on_account(AccountCommand::Report(report), &meta)?;
        self.forget_removed();
        self.tell_attempts(&meta)
    }

    /// The same about a process whose code was mailed and which has come to nothing yet.
    pub(super) fn report_process(&mut self, id: VerificationId) -> Step<()> {
        self.call(ACCOUNT);
        let process = self.process(id)?;
        let asked_by = process.mailed.ok_or(Stop::Refused)?;
        let (pending, _) = process.awaited().ok_or(Stop::Refused)?;
        // Only a step-up is behind the password.
        let knew_password = process.purpose == Purpose::StepUp;
        let report = Report {
            asked_by,
            stream: Reported::Verification(id).stream(),
            at: process.opened_at,
            device: knew_password.then_some(pending.device),
            key: knew_password.then_some(pending.key),
            knew_password,
            turned_off: false,
        };
        let meta = self.meta("report");
        self.on_process(id, VerificationCommand::Report { asked_by }, &meta)?;
        self.on_account(AccountCommand::Report(report), &meta)?;
        self.forget_removed();
        self.tell_attempts(&meta)
    }
}
