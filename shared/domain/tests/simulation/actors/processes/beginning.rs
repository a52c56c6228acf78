//! Somebody asks for a process: anybody for a reset, a session for the rest.

use jiff::SignedDuration;
use postern_domain::account::OpenAccount;
use postern_domain::channels::Channels;
use postern_domain::decider::Decider;
use postern_domain::guard::AccountGuard;
use postern_domain::verification::{Verification, VerificationCommand, Way};
use postern_events::ids::{DeviceId, SessionId, VerificationId};
use postern_events::verification::Opened;
use postern_events::vocabulary::{AddressKey, Method, Platform, Purpose};

use super::effect::STEP_UP_LIFE;
use crate::actors::{Actor, DECISIONS, Next};
use crate::cast;
use crate::store::{Act, Session, Transaction, Write};
use crate::world::{NotWritten, Process, World};

/// One request for a process.
pub(crate) struct Beginning {
    purpose: Purpose,
    from: u8,
    by: Option<SessionId>,
    tries: u8,
    pending: Option<(Transaction, Process)>,
}

/// Who asks, on which account, and which of its versions.
struct Asked {
    open: OpenAccount,
    version: u64,
    session: Option<Session>,
}

impl Beginning {
    /// A reset, asked for on a key of this number.
    pub(crate) fn reset(from: u8) -> Self {
        Self { purpose: Purpose::PasswordReset, from, by: None, tries: 0, pending: None }
    }

    /// Something that a session asks for.
    pub(crate) fn by(session: SessionId, purpose: Purpose) -> Self {
        Self { purpose, from: 0, by: Some(session), tries: 0, pending: None }
    }

    fn asked(&self, world: &mut World) -> Option<Asked> {
        let Some(session) = self.by else {
            let (account, open) = world.account()?;
            return Some(Asked { open, version: account.version, session: None });
        };
        let it = world.authenticated(session)?;
        if self.purpose == Purpose::EmailChange && !it.stepped_up {
            world.count("step-up required");
            return None;
        }
        let version = it.account.version;
        Some(Asked { open: it.open, version, session: Some(it.session) })
    }

    fn decide(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        let Some(asked) = self.asked(world) else { return Next::Done };
        let Asked { open, version, session } = asked;
        let id = VerificationId::new(now, world.chance.bytes());
        let key = session.as_ref().map_or_else(|| cast::key(self.from), |it| it.key);
        let (mut value, revision) = world.store.guard();
        let mut acts = vec![Act::Begun];
        value.open_verification(&id.to_string(), key, now, now + SignedDuration::from_mins(10));
        let way = self.way(&open, session.as_ref(), &mut value, world);
        if let (Purpose::StepUp, Way::Code(method)) = (self.purpose, way)
            && Channels::of(&open, key, &value, now).costs(method)
        {
            let claimed = value.claim_send(method, now).is_ok();
            world.watch.rule(claimed, || format!("{method:?} was chosen with nothing left"));
            acts.push(Act::SentFor { process: id, method });
        }
        let opened = opened(id, self.purpose, key, &open, session.as_ref(), world);
        let material = world.material();
        let command = VerificationCommand::Open { opened, way, material, now };
        let events = Verification::default().decide(command).expect("a new process");
        let mut writes = vec![
            Write::Process(id, world.append(0, now, events)),
            Write::Guard { revision, value: Box::new(value), acts },
        ];
        if let Way::AtOnce(session) = way {
            writes.push(Write::StepUp(session, now + STEP_UP_LIFE));
            writes.push(Write::AccountUnchanged { version });
        }
        let from = key.as_bytes()[0];
        let known = Process { id, from, session: self.by, purpose: self.purpose };
        self.pending = Some((world.transaction(writes), known));
        Next::Step
    }

    fn way(
        &self,
        open: &OpenAccount,
        session: Option<&Session>,
        guard: &mut AccountGuard,
        world: &mut World,
    ) -> Way {
        let now = world.acting.now;
        let Some(session) = session.filter(|_| self.purpose == Purpose::StepUp) else {
            return Way::Code(Method::Email);
        };
        let device = open.trusted(session.key, now).filter(|it| it.id == session.device);
        if device.is_some_and(|it| !it.is_young(now)) {
            return Way::AtOnce(session.id);
        }
        let channels = Channels::of(open, session.key, guard, now);
        channels.chosen(open.method).map_or(Way::Nowhere, Way::Code)
    }
}

fn opened(
    verification: VerificationId,
    purpose: Purpose,
    key: postern_events::vocabulary::DeviceKey,
    open: &OpenAccount,
    session: Option<&Session>,
    world: &mut World,
) -> Box<Opened> {
    let drawn = || DeviceId::new(world.acting.now, world.chance.bytes());
    let device = session.map_or_else(drawn, |it| it.device);
    Box::new(Opened {
        verification,
        purpose,
        account: cast::account(),
        taken_by: None,
        key,
        device,
        platform: Platform::Android,
        description: cast::sealed(),
        origin: cast::sealed(),
        country: None,
        located_by: None,
        email: cast::sealed(),
        address_key: AddressKey::from_bytes([104; 16]),
        locale: "en".to_owned(),
        attempt_generation: Some(open.attempt_generation),
        session: session.map(|it| it.id),
        inputs: None,
        policy: 0,
    })
}

impl Actor for Beginning {
    fn step(&mut self, world: &mut World) -> Next {
        self.tries += 1;
        if self.tries > 2 * DECISIONS {
            return Next::Done;
        }
        let Some((transaction, known)) = self.pending.take() else { return self.decide(world) };
        match world.commit(&transaction) {
            Ok(()) => {
                world.processes.push(known);
                let at_once = |it: &Write| matches!(it, Write::StepUp(..));
                if transaction.writes.iter().any(at_once) {
                    world.count("stepped up at once");
                    world.stepped_up = known.session;
                }
                world.count(match known.purpose {
                    Purpose::StepUp => "step-up asked for",
                    Purpose::PasswordReset => "reset asked for",
                    Purpose::EmailChange | Purpose::SignIn | Purpose::Registration => {
                        "change of address asked for"
                    }
                });
                Next::Done
            }
            Err(NotWritten::Race) => Next::Step,
            Err(NotWritten::NoAnswer) => {
                self.pending = Some((transaction, known));
                Next::Step
            }
        }
    }
}
