//! Items of the views as they are kept: for whoever makes them anew from the log, or compares them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Projected, Views};
use crate::error::StoreError;
use crate::items::{Item, Reader, number, text};
use crate::keys;
use crate::tables::{Condition, METERED, Tables, Written};

/// A part of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// An item, whatever it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewItem {
    /// Its hash key.
    pub key: String,
    /// Its range key.
    pub item: String,
    /// The rest of it.
    #[serde(flatten)]
    pub attributes: BTreeMap<String, Attribute>,
}

/// A part of the views.
#[derive(Debug, Clone)]
pub struct ViewPage {
    /// The items.
    pub items: Vec<ViewItem>,
    /// After which key and item it goes on; nowhere if that is all.
    pub next: Option<(String, String)>,
    /// What it cost, in units of reading.
    pub read_units: f64,
}

/// An attribute that no view has.
#[derive(Debug, thiserror::Error)]
#[error("attribute {0} is neither text nor a whole number")]
struct Odd(String);

impl ViewItem {
    pub(super) fn new(key: String, item: String) -> Self {
        Self { key, item, attributes: BTreeMap::new() }
    }

    pub(super) fn set(&mut self, name: &str, value: Attribute) {
        self.attributes.insert(name.to_owned(), value);
    }

    /// Whether its time is over: then the table may have it still, or not any more.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.number(keys::EXPIRES).is_some_and(|it| it <= now.as_second())
    }

    /// Whether it shows something that came later than what the other shows: then the other was made from
    /// a log that is older.
    #[must_use]
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        // The end of a device's trust outweighs everything, and nothing comes after it.
        match (self.number(keys::REVOKED), other.number(keys::REVOKED)) {
            (_, Some(_)) => return false,
            (Some(_), None) => return true,
            (None, None) => {}
        }
        let held = |name| (self.number(name), other.number(name));
        let later =
            |name| matches!(held(name), (Some(one), other) if other.is_none_or(|it| one > it));
        let earlier =
            |name| matches!(held(name), (one, Some(other)) if one.is_none_or(|it| it < other));
        let all = [keys::VERSION, keys::SEEN, keys::NAMED];
        all.into_iter().any(later) && !all.into_iter().any(earlier)
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name)? {
            Attribute::Number(it) => Some(*it),
            Attribute::Text(_) => None,
        }
    }

    fn of(item: &Item) -> Result<Self, StoreError> {
        let read = Reader::new("an item of the views", item);
        let (key, range) = (read.text(keys::KEY)?, read.text(keys::ITEM)?);
        let mut kept = Self::new(key.to_owned(), range.to_owned());
        for (name, value) in
            item.iter().filter(|(name, _)| *name != keys::KEY && *name != keys::ITEM)
        {
            let number = || value.as_n().ok().and_then(|it| it.parse().ok()).map(Attribute::Number);
            let text = value.as_s().ok().map(|it| Attribute::Text(it.clone()));
            let odd = || StoreError::broken(format!("{key} {range}"), Odd(name.clone()));
            kept.set(name, text.or_else(number).ok_or_else(odd)?);
        }
        Ok(kept)
    }

    fn to_item(&self) -> Item {
        let value = |it: &Attribute| match it {
            Attribute::Text(it) => text(it),
            Attribute::Number(it) => number(it),
        };
        let mut item = Tables::key(keys::VIEWS, &self.key, &self.item);
        item.extend(self.attributes.iter().map(|(name, it)| (name.clone(), value(it))));
        item
    }

    /// Nothing that is newer, and no end of a device's trust, gives way to it.
    fn may_be_put(&self) -> Condition {
        let held = |name| self.number(name).unwrap_or_default();
        if self.attributes.contains_key(keys::VERSION) {
            return Condition::new(
                "attribute_not_exists(#version) OR #version <= :version",
                &[("#version", keys::VERSION)],
                [(":version", number(held(keys::VERSION)))],
            );
        }
        if self.attributes.contains_key(keys::REVOKED) {
            return Condition::new(
                "attribute_not_exists(#revoked) OR #revoked = :revoked",
                &[("#revoked", keys::REVOKED)],
                [(":revoked", number(held(keys::REVOKED)))],
            );
        }
        let has = |name: &&str| self.attributes.contains_key(*name);
        let expression = match (has(&keys::SEEN), has(&keys::NAMED)) {
            (true, true) => {
                "attribute_not_exists(#revoked) \
                 AND (attribute_not_exists(#seen) OR #seen <= :seen) \
                 AND (attribute_not_exists(#named) OR #named <= :named)"
            }
            (true, false) => {
                "attribute_not_exists(#revoked) AND attribute_not_exists(#named) \
                 AND (attribute_not_exists(#seen) OR #seen <= :seen)"
            }
            (false, _) => {
                "attribute_not_exists(#revoked) AND attribute_not_exists(#seen) \
                 AND (attribute_not_exists(#named) OR #named <= :named)"
            }
        };
        let names = [("#revoked", keys::REVOKED), ("#seen", keys::SEEN), ("#named", keys::NAMED)];
        let values = [(":seen", keys::SEEN), (":named", keys::NAMED)];
        let values = values.into_iter().filter(|(_, name)| has(name));
        Condition::new(expression, &names, values.map(|(place, it)| (place, number(held(it)))))
    }
}

impl Views {
    /// Reads a part of all views: one request.
    ///
    /// # Errors
    /// When the table can't be read, or an item is none of a view.
    pub async fn page(&self, after: Option<&(String, String)>) -> Result<ViewPage, StoreError> {
        let from = after.map(|(key, item)| Tables::key(keys::VIEWS, key, item));
        let scan = self.tables.client.scan().table_name(self.tables.name(keys::VIEWS));
        let scan = scan.consistent_read(true).return_consumed_capacity(METERED);
        let page = scan.set_exclusive_start_key(from).send().await?;
        let place = |it: &std::collections::HashMap<String, AttributeValue>| {
            let read = Reader::new("a place in the views", it);
            Ok::<_, StoreError>((
                read.text(keys::KEY)?.to_owned(),
                read.text(keys::ITEM)?.to_owned(),
            ))
        };
        Ok(ViewPage {
            next: page.last_evaluated_key().map(place).transpose()?,
            read_units: page
                .consumed_capacity()
                .and_then(aws_sdk_dynamodb::types::ConsumedCapacity::capacity_units)
                .unwrap_or_default(),
            items: page.items().iter().map(ViewItem::of).collect::<Result<_, _>>()?,
        })
    }

    /// Puts an item there that was made anew from the log, unless the view shows it or something newer.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn restore(&self, item: &ViewItem) -> Result<Projected, StoreError> {
        let put = self.tables.put(keys::VIEWS, item.to_item());
        Ok(match Tables::put_if(item.may_be_put().on(put)).await? {
            Written::Done => Projected::Shown,
            Written::Refused(_) => Projected::Known,
        })
    }
}
