//! What the log makes of an attempt, from its first event to some later one.

use postern_events::catalogue::EventSet as _;
use postern_events::ids::{DeviceId, SignInId};
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};

use super::facts::{Facts, method_of, name_of};
use super::{Opening, end_of};
use crate::error::StoreError;
use crate::items::{json, seconds};
use crate::keys;
use crate::views::{Attribute, ViewItem};

/// An attempt while its events come, in their order: in the end it is what projecting its commits one by
/// one leads to.
#[derive(Debug)]
pub struct AttemptReplay {
    id: SignInId,
    facts: Facts,
    /// The version of the commit of the newest event.
    version: u64,
}

impl AttemptReplay {
    /// Begins.
    #[must_use]
    pub fn new(id: SignInId) -> Self {
        Self { id, facts: Facts::none(), version: 0 }
    }

    /// Adds an event and the version of the commit that holds it.
    ///
    /// # Errors
    /// When the event can't be read.
    pub fn add(&mut self, version: u64, stored: &StoredEvent) -> Result<(), Unreadable> {
        self.version = version;
        self.facts.add(stored.time, SignInEvent::read(stored)?);
        Ok(())
    }

    /// The item that shows it; none where the attempt was on no account.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn item(&self) -> Result<Option<ViewItem>, StoreError> {
        let Some(account) = self.facts.account else { return Ok(None) };
        let mut item = ViewItem::new(keys::activity(account), self.id.to_string());
        let mut text = |name, value: String| item.set(name, Attribute::Text(value));
        text(keys::OUTCOME, name_of(self.facts.outcome).to_owned());
        text(keys::CHANGED, self.facts.changed.to_string());
        if let Some(method) = self.facts.method {
            text(keys::METHOD, method_of(method).to_owned());
        }
        if let Some(opening) = &self.facts.opening {
            text(keys::BODY, json("an activity", opening)?);
        }
        let version = i64::try_from(self.version).unwrap_or(i64::MAX);
        item.set(keys::VERSION, Attribute::Number(version));
        item.set(keys::EXPIRES, Attribute::Number(seconds(end_of(self.id))));
        Ok(Some(item))
    }
}

/// Which device opened the attempt that an item shows, and when, in milliseconds.
pub(in crate::views) fn opened(item: &ViewItem) -> Option<(DeviceId, i64)> {
    // An item that was tampered with shows no opening, and is told apart by whoever compares it.
    let opening: Opening = serde_json::from_str(item.text(keys::BODY)?).ok()?;
    Some((opening.device?, opening.at.as_millisecond()))
}
