//! How an attempt stands, and how it came to that.

use jiff::Timestamp;

use super::attempt::{Attempt, End, Opening};
use super::owner::Owner;
use super::unreachable::is_unreachable;
use super::{Evidence, Sentence, Status};

/// How it stands at `now`, and the sentences that say so.
pub(super) fn of(
    attempt: &Attempt,
    owner: Option<&Owner>,
    now: Timestamp,
) -> (Status, Vec<Sentence>) {
    if matches!(attempt.opening, Opening::Refused(_)) {
        return (Status::Refused, Vec::new());
    }
    let mut all: Vec<_> = wrong(attempt).into_iter().collect();
    let change = change(attempt, owner, now);
    let status = if let Some((end, at, version)) = attempt.end {
        let place = attempt.evidence(version);
        let because = if end == End::AccountChanged { change } else { None };
        let (text, change) = because.unwrap_or_default();
        all.push(Sentence::new(
            format!("{} at {at}{text}.", how(end)),
            std::iter::once(place).chain(change),
        ));
        status(end)
    } else if let Some((text, change)) = change {
        let text = format!("It is over{text}. Nobody had to record that.");
        all.push(Sentence::new(text, std::iter::once(attempt.beginning()).chain(change)));
        Status::Cancelled
    } else if is_unreachable(attempt) {
        Status::Unreachable
    } else {
        let (status, sentence) = open(attempt, now);
        all.push(sentence);
        status
    };
    (status, all)
}

const fn status(end: End) -> Status {
    match end {
        End::Complete => Status::Complete,
        End::Denied | End::Reported => Status::Denied,
        End::GivenUp | End::AccountChanged => Status::Cancelled,
        End::Locked => Status::Locked,
    }
}

const fn how(end: End) -> &'static str {
    match end {
        End::Complete => "It led to what was asked for",
        End::Denied => "The owner said on a trusted device that it was not them",
        End::Reported => "Somebody who was mailed about it said that it was not them",
        End::GivenUp => "Whoever attempted gave up",
        End::AccountChanged => "It was found to be over",
        End::Locked => "It was locked after too many wrong codes",
    }
}

/// The codes that were given and wrong.
fn wrong(attempt: &Attempt) -> Option<Sentence> {
    let (count, version) = attempt.wrong?;
    let text = if count == 1 {
        "A code was given that was wrong.".to_owned()
    } else {
        format!("Codes were given {count} times that were wrong.")
    };
    Some(Sentence::new(text, [attempt.evidence(version)]))
}

/// What changed the account under it, while it lived.
fn change(
    attempt: &Attempt,
    owner: Option<&Owner>,
    now: Timestamp,
) -> Option<(String, Option<Evidence>)> {
    let (owner, generation) = (owner?, attempt.generation()?);
    let lived_until = attempt.end.map_or(attempt.ends_at(), |(_, at, _)| at).min(now);
    let event = owner.outgrown(generation, lived_until)?;
    let name = postern_events::catalogue::EventSet::name(&event.event);
    let text = format!(": the account had changed under it at {} ({name})", event.at());
    Some((text, Some(owner.evidence(event))))
}

/// Where nothing has ended it but time.
fn open(attempt: &Attempt, now: Timestamp) -> (Status, Sentence) {
    let ends_at = attempt.ends_at();
    let Some(newest) = attempt.sends.last() else {
        let text = format!("It awaits nothing, and ends at {ends_at}.");
        return (Status::CodeRequired, Sentence::new(text, [attempt.beginning()]));
    };
    let (issue, expires_at) = (newest.issue, newest.expires_at);
    let place = [attempt.evidence(newest.version)];
    if ends_at <= now {
        let text = format!(
            "Nobody gave the right code, and nobody denied it: code {issue} expired at {expires_at}, and it ended unanswered at {ends_at}."
        );
        (Status::Expired, Sentence::new(text, place))
    } else if expires_at <= now {
        let text = format!(
            "Code {issue} expired at {expires_at}; until {ends_at} another one can be asked for."
        );
        (Status::CodeRequired, Sentence::new(text, place))
    } else {
        let text = format!("Code {issue} is awaited until {expires_at}.");
        (Status::CodeRequired, Sentence::new(text, place))
    }
}
