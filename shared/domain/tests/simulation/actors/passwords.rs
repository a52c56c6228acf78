//! A password, before anything else: compared if it may be, and settled by one write on the counts
//! it was judged from.

use postern_domain::tries::{AddressTries, KeyTries};
use postern_events::vocabulary::SourceKey;

use super::{Actor, DECISIONS, Next};
use crate::cast;
use crate::store::{Transaction, Write};
use crate::world::{NotWritten, World};

/// Whose count a password is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counted {
    /// A network's, for the address.
    Network(u8),
    /// A trusted key's own.
    Key(u8),
}

/// One password.
pub(crate) struct Trying {
    by: Counted,
    right: bool,
    tries: u8,
    stage: Stage,
}

enum Stage {
    Ask,
    Settle,
    Write(Transaction),
}

pub(crate) fn network(number: u8) -> SourceKey {
    SourceKey::from_bytes([number; 16])
}

impl Trying {
    pub(crate) fn new(by: Counted, right: bool) -> Self {
        Self { by, right, tries: 0, stage: Stage::Ask }
    }

    fn go(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < 2 * DECISIONS { Next::Step } else { Next::Done }
    }

    fn ask(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        let may = match self.by {
            Counted::Network(it) => world.store.address().0.may_try(network(it), now),
            Counted::Key(it) => world.store.key_tries().0.may_try(cast::key(it), now),
        };
        if may.is_ok() {
            return self.go(Stage::Settle);
        }
        self.refused(world)
    }

    fn refused(&self, world: &mut World) -> Next {
        let now = world.acting.now;
        world.count("password refused");
        world.watch.password_refused(self.by, now);
        Next::Done
    }

    fn settle(&mut self, world: &mut World) -> Next {
        let (now, by, right) = (world.acting.now, self.by, self.right);
        let settled = match by {
            Counted::Network(it) => {
                let (mut value, revision): (AddressTries, u64) = world.store.address();
                let source = network(it);
                if right { value.right(source, now) } else { value.wrong(source, now) }
                    .map(|()| Write::Address { revision, value, by, right })
            }
            Counted::Key(it) => {
                let (mut value, revision): (KeyTries, u64) = world.store.key_tries();
                let key = cast::key(it);
                if right { value.right(key, now) } else { value.wrong(key, now) }
                    .map(|()| Write::Keys { revision, value, by, right })
            }
        };
        match settled {
            Ok(write) => {
                let transaction = world.transaction(vec![write]);
                self.go(Stage::Write(transaction))
            }
            Err(_) => self.refused(world),
        }
    }
}

impl Actor for Trying {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Ask) {
            Stage::Ask => self.ask(world),
            Stage::Settle => self.settle(world),
            Stage::Write(transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count(if self.right { "right password" } else { "wrong password" });
                    Next::Done
                }
                Err(NotWritten::Race) => self.go(Stage::Settle),
                Err(NotWritten::NoAnswer) => self.go(Stage::Write(transaction)),
            },
        }
    }
}
