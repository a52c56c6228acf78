//! What operators do to one account without its owner. Each act is one event, and its commit says whose
//! act it was.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, AccountRefusal, OpenAccount, Order};
use postern_domain::guard::{AccountGuard, Resumed, Unresumable};
use postern_domain::policy;
use postern_domain::ports::{Chance, Clock, draw};
use postern_events::account::AccountEvent;
use postern_events::ids::{AccountId, EventId};
use postern_store::model::{Recorded, Scribe};
use postern_store::streams::{DECISIONS, Decided, ExecuteError, Meta, wait};
use postern_store::{Extra, Store, StoreError};

/// What commits call this command line.
const FUNCTION: &str = "postern";
/// The longest name of an operator: that of a person or of a role, not a sentence.
const LONGEST_NAME: usize = 64;

/// Who acts. The name lies in the log for ever and in clear, so it can't be an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(String);

/// A name that no operator can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an operator's name has 1 to 64 letters, digits, dots, underscores and hyphens")]
pub struct NotAName;

impl FromStr for Operator {
    type Err = NotAName;

    fn from_str(name: &str) -> Result<Self, NotAName> {
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME;
        let known = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-');
        if fits && name.bytes().all(known) { Ok(Self(name.to_owned())) } else { Err(NotAName) }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Is shown all that is stored about the owner.
    Disclose,
    /// Lifts a pause of code entry.
    Resume,
    /// Ends all sessions and all trust.
    SignOut,
    /// Erases the account; `notify` deletes what is kept about its owner.
    Erase,
}

/// Why an act is none. Asking again leads to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody ever had it.
    #[error("there is no such account")]
    NoAccount,
    /// Its owner is gone.
    #[error("the account is erased: nothing is left to open or to end")]
    Erased,
    /// There is no pause that can be lifted.
    #[error(transparent)]
    Pause(#[from] Unresumable),
}

/// Why an act came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The account decides otherwise.
    #[error("the account can't decide it")]
    Decision(#[from] ExecuteError<AccountRefusal>),
    /// The account changed each time it was looked at.
    #[error("the account is busy: nothing was done, try again")]
    Busy,
    /// The tables did not do what was asked.
    #[error("the tables can't be read or written")]
    Store(#[from] StoreError),
}

/// Where an operator acts.
#[derive(Clone)]
pub struct Desk {
    /// The deployment's tables.
    pub store: Store,
    /// Where identifiers come from.
    pub chance: Arc<dyn Chance>,
    /// What tells the time of each decision: an operator may be kept waiting for long before one.
    pub clock: Arc<dyn Clock>,
    /// Who acts, by their own word.
    pub operator: Operator,
}

/// The account, while it is open.
pub(crate) fn open(account: &Account) -> Result<&OpenAccount, Refused> {
    match account {
        Account::New => Err(Refused::NoAccount),
        Account::Erased => Err(Refused::Erased),
        Account::Open(open) => Ok(open),
    }
}

impl Desk {
    /// Does it and says what happened; or, without `write`, what would happen. It is decided again where
    /// another writer was faster.
    ///
    /// # Errors
    /// When it is refused, the account is too busy, or the tables did not do what was asked.
    pub async fn act(
        &self,
        account: AccountId,
        act: Act,
        write: bool,
    ) -> Result<Vec<Recorded<AccountEvent>>, Failed> {
        let streams = self.store.streams();
        for lost in 0..DECISIONS {
            let context = streams.load::<Account>(account).await?;
            let now = self.clock.now();
            let (order, extras) = self.prepared(act, open(context.state())?, now).await?;
            let command = AccountCommand::Operate(order);
            let decided = streams.decide(context, command, &self.scribe(now)).await?;
            if !write {
                return Ok(decided.events().to_vec());
            }
            match self.commit(&decided, extras, now).await {
                Ok(()) => return Ok(decided.events().to_vec()),
                Err(error) if error.is_race() => wait(&*self.chance, lost).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failed::Busy)
    }

    /// What the account is told, and what is written together with its event.
    async fn prepared(
        &self,
        act: Act,
        account: &OpenAccount,
        now: Timestamp,
    ) -> Result<(Order, Vec<Extra>), Failed> {
        let guards = self.store.guards();
        Ok(match act {
            Act::Disclose => (Order::Disclose, Vec::new()),
            Act::SignOut => (Order::SignOut, Vec::new()),
            Act::Erase => {
                (Order::Erase, vec![guards.address_release(account.address_key, account.id)?])
            }
            Act::Resume => {
                let mut guard = guards.load_guard::<AccountGuard>(account.id).await?;
                let resumed = guard.value.resume(now).map_err(Refused::from)?;
                let Resumed { until, wrong_in_a_row } = resumed;
                let order = Order::ResumeCodeEntry { until, wrong_in_a_row };
                (order, vec![guards.guard_put(account.id, &guard)?])
            }
        })
    }

    /// A single write is no transaction, which would cost double.
    async fn commit(
        &self,
        decided: &Decided<Account>,
        extras: Vec<Extra>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let streams = self.store.streams();
        let staged = decided.stage(&self.meta(now))?;
        if extras.is_empty() {
            return streams.append(&staged).await;
        }
        let token = draw(&*self.chance);
        Ok(streams.commit_together(&[staged], extras, token).await?)
    }

    /// An operator makes no request that has a name, so each commit gets one of its own.
    fn meta(&self, now: Timestamp) -> Meta {
        Meta {
            request: EventId::new(now, draw(&*self.chance)).to_string(),
            actor: format!("operator/{}", self.operator),
            function: FUNCTION.to_owned(),
            policy: policy::VERSION,
            idempotency: None,
        }
    }

    /// Writes down decisions that hold nothing personal.
    fn scribe(&self, now: Timestamp) -> Scribe {
        Scribe { now, chance: Arc::clone(&self.chance), data_key: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_s_name_is_short_and_no_address() {
        let longest = "a".repeat(LONGEST_NAME);
        for name in ["ada", "Ada.Lovelace-2_ops", &longest] {
            assert_eq!(name.parse::<Operator>().map(|it| it.to_string()), Ok(name.to_owned()));
        }
        let longer = "a".repeat(LONGEST_NAME + 1);
        for name in ["", "ada@example.com", "ada lovelace", "ada/root", "žofie", &longer] {
            assert_eq!(name.parse::<Operator>(), Err(NotAName), "{name}");
        }
    }
}
