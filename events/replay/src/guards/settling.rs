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

/// How often an account is looked at that changes each time: one that does so more often is busy, and
/// found by the next run.
const LOOKS: u32 = 5;

/// One account, while it is compared.
pub(super) struct Settling<'a> {
    pub(super) store: &'a Store,
    pub(super) chance: &'a dyn Chance,
    pub(super) account: AccountId,
    pub(super) told: AccountGuard,
    /// The last of the account's events that was counted.
    pub(super) sequence: u64,
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
    /// that was compared: no claim comes back that was just given up.
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
            if !self.write || writes.is_empty() {
                return Ok(found);
            }
            writes.push(streams.unchanged(&context)?);
            match streams.commit_together(&[], writes, draw(self.chance)).await {
                Ok(()) => return Ok(found),
                Err(lost) if lost.is_race() => wait(self.chance, look).await,
                Err(failed) => return Err(failed.into()),
            }
        }
        Ok(Compared { accounts: 1, unsettled: 1, ..Compared::default() })
    }

    async fn missing(&self, address: AddressKey) -> Result<Missing, StoreError> {
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
