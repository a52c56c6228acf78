//! "It wasn't me", said through a mail about an attempt or a deed: it is undone, whatever of it
//! still stands.

use jiff::Timestamp;
use postern_domain::account::{AccountCommand, Report};
use postern_domain::decider::Decider;
use postern_domain::sign_in::{Ending, SignIn, SignInCommand};
use postern_events::ids::{DeviceId, EventId, SignInId};

use super::{Actor, DECISIONS, Next};
use crate::store::{Transaction, Write};
use crate::world::{Deed, NotWritten, World};

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    Attempt(SignInId),
    Deed(Deed),
}

/// One report.
pub(crate) struct Reporting {
    about: About,
    tries: u8,
    pending: Option<(Transaction, Report)>,
}

impl Reporting {
    pub(crate) fn new(about: About) -> Self {
        Self { about, tries: 0, pending: None }
    }

    fn decide(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        let mut writes = Vec::new();
        // The attempt before the account: what it has let in by then is revoked with it.
        let (asked_by, at, device, turned_off) = match self.about {
            About::Deed(it) => (it.event, it.at, Some(it.by), it.turned_off),
            About::Attempt(id) => {
                let Some((asked_by, at)) = world.store.last_of(id) else { return Next::Done };
                let loaded = world.store.sign_in(id);
                let report = SignInCommand::Report { asked_by };
                let events = loaded.state.decide(report).expect("nobody refuses a report");
                let device = let_in(&loaded.state);
                // Also where nothing happens: what was read is what is undone.
                let append = world.append(loaded.version, now, events);
                writes.push(Write::SignIn(id, append));
                (asked_by, at, device, false)
            }
        };
        let Some((account, _)) = world.account() else { return Next::Done };
        let report = report(asked_by, at, device, turned_off);
        let command = AccountCommand::Report(report.clone());
        let events = account.state.decide(command).expect("nobody refuses a report");
        writes.push(Write::Account(world.append(account.version, now, events)));
        writes.extend(device.map(Write::End));
        world.watch.reports.insert(world.acting.number, report.clone());
        let transaction = world.transaction(writes);
        self.pending = Some((transaction, report));
        Next::Step
    }
}

fn report(asked_by: EventId, at: Timestamp, device: Option<DeviceId>, turned_off: bool) -> Report {
    let stream = "reported".to_owned();
    Report { asked_by, stream, at, device, key: None, knew_password: true, turned_off }
}

fn let_in(state: &SignIn) -> Option<DeviceId> {
    if let SignIn::Closed { how: Ending::Complete(it), .. } = state {
        return Some(it.device);
    }
    None
}

impl Actor for Reporting {
    fn step(&mut self, world: &mut World) -> Next {
        self.tries += 1;
        if self.tries > 2 * DECISIONS {
            return Next::Done;
        }
        let Some((transaction, report)) = self.pending.take() else { return self.decide(world) };
        match world.commit(&transaction) {
            Ok(()) => {
                world.count("reported");
                Next::Done
            }
            Err(NotWritten::Race) => Next::Step,
            Err(NotWritten::NoAnswer) => {
                self.pending = Some((transaction, report));
                Next::Step
            }
        }
    }
}
