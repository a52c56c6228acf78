//! Values with a revision: loaded, changed, and saved only if nobody else has saved meanwhile.

use jiff::Timestamp;
use postern_domain::ports::{Chance, draw};
use postern_events::ids::AccountId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Guards;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, bytes, json, number, seconds, text};
use crate::keys;
use crate::streams::wait;
use crate::tables::{Condition, Tables, Written};

/// How often a change is tried at most. Each round of a race has a winner, so this many writers at
/// once all come through; among more, most find that the winners left them nothing to do.
pub const UPDATES: u32 = 40;

/// A value as it was at a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guarded<T> {
    /// The value.
    pub value: T,
    /// How often it had been written; 0 before the first time.
    pub revision: u64,
}

/// What a change led to.
#[derive(Debug, Clone)]
pub struct Updated<T, R> {
    /// What `alter` answered.
    pub outcome: R,
    /// The value as written, from which a further write can go on without a read.
    pub guarded: Guarded<T>,
}

/// Why a value was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError<T> {
    /// Somebody else has saved; this is what is there now.
    #[error("the guard has changed meanwhile")]
    Stale(Guarded<T>),
    /// The table did not do what was asked.
    #[error("the guard could not be saved")]
    Store(#[from] StoreError),
}

/// Why a value was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError<E: std::error::Error + 'static> {
    /// The change refuses itself; nothing was written.
    #[error("the change is refused")]
    Refused(#[source] E),
    /// The table did not do what was asked.
    #[error("the guard could not be changed")]
    Store(#[from] StoreError),
}

/// Where a value lies, and, if it has an end, the present and that end.
pub(super) struct Place {
    pub(super) key: String,
    pub(super) item: &'static str,
    pub(super) life: Option<(Timestamp, Timestamp)>,
}

impl Place {
    pub(super) fn guard(account: AccountId) -> Self {
        Self { key: keys::account(account), item: keys::GUARD, life: None }
    }

    fn read<T: DeserializeOwned + Default>(&self, item: &Item) -> Result<Guarded<T>, StoreError> {
        read_guarded(&self.key, item, self.life.map(|(now, _)| now))
    }

    fn write<T: Serialize>(&self, guarded: &Guarded<T>) -> Result<Item, StoreError> {
        let mut item = Tables::key(keys::GUARDS, &self.key, self.item);
        let body = json(&self.key, &guarded.value)?;
        item.insert(keys::BODY.to_owned(), text(body));
        item.insert(keys::REVISION.to_owned(), number(guarded.revision.saturating_add(1)));
        if let Some((_, end)) = self.life {
            item.insert(keys::EXPIRES.to_owned(), number(seconds(end)));
        }
        Ok(item)
    }
}

/// What an item holds. A value past its end is forgotten, but its revision is still the one to
/// write on.
pub(super) fn read_guarded<T: DeserializeOwned + Default>(
    key: &str,
    item: &Item,
    now: Option<Timestamp>,
) -> Result<Guarded<T>, StoreError> {
    let read = Reader::new(key, item);
    let revision = read.number(keys::REVISION)?;
    let over = now.zip(read.time(keys::EXPIRES)?).is_some_and(|(now, end)| end <= now);
    let value = if over { T::default() } else { read.json(keys::BODY)? };
    Ok(Guarded { value, revision })
}

/// Nobody has written since `revision`.
fn unchanged_since(revision: u64) -> Condition {
    if revision == 0 {
        return Condition::absent(keys::GUARDS);
    }
    let names = [("#revision", keys::REVISION)];
    Condition::new("#revision = :revision", &names, [(":revision", number(revision))])
}

impl Guards {
    pub(super) async fn load_place<T>(&self, place: &Place) -> Result<Guarded<T>, StoreError>
    where
        T: DeserializeOwned + Default,
    {
        let found = self.tables.get(keys::GUARDS, &place.key, place.item).await?;
        found.as_ref().map_or_else(|| Ok(Guarded::default()), |item| place.read(item))
    }

    pub(super) async fn save_place<T>(
        &self,
        place: &Place,
        guarded: &Guarded<T>,
        chance: &dyn Chance,
    ) -> Result<(), SaveError<T>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
    {
        let mark: [u8; 12] = draw(chance);
        let mut item = place.write(guarded)?;
        item.insert(keys::WRITER.to_owned(), bytes(mark));
        let put = unchanged_since(guarded.revision).on(self.tables.put(keys::GUARDS, item));
        match Tables::put_if(put).await? {
            Written::Done => Ok(()),
            Written::Refused(Some(item)) if carries(&item, mark) => Ok(()),
            Written::Refused(Some(item)) => Err(SaveError::Stale(place.read(&item)?)),
            Written::Refused(None) => Err(SaveError::Stale(Guarded::default())),
        }
    }

    pub(super) fn extra_place<T: Serialize>(
        &self,
        place: &Place,
        guarded: &Guarded<T>,
    ) -> Result<Extra, StoreError> {
        let condition = unchanged_since(guarded.revision);
        self.tables.extra_put(keys::GUARDS, place.write(guarded)?, Some(condition))
    }

    pub(super) async fn update_place<T, R, E>(
        &self,
        place: Place,
        chance: &dyn Chance,
        alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<Updated<T, R>, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
        E: std::error::Error + 'static,
    {
        let guarded = self.load_place::<T>(&place).await?;
        self.settle_place(&place, guarded, chance, alter).await
    }

    /// Changes a value from where it was last known to stand.
    pub(super) async fn settle_place<T, R, E>(
        &self,
        place: &Place,
        mut guarded: Guarded<T>,
        chance: &dyn Chance,
        mut alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<Updated<T, R>, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
        E: std::error::Error + 'static,
    {
        for tries in 0..UPDATES {
            let outcome = alter(&mut guarded.value).map_err(UpdateError::Refused)?;
            match self.save_place(place, &guarded, chance).await {
                Ok(()) => {
                    guarded.revision = guarded.revision.saturating_add(1);
                    return Ok(Updated { outcome, guarded });
                }
                // Known to be the newest only now: whoever waited would lose to those who don't.
                Err(SaveError::Stale(present)) => guarded = present,
                // A transaction holds the item; what it will leave there is not known yet.
                Err(SaveError::Store(held)) if held.is_race() => {
                    wait(chance, tries).await;
                    guarded = self.load_place(place).await?;
                }
                Err(SaveError::Store(why)) => return Err(why.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// Whether an item is the very write that carried this mark: its answer was lost.
pub(crate) fn carries(item: &Item, mark: [u8; 12]) -> bool {
    Reader::new("a mark", item).bytes(keys::WRITER).is_ok_and(|it| it == mark)
}
