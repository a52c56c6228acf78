//! What became of one send.

use jiff::Timestamp;

use super::attempt::{Attempt, Send};
use super::fate::Told;
use super::owner::Owner;
use super::recipients::{Addressee, Whom};
use super::{Evidence, Sentence};
use crate::phrases::{by, count, list};

/// A message of the send, and what became of it.
type Message = (Addressee, Told);

/// What became of a send: of its mail, or of the pushes and of those that went nowhere.
pub(super) fn sentences(
    attempt: &Attempt,
    owner: Option<&Owner>,
    send: &Send,
    messages: &[Message],
    now: Timestamp,
) -> Vec<Sentence> {
    let asked = attempt.evidence(send.version);
    let name = format!("Code {}, asked for at {} {}", send.issue, send.at, by(send.method));
    let mut all = Vec::new();
    for (addressee, told) in messages {
        let text = match addressee.whom {
            Whom::Mailbox => format!("{name}: {}.", told.fate(now)),
            Whom::Taken(owner) => format!(
                "{name}: none was sent; the mail that tells {owner}, whose address it is: {}.",
                told.fate(now)
            ),
            Whom::Phone { .. } => continue,
        };
        all.push(Sentence::new(text, std::iter::once(asked.clone()).chain(told.evidence())));
    }
    let phones: Vec<_> = messages.iter().filter_map(phone).collect();
    if !phones.is_empty() {
        all.extend(pushes(&name, &phones, &asked, now));
    } else if messages.is_empty() {
        all.push(Sentence::new(format!("{name}: {}.", nobody(owner)), [asked]));
    }
    all
}

/// A phone that a send concerns.
struct Phone<'a> {
    device: String,
    pushable: bool,
    shows_code: bool,
    told: &'a Told,
}

fn phone((addressee, told): &Message) -> Option<Phone<'_>> {
    match addressee.whom {
        Whom::Mailbox | Whom::Taken(_) => None,
        Whom::Phone { device, pushable, shows_code } => {
            Some(Phone { device: device.to_string(), pushable, shows_code, told })
        }
    }
}

/// Where a send has no message at all.
fn nobody(owner: Option<&Owner>) -> String {
    match owner {
        Some(owner) if owner.is_missing() => {
            format!("whom it went to can't be told: {}", owner.missing())
        }
        Some(_) => "no other device was trusted that could show it".to_owned(),
        None => "nobody is sent anything".to_owned(),
    }
}

fn pushes(name: &str, phones: &[Phone<'_>], asked: &Evidence, now: Timestamp) -> Vec<Sentence> {
    let what = if phones.iter().any(|it| it.shows_code) {
        format!("{name}: the question")
    } else {
        "As the code was mailed, the phones were told too, so that one of them can deny it: the question"
            .to_owned()
    };
    let pushed: Vec<_> = phones.iter().filter(|it| it.told.accepted_at().is_some()).collect();
    let lost: Vec<_> = phones.iter().filter(|it| is_lost(it)).collect();
    let silent: Vec<_> = phones.iter().filter(|it| !it.pushable && it.told.is_unknown()).collect();
    let mut all = Vec::new();
    if !pushed.is_empty() {
        let number = u64::try_from(pushed.len()).unwrap_or(u64::MAX);
        let each = pushed
            .iter()
            .filter_map(|it| Some(format!("{} at {}", it.device, it.told.accepted_at()?)));
        let text = format!(
            "{what} was pushed to {} ({}); whether it was seen, no push service tells.",
            count(number, "phone"),
            list(each)
        );
        let places = pushed.iter().filter_map(|it| it.told.evidence());
        all.push(Sentence::new(text, std::iter::once(asked.clone()).chain(places)));
    }
    for it in lost {
        let text = format!("{what}, for {}: {}.", it.device, it.told.fate(now));
        all.push(Sentence::new(text, std::iter::once(asked.clone()).chain(it.told.evidence())));
    }
    if !silent.is_empty() && silent.iter().all(|it| it.shows_code) {
        let devices = list(silent.iter().map(|it| it.device.as_str()));
        let text = format!(
            "{name}: {devices} couldn't be pushed to, and showed the code only to somebody who opened the app there."
        );
        all.push(Sentence::new(text, [asked.clone()]));
    }
    all
}

/// Whether a phone was to be pushed to and wasn't, as far as is known.
fn is_lost(phone: &Phone<'_>) -> bool {
    phone.told.accepted_at().is_none() && (phone.pushable || !phone.told.is_unknown())
}
