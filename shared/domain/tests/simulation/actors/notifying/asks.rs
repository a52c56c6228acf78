//! What a commit asks for, and whom.

use jiff::Timestamp;
use postern_domain::message::{Recipient, message_id};
use postern_events::ids::{DeviceId, EventId, MessageId, SignInId};
use postern_events::message::{Claimed, MessageKind};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method;

use crate::cast;
use crate::world::World;

/// A message that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) message: MessageId,
    pub(crate) by: EventId,
    pub(crate) attempt: SignInId,
    pub(crate) issue: u8,
    pub(crate) method: Method,
    /// The one device that it is for, if it is a push.
    pub(crate) device: Option<DeviceId>,
    pub(crate) deadline: Timestamp,
}

impl Ask {
    /// What a claim says; attempt and lease are the decider's to fill in.
    pub(crate) fn claim(&self, now: Timestamp) -> Claimed {
        Claimed {
            asked_by: self.by,
            stream: format!("sign_in/{}", self.attempt),
            kind: match self.method {
                Method::App => MessageKind::SignInRequest,
                Method::Email => MessageKind::SignInCode,
            },
            channel: self.method,
            recipient: cast::account(),
            device: self.device,
            attempt: 0,
            lease_until: now,
            deadline: self.deadline,
        }
    }
}

/// A mail to the owner, or a push to each device that one reaches now.
pub(super) fn fan_out((id, version): (SignInId, u64), world: &mut World) -> Vec<Ask> {
    let now = world.now;
    let Some((_, open)) = world.account() else { return Vec::new() };
    // An attempt that is over awaits no message any more.
    if world.store.sign_in(id).state.pending().is_none() {
        return Vec::new();
    }
    let mut asks = Vec::new();
    for noted in world.store.commit_of(id, version) {
        let (issue, method, deadline) = match &noted.event {
            SignInEvent::CodeIssued(it) => (it.issue, it.method, Some(it.expires_at)),
            // Of its own code, however often the record is delivered and whatever came after.
            SignInEvent::CodeResent(it) => (it.issue, it.method, world.store.expiry(id, it.issue)),
            SignInEvent::Attempted(_)
            | SignInEvent::Refused(_)
            | SignInEvent::CodeRejected(_)
            | SignInEvent::CodeVerified(_)
            | SignInEvent::RecoveryCodeUsed(_)
            | SignInEvent::Completed(_)
            | SignInEvent::Reported(_)
            | SignInEvent::Denied(_)
            | SignInEvent::Cancelled(_)
            | SignInEvent::Locked(_) => continue,
        };
        let Some(deadline) = deadline else { continue };
        let by = noted.stamp.id;
        let ask = |device: Option<DeviceId>, recipient| {
            let message = message_id(by, recipient);
            Ask { message, by, attempt: id, issue, method, device, deadline }
        };
        match method {
            Method::Email => asks.push(ask(None, Recipient::Owner(cast::account()))),
            Method::App => {
                let devices = open.pushable(now).map(|it| it.id);
                asks.extend(devices.map(|it| ask(Some(it), Recipient::Device(it))));
            }
        }
    }
    if asks.len() > 1 {
        world.count("fanned out");
    }
    asks
}
