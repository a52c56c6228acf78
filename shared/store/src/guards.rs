//! What is counted and claimed: every write here is conditional on what was read.

mod addresses;
mod calls;
mod claims;
mod proofs;
mod push_tokens;
mod reports;
mod revisions;
mod slots;
mod windows;

use jiff::Timestamp;
use postern_domain::ports::Chance;
use postern_events::ids::AccountId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::extra::Extra;
use crate::keys;
use crate::tables::Tables;

pub use addresses::AddressRecord;
pub use calls::RememberedCall;
pub use proofs::Freshness;
pub use revisions::{Guarded, SaveError, UPDATES, UpdateError, Updated};
pub use slots::Slot;

use revisions::Place;
pub(crate) use revisions::carries;

/// The table of guards; cheap to clone.
#[derive(Debug, Clone)]
pub struct Guards {
    tables: Tables,
}

impl Guards {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }

    /// An account's guard; the default at revision 0 where there is none yet.
    ///
    /// # Errors
    /// When the table can't be read, or the guard is broken.
    pub async fn load_guard<T>(&self, account: AccountId) -> Result<Guarded<T>, StoreError>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
    {
        self.load_place(&Place::guard(account)).await
    }

    /// Saves an account's guard on the condition that nobody has saved since it was loaded.
    ///
    /// # Errors
    /// [`SaveError::Stale`] with the present guard when somebody has.
    pub async fn save_guard<T>(
        &self,
        account: AccountId,
        guard: &Guarded<T>,
        chance: &dyn Chance,
    ) -> Result<(), SaveError<T>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
    {
        self.save_place(&Place::guard(account), guard, chance).await
    }

    /// The same write in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the guard can't be written as JSON.
    pub fn guard_put<T: Serialize>(
        &self,
        account: AccountId,
        guard: &Guarded<T>,
    ) -> Result<Extra, StoreError> {
        self.extra_place(&Place::guard(account), guard)
    }

    /// Changes an account's guard, asking `alter` again on the present value where somebody else
    /// was faster, [`UPDATES`] times at most. A refusal of `alter` writes nothing.
    ///
    /// # Errors
    /// The refusal, or what the table said last.
    pub async fn update_guard<T, R, E>(
        &self,
        account: AccountId,
        chance: &dyn Chance,
        alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<Updated<T, R>, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
        E: std::error::Error + 'static,
    {
        self.update_place(Place::guard(account), chance, alter).await
    }

    /// Forgets an account's guard, once nobody can sign in to it any more. Safe to repeat.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn account_forget(&self, account: AccountId) -> Result<(), StoreError> {
        self.tables.delete(keys::GUARDS, &keys::account(account), keys::GUARD).await
    }

    /// Changes a window: a value that is forgotten at `expires_at`, and counts as forgotten from
    /// that moment on, whether or not it was deleted yet. Otherwise like [`Self::update_guard`].
    ///
    /// # Errors
    /// As [`Self::update_guard`].
    pub async fn update_window<T, R, E>(
        &self,
        name: &str,
        subject: &str,
        now: Timestamp,
        expires_at: Timestamp,
        chance: &dyn Chance,
        alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<Updated<T, R>, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
        E: std::error::Error + 'static,
    {
        let place = Place {
            key: keys::window(name, subject),
            item: keys::WINDOW,
            life: Some((now, expires_at)),
        };
        self.update_place(place, chance, alter).await
    }
}
