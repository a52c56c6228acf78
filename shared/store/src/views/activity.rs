//! Login activity: one line for each attempt to sign in, whatever became of it.

mod facts;
mod replayed;

pub use replayed::AttemptReplay;
pub(super) use replayed::opened;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use jiff::{SignedDuration, Timestamp};
use postern_domain::decider::Decider as _;
use postern_domain::policy::ATTEMPT_LIFE;
use postern_domain::sign_in::SignIn;
use postern_events::ids::{AccountId, DeviceId, SignInId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Method, Origin, Platform};
use serde::{Deserialize, Serialize};

use super::{Projected, Views};
use crate::error::StoreError;
use crate::items::{Item, Reader, json, number, seconds, text};
use crate::keys;
use crate::streams::{Commit, EventStore};
use crate::tables::{Tables, Written};
use facts::{Facts, method_of, name_of};

/// How long activity is shown: a year, and a month to notice.
pub const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It led to a session.
    SignedIn,
    /// A code is awaited.
    CodeRequired,
    /// The newest guess was wrong.
    CodeFailed,
    /// The password was wrong.
    Refused,
    /// The owner denied it.
    Denied,
    /// No code was given in time.
    Expired,
    /// Whoever attempted gave up.
    Cancelled,
    /// Too many wrong codes ended it.
    Locked,
}

/// What is true of an attempt from its first moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Opening {
    at: Timestamp,
    platform: Platform,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Personal<DeviceDescription>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Personal<Origin>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

/// One attempt, as its account's owner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The attempt.
    pub id: SignInId,
    /// When it was opened.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// When that last changed.
    pub changed_at: Timestamp,
    /// How its newest code travelled, if it had one.
    pub method: Option<Method>,
    /// The platform that asked.
    pub platform: Platform,
    /// The device; none behind a wrong password.
    pub device: Option<DeviceId>,
    /// The device's description, sealed.
    pub description: Option<Personal<DeviceDescription>>,
    /// Where it asked from, sealed.
    pub origin: Option<Personal<Origin>>,
    /// The country that suggests (ISO 3166-1 alpha-2).
    pub country: Option<String>,
}

/// A part of an account's activity, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityPage {
    /// The attempts.
    pub items: Vec<Activity>,
    /// Where the next page goes on, if there is one.
    pub next: Option<SignInId>,
}

impl Views {
    /// Shows what a commit says about an attempt to sign in. Safe to repeat, and in any order:
    /// the outcome is gated on the commit's version, and the opening never changes.
    ///
    /// # Errors
    /// When the commit can't be read, or the tables can't be read or written.
    pub async fn project_activity(&self, commit: &Commit) -> Result<Projected, StoreError> {
        let Some(id) = facts::attempt(commit) else { return Ok(Projected::Nothing) };
        let facts = Facts::of(commit)?;
        let Some(account) = self.account_of(commit, &facts, id).await? else {
            return Ok(Projected::Nothing);
        };
        if self.show_newest(account, id, commit.version, &facts).await? {
            return Ok(Projected::Shown);
        }
        self.show_opening(account, id, &facts).await?;
        Ok(Projected::Known)
    }

    /// Whose attempt it is: the opening event says it, later commits have it in their state, and
    /// a state of another schema is folded anew.
    async fn account_of(
        &self,
        commit: &Commit,
        facts: &Facts,
        id: SignInId,
    ) -> Result<Option<AccountId>, StoreError> {
        if facts.opening.is_some() {
            return Ok(facts.account);
        }
        if commit.state_schema == SignIn::STATE_SCHEMA {
            let state = serde_json::from_str::<SignIn>(&commit.state);
            return Ok(state
                .map_err(|why| StoreError::broken(format!("the state of {}", commit.stream), why))?
                .whose()
                .map(|(account, _)| account));
        }
        let folded = EventStore::new(self.tables.clone()).fold::<SignIn>(id).await?;
        Ok(folded.state().whose().map(|(account, _)| account))
    }

    fn update(&self, account: AccountId, id: SignInId) -> UpdateItemFluentBuilder {
        let key = Tables::key(keys::VIEWS, &keys::activity(account), &id.to_string());
        self.tables.update(keys::VIEWS, key)
    }

    /// Writes outcome and opening, unless the view shows this version or a newer one.
    async fn show_newest(
        &self,
        account: AccountId,
        id: SignInId,
        version: u64,
        facts: &Facts,
    ) -> Result<bool, StoreError> {
        let mut set = "SET #outcome = :outcome, #changed = :changed, #version = :version, \
            #expires = :expires"
            .to_owned();
        let gate = "attribute_not_exists(#version) OR #version < :version";
        let mut call = self
            .update(account, id)
            .condition_expression(gate)
            .expression_attribute_names("#outcome", keys::OUTCOME)
            .expression_attribute_names("#changed", keys::CHANGED)
            .expression_attribute_names("#version", keys::VERSION)
            .expression_attribute_names("#expires", keys::EXPIRES)
            .expression_attribute_values(":outcome", text(name_of(facts.outcome)))
            .expression_attribute_values(":changed", text(facts.changed.to_string()))
            .expression_attribute_values(":version", number(version))
            .expression_attribute_values(":expires", number(seconds(end_of(id))));
        if let Some(method) = facts.method {
            set.push_str(", #method = :method");
            call = call
                .expression_attribute_names("#method", keys::METHOD)
                .expression_attribute_values(":method", text(method_of(method)));
        }
        if let Some(opening) = &facts.opening {
            set.push_str(", #body = :body");
            call = call
                .expression_attribute_names("#body", keys::BODY)
                .expression_attribute_values(":body", text(json("an activity", opening)?));
        }
        let written = Tables::update_if(call.update_expression(set)).await?;
        Ok(matches!(written, Written::Done))
    }

    /// Adds the opening to an attempt of which something later came first.
    async fn show_opening(
        &self,
        account: AccountId,
        id: SignInId,
        facts: &Facts,
    ) -> Result<(), StoreError> {
        let Some(opening) = &facts.opening else { return Ok(()) };
        let mut set = "SET #body = :body".to_owned();
        let mut call = self
            .update(account, id)
            .expression_attribute_names("#body", keys::BODY)
            .expression_attribute_values(":body", text(json("an activity", opening)?));
        if let Some(method) = facts.method {
            set.push_str(", #method = if_not_exists(#method, :method)");
            call = call
                .expression_attribute_names("#method", keys::METHOD)
                .expression_attribute_values(":method", text(method_of(method)));
        }
        call.update_expression(set).send().await?;
        Ok(())
    }

    /// An account's attempts, newest first, from the one after `cursor` on.
    ///
    /// # Errors
    /// When the table can't be read, or an item is broken.
    pub async fn activity(
        &self,
        account: AccountId,
        now: Timestamp,
        limit: u16,
        cursor: Option<SignInId>,
    ) -> Result<ActivityPage, StoreError> {
        let hash = keys::activity(account);
        let after = cursor.map(|it| Tables::key(keys::VIEWS, &hash, &it.to_string()));
        let call = self.tables.query(keys::VIEWS, &hash).scan_index_forward(false);
        let call = call.limit(i32::from(limit) + 1).set_exclusive_start_key(after);
        let answer = call.send().await?;
        let found = answer.items();
        let shown = found.get(..usize::from(limit)).unwrap_or(found);
        let more = found.len() > shown.len() || answer.last_evaluated_key().is_some();
        let last = shown.last().filter(|_| more);
        let items = shown.iter().filter_map(|it| read(it, now).transpose());
        Ok(ActivityPage {
            items: items.collect::<Result<_, _>>()?,
            next: last.map(|it| Reader::new("an activity", it).parsed(keys::ITEM)).transpose()?,
        })
    }
}

/// When an attempt is shown no longer.
fn end_of(id: SignInId) -> Timestamp {
    id.time().checked_add(SHOWN_FOR).unwrap_or(Timestamp::MAX)
}

/// Reads an attempt; one whose opening has not arrived yet, or whose time is over, is not shown.
fn read(item: &Item, now: Timestamp) -> Result<Option<Activity>, StoreError> {
    let read = Reader::new("an activity", item);
    let id: SignInId = read.parsed(keys::ITEM)?;
    if read.maybe_text(keys::BODY).is_none() || end_of(id) <= now {
        return Ok(None);
    }
    let opening: Opening = read.json(keys::BODY)?;
    let quoted = |name: &str| serde_json::Value::String(name.to_owned());
    let word = |why| StoreError::broken("an activity", why);
    let outcome: Outcome =
        serde_json::from_value(quoted(read.text(keys::OUTCOME)?)).map_err(word)?;
    let method = read.maybe_text(keys::METHOD).map(|it| serde_json::from_value(quoted(it)));
    let over = opening.at.checked_add(ATTEMPT_LIFE).is_ok_and(|end| end <= now);
    Ok(Some(Activity {
        id,
        at: opening.at,
        outcome: if over && outcome == Outcome::CodeRequired { Outcome::Expired } else { outcome },
        changed_at: read.parsed(keys::CHANGED)?,
        method: method.transpose().map_err(word)?,
        platform: opening.platform,
        device: opening.device,
        description: opening.description,
        origin: opening.origin,
        country: opening.country,
    }))
}
