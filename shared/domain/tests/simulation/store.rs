//! Streams with versions, guards with revisions, transactions that happen altogether or not at
//! all: what a table promises, and nothing more.

mod writes;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::decider::{Decider, Stamp};
use postern_domain::guard::AccountGuard;
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_domain::tries::{AddressTries, KeyTries};
use postern_domain::verification::Verification;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{EventId, MessageId, SessionId, SignInId, VerificationId};
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;

pub(crate) use self::writes::{Act, Append, Noted, Session, Transaction, Vault, Write};

/// A stream's state and the version to append at.
#[derive(Debug, Clone)]
pub(crate) struct Loaded<D> {
    pub(crate) state: D,
    pub(crate) version: u64,
}

/// A stream: its state, and its commits as text, each under the number of its first event.
#[derive(Debug)]
pub(crate) struct Log<D: Decider> {
    state: D,
    length: u64,
    commits: Vec<(u64, Vec<String>)>,
}

impl<D: Decider> Default for Log<D> {
    fn default() -> Self {
        Self { state: D::default(), length: 0, commits: Vec::new() }
    }
}

impl<D: Decider> Log<D> {
    fn append(&mut self, append: &Append<D::Event>) {
        let mut texts = Vec::new();
        for Noted { stamp, event } in &append.events {
            self.state.apply(event, *stamp);
            let stored = StoredEvent {
                id: stamp.id,
                name: event.name().to_owned(),
                version: event.version(),
                time: stamp.time,
                data: event.data().expect("sealed"),
            };
            texts.push(serde_json::to_string(&stored).unwrap());
        }
        if !texts.is_empty() {
            self.commits.push((self.length, texts));
            self.length += u64::try_from(append.events.len()).unwrap();
        }
    }

    /// Why the stream is not what its events say, if it isn't.
    fn broken(&self) -> Option<String> {
        let (mut state, mut next) = (D::default(), 0);
        for (version, texts) in &self.commits {
            if *version != next {
                return Some(format!("a commit at {version} follows one that ends at {next}"));
            }
            for text in texts {
                let stored: StoredEvent = serde_json::from_str(text).unwrap();
                let event = D::Event::read(&stored).expect("readable");
                state.apply(&event, Stamp { id: stored.id, time: stored.time });
            }
            next += u64::try_from(texts.len()).unwrap();
        }
        let text = serde_json::to_string(&self.state).expect("sealed");
        let loaded: D = serde_json::from_str(&text).expect("as written");
        (state != self.state || loaded != self.state)
            .then(|| format!("{:?} is not the fold, which is {state:?}", self.state))
    }
}

/// Everything that is stored.
#[derive(Debug, Default)]
pub(crate) struct Store {
    account: Log<Account>,
    sign_ins: BTreeMap<SignInId, Log<SignIn>>,
    messages: BTreeMap<MessageId, Log<Message>>,
    processes: BTreeMap<VerificationId, Log<Verification>>,
    vault: Vault,
    guard: AccountGuard,
    revision: u64,
    address: (AddressTries, u64),
    keys: (KeyTries, u64),
    pub(crate) sessions: Vec<Session>,
    done: BTreeSet<u64>,
}

fn loaded<D: Decider>(log: Option<&Log<D>>) -> Loaded<D> {
    log.map_or(Loaded { state: D::default(), version: 0 }, |log| Loaded {
        state: log.state.clone(),
        version: log.length,
    })
}

fn read(text: &str) -> Noted<SignInEvent> {
    let stored: StoredEvent = serde_json::from_str(text).unwrap();
    let event = SignInEvent::read(&stored).expect("readable");
    Noted { stamp: Stamp { id: stored.id, time: stored.time }, event }
}

impl Store {
    pub(crate) fn account(&self) -> Loaded<Account> {
        loaded(Some(&self.account))
    }

    /// The account's state, to look at.
    pub(crate) fn account_state(&self) -> &Account {
        &self.account.state
    }

    pub(crate) fn sign_in(&self, id: SignInId) -> Loaded<SignIn> {
        loaded(self.sign_ins.get(&id))
    }

    pub(crate) fn message(&self, id: MessageId) -> Loaded<Message> {
        loaded(self.messages.get(&id))
    }

    pub(crate) fn process(&self, id: VerificationId) -> Loaded<Verification> {
        loaded(self.processes.get(&id))
    }

    pub(crate) fn vault(&self) -> Vault {
        self.vault.clone()
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<Session> {
        self.sessions.iter().find(|it| it.id == id).cloned()
    }

    pub(crate) fn guard(&self) -> (AccountGuard, u64) {
        (self.guard.clone(), self.revision)
    }

    pub(crate) fn address(&self) -> (AddressTries, u64) {
        self.address.clone()
    }

    pub(crate) fn key_tries(&self) -> (KeyTries, u64) {
        self.keys.clone()
    }

    /// The events of an attempt's commit of this version.
    pub(crate) fn commit_of(&self, id: SignInId, version: u64) -> Vec<Noted<SignInEvent>> {
        self.commits(id)
            .iter()
            .filter(|it| it.0 == version)
            .flat_map(|it| &it.1)
            .map(|it| read(it))
            .collect()
    }

    /// When the code of this issue expires.
    pub(crate) fn expiry(&self, id: SignInId, issue: u8) -> Option<Timestamp> {
        let events = self.commits(id).iter().flat_map(|it| &it.1).map(|it| read(it));
        let codes = events.filter_map(|it| {
            if let SignInEvent::CodeIssued(code) = it.event { Some(code) } else { None }
        });
        codes.into_iter().find(|it| it.issue == issue).map(|it| it.expires_at)
    }

    /// The newest event of an attempt.
    pub(crate) fn last_of(&self, id: SignInId) -> Option<(EventId, Timestamp)> {
        let last = self.commits(id).last()?.1.last().map(|it| read(it))?;
        Some((last.stamp.id, last.stamp.time))
    }

    fn commits(&self, id: SignInId) -> &[(u64, Vec<String>)] {
        self.sign_ins.get(&id).map(|it| it.commits.as_slice()).unwrap_or_default()
    }

    /// Whether this very transaction has happened before.
    pub(crate) fn has(&self, transaction: &Transaction) -> bool {
        self.done.contains(&transaction.token)
    }

    /// Writes everything, or nothing where any part was decided from something older.
    pub(crate) fn write(&mut self, transaction: &Transaction) -> bool {
        let fits = transaction.writes.iter().all(|write| match write {
            Write::Account(append) => append.version == self.account.length,
            Write::AccountUnchanged { version } => *version == self.account.length,
            Write::SignIn(id, append) => {
                append.version == self.sign_ins.get(id).map_or(0, |it| it.length)
            }
            Write::Message(id, append) => {
                append.version == self.messages.get(id).map_or(0, |it| it.length)
            }
            Write::Guard { revision, .. } => *revision == self.revision,
            Write::Address { revision, .. } => *revision == self.address.1,
            Write::Keys { revision, .. } => *revision == self.keys.1,
            Write::Process(id, append) => {
                append.version == self.processes.get(id).map_or(0, |it| it.length)
            }
            Write::UsedCode { revision, .. } => *revision == self.vault.revision,
            Write::Password(_)
            | Write::NewCodes(_)
            | Write::Begin(_)
            | Write::End(_)
            | Write::Renew(..)
            | Write::StepUp(..) => true,
        });
        if fits {
            self.done.insert(transaction.token);
            transaction.writes.iter().for_each(|write| self.put(write));
        }
        fits
    }

    fn put(&mut self, write: &Write) {
        match write {
            Write::Account(append) => self.account.append(append),
            Write::AccountUnchanged { .. } => {}
            Write::SignIn(id, append) => self.sign_ins.entry(*id).or_default().append(append),
            Write::Message(id, append) => self.messages.entry(*id).or_default().append(append),
            Write::Guard { value, .. } => {
                self.guard = value.as_ref().clone();
                self.revision += 1;
            }
            Write::Address { value, revision, .. } => self.address = (value.clone(), revision + 1),
            Write::Keys { value, revision, .. } => self.keys = (value.clone(), revision + 1),
            Write::Begin(session) => {
                self.sessions.retain(|it| it.id != session.id);
                self.sessions.push(session.clone());
            }
            Write::End(device) => self.sessions.retain(|it| it.device != *device),
            Write::Process(id, append) => self.processes.entry(*id).or_default().append(append),
            Write::Password(password) => {
                self.vault.former = std::mem::replace(&mut self.vault.password, *password);
            }
            Write::NewCodes(codes) => {
                self.vault.codes.clone_from(codes);
                self.vault.revision += 1;
            }
            Write::UsedCode { code, .. } => {
                self.vault.codes.retain(|it| it != code);
                self.vault.revision += 1;
            }
            Write::Renew(id, generation) => {
                for it in self.sessions.iter_mut().filter(|it| it.id == *id) {
                    it.generation = *generation;
                }
            }
            Write::StepUp(id, until) => {
                for it in self.sessions.iter_mut().filter(|it| it.id == *id) {
                    it.stepped_up = Some(*until);
                }
            }
        }
    }

    /// Why what is stored is not what the events say, if it isn't.
    pub(crate) fn broken(&self) -> Option<String> {
        let guard = serde_json::to_string(&self.guard).unwrap();
        let same = serde_json::from_str::<AccountGuard>(&guard).unwrap() == self.guard;
        self.account
            .broken()
            .or_else(|| self.sign_ins.values().find_map(Log::broken))
            .or_else(|| self.messages.values().find_map(Log::broken))
            .or_else(|| self.processes.values().find_map(Log::broken))
            .or_else(|| (!same).then(|| "the guard does not come back as it went".to_owned()))
    }

    /// The messages that are neither sent nor given up.
    pub(crate) fn unfinished(&self) -> Vec<MessageId> {
        let open = |log: &Log<Message>| {
            matches!(log.state, Message::New | Message::Claimed(_) | Message::Waiting(_))
        };
        self.messages.iter().filter(|it| open(it.1)).map(|it| *it.0).collect()
    }
}
