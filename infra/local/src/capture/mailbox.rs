//! The captured mails.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::state::State;

/// A mail as it was handed to SES.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMail {
    /// The recipients, as they were spelled.
    pub to: Vec<String>,
    /// The sender.
    pub from: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: Option<String>,
    /// The HTML.
    pub html: Option<String>,
    /// The message's own headers and those that SES adds for its tags.
    pub headers: BTreeMap<String, String>,
}

/// A captured mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// The message id that SES answered with.
    pub id: String,
    /// When it was taken, by the local clock.
    pub at: Timestamp,
    /// The recipients, separated by a comma and a space.
    pub to: String,
    /// The sender.
    pub from: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: Option<String>,
    /// The HTML.
    pub html: Option<String>,
    /// The headers by name.
    pub headers: BTreeMap<String, String>,
}

/// All captured mails. Clones are the same mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    state: State,
}

impl Mailbox {
    /// The mails that `state` keeps.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self { state }
    }

    /// Keeps a mail and names it.
    pub fn take(&self, mail: &NewMail, at: Timestamp) -> rusqlite::Result<String> {
        self.keep(mail, at, false)
    }

    /// Names a mail that nobody will find in an inbox: it was taken, and comes back.
    pub fn bounce(&self, mail: &NewMail, at: Timestamp) -> rusqlite::Result<String> {
        self.keep(mail, at, true)
    }

    fn keep(&self, mail: &NewMail, at: Timestamp, bounced: bool) -> rusqlite::Result<String> {
        let headers = serde_json::to_string(&mail.headers)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let row = self.state.with(|db| {
            db.execute(
                "INSERT INTO mails
                 (at_ms, recipients, sender, subject, text, html, headers, bounced)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (
                    at.as_millisecond(),
                    mail.to.join(", "),
                    &mail.from,
                    &mail.subject,
                    &mail.text,
                    &mail.html,
                    headers,
                    bounced,
                ),
            )?;
            Ok(db.last_insert_rowid())
        })?;
        Ok(message_id(at.as_millisecond(), row))
    }

    /// The mails that arrived at one address, or all of them, newest first.
    pub fn mails(&self, to: Option<&str>) -> rusqlite::Result<Vec<Mail>> {
        let mut mails: Vec<Mail> = self.state.with(|db| {
            db.prepare_cached(
                "SELECT id, at_ms, recipients, sender, subject, text, html, headers
                 FROM mails WHERE NOT bounced ORDER BY id DESC",
            )?
            .query_map([], |row| {
                let (id, at_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
                let headers: String = row.get(7)?;
                Ok(Mail {
                    id: message_id(at_ms, id),
                    at: Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH),
                    to: row.get(2)?,
                    from: row.get(3)?,
                    subject: row.get(4)?,
                    text: row.get(5)?,
                    html: row.get(6)?,
                    headers: serde_json::from_str(&headers).unwrap_or_default(),
                })
            })?
            .collect()
        })?;
        if let Some(to) = to {
            mails.retain(|mail| {
                mail.to.split(", ").any(|one| address(one).eq_ignore_ascii_case(to))
            });
        }
        Ok(mails)
    }
}

/// A name in the shape of SES's, from what is unique here: rows are never numbered twice.
fn message_id(at_ms: i64, row: i64) -> String {
    format!("{at_ms:016x}-{row:08x}-0000-4000-8000-000000000000-000000")
}

/// The address of a mailbox that may carry a name: `Ann <ann@example.org>`.
fn address(mailbox: &str) -> &str {
    match mailbox.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end().trim_end_matches('>'),
        None => mailbox.trim(),
    }
}
