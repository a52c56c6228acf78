//! To whom a send goes, and what its messages are called: as the function that sends derives it.

use postern_domain::message::{Recipient, message_id};
use postern_events::ids::{AccountId, DeviceId, MessageId};
use postern_events::verification::Opened;
use postern_events::vocabulary::{Method, Purpose};

use super::attempt::{Attempt, Opening, Send};
use super::owner::Owner;

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// The mailbox that the code goes to.
    Mailbox,
    /// The owner of an address that is taken, who is told and sent no code.
    Taken(AccountId),
    /// A phone.
    Phone {
        /// The device.
        device: DeviceId,
        /// Whether a push could reach it then.
        pushable: bool,
        /// Whether it shows the code; else it is only told of an attempt whose code is mailed.
        shows_code: bool,
    },
}

/// A message and whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Addressee {
    pub(super) message: MessageId,
    pub(super) whom: Whom,
}

/// Whom a send goes to. Phones are those that were trusted when it was asked for.
pub(super) fn of(
    attempt: &Attempt,
    owner: Option<&Owner>,
    send: &Send,
    is_first: bool,
) -> Vec<Addressee> {
    match (&attempt.opening, send.method) {
        (Opening::SignIn(_), Method::App) => phones(attempt, owner, send, true),
        (Opening::SignIn(it), Method::Email) => {
            let mut all = vec![mailbox(send, it.account)];
            if is_first && tells_phones(attempt) {
                all.extend(phones(attempt, owner, send, false));
            }
            all
        }
        (Opening::Verification(_), Method::App) if attempt.is_step_up() => {
            phones(attempt, owner, send, true)
        }
        (Opening::Refused(_), _) | (Opening::Verification(_), Method::App) => Vec::new(),
        (Opening::Verification(it), Method::Email) => by_mail(send, it, is_first),
    }
}

/// Whether phones are told of a sign-in whose code is mailed.
fn tells_phones(attempt: &Attempt) -> bool {
    let Opening::SignIn(it) = &attempt.opening else { return false };
    let pushed = it.inputs.pushable.is_none_or(|it| it > 0);
    it.inputs.reachable.contains(&Method::App) && pushed
}

fn by_mail(send: &Send, opened: &Opened, is_first: bool) -> Vec<Addressee> {
    match opened.taken_by {
        None => vec![mailbox(send, opened.account)],
        Some(owner) if is_first && tells_taken(opened.purpose) => {
            let message = message_id(send.id, Recipient::Owner(owner));
            vec![Addressee { message, whom: Whom::Taken(owner) }]
        }
        Some(_) => Vec::new(),
    }
}

/// Whether the owner of an address that is taken is told that somebody wants it.
const fn tells_taken(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Registration | Purpose::EmailChange => true,
        Purpose::SignIn | Purpose::PasswordReset | Purpose::StepUp => false,
    }
}

fn mailbox(send: &Send, account: AccountId) -> Addressee {
    let message = message_id(send.id, Recipient::Owner(account));
    Addressee { message, whom: Whom::Mailbox }
}

fn phones(
    attempt: &Attempt,
    owner: Option<&Owner>,
    send: &Send,
    shows_code: bool,
) -> Vec<Addressee> {
    let (Some(owner), Some(key)) = (owner, attempt.key()) else { return Vec::new() };
    let others = owner.others(key, send.at, attempt.is_step_up());
    let phone = |it: postern_domain::account::TrustedDevice| Addressee {
        message: message_id(send.id, Recipient::Device(it.id)),
        whom: Whom::Phone { device: it.id, pushable: it.is_pushable(), shows_code },
    };
    others.into_iter().map(phone).collect()
}
