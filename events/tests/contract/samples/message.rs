//! What happened to messages to Ada.

use postern_events::message::{
    BounceKind, Bounced, Claimed, Complained, Deferred, Delayed, Delivered, Failed, GivenUp,
    MessageEvent, MessageKind, NotTaken, Rejected, Sent,
};
use postern_events::vocabulary::Method;

use super::{Sample, ada, asked, at, attempt, full, minimal, phone};

pub(super) fn samples() -> Vec<Sample> {
    [ours(), the_carriers()].concat()
}

/// What was done with them here.
fn ours() -> Vec<Sample> {
    let claimed = Claimed {
        asked_by: asked(),
        stream: format!("sign_in/{}", attempt()),
        kind: MessageKind::SignInRequest,
        channel: Method::App,
        recipient: ada(),
        device: Some(phone()),
        attempt: 1,
        lease_until: at(8),
        deadline: at(10),
    };
    vec![
        full(&MessageEvent::Claimed(claimed.clone())),
        minimal(&MessageEvent::Claimed(Claimed {
            kind: MessageKind::SignInCode,
            channel: Method::Email,
            device: None,
            ..claimed
        })),
        full(&MessageEvent::Sent(Sent {
            carrier_id: Some("0100019bd2a1f3c4-5f0e6b7a-000000".to_owned()),
        })),
        minimal(&MessageEvent::Sent(Sent { carrier_id: None })),
        full(&MessageEvent::Deferred(Deferred { because: NotTaken::Throttled, next_at: at(8) })),
        full(&MessageEvent::Failed(Failed { because: GivenUp::Superseded })),
    ]
}

/// What their carrier told of them afterwards.
fn the_carriers() -> Vec<Sample> {
    vec![
        full(&MessageEvent::Delivered(Delivered {})),
        full(&MessageEvent::Delayed(Delayed {})),
        full(&MessageEvent::Bounced(Bounced { bounce: BounceKind::Permanent })),
        full(&MessageEvent::Complained(Complained {})),
        full(&MessageEvent::Rejected(Rejected {})),
    ]
}
