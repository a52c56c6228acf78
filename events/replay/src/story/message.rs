//! What events of a message say.

use postern_events::message::{Claimed, MessageEvent};

use super::sentence::{Sentence, said};
use crate::phrases::{bounce, by, given_up, message, not_taken};

pub(super) fn sentence(event: &MessageEvent) -> Sentence {
    match event {
        MessageEvent::Claimed(it) => claimed(it),
        MessageEvent::Sent(it) => match &it.carrier_id {
            Some(carrier) => said(format!("The carrier accepted the message, as {carrier}.")),
            None => said("The carrier accepted the message."),
        },
        MessageEvent::Deferred(it) => {
            said(format!("The message waits, and is tried again at {}.", it.next_at))
                .given(not_taken(it.because))
        }
        MessageEvent::Failed(it) => {
            said("The message was given up and will never be sent.").given(given_up(it.because))
        }
        MessageEvent::Delivered(_) => {
            said("The recipient's server took the message; nobody says whether it was read.")
        }
        MessageEvent::Delayed(_) => {
            said("The recipient's server is slow; the carrier goes on trying.")
        }
        MessageEvent::Bounced(it) => {
            said(format!("The recipient's server refused the message {}.", bounce(it.bounce)))
        }
        MessageEvent::Complained(_) => said("The recipient called the message unwanted."),
        MessageEvent::Rejected(_) => {
            said("The carrier had accepted the message and then did not send it.")
        }
    }
}

fn claimed(it: &Claimed) -> Sentence {
    let whom = match it.device {
        Some(device) => format!("{device} of {}", it.recipient),
        None => format!("the owner of {}", it.recipient),
    };
    let tried = match it.attempt {
        1 => "it was the first try".to_owned(),
        again => format!("it was try {again}: the one before failed, or its sender died"),
    };
    said(format!(
        "A sender took up {} for {whom}, {}; no other may until {}.",
        message(it.kind),
        by(it.channel),
        it.lease_until
    ))
    .given(format!("{} of {} asked for it", it.asked_by, it.stream))
    .given(tried)
    .given(format!("there is no use in it after {}", it.deadline))
}
