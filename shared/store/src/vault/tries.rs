//! Wrong passwords on a person's trusted keys: they come with the password's own item, so that
//! nobody reads twice to compare one.

use postern_domain::ports::{Chance, draw};
use postern_events::ids::AccountId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Vault;
use crate::error::StoreError;
use crate::guards::{UPDATES, UpdateError, carries};
use crate::items::{Item, Reader, bytes, json, text};
use crate::keys;
use crate::streams::wait;
use crate::tables::{Condition, Tables, Written};

const WHAT: &str = "the wrong passwords of a person";

/// Wrong passwords on a person's trusted keys, as the vault held them when the person was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tries(Option<String>);

impl Tries {
    pub(super) fn of(item: &Item) -> Self {
        Self(Reader::new(WHAT, item).maybe_text(keys::TRIES).map(ToOwned::to_owned))
    }

    /// What they are; the default where there are none.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when they are not of this type.
    pub fn read<T: DeserializeOwned + Default>(&self) -> Result<T, StoreError> {
        let Some(json) = &self.0 else { return Ok(T::default()) };
        serde_json::from_str(json).map_err(|why| StoreError::broken(WHAT, why))
    }

    /// The same value as the vault holds it; the default takes no room.
    fn written<T: Serialize + Default>(value: &T) -> Result<Self, StoreError> {
        let (value, nothing) = (json(WHAT, value)?, json(WHAT, &T::default())?);
        Ok(Self((value != nothing).then_some(value)))
    }

    /// They are still the ones that were seen, and the person is still there.
    fn unchanged(&self) -> Condition {
        let names = [("#hash", keys::ACCOUNT), ("#tries", keys::TRIES)];
        match &self.0 {
            Some(seen) => Condition::new(
                "attribute_exists(#hash) AND #tries = :seen",
                &names,
                [(":seen", text(seen))],
            ),
            None => Condition::new(
                "attribute_exists(#hash) AND attribute_not_exists(#tries)",
                &names,
                [],
            ),
        }
    }
}

impl Vault {
    /// Changes the wrong passwords on a person's trusted keys, starting from what
    /// [`Vault::load`] brought: one write and no read. Where somebody was faster, `alter` is asked
    /// again on the present value. Every change is written, also one that changes nothing, for the
    /// write is what puts guesses in an order.
    ///
    /// # Errors
    /// The refusal of `alter`, which writes nothing; [`StoreError::Conflict`] when the person is
    /// erased or others were faster [`UPDATES`] times; or what the table said last.
    pub async fn settle_tries<T, R, E>(
        &self,
        account: AccountId,
        tries: &Tries,
        chance: &dyn Chance,
        mut alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<R, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default,
        E: std::error::Error + 'static,
    {
        let mark: [u8; 12] = draw(chance);
        let mut tries = tries.clone();
        for lost in 0..UPDATES {
            let mut value: T = tries.read()?;
            let outcome = alter(&mut value).map_err(UpdateError::Refused)?;
            match self.swap_tries(account, &tries, &Tries::written(&value)?, mark).await {
                Ok(Written::Done) => return Ok(outcome),
                Ok(Written::Refused(Some(item))) if carries(&item, mark) => return Ok(outcome),
                Ok(Written::Refused(Some(item))) => tries = Tries::of(&item),
                Ok(Written::Refused(None)) => break,
                // A transaction holds the item; it may leave the tries as they are.
                Err(held) if held.is_race() => wait(chance, lost).await,
                Err(why) => return Err(why.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn swap_tries(
        &self,
        account: AccountId,
        seen: &Tries,
        new: &Tries,
        mark: [u8; 12],
    ) -> Result<Written, StoreError> {
        let key = Tables::key(keys::VAULT, &account.to_string(), keys::PERSON);
        let update = seen
            .unchanged()
            .on_update(self.tables.update(keys::VAULT, key))
            .expression_attribute_names("#writer", keys::WRITER)
            .expression_attribute_values(":mark", bytes(mark));
        let update = match &new.0 {
            Some(new) => update
                .update_expression("SET #tries = :new, #writer = :mark")
                .expression_attribute_values(":new", text(new)),
            None => update.update_expression("SET #writer = :mark REMOVE #tries"),
        };
        Tables::update_if(update).await
    }
}
