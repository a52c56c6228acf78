//! Guards from the log: counts of wrong codes, open attempts, budgets, and whose each address is.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::{Chance, draw};
use postern_events::ids::AccountId;
use postern_events::vocabulary::AddressKey;
use postern_store::keys::stream_parts;
use postern_store::streams::wait;
use postern_store::{Extra, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::gather::NotGathered;
use crate::log::Log;
use crate::projection::{NotProjected, View, project};
use crate::source::Source;
use crate::source::table::Table;
use crate::work::usual_folder;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
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
    /// Accounts that changed since the log was read, or each time they were looked at: the next run finds
    /// them at rest.
    pub unsettled: u64,
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The tables did not do what was asked.
    #[error("the tables can't be read or written")]
    Store(#[from] StoreError),
    /// The log can't be read.
    #[error("the log can't be read")]
    Log(#[from] NotGathered),
    /// What it tells can't be counted.
    #[error("the log can't be counted")]
    Projection(#[from] NotProjected),
    /// A guard that was counted can't be read again.
    #[error("a count can't be read again")]
    Count(#[from] serde_json::Error),
}

/// A guard as it was counted.
#[derive(Deserialize)]
struct Kept {
    body: AccountGuard,
    /// The last of its account's events that was counted.
    told: u64,
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

/// How often this process has read a log by itself.
static READINGS: AtomicU64 = AtomicU64::new(0);

/// What the log told of every account's guard, at some moment.
pub struct Told {
    now: Timestamp,
    guards: Vec<(AccountId, AccountGuard, u64)>,
}

impl Told {
    /// Reads the whole log of a deployment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn by(store: &Store, now: Timestamp) -> Result<Self, Failed> {
        let (store, prefix, id) = (store.clone(), String::new(), String::new());
        let table = Table { store, prefix, id, segments: 1, rate: None, consistent: true };
        // What is read here is nobody else's to go on with, in this process neither.
        let reading = READINGS.fetch_add(1, Ordering::Relaxed);
        let folder = usual_folder(&format!("guards {} {reading}", std::process::id()));
        let log = Log::open(&Source::Table(table), &folder, false).await?;
        let told = Self::of(&log, now, &folder)?;
        log.finish().map_err(NotGathered::from)?;
        Ok(told)
    }

    /// Counts a log that is open already.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(log: &Log, now: Timestamp, folder: &Path) -> Result<Self, Failed> {
        let mut guards = Vec::new();
        project(log, View::Guards, None, folder)?.items(now, |key, item| {
            let Kept { body, told } = serde_json::from_str(item)?;
            let account = stream_parts(key).and_then(|(_, id)| id.parse().ok());
            guards.extend(account.map(|account| (account, body, told)));
            Ok::<_, Failed>(())
        })?;
        Ok(Self { now, guards })
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
        for (account, told, sequence) in self.guards {
            let settling =
                Settling { store, chance, account, told, sequence, now: self.now, write };
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
    /// The last of the account's events that was counted.
    sequence: u64,
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
            // What happened since may have forgiven what was counted, such as a new password.
            if context.sequence() > self.sequence {
                break;
            }
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
