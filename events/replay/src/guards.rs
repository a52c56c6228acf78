//! Guards from the log: counts of wrong codes, open attempts, budgets, and whose each address is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::guard::{AccountGuard, Counted, Recount};
use postern_domain::ports::{Chance, draw};
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet;
use postern_events::ids::AccountId;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::AddressKey;
use postern_store::keys::stream_parts;
use postern_store::streams::{Commit, wait};
use postern_store::{Extra, Store, StoreError};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// Accounts that are open.
    pub accounts: u64,
    /// Those whose guard counts less than the log tells, or is missing.
    pub guards: u64,
    /// Those whose guard counts more: guesses were claimed and never compared.
    pub stricter: u64,
    /// Addresses that are nobody's in the guards, and somebody's in the log.
    pub addresses: u64,
    /// Addresses that the guards give to somebody else than the log does. Nothing is done about these:
    /// somebody has to look.
    pub contradictions: u64,
    /// Accounts that changed each time they were looked at: the next run finds them at rest.
    pub unsettled: u64,
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The tables did not do what was asked.
    #[error("the tables can't be read or written")]
    Store(#[from] StoreError),
    /// An event of the log can't be read.
    #[error("an event of {stream} can't be read")]
    Event {
        /// Its stream.
        stream: String,
        /// Why.
        source: Unreadable,
    },
}

/// A fact of one stream.
type Fact = (Timestamp, Counted);

/// One attempt or process, while the log is read.
#[derive(Default)]
struct Asked {
    account: Option<AccountId>,
    facts: Vec<Fact>,
}

/// What the log tells that guards count.
#[derive(Default)]
struct Log {
    /// By the name of the attempt or process.
    asked: BTreeMap<String, Asked>,
    accounts: BTreeMap<AccountId, Open>,
    failed: Option<Failed>,
}

/// An account, while the log is read.
#[derive(Default)]
struct Open {
    erased: bool,
    facts: Vec<Fact>,
}

/// Counts the whole log anew and compares it with the guards. With `write`, what is missing is put
/// there; no count is ever lowered, and nothing is taken away. Others may go on writing meanwhile.
///
/// # Errors
/// When the log can't be read, or the tables did not do what was asked.
pub async fn recount(
    store: &Store,
    chance: &dyn Chance,
    now: Timestamp,
    write: bool,
) -> Result<Compared, Failed> {
    Told::by(store, now).await?.compare(store, chance, write).await
}

/// What the log told of every account's guard, at some moment.
pub struct Told {
    now: Timestamp,
    guards: Vec<(AccountId, AccountGuard)>,
}

impl Told {
    /// Reads the whole log.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn by(store: &Store, now: Timestamp) -> Result<Self, Failed> {
        let mut log = Log::default();
        store.streams().every_commit(|commit| log.take(&commit)).await?;
        if let Some(failed) = log.failed.take() {
            return Err(failed);
        }
        Ok(Self { now, guards: log.counted(now).collect() })
    }

    /// Compares it with the guards as they are, and with `write` puts there what is missing. An account
    /// that is erased or moves to another address meanwhile is taken as it is then.
    ///
    /// # Errors
    /// When the tables did not do what was asked.
    pub async fn compare(
        self,
        store: &Store,
        chance: &dyn Chance,
        write: bool,
    ) -> Result<Compared, Failed> {
        let mut compared = Compared::default();
        for (account, told) in self.guards {
            let settling = Settling { store, chance, account, told, now: self.now, write };
            compared.add(settling.settle().await?);
        }
        Ok(compared)
    }
}

/// How often an account is looked at that changes each time: one that does so more often is busy, and
/// found by the next run.
const LOOKS: u32 = 5;

/// One account, while it is compared.
struct Settling<'a> {
    store: &'a Store,
    chance: &'a dyn Chance,
    account: AccountId,
    told: AccountGuard,
    now: Timestamp,
    write: bool,
}

/// What an account lacks, and the writes that bring it.
#[derive(Default)]
struct Missing {
    found: Compared,
    writes: Vec<Extra>,
}

impl Settling<'_> {
    /// Compares the account, and writes what it lacks on the condition that it is still the account
    /// that was compared: no claim comes back that was just given up.
    async fn settle(&self) -> Result<Compared, Failed> {
        let streams = self.store.streams();
        for look in 0..LOOKS {
            let context = streams.load::<Account>(self.account).await?;
            let Some(open) = context.state().open() else { return Ok(Compared::default()) };
            let Missing { found, mut writes } = self.missing(open.address_key).await?;
            if !self.write || writes.is_empty() {
                return Ok(found);
            }
            writes.push(streams.unchanged(&context)?);
            match streams.commit_together(&[], writes, draw(self.chance)).await {
                Ok(()) => return Ok(found),
                Err(lost) if lost.is_race() => wait(self.chance, look).await,
                Err(failed) => return Err(StoreError::from(failed).into()),
            }
        }
        Ok(Compared { accounts: 1, unsettled: 1, ..Compared::default() })
    }

    async fn missing(&self, address: AddressKey) -> Result<Missing, Failed> {
        let guards = self.store.guards();
        let mut missing = Missing::default();
        missing.found.accounts = 1;
        let mut present = guards.load_guard::<AccountGuard>(self.account).await?;
        if !present.value.counts_as(&self.told, self.now) {
            let least = present.value.clone().at_least(self.told.clone());
            if present.value.counts_as(&least, self.now) {
                missing.found.stricter = 1;
            } else {
                missing.found.guards = 1;
                present.value = least;
                missing.writes.push(guards.guard_put(self.account, &present)?);
            }
        }
        match guards.claim(address).await? {
            Some(found) if found == self.account => {}
            Some(_) => missing.found.contradictions = 1,
            None => {
                missing.found.addresses = 1;
                missing.writes.push(guards.claim_put(address, self.account)?);
            }
        }
        Ok(missing)
    }
}

impl Compared {
    fn add(&mut self, of_one: Self) {
        self.accounts += of_one.accounts;
        self.guards += of_one.guards;
        self.stricter += of_one.stricter;
        self.addresses += of_one.addresses;
        self.contradictions += of_one.contradictions;
        self.unsettled += of_one.unsettled;
    }
}

impl Log {
    fn take(&mut self, commit: &Commit) {
        let Some((aggregate, name)) = stream_parts(&commit.stream) else { return };
        for stored in &commit.events {
            let read = match aggregate {
                "account" => self.account(name, stored),
                "sign_in" => self.sign_in(name, stored),
                "verification" => self.verification(name, stored),
                _ => Ok(()),
            };
            if let Err(source) = read {
                self.failed = Some(Failed::Event { stream: commit.stream.clone(), source });
            }
        }
    }

    fn account(&mut self, name: &str, stored: &StoredEvent) -> Result<(), Unreadable> {
        let Ok(id) = name.parse::<AccountId>() else { return Ok(()) };
        let event = AccountEvent::read(stored)?;
        let open = self.accounts.entry(id).or_default();
        open.erased |= matches!(event, AccountEvent::Erased(_));
        open.facts.extend(Counted::of_account(&event).map(|it| (stored.time, it)));
        Ok(())
    }

    fn sign_in(&mut self, name: &str, stored: &StoredEvent) -> Result<(), Unreadable> {
        let event = SignInEvent::read(stored)?;
        let asked = self.asked.entry(name.to_owned()).or_default();
        if let SignInEvent::Attempted(it) = &event {
            asked.account = Some(it.account);
        }
        asked.facts.extend(Counted::of_sign_in(&event).map(|it| (stored.time, it)));
        Ok(())
    }

    fn verification(&mut self, name: &str, stored: &StoredEvent) -> Result<(), Unreadable> {
        let event = VerificationEvent::read(stored)?;
        let asked = self.asked.entry(name.to_owned()).or_default();
        if let VerificationEvent::Opened(it) = &event {
            asked.account = Some(it.account);
        }
        asked.facts.extend(Counted::of_verification(&event).map(|it| (stored.time, it)));
        Ok(())
    }

    /// Each open account's guard as the log tells it.
    fn counted(self, now: Timestamp) -> impl Iterator<Item = (AccountId, AccountGuard)> {
        let mut by_account: BTreeMap<AccountId, Vec<(Timestamp, String, Counted)>> =
            BTreeMap::new();
        for (name, asked) in self.asked {
            let Some(account) = asked.account else { continue };
            let facts = asked.facts.into_iter().map(|(at, fact)| (at, name.clone(), fact));
            by_account.entry(account).or_default().extend(facts);
        }
        let open = self.accounts.into_iter().filter(|(_, it)| !it.erased);
        open.map(move |(account, it)| {
            let mut facts = by_account.remove(&account).unwrap_or_default();
            let name = account.to_string();
            facts.extend(it.facts.into_iter().map(|(at, fact)| (at, name.clone(), fact)));
            // Facts of one stream stay in their order.
            facts.sort_by_key(|(at, _, _)| *at);
            let mut recount = Recount::default();
            for (at, asked, fact) in &facts {
                recount.count(asked, fact, *at);
            }
            (account, recount.guard(now))
        })
    }
}
