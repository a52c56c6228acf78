//! One account compared with its guard as it is, and given what it lacks.

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::{Chance, draw};
use postern_events::ids::AccountId;
use postern_events::vocabulary::AddressKey;
use postern_store::streams::wait;
use postern_store::{Extra, Store, StoreError};

use super::Compared;
use crate::pace::Pace;

/// How often an account is looked at that changes each time: one that does so more often is busy, and
/// found by the next run.
const LOOKS: u32 = 5;

/// What a look at an account's end costs about, in units of reading.
const END_COSTS: f64 = 1.0;

/// One account, while it is compared.
pub(super) struct Settling<'a> {
    pub(super) store: &'a Store,
    pub(super) chance: &'a dyn Chance,
    pub(super) pace: &'a Pace,
    pub(super) account: AccountId,
    pub(super) told: AccountGuard,
    /// The last of the account's events that was counted.
    pub(super) sequence: u64,
    /// When the reading of the log began, where that is known.
    pub(super) begun: Option<Timestamp>,
    pub(super) now: Timestamp,
    pub(super) write: bool,
}

/// What an account lacks, and the writes that bring it.
#[derive(Default)]
struct Missing {
    found: Compared,
    writes: Vec<Extra>,
}

impl Settling<'_> {
    /// Compares the account, and writes what it lacks on the condition that it is still the account
    /// that was compared: no claim comes back that was just given up. Where something is found and nothing
    /// is written it is looked at once more, and nothing is said of an account that has moved on.
    pub(super) async fn settle(&self) -> Result<Compared, StoreError> {
        let streams = self.store.streams();
        for look in 0..LOOKS {
            let context = streams.load::<Account>(self.account).await?;
            let Some(open) = context.state().open() else { return Ok(Compared::default()) };
            // What happened since may have forgiven what was counted, such as a new password.
            if context.sequence() > self.sequence {
                break;
            }
            let Missing { found, mut writes } = self.missing(open.address_key).await?;
            if self.write && !writes.is_empty() {
                writes.push(streams.unchanged(&context)?);
                match streams.commit_together(&[], writes, draw(self.chance)).await {
                    Ok(()) => return Ok(found),
                    Err(lost) if lost.is_race() => wait(self.chance, look).await,
                    Err(failed) => return Err(failed.into()),
                }
            } else if found == (Compared { accounts: 1, ..Compared::default() })
                || self.ends_at(context.sequence()).await?
            {
                return Ok(found);
            }
        }
        Ok(Compared { accounts: 1, unsettled: 1, ..Compared::default() })
    }

    /// Whether the account has not moved on.
    async fn ends_at(&self, sequence: u64) -> Result<bool, StoreError> {
        self.pace.wait().await;
        let now = self.store.streams().load::<Account>(self.account).await?;
        self.pace.spend(END_COSTS).await;
        Ok(now.sequence() == sequence)
    }

    async fn missing(&self, address: AddressKey) -> Result<Missing, StoreError> {
        let mut missing = Missing::default();
        missing.found.accounts = 1;
        self.compare_counts(&mut missing).await?;
        let guards = self.store.guards();
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

    async fn compare_counts(&self, missing: &mut Missing) -> Result<(), StoreError> {
        let (guards, told) = (self.store.guards(), self.told.clone().as_of(self.now));
        let mut present = guards.load_guard::<AccountGuard>(self.account).await?;
        if present.value.counts_as(&told, self.now) {
            return Ok(());
        }
        let least = present.value.clone().as_of(self.now).at_least(told);
        if present.value.counts_as(&least, self.now) {
            missing.found.stricter = 1;
        } else if self.may_be_forgiven(&present).await? {
            missing.found.unsettled = 1;
        } else {
            missing.found.guards = 1;
            present.value = least;
            missing.writes.push(guards.guard_put(self.account, &present)?);
        }
        Ok(())
    }
}
