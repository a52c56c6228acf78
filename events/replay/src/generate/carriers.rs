//! What carriers do with messages: how often they take them, lose them and send them back.

use jiff::SignedDuration;
use postern_domain::account::AccountCommand;
use postern_domain::message::{Feedback, MessageCommand};
use postern_domain::ports::draw;
use postern_events::ids::DeviceId;
use postern_events::message::{BounceKind, GivenUp, MessageKind, NotTaken};
use postern_store::streams::Meta;

use super::asking::{Asked, CodeOf};
use super::chance::{hours, minutes, seconds};
use super::life::{Life, Step};
use super::owner::Mailbox;

/// What a carrier does with what it is given, in ten thousand.
#[derive(Debug, Clone, Copy)]
enum Carriage {
    Taken,
    Throttled,
    Unavailable,
    Refused,
    /// The app was removed from the phone.
    Gone,
}

const OF_MAILS: [(u64, Carriage); 4] = [
    (9_952, Carriage::Taken),
    (18, Carriage::Throttled),
    (26, Carriage::Unavailable),
    (4, Carriage::Refused),
];
const OF_PUSHES: [(u64, Carriage); 4] = [
    (9_890, Carriage::Taken),
    (6, Carriage::Throttled),
    (24, Carriage::Unavailable),
    (80, Carriage::Gone),
];

/// What becomes of a mail to a mailbox that is there, in ten thousand.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Delivered,
    Slow,
    MailboxFull,
    Unclear,
    Rejected,
    Unwanted,
}

const FATES: [(u64, Fate); 6] = [
    (9_795, Fate::Delivered),
    (85, Fate::Slow),
    (45, Fate::MailboxFull),
    (8, Fate::Unclear),
    (27, Fate::Rejected),
    (40, Fate::Unwanted),
];

impl Life<'_> {
    /// Hands a message over, unless that has become pointless.
    pub(super) fn carry(&mut self, asked: &Asked, meta: &Meta) -> Step<MessageCommand> {
        if let Some(because) = self.pointless(asked) {
            return Ok(MessageCommand::GiveUp { because });
        }
        let carriage = match asked.device {
            Some(_) => self.chance.weighted(&OF_PUSHES),
            None => self.chance.weighted(&OF_MAILS),
        };
        let defer = |because| MessageCommand::Defer { because, now: self.now };
        Ok(match (carriage, asked.device) {
            (Carriage::Taken, None) => MessageCommand::Sent { carrier_id: Some(self.mail_name()) },
            (Carriage::Taken, Some(_)) => MessageCommand::Sent { carrier_id: Some(self.uuid()) },
            (Carriage::Throttled, _) => defer(NotTaken::Throttled),
            (Carriage::Unavailable, _) => defer(NotTaken::Unavailable),
            (Carriage::Gone, Some(device)) => self.disable(asked, device, meta)?,
            (Carriage::Refused, _) | (Carriage::Gone, None) => {
                MessageCommand::GiveUp { because: GivenUp::Rejected }
            }
        })
    }

    /// Why a message is not worth sending any more, if it isn't.
    fn pointless(&mut self, asked: &Asked) -> Option<GivenUp> {
        let last_words = matches!(asked.kind, MessageKind::AccountErased | MessageKind::SignedOut);
        let ours = asked.account == self.id;
        let open = self.account.state().open();
        let registering = asked.kind == MessageKind::RegistrationCode;
        if !last_words && !registering && (open.is_none() || !ours) {
            return Some(GivenUp::RecipientErased);
        }
        let current = |challenge: &postern_domain::challenge::Challenge| {
            challenge.asked_by() == asked.cause.id && !challenge.is_over(self.now)
        };
        let living = match asked.code {
            None => true,
            Some(CodeOf::SignIn(id)) => self.attempts.get(&id).is_some_and(|it| {
                let generation = open.map(|it| it.attempt_generation);
                it.context.state().pending().is_some_and(|(attempt, challenge)| {
                    Some(attempt.generation) == generation && current(challenge)
                }) && self.counts.guard.is_open(&id.to_string(), self.now)
                    && self.counts.guard.paused(self.now).is_none()
            }),
            Some(CodeOf::Process(id)) => self
                .processes
                .get(&id)
                .and_then(|it| it.awaited())
                .is_some_and(|(_, challenge)| current(challenge)),
        };
        if !living {
            return Some(GivenUp::Superseded);
        }
        if let Some(device) = asked.device.filter(|_| asked.kind != MessageKind::SignedOut) {
            let Some(known) = open.and_then(|it| it.device(device, self.now)) else {
                return Some(GivenUp::Superseded);
            };
            if !known.is_pushable() {
                return Some(GivenUp::EndpointDisabled);
            }
        }
        self.post.repeats(asked).then_some(GivenUp::Repeated)
    }

    /// The phone is not reached any more, which its account is told so that nobody counts on it.
    fn disable(&mut self, asked: &Asked, device: DeviceId, meta: &Meta) -> Step<MessageCommand> {
        let push = self.account.state().open().and_then(|it| it.device(device, self.now));
        let push = push.and_then(|it| it.push).filter(|_| asked.kind != MessageKind::SignedOut);
        if let Some(push) = push {
            let (since, message) = (push.since, asked.message());
            let command = AccountCommand::DisablePush { device, since, message };
            self.on_account(command, meta)?;
        }
        Ok(MessageCommand::GiveUp { because: GivenUp::EndpointDisabled })
    }

    /// What its carrier will say about a mail, and after which waits.
    pub(super) fn fate(&self, asked: &Asked) -> Vec<(SignedDuration, Feedback)> {
        let taken = self.chance.around(seconds(3), 300);
        let lost = asked.kind != MessageKind::SupportRequest && self.owner.mailbox == Mailbox::Lost;
        if lost && !to_another_address(asked.kind) {
            return vec![(taken, Feedback::Bounced(BounceKind::Permanent))];
        }
        match self.chance.weighted(&FATES) {
            Fate::Delivered => vec![(taken, Feedback::Delivered)],
            Fate::Slow => {
                let slow = self.chance.around(minutes(12), 200);
                vec![(minutes(5) + taken, Feedback::Delayed), (slow, Feedback::Delivered)]
            }
            Fate::MailboxFull => vec![(taken, Feedback::Bounced(BounceKind::Transient))],
            Fate::Unclear => vec![(taken, Feedback::Bounced(BounceKind::Undetermined))],
            Fate::Rejected => vec![(taken, Feedback::Rejected)],
            Fate::Unwanted => {
                let read = self.chance.around(hours(4), 300);
                vec![(taken, Feedback::Delivered), (read, Feedback::Complained)]
            }
        }
    }

    /// A name as SNS gives one (RFC 9562, version 4).
    fn uuid(&self) -> String {
        let drawn = u128::from_be_bytes(draw(&self.chance));
        let (version, variant) = (0x4 << 76, 0x8 << 60);
        let bits = drawn & !(0xf << 76) & !(0xc << 60) | version | variant;
        let part = |from: u32, digits: u32| bits >> from & ((1 << (4 * digits)) - 1);
        let (one, two, three) = (part(96, 8), part(80, 4), part(64, 4));
        format!("{one:08x}-{two:04x}-{three:04x}-{:04x}-{:012x}", part(48, 4), part(0, 12))
    }

    /// A name as SES gives one.
    fn mail_name(&self) -> String {
        let at = self.now.as_millisecond();
        format!("0107{at:012x}-{}-000000", self.uuid())
    }
}

/// Whether a mail goes to an address that is to be proven.
fn to_another_address(kind: MessageKind) -> bool {
    matches!(kind, MessageKind::EmailChangeCode | MessageKind::RegistrationCode)
}
