//! What became of one message.

use jiff::Timestamp;
use postern_events::message::{Claimed, MessageEvent};
use postern_store::streams::Commit;

use super::Evidence;
use crate::phrases::{bounce, given_up, not_taken};
use crate::reading::{Placed, UnreadableEvent, read};

/// A message's stream.
#[derive(Debug)]
pub(super) struct Told {
    stream: String,
    events: Vec<Placed<MessageEvent>>,
}

impl Told {
    pub(super) fn read(stream: String, commits: &[Commit]) -> Result<Self, UnreadableEvent> {
        Ok(Self { stream, events: read(commits)? })
    }

    /// Whether nobody has taken it up, as far as is known here.
    pub(super) fn is_unknown(&self) -> bool {
        self.events.is_empty()
    }

    /// Where the log tells its end.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let version = self.events.last()?.version;
        Some(Evidence { stream: self.stream.clone(), version })
    }

    /// When its carrier accepted it, if nothing worse is known since.
    pub(super) fn accepted_at(&self) -> Option<Timestamp> {
        let sent = self.events.iter().find(|it| matches!(it.event, MessageEvent::Sent(_)))?;
        let worse = self.events.iter().any(|it| {
            matches!(
                it.event,
                MessageEvent::Failed(_)
                    | MessageEvent::Bounced(_)
                    | MessageEvent::Complained(_)
                    | MessageEvent::Rejected(_)
            )
        });
        (!worse).then(|| sent.at())
    }

    /// What became of it by `now`, as the end of a sentence, without a full stop.
    pub(super) fn fate(&self, now: Timestamp) -> String {
        if self.is_unknown() {
            return format!(
                "nobody has taken it up ({} is not here: the sender is behind, or the message is missing from what was read)",
                self.stream
            );
        }
        let mut told = Vec::new();
        let mut before: Option<&Placed<MessageEvent>> = None;
        for placed in &self.events {
            told.extend(step(placed, before));
            before = Some(placed);
        }
        told.extend(before.and_then(|it| unfinished(it, now)));
        told.join("; ")
    }
}

/// What one event adds. A claim that led on is told by what it led to.
fn step(placed: &Placed<MessageEvent>, before: Option<&Placed<MessageEvent>>) -> Option<String> {
    let at = placed.at();
    match &placed.event {
        MessageEvent::Claimed(it) => again(it, at, before),
        MessageEvent::Sent(_) => Some(format!("the carrier accepted it at {at}")),
        MessageEvent::Deferred(it) => Some(format!(
            "at {at} {}, so it was put off until {}",
            not_taken(it.because),
            it.next_at
        )),
        MessageEvent::Failed(it) => {
            Some(format!("it was given up at {at}, as {}", given_up(it.because)))
        }
        MessageEvent::Delivered(_) => Some(format!(
            "the recipient's server took it at {at}: it came, perhaps into the folder for spam"
        )),
        MessageEvent::Delayed(_) => {
            Some(format!("at {at} the recipient's server was slow, and the carrier went on trying"))
        }
        MessageEvent::Bounced(it) => {
            Some(format!("the recipient's server refused it at {at} {}", bounce(it.bounce)))
        }
        MessageEvent::Complained(_) => {
            Some(format!("it came, and its recipient called it unwanted at {at}"))
        }
        MessageEvent::Rejected(_) => Some(format!(
            "the carrier, which had accepted it, said at {at} that it did not send it"
        )),
    }
}

/// A claim on top of a claim: the former sender died.
fn again(it: &Claimed, at: Timestamp, before: Option<&Placed<MessageEvent>>) -> Option<String> {
    let MessageEvent::Claimed(former) = &before?.event else { return None };
    Some(format!(
        "its sender died, and its lease ended at {}; it was taken up again at {at}, try {}",
        former.lease_until, it.attempt
    ))
}

/// What is so where the log ends in the middle.
fn unfinished(last: &Placed<MessageEvent>, now: Timestamp) -> Option<String> {
    match &last.event {
        MessageEvent::Claimed(it) if it.lease_until <= now => Some(format!(
            "a sender took it up at {} and died: its lease ended at {}, and nobody has sent it since",
            last.at(),
            it.lease_until
        )),
        MessageEvent::Claimed(it) => Some(format!(
            "a sender took it up at {} and has until {} to send it",
            last.at(),
            it.lease_until
        )),
        MessageEvent::Deferred(it) if it.next_at <= now => {
            Some("nobody has tried it again since".to_owned())
        }
        MessageEvent::Deferred(_) => Some("it waits".to_owned()),
        MessageEvent::Sent(_) => {
            Some("since then the carrier has said nothing about it".to_owned())
        }
        MessageEvent::Failed(_)
        | MessageEvent::Delivered(_)
        | MessageEvent::Delayed(_)
        | MessageEvent::Bounced(_)
        | MessageEvent::Complained(_)
        | MessageEvent::Rejected(_) => None,
    }
}
