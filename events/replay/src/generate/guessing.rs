//! What becomes of attempts: codes typed, sent again, given up, denied, reported.

use postern_domain::account;
use postern_domain::account::AccountCommand;
use postern_domain::challenge::{Challenge, Guess};
use postern_domain::channels::Channels;
use postern_domain::codes::Code;
use postern_domain::guard::{Claim, Paused};
use postern_domain::ports::draw;
use postern_domain::sign_in::SignInCommand;
use postern_events::ids::{AccountId, DeviceId, SessionId, SignInId};
use postern_events::sign_in::{Attempted, Completed, SignInEvent};
use postern_events::vocabulary::Method;
use postern_store::streams::Meta;

use super::life::{ACCOUNT, ANONYMOUS, Life, Step, Stop};
use super::people::Caller;

/// What is typed where a code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// The newest code.
    Right,
    /// The newest code with a digit mistaken.
    Mistyped,
    /// Any digits, which are the right ones once in a million times.
    Any,
    /// A recovery code of the account.
    Recovery,
    /// Twelve characters that are none.
    NoRecovery,
}

impl Life<'_> {
    /// The digits that are typed for a code, and whether they are the right ones.
    pub(super) fn typed(
        &self,
        typed: Typed,
        account: AccountId,
        attempt: &str,
        challenge: &Challenge,
    ) -> Step<(Guess, bool)> {
        let keys = self.world.keys.clone();
        let right = keys.derive(&challenge.source(account, attempt)).map_err(Stop::broken)?;
        let digits = right.reveal().len();
        let text = match typed {
            Typed::Right => right.reveal().to_owned(),
            Typed::Mistyped | Typed::Recovery | Typed::NoRecovery => mistaken(right.reveal()),
            Typed::Any => {
                let number = self.chance.below(10_u64.pow(u32::try_from(digits).unwrap_or(1)));
                format!("{number:0digits$}")
            }
        };
        let digits = u32::try_from(digits).unwrap_or_default();
        let code = Code::parse(&text, digits).ok_or(Stop::Refused)?;
        let is_right = right.matches(&code);
        Ok((Guess { code, keys }, is_right))
    }

    /// Types something as an attempt's code. What comes back is the session that it leads to.
    pub(super) fn guess(
        &mut self,
        id: SignInId,
        caller: &Caller,
        typed: Typed,
    ) -> Step<Option<Completed>> {
        self.call(ACCOUNT);
        let (asking, name) = (self.asking(caller)?, id.to_string());
        let state = self.attempt(id)?.context.state().clone();
        let open = self.open()?.clone();
        let recovering = matches!(typed, Typed::Recovery | Typed::NoRecovery);
        if recovering {
            state.may_recover(&asking)?;
        } else {
            state.may_go_on(&asking)?.1.may_guess(self.now).map_err(Stop::refused)?;
        }
        let claim = self.counts.guard.claim_guess(&name, self.now).map_err(Stop::refused)?;
        let session = SessionId::new(self.now, draw(&self.chance));
        let account = Box::new(open.clone());
        let (command, right) = if recovering {
            let right = typed == Typed::Recovery;
            let codes_left = self.owner.recovery_codes.checked_sub(1).filter(|_| right);
            let (guesses_left, trust) = (claim.left, true);
            let right = codes_left.is_some();
            let command = SignInCommand::Recover {
                asking,
                account,
                codes_left,
                guesses_left,
                trust,
                session,
            };
            (command, right)
        } else {
            let (_, challenge) = state.may_go_on(&asking)?;
            let (guess, right) = self.typed(typed, open.id, &name, challenge)?;
            (SignInCommand::Verify { asking, account, guess, trust: true, session }, right)
        };
        let completed = self.judge(id, command, claim, right)?;
        if recovering && right {
            self.owner.recovery_codes = self.owner.recovery_codes.saturating_sub(1);
        }
        Ok(completed)
    }

    /// Compares and records: the wrong guess with the pause that it brings about, the right one with
    /// the device that it makes trusted.
    fn judge(
        &mut self,
        id: SignInId,
        command: SignInCommand,
        claim: Claim,
        right: bool,
    ) -> Step<Option<Completed>> {
        // Who acts is known before it is recorded: the device that is let in.
        let attempt = self.attempt(id)?;
        let (key, device) = (attempt.opened.key, attempt.opened.device);
        let known = self.open()?.trusted(key, self.now).map(|it| it.id);
        let actor = known.unwrap_or(device).to_string();
        let meta = self.meta(if right { &actor } else { ANONYMOUS });
        let events = self.on_attempt(id, command, &meta)?;
        let Some(completed) = events.iter().find_map(|it| completed(&it.event)).cloned() else {
            if let Some(pause) = claim.pause {
                self.pause(claim.wrong_in_a_row, pause, &meta)?;
            }
            return Ok(None);
        };
        self.counts.guard.verified(&id.to_string());
        if completed.trusted && known.is_none() {
            let opened = &self.attempt(id)?.opened;
            let device = Box::new(new_device(id, opened));
            self.on_account(AccountCommand::TrustDevice { device, now: self.now }, &meta)?;
        }
        Ok(Some(completed))
    }

    /// Records that code entry is paused.
    pub(super) fn pause(&mut self, wrong_in_a_row: u16, pause: Paused, meta: &Meta) -> Step<()> {
        let Paused { until } = pause;
        self.on_account(AccountCommand::PauseCodeEntry { wrong_in_a_row, until }, meta)?;
        Ok(())
    }

    /// Asks for the code again, or by another way.
    pub(super) fn resend(
        &mut self,
        id: SignInId,
        caller: &Caller,
        method: Option<Method>,
    ) -> Step<()> {
        self.call(ACCOUNT);
        let (now, asking) = (self.now, self.asking(caller)?);
        let state = self.attempt(id)?.context.state();
        let (_, challenge) = state.may_go_on(&asking)?;
        let way = method.unwrap_or(challenge.newest().method);
        let guard = &self.counts.guard;
        if guard.paused(now).is_some() || guard.guesses_left(&id.to_string(), now) == 0 {
            return Err(Stop::Refused);
        }
        let channels = Channels::of(self.open()?, caller.key, guard, now);
        let material = self.material();
        let mut counted = self.counts.guard.clone();
        if channels.costs(way) {
            counted.claim_send(way, now).map_err(Stop::refused)?;
        }
        let command = SignInCommand::Resend { asking, method, channels, material };
        let meta = self.meta(ANONYMOUS);
        self.on_attempt(id, command, &meta)?;
        self.counts.guard = counted;
        Ok(())
    }

    /// Gives an attempt up.
    pub(super) fn cancel(&mut self, id: SignInId, caller: &Caller) -> Step<()> {
        self.call(ACCOUNT);
        let (asking, meta) = (self.asking(caller)?, self.meta(ANONYMOUS));
        self.on_attempt(id, SignInCommand::Cancel { asking }, &meta)?;
        Ok(())
    }

    /// Says on a trusted phone that an attempt is somebody else's: all open ones of its key are over.
    pub(super) fn deny(&mut self, id: SignInId, by: DeviceId) -> Step<()> {
        self.call(ACCOUNT);
        let (now, generation) = (self.now, self.open()?.attempt_generation);
        let key = self.attempt(id)?.context.state().is_open(generation, now)?.0.key;
        let meta = self.meta(&by.to_string());
        for named in self.counts.guard.deny(key, now) {
            let Ok(other) = named.parse::<SignInId>() else { continue };
            match self.on_attempt(other, SignInCommand::Deny { by, generation, now }, &meta) {
                Ok(_) | Err(Stop::Refused) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Tells every attempt that the account has changed under it.
    pub(super) fn tell_attempts(&mut self, meta: &Meta) -> Step<()> {
        let now = self.now;
        let Some(open) = self.account.state().open() else { return Ok(()) };
        let generation = open.attempt_generation;
        let pending: Vec<SignInId> =
            self.counts.guard.pending(now).filter_map(|it| it.parse().ok()).collect();
        for id in pending {
            match self.on_attempt(id, SignInCommand::Supersede { generation, now }, meta) {
                Ok(_) | Err(Stop::Refused) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }
}

fn new_device(id: SignInId, opened: &Attempted) -> account::NewDevice {
    account::NewDevice {
        id: opened.device,
        key: opened.key,
        platform: opened.platform,
        description: opened.description.clone(),
        origin: opened.origin.clone(),
        by: postern_events::account::TrustedBy::SignIn(id),
    }
}

fn completed(event: &SignInEvent) -> Option<&Completed> {
    if let SignInEvent::Completed(it) = event { Some(it) } else { None }
}

/// The same digits but for one.
fn mistaken(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = if *last == b'9' { b'0' } else { *last + 1 };
    }
    String::from_utf8(bytes).unwrap_or_default()
}
