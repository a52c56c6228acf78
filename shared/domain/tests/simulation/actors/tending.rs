//! Somebody who is signed in tends to the account: devices are removed, everybody is signed out, an
//! app says how it can be pushed to, settings and the password change. Attempts that die of it are
//! told, unless whoever tends dies first.

mod telling;
mod wish;

use postern_domain::account::{Account, Acting, OpenAccount};
use postern_domain::decider::Decider;
use postern_events::account::AccountEvent;
use postern_events::ids::SessionId;

use self::telling::Telling;
pub(crate) use self::wish::Wish;
use super::{Actor, DECISIONS, Next};
use crate::store::{Act, Append, Loaded, Transaction, Write};
use crate::world::{Authenticated, Deed, NotWritten, World};

/// One change of the account.
pub(crate) struct Tending {
    wish: Wish,
    /// The session that asks; a worker has none, nor has an app whose phone is only drawn.
    by: Option<SessionId>,
    tries: u8,
    pending: Option<(Transaction, Option<Deed>)>,
    /// What is left to do once the change is made.
    telling: Option<Telling>,
}

impl Tending {
    pub(crate) fn new(wish: Wish) -> Self {
        Self { wish, by: None, tries: 0, pending: None, telling: None }
    }

    /// The same, asked for by a session, which has to live.
    pub(crate) fn by(session: SessionId, wish: Wish) -> Self {
        Self { by: Some(session), ..Self::new(wish) }
    }

    fn decide(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        let asking = match self.by {
            None => None,
            Some(id) => {
                let Some(asking) = world.authenticated(id) else {
                    world.count("session is over");
                    return Next::Done;
                };
                Some(asking)
            }
        };
        let acting = asking.as_ref().map(|it| acting(it, now));
        let account =
            asking.as_ref().map_or_else(|| world.store.account(), |it| it.account.clone());
        let command = self.wish.command(acting, world);
        world.say(|| format!("wishes {:?}", self.wish));
        let Some(command) = command else { return Next::Done };
        let events = match account.state.decide(command) {
            Ok(events) if !events.is_empty() => events,
            Ok(_) => return Next::Done,
            Err(refused) => {
                world.count(wish::refusal(refused));
                return Next::Done;
            }
        };
        let append = world.append(account.version, now, events);
        let deed = asking.as_ref().and_then(|it| deed(it, &append));
        let mut writes = self.beside(&append, asking.as_ref(), &account, world);
        writes.push(Write::Account(append));
        let transaction = world.transaction(writes);
        self.pending = Some((transaction, deed));
        Next::Step
    }

    /// What is written together with the events.
    fn beside(
        &self,
        append: &Append<AccountEvent>,
        asking: Option<&Authenticated>,
        account: &Loaded<Account>,
        world: &mut World,
    ) -> Vec<Write> {
        let mut after = account.state.clone();
        append.events.iter().for_each(|it| after.apply(&it.event, it.stamp));
        let generation = after.open().map(|it| it.trust_generation);
        let mut writes = Vec::new();
        if let (Some(generation), Some(asking)) = (generation, asking)
            && generation != asking.open.trust_generation
            && !matches!(self.wish, Wish::SignOutEverywhere)
        {
            writes.push(Write::Renew(asking.session.id, generation));
        }
        match self.wish {
            Wish::Remove { device } => writes.push(Write::End(device)),
            Wish::ChangePassword { .. } => {
                let trusted = asking.is_some_and(|it| is_trusted(it, &it.open, world));
                writes.push(forgive(trusted, world));
                writes.push(Write::Password(world.chance.next()));
            }
            Wish::RecoveryCodes => {
                writes.push(Write::NewCodes((0..10).map(|_| world.chance.next()).collect()));
            }
            Wish::Resume => writes.extend(resume(world)),
            Wish::SignOutEverywhere
            | Wish::PutOut
            | Wish::Push { .. }
            | Wish::NoPush { .. }
            | Wish::Disable { .. }
            | Wish::Settle(_)
            | Wish::Erase => {}
        }
        writes
    }
}

fn is_trusted(asking: &Authenticated, open: &OpenAccount, world: &World) -> bool {
    open.trusted(asking.session.key, world.acting.now).is_some()
}

/// Wrong codes behind the former password are forgiven, in the transaction that sets another one.
fn forgive(lift: bool, world: &World) -> Write {
    let (mut value, revision) = world.store.guard();
    value.forgive(lift);
    Write::Guard { revision, value: Box::new(value), acts: vec![Act::Forgiven { lift }] }
}

/// A pause is lifted in the transaction that says so.
fn resume(world: &World) -> Option<Write> {
    let (mut value, revision) = world.store.guard();
    value.resume(world.acting.now).ok()?;
    Some(Write::Guard { revision, value: Box::new(value), acts: vec![Act::Resumed] })
}

fn acting(asking: &Authenticated, now: jiff::Timestamp) -> Acting {
    let (device, session) = (asking.session.device, asking.session.id);
    Acting { device, session, stepped_up: asking.stepped_up, now }
}

/// What the owner is mailed about, and could say not to have done.
fn deed(asking: &Authenticated, append: &Append<AccountEvent>) -> Option<Deed> {
    append.events.iter().find_map(|it| {
        let turned_off = matches!(it.event, AccountEvent::TwoStepDisabled(_));
        let told = turned_off || matches!(it.event, AccountEvent::PasswordChanged(_));
        let (event, at, by) = (it.stamp.id, it.stamp.time, asking.session.device);
        told.then_some(Deed { event, at, by, turned_off })
    })
}

impl Actor for Tending {
    fn step(&mut self, world: &mut World) -> Next {
        if let Some(telling) = &mut self.telling {
            return telling.step(world);
        }
        self.tries += 1;
        if self.tries > 2 * DECISIONS {
            return Next::Done;
        }
        let Some((transaction, deed)) = self.pending.take() else { return self.decide(world) };
        match world.commit(&transaction) {
            Ok(()) => {
                world.count(self.wish.is_done());
                world.deeds.extend(deed);
                if self.wish.ends_attempts() {
                    self.telling = Some(Telling::default());
                    return Next::Step;
                }
                Next::Done
            }
            Err(NotWritten::Race) => Next::Step,
            Err(NotWritten::NoAnswer) => {
                self.pending = Some((transaction, deed));
                Next::Step
            }
        }
    }
}
