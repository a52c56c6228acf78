//! So many within any stretch of time: a list of moments, kept without a read.

use jiff::{SignedDuration, Timestamp};
use postern_domain::ports::{Chance, draw};

use aws_sdk_dynamodb::types::AttributeValue;

use super::Guards;
use super::revisions::{UPDATES, carries};
use crate::error::StoreError;
use crate::items::{Item, Reader, bytes, number, seconds};
use crate::keys;
use crate::streams::wait;
use crate::tables::{Condition, Tables, Written};

/// Whether there was a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// There was, and it is taken now.
    Taken,
    /// All are taken.
    Full {
        /// When the first is free again.
        until: Timestamp,
    },
}

/// One window: who it is about, and its figures.
struct Window {
    key: String,
    limit: usize,
    per: SignedDuration,
    now: Timestamp,
}

impl Window {
    /// What the item remembers that still counts, and the revision it was written as.
    fn live(&self, item: &Item) -> Result<(Vec<i64>, u64), StoreError> {
        let read = Reader::new(&self.key, item);
        let gone = self.now.checked_sub(self.per).unwrap_or(Timestamp::MIN).as_millisecond();
        let taken: Vec<i64> = read.numbers(keys::TAKEN)?;
        let mut live: Vec<_> = taken.into_iter().filter(|at| *at > gone).collect();
        live.sort_unstable();
        Ok((live, read.number(keys::REVISION)?))
    }

    /// When one of those that count will have left room for another.
    fn free_at(&self, live: &[i64]) -> Option<Timestamp> {
        let leaving = live.get(live.len().checked_sub(self.limit)?)?;
        Timestamp::from_millisecond(*leaving).ok()?.checked_add(self.per).ok()
    }

    fn end(&self) -> AttributeValue {
        number(seconds(self.now.checked_add(self.per).unwrap_or(Timestamp::MAX)))
    }
}

fn list(moments: impl IntoIterator<Item = i64>) -> AttributeValue {
    AttributeValue::L(moments.into_iter().map(number).collect())
}

impl Guards {
    /// Takes one of `limit` slots, of which there is at least one, each of which is free again
    /// `per` after it was taken. Exact, also among many at once. While there is a slot it costs
    /// one write and no read: the list grows until it holds `limit` moments, and whoever finds it
    /// full forgets those that don't count any more.
    ///
    /// # Errors
    /// When the table can't be written; then no slot may be counted on.
    pub async fn take_slot(
        &self,
        name: &str,
        subject: &str,
        limit: usize,
        per: SignedDuration,
        now: Timestamp,
        chance: &dyn Chance,
    ) -> Result<Slot, StoreError> {
        let window = Window { key: keys::window(name, subject), limit, per, now };
        let mark: [u8; 12] = draw(chance);
        for tries in 0..UPDATES {
            match self.try_slot(&window, mark).await {
                Ok(Some(slot)) => return Ok(slot),
                // Another was faster, or a transaction holds the item.
                Ok(None) => {}
                Err(held) if held.is_race() => {}
                Err(why) => return Err(why),
            }
            wait(chance, tries).await;
        }
        Err(StoreError::Conflict)
    }

    /// One try; nothing where another writer came between.
    async fn try_slot(&self, window: &Window, mark: [u8; 12]) -> Result<Option<Slot>, StoreError> {
        let seen = match self.append_slot(window, mark).await? {
            Written::Done => return Ok(Some(Slot::Taken)),
            Written::Refused(None) => return Ok(None),
            Written::Refused(Some(item)) if carries(&item, mark) => return Ok(Some(Slot::Taken)),
            Written::Refused(Some(item)) => item,
        };
        let (mut live, revision) = window.live(&seen)?;
        if let Some(until) = window.free_at(&live) {
            return Ok(Some(Slot::Full { until }));
        }
        live.push(window.now.as_millisecond());
        match self.replace_slots(window, live, revision, mark).await? {
            Written::Done => Ok(Some(Slot::Taken)),
            Written::Refused(Some(item)) if carries(&item, mark) => Ok(Some(Slot::Taken)),
            Written::Refused(_) => Ok(None),
        }
    }

    async fn append_slot(&self, window: &Window, mark: [u8; 12]) -> Result<Written, StoreError> {
        let room = Condition::new(
            "(attribute_not_exists(#taken) OR size(#taken) < :limit) \
             AND (attribute_not_exists(#writer) OR #writer <> :mark)",
            &[("#taken", keys::TAKEN), ("#writer", keys::WRITER)],
            [(":limit", number(window.limit)), (":mark", bytes(mark))],
        );
        let set = "SET #taken = list_append(if_not_exists(#taken, :none), :one), \
            #revision = if_not_exists(#revision, :zero) + :step, #expires = :end, #writer = :mark";
        let key = Tables::key(keys::GUARDS, &window.key, keys::SLOTS);
        let update = room
            .on_update(self.tables.update(keys::GUARDS, key))
            .update_expression(set)
            .expression_attribute_names("#revision", keys::REVISION)
            .expression_attribute_names("#expires", keys::EXPIRES)
            .expression_attribute_values(":none", list([]))
            .expression_attribute_values(":one", list([window.now.as_millisecond()]))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":step", number(1))
            .expression_attribute_values(":end", window.end());
        Tables::update_if(update).await
    }

    async fn replace_slots(
        &self,
        window: &Window,
        live: Vec<i64>,
        revision: u64,
        mark: [u8; 12],
    ) -> Result<Written, StoreError> {
        let unchanged = Condition::new(
            "#revision = :revision",
            &[("#revision", keys::REVISION)],
            [(":revision", number(revision))],
        );
        let set = "SET #taken = :taken, #revision = :next, #expires = :end, #writer = :mark";
        let key = Tables::key(keys::GUARDS, &window.key, keys::SLOTS);
        let update = unchanged
            .on_update(self.tables.update(keys::GUARDS, key))
            .update_expression(set)
            .expression_attribute_names("#taken", keys::TAKEN)
            .expression_attribute_names("#expires", keys::EXPIRES)
            .expression_attribute_names("#writer", keys::WRITER)
            .expression_attribute_values(":taken", list(live))
            .expression_attribute_values(":next", number(revision.saturating_add(1)))
            .expression_attribute_values(":end", window.end())
            .expression_attribute_values(":mark", bytes(mark));
        Tables::update_if(update).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn window(limit: usize, now: i64) -> Window {
        let now = Timestamp::from_millisecond(now).unwrap();
        Window { key: "window/a/b".into(), limit, per: SignedDuration::from_millis(100), now }
    }

    fn item(taken: &[i64]) -> Item {
        let revision = (keys::REVISION.to_owned(), number(7));
        Item::from([(keys::TAKEN.to_owned(), list(taken.iter().copied())), revision])
    }

    #[test]
    fn a_moment_counts_for_its_whole_time_and_not_a_millisecond_longer() {
        let live = |now| window(2, now).live(&item(&[1_000, 1_050])).unwrap().0;
        assert_eq!(live(1_099), [1_000, 1_050]);
        assert_eq!(live(1_100), [1_050]);
        assert!(live(1_150).is_empty());
    }

    #[test]
    fn a_full_window_is_free_when_the_oldest_that_counts_has_left() {
        let free_at =
            |limit, live: &[i64]| window(limit, 1_060).free_at(live).map(Timestamp::as_millisecond);
        assert_eq!(free_at(2, &[1_000, 1_050]), Some(1_100));
        assert_eq!(free_at(1, &[1_000, 1_050]), Some(1_150), "the limit was lowered");
        assert_eq!(free_at(3, &[1_000, 1_050]), None);
    }

    #[test]
    fn a_list_that_holds_something_else_is_broken() {
        let odd = AttributeValue::L(vec![AttributeValue::Bool(true)]);
        let item =
            Item::from([(keys::TAKEN.to_owned(), odd), (keys::REVISION.to_owned(), number(1))]);
        assert!(matches!(window(1, 0).live(&item), Err(StoreError::Broken { .. })));
    }
}
