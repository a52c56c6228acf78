//! One commit in full: what it says, what lies there, and the state that it led to.

use std::fmt;

use postern_domain::account::Account;
use postern_domain::decider::Decider;
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_domain::support::Support;
use postern_domain::verification::Verification;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet as _;
use postern_events::message::MessageEvent;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;
use postern_events::support::SupportEvent;
use postern_events::verification::VerificationEvent;
use postern_store::keys::stream_parts;
use postern_store::streams::Commit;
use serde::Serialize;
use serde_json::Value;

use super::{Line, NoStory, lines_of, stream_of, width, write_head, write_rest};
use crate::finding::Found;
use crate::reading::{fold, read};

/// One commit, told in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionStory {
    /// The stream.
    pub stream: String,
    /// The sequence of the commit's first event.
    pub version: u64,
    /// Its events.
    pub events: Vec<Told>,
    /// Who asked for it, and through what, as stored.
    pub meta: Value,
    /// The state after it: folded from the events, or the stored one where they are not all here.
    pub state: Value,
    /// Whether the stored state is the one that the events lead to.
    pub stored_state: Agreement,
}

/// One event of it: the sentence, and the data as stored. What is personal in them is sealed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// What it tells.
    #[serde(flatten)]
    pub line: Line,
    /// Its data.
    pub data: Value,
}

/// Whether a stored state is the one that the events lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// It is, to the letter.
    Same,
    /// It is not.
    Differs,
    /// It has another shape than this program's; nobody reads it.
    OtherSchema {
        /// The shape's number.
        stored: u32,
        /// This program's.
        current: u32,
    },
    /// Earlier commits of the stream are missing here, so nobody can tell.
    Incomplete,
}

/// Tells the one commit that holds the event of this sequence, from the stream's commits, oldest
/// first.
///
/// # Errors
/// When there is no such stream or version, it is missing, or an event can't be read.
pub fn tell_version(found: &Found, version: u64) -> Result<VersionStory, NoStory> {
    let (stream, commits) = (stream_of(found)?, &found.commits);
    if let Some(missing) = found.missing.iter().find(|it| it.holds(version)) {
        return Err(NoStory::Missing(missing.clone()));
    }
    let holds = |it: &Commit| (it.version..it.next_version()).contains(&version);
    let Some(index) = commits.iter().position(holds) else {
        return Err(NoStory::NoVersion { stream, version });
    };
    let (until, commit) = (&commits[..=index], &commits[index]);
    let lines = lines_of(commit)?.into_iter().zip(&commit.events);
    let told = |(line, stored): (Line, &StoredEvent)| {
        Ok(Told { line, data: shown(commit, stored.data.get())? })
    };
    let events = lines.map(told).collect::<Result<Vec<_>, NoStory>>()?;
    let (state, stored_state) = state_after(until, commit)?;
    let meta = shown(commit, &commit.meta_json)?;
    Ok(VersionStory { stream, version: commit.version, events, meta, state, stored_state })
}

/// The state after the last of these commits, and whether it is the stored one.
fn state_after(until: &[Commit], last: &Commit) -> Result<(Value, Agreement), NoStory> {
    let (text, current) = match stream_parts(&last.stream).map(|(aggregate, _)| aggregate) {
        Some(AccountEvent::AGGREGATE) => folded::<Account>(until, last)?,
        Some(SignInEvent::AGGREGATE) => folded::<SignIn>(until, last)?,
        Some(VerificationEvent::AGGREGATE) => folded::<Verification>(until, last)?,
        Some(MessageEvent::AGGREGATE) => folded::<Message>(until, last)?,
        Some(SupportEvent::AGGREGATE) => folded::<Support>(until, last)?,
        Some(_) | None => return Ok((shown(last, &last.state)?, Agreement::Incomplete)),
    };
    let stored = last.state_schema;
    let (state, agreement) = if !is_whole(until) {
        (&last.state, Agreement::Incomplete)
    } else if stored != current {
        (&text, Agreement::OtherSchema { stored, current })
    } else if text == last.state {
        (&text, Agreement::Same)
    } else {
        (&text, Agreement::Differs)
    };
    Ok((shown(last, state)?, agreement))
}

fn folded<D: Decider>(until: &[Commit], last: &Commit) -> Result<(String, u32), NoStory> {
    let state: D = fold(&read(until)?);
    let text = serde_json::to_string(&state).map_err(|source| unshowable(last, source))?;
    Ok((text, D::STATE_SCHEMA))
}

/// Whether commits follow each other from a stream's first event on.
fn is_whole(commits: &[Commit]) -> bool {
    let first = commits.first().is_some_and(|it| it.version == 1);
    first && commits.windows(2).all(|it| it[0].next_version() == it[1].version)
}

fn shown(commit: &Commit, json: &str) -> Result<Value, NoStory> {
    serde_json::from_str(json).map_err(|source| unshowable(commit, source))
}

fn unshowable(commit: &Commit, source: serde_json::Error) -> NoStory {
    NoStory::Unshowable { stream: commit.stream.clone(), version: commit.version, source }
}

impl fmt::Display for VersionStory {
    /// Text for people; ends with a line's end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<Line> = self.events.iter().map(|it| it.line.clone()).collect();
        let width = width(&lines);
        writeln!(f, "{}", self.stream)?;
        for Told { line, data } in &self.events {
            writeln!(f)?;
            write_head(f, line, width)?;
            write_rest(f, line, width)?;
            writeln!(f, "{data:#}")?;
        }
        writeln!(f, "\nmeta\n{:#}", self.meta)?;
        writeln!(f, "\nstate ({})\n{:#}", self.stored_state, self.state)
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("folded from the events; the stored one is the same"),
            Self::Differs => f.write_str("folded from the events; the stored one DIFFERS"),
            Self::OtherSchema { stored, current } => write!(
                f,
                "folded from the events, schema {current}; the stored one has schema {stored} and is not read"
            ),
            Self::Incomplete => f.write_str(
                "as stored; earlier commits are not here, so nobody can tell whether it is right",
            ),
        }
    }
}
