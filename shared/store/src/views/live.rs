//! What the log as it is now tells of one item: for whoever has to know whether a view shows what is so.

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::policy::IDEMPOTENCY_LIFE;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, SignInId};

use super::activity::opened;
use super::devices::{DeviceFact, DeviceReplay, device_facts, shown};
use super::kept::{Place, ViewItem};
use super::{AttemptReplay, Views};
use crate::error::StoreError;
use crate::keys;
use crate::streams::Commit;

impl Views {
    /// The item that the log leads to by now at a place. Whatever may be known of it helps: what a log
    /// told that was read before, and what the view shows. A device's streams can't be listed, so the
    /// sightings in these are looked for, and none is believed that no stream tells of but for the one
    /// that the log told.
    ///
    /// # Errors
    /// When the tables can't be read, or what the log holds can't be.
    pub async fn told(
        &self,
        place: &Place,
        before: Option<&ViewItem>,
        view: Option<&ViewItem>,
    ) -> Result<Option<ViewItem>, StoreError> {
        let account = keys::stream_parts(&place.key).and_then(|(_, id)| id.parse().ok());
        let told = match (account, place.item.parse(), place.item.parse()) {
            (Some(account), Ok(attempt), _) if place.key == keys::activity(account) => {
                self.attempt_told(attempt).await?
            }
            (Some(account), _, Ok(device)) if place.key == keys::devices(account) => {
                Sought { views: self, account, device }.told(before, view).await?
            }
            (_, _, _) => None,
        };
        let told = told.filter(|it| it.place() == *place);
        Ok(match (told, before) {
            // The log holds less than it did: it is told no better by now.
            (None, before) => before.cloned(),
            (Some(now), Some(before)) if before.is_ahead_of(&now) => Some(before.clone()),
            (now, _) => now,
        })
    }

    async fn attempt_told(&self, id: SignInId) -> Result<Option<ViewItem>, StoreError> {
        let mut replay = AttemptReplay::new(id);
        for commit in self.commits(&keys::stream::<SignIn>(id)).await? {
            for stored in &commit.events {
                let what = || format!("commit {} of stream {}", commit.version, commit.stream);
                let added = replay.add(commit.version, stored);
                added.map_err(|why| StoreError::broken(what(), why))?;
            }
        }
        replay.item()
    }

    async fn commits(&self, stream: &str) -> Result<Vec<Commit>, StoreError> {
        let items = self.pages(self.tables.query(keys::EVENTS, stream)).await?;
        items.iter().map(Commit::from_item).collect()
    }
}

/// A device whose item is made anew.
struct Sought<'a> {
    views: &'a Views,
    account: AccountId,
    device: DeviceId,
}

impl Sought<'_> {
    async fn told(
        &self,
        before: Option<&ViewItem>,
        view: Option<&ViewItem>,
    ) -> Result<Option<ViewItem>, StoreError> {
        let mut facts = self.of_stream(&keys::stream::<Account>(self.account)).await?;
        let by = facts.iter().rev().find_map(DeviceFact::trusted_by);
        match by {
            Some(TrustedBy::SignIn(id)) => {
                facts.extend(self.of_stream(&keys::stream::<SignIn>(id)).await?);
            }
            Some(TrustedBy::Registration(id)) => {
                facts.extend(self.of_stream(&keys::stream::<Verification>(id)).await?);
            }
            None => {}
        }
        if let Some(profile) = before.map(shown).transpose()?.flatten() {
            facts.push(DeviceFact::Seen { profile });
        }
        if let Some(at) = view.and_then(|it| it.number(keys::SEEN)) {
            facts.extend(self.sighting(at).await?);
        }
        let mut replay = DeviceReplay::default();
        for it in facts {
            replay.add(it);
        }
        replay.item(self.account, self.device)
    }

    /// What a stream says about the device.
    async fn of_stream(&self, stream: &str) -> Result<Vec<DeviceFact>, StoreError> {
        let mut facts = Vec::new();
        for commit in self.views.commits(stream).await? {
            for (account, device, fact) in
                device_facts(&commit.stream, commit.version, &commit.events)?
            {
                if (account, device) == (self.account, self.device) {
                    facts.push(fact);
                }
            }
        }
        Ok(facts)
    }

    /// What the log says about the device in the attempt that it was seen by at a time, in milliseconds.
    /// The account's activity leads to the attempt: it is shown before the device is.
    async fn sighting(&self, at: i64) -> Result<Vec<DeviceFact>, StoreError> {
        let Ok(at) = Timestamp::from_millisecond(at) else { return Ok(Vec::new()) };
        // A call that is repeated names its attempt by when it was first made.
        let earliest = at.checked_sub(IDEMPOTENCY_LIFE).unwrap_or(Timestamp::UNIX_EPOCH);
        let from = SignInId::new(earliest, [0; 10]).to_string();
        let to = SignInId::new(at, [u8::MAX; 10]).to_string();
        let attempts = self.views.between(&keys::activity(self.account), &from, &to).await?;
        let this = Some((self.device, at.as_millisecond()));
        let of_this = |it: &&ViewItem| opened(it) == this;
        let mut facts = Vec::new();
        for attempt in attempts.iter().filter(of_this) {
            if let Ok(id) = attempt.item.parse() {
                facts.extend(self.of_stream(&keys::stream::<SignIn>(id)).await?);
            }
        }
        Ok(facts)
    }
}
