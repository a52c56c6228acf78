//! The owner tends to the account: devices are removed, everybody is signed out, an app says how it
//! can be pushed to. Attempts that die of it are told, unless whoever tends dies first.

mod telling;

use postern_domain::account::{AccountCommand, NewEndpoint};
use postern_domain::decider::Decider;
use postern_events::account::PushRemovedBecause;
use postern_events::ids::{DeviceId, MessageId, SessionId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};

use self::telling::Telling;
use super::{Actor, DECISIONS, Next};
use crate::store::{Transaction, Write};
use crate::world::{NotWritten, World};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wish {
    Remove {
        device: DeviceId,
        by: DeviceId,
    },
    SignOutEverywhere {
        by: DeviceId,
    },
    Push {
        device: DeviceId,
        alerts: Alerts,
    },
    NoPush {
        device: DeviceId,
    },
    /// A worker's, when the push service says that an endpoint is dead.
    Disable {
        device: DeviceId,
        since: jiff::Timestamp,
        message: MessageId,
    },
}

/// One change of the account.
pub(crate) struct Tending {
    wish: Wish,
    tries: u8,
    pending: Option<Transaction>,
    /// What is left to do once the change is made.
    telling: Option<Telling>,
}

impl Tending {
    pub(crate) fn new(wish: Wish) -> Self {
        Self { wish, tries: 0, pending: None, telling: None }
    }

    fn command(&self, world: &mut World) -> AccountCommand {
        let now = world.acting.now;
        match self.wish {
            Wish::Remove { device, by } => {
                AccountCommand::RemoveDevice { device, by, stepped_up: true, now }
            }
            Wish::SignOutEverywhere { by } => {
                let session = SessionId::new(now, world.chance.bytes());
                AccountCommand::SignOutEverywhere { by, session, stepped_up: true, now }
            }
            Wish::Push { device, alerts } => {
                let token = PushTokenKey::from_bytes(world.chance.bytes());
                let endpoint = NewEndpoint { device, platform: PushPlatform::Fcm, token, alerts };
                AccountCommand::RegisterPush { endpoint, moved_from: None, now }
            }
            Wish::NoPush { device } => {
                AccountCommand::RemovePush { device, because: PushRemovedBecause::Asked }
            }
            Wish::Disable { device, since, message } => {
                AccountCommand::DisablePush { device, since, message }
            }
        }
    }

    fn decide(&mut self, world: &mut World) -> Next {
        let account = world.store.account();
        let command = self.command(world);
        world.say(|| format!("wishes {:?}", self.wish));
        let Ok(events) = account.state.decide(command) else { return Next::Done };
        if events.is_empty() {
            return Next::Done;
        }
        let ended: Vec<DeviceId> = match self.wish {
            Wish::Remove { device, .. } => vec![device],
            Wish::SignOutEverywhere { by } => {
                world.watch.devices().into_iter().filter(|it| *it != by).collect()
            }
            Wish::Push { .. } | Wish::NoPush { .. } | Wish::Disable { .. } => Vec::new(),
        };
        let append = world.append(account.version, world.acting.now, events);
        let mut writes = vec![Write::Account(append)];
        writes.extend(ended.into_iter().map(Write::End));
        self.pending = Some(world.transaction(writes));
        Next::Step
    }
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
        let Some(transaction) = self.pending.take() else { return self.decide(world) };
        match world.commit(&transaction) {
            Ok(()) => {
                world.count(match self.wish {
                    Wish::Remove { .. } => "device removed",
                    Wish::SignOutEverywhere { .. } => "signed out everywhere",
                    Wish::Push { .. } => "push registered",
                    Wish::NoPush { .. } => "push removed",
                    Wish::Disable { .. } => "push disabled",
                });
                match self.wish {
                    Wish::Remove { .. } | Wish::SignOutEverywhere { .. } => {
                        self.telling = Some(Telling::default());
                        Next::Step
                    }
                    Wish::Push { .. } | Wish::NoPush { .. } | Wish::Disable { .. } => Next::Done,
                }
            }
            Err(NotWritten::Race) => Next::Step,
            Err(NotWritten::NoAnswer) => {
                self.pending = Some(transaction);
                Next::Step
            }
        }
    }
}
