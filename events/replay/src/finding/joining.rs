//! Rows joined into the commits that they came from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::{Commit, CommitParts};

use super::NotFound;
use super::missing::{Found, Missing, before};
use crate::row::{Row, text_of};

/// Commits while their rows come, each stream's together and in order.
#[derive(Default)]
pub(super) struct Joining {
    found: Found,
    stream: String,
    /// The sequence that the next commit should begin with.
    due: u64,
    /// That of the stream's last row so far.
    seen: u64,
    open: Option<Open>,
}

/// A commit of which not all rows have come.
struct Open {
    version: u64,
    /// The sequence of its next row.
    due: u64,
    meta: String,
    events: Vec<u8>,
    /// Its events' text where the rows don't tell it.
    odd: Option<String>,
}

impl Joining {
    pub(super) fn begin() -> Self {
        Self { due: 1, ..Self::default() }
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &Row<'_>) -> Result<(), NotFound> {
        if self.stream != row.stream {
            self.end_stream();
            row.stream.as_ref().clone_into(&mut self.stream);
        }
        if let Some(why) = &row.broken {
            return Err(broken(row, why));
        }
        self.seen = row.sequence;
        // Of what it doesn't go on with, the rest is missing; of what it doesn't begin, the beginning.
        self.open =
            self.open.take().filter(|it| (it.version, it.due) == (row.commit, row.sequence));
        if self.open.is_none() && row.sequence != row.commit {
            return Ok(());
        }
        let open = self.open.get_or_insert_with(|| Open::begin(row));
        open.due = row.sequence.saturating_add(1);
        row.write_event(&mut open.events);
        if row.is_last()
            && let Some(open) = self.open.take()
        {
            self.close(open, row)?;
        }
        Ok(())
    }

    fn close(&mut self, open: Open, last: &Row<'_>) -> Result<(), NotFound> {
        let (version, next) = (open.version, open.due);
        let commit = open.end(last)?;
        if commit.next_version() != next {
            return Err(broken(last, "its rows are not its events"));
        }
        self.found.missing.extend(before(&self.stream, self.due, version));
        self.found.commits.push(commit);
        self.due = next;
        Ok(())
    }

    /// The stream has no further rows.
    fn end_stream(&mut self) {
        if self.seen >= self.due {
            let (stream, first) = (self.stream.clone(), self.due);
            self.found.missing.push(Missing { stream, first, last: None });
        }
        (self.due, self.seen, self.open) = (1, 0, None);
    }

    /// There are no further rows.
    pub(super) fn end(mut self) -> Found {
        self.end_stream();
        self.found
    }
}

impl Open {
    fn begin(row: &Row<'_>) -> Self {
        Self {
            version: row.commit,
            due: row.sequence,
            meta: row.meta.map(|it| text_of(it).into_owned()).unwrap_or_default(),
            events: Vec::new(),
            odd: row.events.map(|it| text_of(it).into_owned()),
        }
    }

    fn end(self, row: &Row<'_>) -> Result<Commit, NotFound> {
        let Self { version, meta, mut events, odd, .. } = self;
        events.push(b']');
        let lacks = |name: &str| broken(row, &format!("its last row has no {name}"));
        let types = row.types.ok_or_else(|| lacks("types"))?;
        let state = row.state.ok_or_else(|| lacks("state"))?;
        let unreadable = |_| broken(row, "its types can't be read");
        let parts = CommitParts {
            stream: row.stream.to_string(),
            version,
            // What a row holds was read as text.
            events: odd.unwrap_or_else(|| String::from_utf8(events).unwrap_or_default()),
            meta,
            types: serde_json::from_str(&text_of(types)).map_err(unreadable)?,
            state: text_of(state).into_owned(),
            state_schema: row.state_schema.ok_or_else(|| lacks("state_schema"))?,
            // What is no link at all has not the length of one.
            chain: row.chain.as_deref().and_then(|it| STANDARD.decode(it).ok()).unwrap_or_default(),
        };
        Ok(Commit::from_parts(parts)?)
    }
}

fn broken(row: &Row<'_>, why: &str) -> NotFound {
    let (stream, version) = (row.stream.to_string(), row.commit);
    NotFound::Broken { stream, version, why: why.to_owned() }
}
