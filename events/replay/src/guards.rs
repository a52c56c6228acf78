//! Guards from the log: counts of wrong codes, open attempts, budgets, and whose each address is.
//!
//! Accounts are compared several at once, as they come from the log's facts, which lie in files: how many
//! there are doesn't matter.

mod forgiving;
mod settling;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::Chance;
use postern_events::ids::AccountId;
use postern_store::keys::stream_parts;
use postern_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use self::settling::Settling;
use crate::at_once::{self, Taker, Untaken};
use crate::gather::NotGathered;
use crate::log::Log;
use crate::merge::Unread;
use crate::pace::{Pace, patiently};
use crate::progress::{Progress, Unit};
use crate::projection::{NotProjected, Projected, View, project};
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
    /// Accounts that changed since the log was read, or each time they were looked at, and those whose guard
    /// counts less because a right code may have forgiven it since: the next run finds them at rest.
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
    /// A part of the work came to a sudden end.
    #[error("a part of the work came to a sudden end")]
    Ended(#[from] tokio::task::JoinError),
    /// Somebody else failed before.
    #[error(transparent)]
    Untaken(#[from] Untaken),
}

impl From<Unread> for Failed {
    fn from(error: Unread) -> Self {
        Self::Log(error.into())
    }
}

/// A guard as it was counted.
#[derive(Deserialize)]
struct Kept {
    body: AccountGuard,
    /// The last of its account's events that was counted.
    told: u64,
}

/// An account, and its guard as it was counted.
struct Account {
    id: AccountId,
    kept: Kept,
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

/// What comparing an account costs about, in units of reading: its stream's end, its guard, its claim.
const ACCOUNT_COSTS: f64 = 3.0;

/// What the log told of every account's guard, at some moment.
pub struct Told {
    /// When it was counted, by the clock of those who ask and by this computer's.
    now: Timestamp,
    counted: Instant,
    /// When the reading of the log began, where that is known.
    begun: Option<Timestamp>,
    guards: Projected,
    pace: Pace,
    seen: bool,
    /// What is removed when it is done, where nobody else goes on with it.
    log: Option<Log>,
}

impl Told {
    /// Reads the whole log of a deployment.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn by(store: &Store, now: Timestamp) -> Result<Self, Failed> {
        let counted = Instant::now();
        let (store, prefix, id) = (store.clone(), String::new(), String::new());
        let table = Table { store, prefix, id, segments: 1, rate: None, consistent: true };
        // What is read here is nobody else's to go on with, in this process neither.
        let reading = READINGS.fetch_add(1, Ordering::Relaxed);
        let folder = usual_folder(&format!("guards {} {reading}", std::process::id()));
        let log = Log::open(&Source::Table(table), &folder, false).await?;
        let told = Self::of(&log, now, &folder)?;
        Ok(Self { counted, begun: Some(now), log: Some(log), ..told })
    }

    /// Counts a log that is open already, and stays so until it is compared.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(log: &Log, now: Timestamp, folder: &Path) -> Result<Self, Failed> {
        let guards = project(log, View::Guards, None, folder)?;
        // Of files it is known when they were read, and not of when they tell.
        let begun = log.read_units().and(log.begun());
        let counted = Instant::now();
        Ok(Self { now, counted, begun, guards, pace: Pace::new(None), seen: false, log: None })
    }

    /// Compares it no faster than this, and tells whoever waits how far it is.
    #[must_use]
    pub fn watched(self, pace: Pace) -> Self {
        Self { pace, seen: true, ..self }
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
        let Self { now, counted: at, begun, guards, pace, seen, log } = self;
        let mut compared = Compared::default();
        let mut progress =
            if seen { Progress::begin("comparing", 0, Unit::Accounts) } else { Progress::unseen() };
        let pace = &pace;
        let settle = |Account { id: account, kept: Kept { body: told, told: sequence } }| async move {
            let now = now.checked_add(at.elapsed()).unwrap_or(Timestamp::MAX);
            let settling =
                Settling { store, chance, pace, account, told, sequence, begun, now, write };
            pace.wait().await;
            let found = Box::pin(patiently(|| settling.settle())).await?;
            pace.spend(ACCOUNT_COSTS).await;
            Ok(found)
        };
        let add = |found| {
            progress.step();
            compared.add(found);
            Ok(())
        };
        // What could still be guessed at when the reading began is told too.
        let as_of = begun.map_or(now, |it| forgiving::reach(it).min(now));
        let ended = at_once::each(move |taker| counted(&guards, as_of, taker), settle, add).await;
        // Nobody goes on with it, however it ended.
        let finished = log.map_or(Ok(()), Log::finish);
        ended?;
        finished?;
        Ok(compared)
    }
}

/// Gives every account that is open, with its guard.
fn counted(guards: &Projected, as_of: Timestamp, taker: &Taker<Account>) -> Result<(), Failed> {
    guards.items(as_of, |key, item| {
        let kept = serde_json::from_str(item)?;
        match stream_parts(key).and_then(|(_, id)| id.parse().ok()) {
            Some(id) => Ok(taker.give(Account { id, kept })?),
            None => Ok::<_, Failed>(()),
        }
    })
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
