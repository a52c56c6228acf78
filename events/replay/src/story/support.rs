//! What events of a request for help say.

use postern_events::support::{Requested, SupportEvent};

use super::sentence::{Sentence, said};
use crate::phrases::{SEALED, count, device_of};

pub(super) fn sentence(event: &SupportEvent) -> Sentence {
    match event {
        SupportEvent::Requested(it) => requested(it),
    }
}

fn requested(it: &Requested) -> Sentence {
    let on = device_of(it.platform);
    let place = it.country.as_deref().map(|it| format!(" in {it}")).unwrap_or_default();
    let files = u64::try_from(it.attachments.len()).unwrap_or(u64::MAX);
    let with = if files == 0 { String::new() } else { format!(", with {}", count(files, "file")) };
    let what = match it.account {
        Some(account) => format!(
            "Help was asked for about {account} on {on}{place}{with}; the words, the device and the place are {SEALED}."
        ),
        None => format!(
            "Help was asked for on {on}{place} about an address that has no account: nothing that was written is kept, and nobody is told."
        ),
    };
    let who = match it.by {
        Some(device) => format!("the signed-in device {device} asked"),
        None => "somebody asked who only named an address".to_owned(),
    };
    said(what)
        .given(who)
        .given(format!("the app's version was {}", it.app_version))
        .given_any(it.located_by.as_deref().map(|it| format!("the place was looked up in {it}")))
        .under(it.policy)
}
