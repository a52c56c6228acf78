//! Calls that may be repeated: the first of a name is remembered, and the others find it.

use jiff::Timestamp;
use postern_domain::ports::{Chance, draw};
use serde::{Deserialize, Serialize};

use super::Guards;
use super::proofs::insistently;
use super::revisions::carries;
use crate::error::StoreError;
use crate::items::{Item, Reader, bytes, json, number, seconds, text};
use crate::keys;
use crate::tables::{Condition, Tables, Written};

const WHAT: &str = "a remembered call";

/// The first call of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RememberedCall {
    /// When it was made.
    pub at: Timestamp,
    /// What it asked for, hashed.
    pub body: [u8; 16],
    /// Whether it is the present one.
    pub is_new: bool,
}

/// What an item says about a call.
#[derive(Serialize, Deserialize)]
struct Body {
    at: Timestamp,
    #[serde(with = "crate::items::base64url")]
    body: [u8; 16],
}

fn read(item: &Item, is_new: bool) -> Result<RememberedCall, StoreError> {
    let Body { at, body } = Reader::new(WHAT, item).json(keys::BODY)?;
    Ok(RememberedCall { at, body, is_new })
}

impl Guards {
    /// Remembers a call until `until`, unless one of its name is remembered: then that one comes
    /// back, and it is the caller's to see whether both ask for the same. One conditional write and
    /// no read.
    ///
    /// # Errors
    /// When the table can't be written: then nobody knows whether the call was made before.
    pub async fn remember_call(
        &self,
        name: &str,
        body: [u8; 16],
        now: Timestamp,
        until: Timestamp,
        chance: &dyn Chance,
    ) -> Result<RememberedCall, StoreError> {
        let mark: [u8; 12] = draw(chance);
        let mut item = Tables::key(keys::GUARDS, &keys::call(name), keys::CALL);
        item.insert(keys::BODY.to_owned(), text(json(WHAT, &Body { at: now, body })?));
        item.insert(keys::EXPIRES.to_owned(), number(seconds(until)));
        item.insert(keys::WRITER.to_owned(), bytes(mark));
        let unknown = Condition::new(
            "attribute_not_exists(#hash) OR #expires <= :now",
            &[("#hash", keys::KEY), ("#expires", keys::EXPIRES)],
            [(":now", number(now.as_second()))],
        );
        let put = unknown.on(self.tables.put(keys::GUARDS, item));
        match insistently(chance, || Tables::put_if(put.clone())).await? {
            Written::Done => Ok(RememberedCall { at: now, body, is_new: true }),
            Written::Refused(Some(item)) => read(&item, carries(&item, mark)),
            Written::Refused(None) => Err(StoreError::Conflict),
        }
    }
}
