//! What all who act share: a clock, a store, chance and its faults, and the one who watches.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Material;
use postern_domain::codes::CodeKeys;
use postern_domain::decider::{Decider, Stamp};
use postern_events::ids::{DeviceId, EventId, MessageId, SessionId, SignInId, VerificationId};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::{Nonce, Purpose};

use crate::actors::notifying::Ask;
use crate::actors::passwords::{Counted, network};
use crate::cast::{self, PHONE};
use crate::chance::Chance;
use crate::store::{Append, Loaded, Noted, Session, Store, Transaction, Write};
use crate::watch::{Acting, Watch};

/// Why a transaction has no success to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotWritten {
    /// Somebody else was faster, or the table says so.
    Race,
    /// No answer came; the same transaction may be sent again.
    NoAnswer,
}

/// How often what happened.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

/// An attempt, the key it is on, and how it is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) id: SignInId,
    pub(crate) from: u8,
}

/// A process, the key it is on, and what it is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) id: VerificationId,
    pub(crate) from: u8,
    pub(crate) session: Option<SessionId>,
    pub(crate) purpose: Purpose,
}

/// What was done on an account, and its owner was mailed about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed {
    pub(crate) event: EventId,
    pub(crate) at: Timestamp,
    pub(crate) by: DeviceId,
    pub(crate) turned_off: bool,
}

/// A request that came with a living session.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated {
    pub(crate) session: Session,
    pub(crate) account: Loaded<Account>,
    pub(crate) open: OpenAccount,
    pub(crate) stepped_up: bool,
}

/// Everything there is in a history.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) chance: Chance,
    pub(crate) store: Store,
    pub(crate) watch: Watch,
    pub(crate) counts: Counts,
    /// Whether anything fails.
    pub(crate) faults: bool,
    /// Who acts in this step.
    pub(crate) acting: Acting,
    pub(crate) keys: Arc<CodeKeys>,
    /// The attempts so far.
    pub(crate) attempts: Vec<Known>,
    /// Attempts that needed no code.
    pub(crate) let_in: Vec<Known>,
    /// The processes so far.
    pub(crate) processes: Vec<Process>,
    /// What can be said not to have been done by the owner.
    pub(crate) deeds: Vec<Deed>,
    /// Commits that ask for messages and that nobody has handled yet.
    pub(crate) feed: Vec<(SignInId, u64)>,
    /// Messages that were taken up, and when they are to be looked at again.
    pub(crate) outbox: BTreeMap<MessageId, (Ask, Timestamp)>,
    /// A device whose app is about to say how it can be pushed to.
    pub(crate) registering: Option<DeviceId>,
    /// A session that was just stepped up, for something.
    pub(crate) stepped_up: Option<SessionId>,
    /// What happened, where somebody wants to read it.
    pub(crate) story: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, told: bool) -> Self {
        let now = cast::begin();
        let mut world = Self {
            now,
            chance: Chance::new(seed),
            store: Store::default(),
            watch: Watch::default(),
            counts: Counts::new(),
            faults: false,
            acting: Acting { number: 0, since: 0, now },
            keys: cast::keys(),
            attempts: Vec::new(),
            let_in: Vec::new(),
            processes: Vec::new(),
            deeds: Vec::new(),
            feed: Vec::new(),
            outbox: BTreeMap::new(),
            registering: None,
            stepped_up: None,
            story: told.then(Vec::new),
        };
        let events = Account::default().decide(cast::registration()).expect("a new account");
        let write = Write::Account(world.append(0, now, events));
        let first = Write::Begin(cast::first_session());
        let begun = world.transaction(vec![write, first]);
        world.commit(&begun).expect("nothing fails yet");
        world.faults = true;
        world
    }

    /// Strangers have tried passwords all day, each from a network of its own, and the owner has
    /// forgotten theirs.
    pub(crate) fn tried_from_everywhere(&mut self) {
        self.faults = false;
        for number in 100..197 {
            let (mut value, revision) = self.store.address();
            value.wrong(network(number), self.now).expect("fewer than a hundred");
            let by = Counted::Network(number);
            let write =
                self.transaction(vec![Write::Address { revision, value, by, right: false }]);
            self.commit(&write).expect("nothing fails yet");
        }
        for _ in 0..8 {
            let (mut value, revision) = self.store.key_tries();
            value.wrong(cast::key(PHONE), self.now).expect("fewer than ten");
            let by = Counted::Key(PHONE);
            let write = self.transaction(vec![Write::Keys { revision, value, by, right: false }]);
            self.commit(&write).expect("nothing fails yet");
        }
        self.faults = true;
    }

    /// The owner has had recovery codes since before the history.
    pub(crate) fn hand_out_codes(&mut self) {
        self.faults = false;
        let codes = (0..10).map(|_| self.chance.next()).collect();
        let write = self.transaction(vec![Write::NewCodes(codes)]);
        self.commit(&write).expect("nothing fails yet");
        self.faults = true;
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Adds a line to the story, if there is one.
    pub(crate) fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            let since = self.now.duration_since(cast::begin()).as_secs_f64();
            let (step, who) = (self.watch.step, self.acting.number);
            story.push(format!("{step:4} {since:10.3} s  #{who:<3} {}", line()));
        }
    }

    /// Events with their stamps, for a stream at this version.
    pub(crate) fn append<E>(&mut self, version: u64, at: Timestamp, events: Vec<E>) -> Append<E> {
        let mut noted = Vec::new();
        for event in events {
            let stamp = Stamp { id: EventId::new(at, self.chance.bytes()), time: at };
            noted.push(Noted { stamp, event });
        }
        Append { version, events: noted }
    }

    pub(crate) fn transaction(&mut self, writes: Vec<Write>) -> Transaction {
        Transaction { token: self.chance.next(), writes }
    }

    /// Writes; or fails, and perhaps has written all the same.
    pub(crate) fn commit(&mut self, transaction: &Transaction) -> Result<(), NotWritten> {
        if self.store.has(transaction) {
            self.count("found written already");
            return Ok(());
        }
        if self.faults && self.chance.one_in(30) {
            self.count("conflict on purpose");
            self.say(|| "conflict, on purpose".to_owned());
            return Err(NotWritten::Race);
        }
        if !self.store.write(transaction) {
            self.count("race lost");
            self.say(|| "race lost".to_owned());
            return Err(NotWritten::Race);
        }
        self.say(|| format!("wrote {:?}", names(transaction)));
        self.watch.wrote(&self.store, transaction, self.acting);
        for write in &transaction.writes {
            if let Write::SignIn(id, append) = write
                && append.events.iter().any(|it| asks(&it.event))
            {
                self.feed.push((*id, append.version));
            }
            if let Write::SignIn(_, append) = write
                && append.events.iter().any(|it| matches!(it.event, SignInEvent::Locked(_)))
            {
                self.count("locked");
            }
        }
        if self.faults && self.chance.one_in(30) {
            self.count("answer lost");
            self.say(|| "its answer is lost".to_owned());
            return Err(NotWritten::NoAnswer);
        }
        Ok(())
    }

    pub(crate) fn material(&mut self) -> Material {
        let nonce = Nonce::from_bytes(self.chance.bytes());
        Material { kid: self.keys.current().to_owned(), nonce }
    }

    /// The account as it is now, unless it is erased.
    pub(crate) fn account(&self) -> Option<(Loaded<Account>, OpenAccount)> {
        let loaded = self.store.account();
        let open = loaded.state.open()?.clone();
        Some((loaded, open))
    }

    /// The session that a request comes with, and the account, if the request is answered.
    pub(crate) fn authenticated(&mut self, id: SessionId) -> Option<Authenticated> {
        let now = self.acting.now;
        let session = self.store.session(id)?;
        let (account, open) = self.account()?;
        if !session.lives(&open, now) {
            return None;
        }
        self.watch.came_with.insert(self.acting.number, id);
        let stepped_up = session.stepped_up.is_some_and(|until| now < until);
        Some(Authenticated { session, account, open, stepped_up })
    }

    /// One of the sessions that there are, rather one that has just been stepped up.
    pub(crate) fn any_session(&mut self) -> Option<SessionId> {
        let ids = |it: &Session| it.id;
        let stepped_up = |it: &&Session| it.stepped_up.is_some_and(|until| self.now < until);
        let few: Vec<_> = self.store.sessions.iter().filter(stepped_up).map(ids).collect();
        let all: Vec<_> = self.store.sessions.iter().map(ids).collect();
        let rather = !self.chance.one_in(4);
        self.chance.pick(&few).filter(|_| rather).or_else(|| self.chance.pick(&all))
    }

    /// One of the newest attempts, which may still be open.
    pub(crate) fn recent(&mut self) -> Option<Known> {
        let newest = self.attempts.len().saturating_sub(3);
        let newest = self.attempts[newest..].to_vec();
        self.chance.pick(&newest)
    }
}

/// Whether an event asks for messages.
fn asks(event: &SignInEvent) -> bool {
    matches!(event, SignInEvent::CodeIssued(_) | SignInEvent::CodeResent(_))
}

fn names(transaction: &Transaction) -> Vec<String> {
    use postern_events::catalogue::EventSet as _;
    let name = |write: &Write| match write {
        Write::Account(it) => it.events.iter().map(|it| it.event.name().to_owned()).collect(),
        Write::SignIn(id, it) => {
            it.events.iter().map(|it| format!("{} {id}", it.event.name())).collect()
        }
        Write::Message(id, it) => {
            it.events.iter().map(|it| format!("{} {id}", it.event.name())).collect()
        }
        Write::Guard { acts, .. } => acts.iter().map(|it| format!("guard: {it:?}")).collect(),
        Write::Process(id, it) => {
            it.events.iter().map(|it| format!("{} {id}", it.event.name())).collect()
        }
        Write::Begin(it) => vec![format!("session {}", it.id)],
        Write::Renew(id, _) | Write::StepUp(id, _) => vec![format!("session {id} goes on")],
        Write::Password(it) => vec![format!("password {it}")],
        Write::NewCodes(_) => vec!["recovery codes".to_owned()],
        Write::UsedCode { code, .. } => vec![format!("recovery code {code}")],
        Write::Address { by, right, .. } | Write::Keys { by, right, .. } => {
            vec![format!("password of {by:?}, right: {right}")]
        }
        Write::End(_) | Write::AccountUnchanged { .. } => Vec::new(),
    };
    transaction.writes.iter().flat_map(name).collect()
}
