//! Guards from the log: counts of wrong codes, open attempts, budgets, and whose each address is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_domain::guard::{AccountGuard, Counted, Recount};
use postern_domain::ports::Chance;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet;
use postern_events::ids::AccountId;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::AddressKey;
use postern_store::guards::UpdateError;
use postern_store::keys::stream_parts;
use postern_store::streams::Commit;
use postern_store::{Store, StoreError};

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
    address: Option<AddressKey>,
    erased: bool,
    facts: Vec<Fact>,
}

/// Counts the whole log anew and compares it with the guards. With `write`, what is missing is put
/// there; no count is ever lowered, and nothing is taken away.
///
/// # Errors
/// When the log can't be read, or the tables did not do what was asked.
pub async fn recount(
    store: &Store,
    chance: &dyn Chance,
    now: Timestamp,
    write: bool,
) -> Result<Compared, Failed> {
    let mut log = Log::default();
    store.streams().every_commit(|commit| log.take(&commit)).await?;
    if let Some(failed) = log.failed.take() {
        return Err(failed);
    }
    let mut compared = Compared::default();
    for (account, guard, address) in log.counted(now) {
        compared.accounts += 1;
        compare_guard(store, chance, account, guard, now, write, &mut compared).await?;
        compare_address(store, account, address, write, &mut compared, chance).await?;
    }
    Ok(compared)
}

async fn compare_guard(
    store: &Store,
    chance: &dyn Chance,
    account: AccountId,
    told: AccountGuard,
    now: Timestamp,
    write: bool,
    compared: &mut Compared,
) -> Result<(), Failed> {
    let guards = store.guards();
    let present = guards.load_guard::<AccountGuard>(account).await?.value;
    if present.counts_as(&told, now) {
        return Ok(());
    }
    let least = present.clone().at_least(told.clone());
    if present.counts_as(&least, now) {
        compared.stricter += 1;
        return Ok(());
    }
    compared.guards += 1;
    if write {
        let raise = |guard: &mut AccountGuard| {
            *guard = guard.clone().at_least(told.clone());
            Ok::<(), std::convert::Infallible>(())
        };
        match guards.update_guard(account, chance, raise).await {
            Ok(_) => {}
            Err(UpdateError::Refused(never)) => match never {},
            Err(UpdateError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn compare_address(
    store: &Store,
    account: AccountId,
    address: Option<AddressKey>,
    write: bool,
    compared: &mut Compared,
    chance: &dyn Chance,
) -> Result<(), Failed> {
    let Some(address) = address else { return Ok(()) };
    let guards = store.guards();
    match guards.claim(address).await? {
        Some(found) if found == account => {}
        Some(_) => compared.contradictions += 1,
        None => {
            compared.addresses += 1;
            if write {
                let claim = guards.claim_put(address, account)?;
                let token = postern_domain::ports::draw(chance);
                let made = store.streams().commit_together(&[], vec![claim], token).await;
                made.map_err(StoreError::from)?;
            }
        }
    }
    Ok(())
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
        if let AccountEvent::Registered(it) = &event {
            open.address = Some(it.address_key);
        } else if let AccountEvent::EmailChanged(it) = &event {
            open.address = Some(it.address_key);
        }
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

    /// Each open account's guard as the log tells it, and its address.
    fn counted(
        self,
        now: Timestamp,
    ) -> impl Iterator<Item = (AccountId, AccountGuard, Option<AddressKey>)> {
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
            (account, recount.guard(now), it.address)
        })
    }
}
