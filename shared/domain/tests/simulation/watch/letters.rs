//! Who may send a message, to whom, and what it says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_events::ids::{DeviceId, MessageId, SignInId};
use postern_events::message::MessageEvent;

use super::{Acting, MINUTE, Watch};
use crate::store::Noted;

/// A message as its events tell it.
#[derive(Debug, Default)]
pub(super) struct Letter {
    /// Before this nobody else may take it up, and who has it.
    not_before: Option<Timestamp>,
    holder: Option<u64>,
    /// When each worker's lease ends or ended.
    leases: BTreeMap<u64, Timestamp>,
    /// When it was taken up last.
    claimed_at: Option<Timestamp>,
    attempt: u16,
    deadline: Option<Timestamp>,
    done: bool,
    said: Option<String>,
}

impl Letter {
    pub(super) fn instants(&self) -> Vec<Timestamp> {
        if self.done { Vec::new() } else { self.not_before.into_iter().collect() }
    }
}

/// A message that is handed to a carrier.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) message: MessageId,
    pub(crate) attempt: SignInId,
    /// What it says: a mail its code, a push nothing.
    pub(crate) code: Option<String>,
    /// The one device that it is for, and the step at which the account was read.
    pub(crate) device: Option<(DeviceId, u64)>,
    /// When it was written.
    pub(crate) prepared: Timestamp,
}

impl Watch {
    pub(super) fn message_event(&mut self, id: MessageId, noted: &Noted<MessageEvent>, by: Acting) {
        let at = noted.stamp.time;
        let letter = self.letters.entry(id).or_default();
        let (done, holder, tries) = (letter.done, letter.holder, letter.attempt);
        let free = letter.not_before.is_none_or(|it| at >= it);
        match &noted.event {
            MessageEvent::Claimed(it) => {
                letter.attempt += 1;
                letter.claimed_at = Some(at);
                letter.holder = Some(by.number);
                letter.not_before = Some(it.lease_until);
                letter.deadline = Some(it.deadline);
                letter.leases.insert(by.number, it.lease_until);
                let (number, lease) = (it.attempt, it.lease_until);
                self.rule(free, || format!("{id} was taken up while another holds it"));
                self.rule(number == tries + 1, || format!("{id}: try {number} after {tries}"));
                self.rule(lease == at + MINUTE, || format!("{id}: a lease from {at} to {lease}"));
            }
            MessageEvent::Deferred(it) => {
                letter.holder = None;
                letter.not_before = Some(it.next_at);
                let in_time = letter.deadline.is_some_and(|end| it.next_at < end);
                let mine = holder == Some(by.number);
                self.rule(in_time, || format!("{id}: deferred from {at} to {}", it.next_at));
                self.rule(mine, || format!("{id}: deferred by one who doesn't hold it"));
            }
            MessageEvent::Sent(_) => {
                letter.done = true;
                let mine = holder == Some(by.number);
                self.rule(mine, || format!("{id}: recorded as sent by one who doesn't hold it"));
            }
            MessageEvent::Failed(_) => letter.done = true,
            // No carrier says anything here.
            MessageEvent::Delivered(_)
            | MessageEvent::Delayed(_)
            | MessageEvent::Bounced(_)
            | MessageEvent::Complained(_)
            | MessageEvent::Rejected(_) => {}
        }
        self.rule(!done, || format!("{id} went on after its end: {noted:?}"));
    }

    /// A carrier takes a message.
    pub(crate) fn sent_out(&mut self, sending: &Sending, by: Acting) {
        let id = sending.message;
        let newest = self.attempts.get(&sending.attempt).and_then(|it| it.issues.last());
        let right = sending.code.as_ref().is_none_or(|code| {
            // A newer code may have been made since this one was looked up; it was in time then.
            self.attempts
                .get(&sending.attempt)
                .is_some_and(|it| it.issues.iter().any(|issue| issue.code == *code))
        });
        let alive = newest.is_some_and(|it| sending.prepared < it.expires_at);
        let letter = self.letters.entry(id).or_default();
        let holds = letter.holder == Some(by.number);
        // By the clock of the one who sends, or of the one who took it over.
        let latest = letter.claimed_at.unwrap_or(by.now).max(by.now);
        let ran_out = letter.leases.get(&by.number).is_some_and(|lease| *lease <= latest);
        let same = letter.said.is_none() || letter.said == sending.code;
        letter.said.clone_from(&sending.code);
        self.rule(holds || ran_out, || format!("{id} was sent by one who doesn't hold it"));
        self.rule(same, || format!("{id} was sent twice with two codes"));
        self.rule(right, || format!("{id} carries a code that was never issued"));
        self.rule(alive, || format!("{id} was written when its code had expired"));
        if let Some((device, looked)) = sending.device {
            let reached = self.was_pushed_to(device, looked);
            self.rule(reached, || format!("{id}: {device} got a push that it must not get"));
        }
    }
}
