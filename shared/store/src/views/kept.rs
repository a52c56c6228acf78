//! Items of the views as they are kept: for whoever makes them anew from the log, or compares them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Projected, Views};
use crate::error::StoreError;
use crate::items::{Item, Reader, number, text};
use crate::keys;
use crate::tables::{Condition, Part, PartAsked, Tables, Written};

/// A part of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// What no view has, by the name that the table has for its type. What it is isn't read.
    Odd {
        /// The type.
        odd: String,
    },
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

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its hash key.
    pub key: String,
    /// Its range key.
    pub item: String,
}

/// A part of the views.
pub type ViewPage = Part<ViewItem, Place>;

impl Attribute {
    fn of(value: &AttributeValue) -> Self {
        if let Ok(it) = value.as_s() {
            return Self::Text(it.clone());
        }
        match value.as_n().ok().and_then(|it| it.parse().ok()) {
            Some(it) => Self::Number(it),
            None => Self::Odd { odd: type_of(value).to_owned() },
        }
    }

    /// None for what no view has.
    fn value(&self) -> Option<AttributeValue> {
        match self {
            Self::Text(it) => Some(text(it)),
            Self::Number(it) => Some(number(it)),
            Self::Odd { .. } => None,
        }
    }
}

/// Whether a value is of some type.
type Is = fn(&AttributeValue) -> bool;

/// What the table calls the type of a value that is no text.
fn type_of(value: &AttributeValue) -> &'static str {
    let types: [(&str, Is); 9] = [
        ("N", AttributeValue::is_n),
        ("BOOL", AttributeValue::is_bool),
        ("NULL", AttributeValue::is_null),
        ("B", AttributeValue::is_b),
        ("L", AttributeValue::is_l),
        ("M", AttributeValue::is_m),
        ("SS", AttributeValue::is_ss),
        ("NS", AttributeValue::is_ns),
        ("BS", AttributeValue::is_bs),
    ];
    types.iter().find(|(_, is)| is(value)).map_or("unknown", |(name, _)| *name)
}

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

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { key: self.key.clone(), item: self.item.clone() }
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name)? {
            Attribute::Number(it) => Some(*it),
            Attribute::Text(_) | Attribute::Odd { .. } => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name)? {
            Attribute::Text(it) => Some(it),
            Attribute::Number(_) | Attribute::Odd { .. } => None,
        }
    }

    fn of(item: &Item) -> Result<Self, StoreError> {
        let Place { key, item: range } = place(item)?;
        let mut kept = Self::new(key, range);
        for (name, value) in
            item.iter().filter(|(name, _)| *name != keys::KEY && *name != keys::ITEM)
        {
            kept.set(name, Attribute::of(value));
        }
        Ok(kept)
    }

    fn to_item(&self) -> Item {
        let mut item = Tables::key(keys::VIEWS, &self.key, &self.item);
        let known =
            self.attributes.iter().filter_map(|(name, it)| Some((name.clone(), it.value()?)));
        item.extend(known);
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

fn place(item: &Item) -> Result<Place, StoreError> {
    let read = Reader::new("a place in the views", item);
    Ok(Place { key: read.text(keys::KEY)?.to_owned(), item: read.text(keys::ITEM)?.to_owned() })
}

impl Views {
    /// Reads a part of all views: one request.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn page(&self, asked: &PartAsked<Place>) -> Result<ViewPage, StoreError> {
        let key = |it: &Place| Tables::key(keys::VIEWS, &it.key, &it.item);
        self.tables.scan(keys::VIEWS, asked, key, ViewItem::of, place).await
    }

    /// The item at a place, whatever it shows. One query.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn at(&self, place: &Place) -> Result<Option<ViewItem>, StoreError> {
        let found = self.between(&place.key, &place.item, &place.item).await?;
        Ok(found.into_iter().next())
    }

    /// The items under a key from one to another, those as well, newest first.
    pub(super) async fn between(
        &self,
        key: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<ViewItem>, StoreError> {
        let call = self
            .tables
            .query(keys::VIEWS, key)
            .key_condition_expression("#hash = :hash AND #item BETWEEN :from AND :to")
            .expression_attribute_names("#item", keys::ITEM)
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(false);
        self.pages(call).await?.iter().map(ViewItem::of).collect()
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
