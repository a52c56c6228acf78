//! The one letter that goes to support: what somebody wrote, and what is known around it.
//!
//! Support reads English, so its words stand in its layouts and not in the language files.

use std::fmt;

use jiff::Timestamp;
use postern_domain::message::Message;
use postern_events::ids::{AccountId, SupportId};
use postern_events::message::MessageKind;
use postern_events::vocabulary::{DeviceDescription, Method, Platform};
use postern_words::language::Language;
use serde::Serialize;

use super::shown::as_text;

/// What somebody asks support for. Its `Debug` shows only the request's name.
#[derive(Clone)]
pub struct SupportRequest {
    /// The request's own name.
    pub request: SupportId,
    /// The account that it is about.
    pub account: AccountId,
    /// Whether a signed-in device asked; otherwise somebody only named the account's address.
    pub proven: bool,
    /// The account's address, to answer to.
    pub address: Option<String>,
    /// What was written.
    pub message: String,
    /// The app's version, as it says.
    pub app_version: String,
    /// The device's kind.
    pub platform: Platform,
    /// How the device describes itself.
    pub device: Option<DeviceDescription>,
    /// The files that may have been uploaded.
    pub attachments: Vec<Attached>,
    /// What became of the account's last codes, newest first.
    pub history: Vec<Delivered>,
    /// When it was asked.
    pub at: Timestamp,
}

impl fmt::Debug for SupportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SupportRequest({})", self.request)
    }
}

/// A file with a request. Its `Debug` shows only its size.
#[derive(Clone)]
pub struct Attached {
    /// What its author calls it.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where it lies.
    pub at: String,
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attached({} bytes)", self.size)
    }
}

/// What became of one message that carried a code.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// When it was asked for.
    pub at: Timestamp,
    /// What it said.
    pub kind: MessageKind,
    /// How it went.
    pub channel: Method,
    /// How far it came.
    pub state: Message,
}

/// The letter's parts, as both layouts take them.
#[derive(Serialize)]
pub(super) struct Content {
    lang: &'static str,
    dir: &'static str,
    start: &'static str,
    pub(super) subject: String,
    facts: Vec<Fact>,
    lines: Vec<String>,
    files: Vec<File>,
    history: Vec<Row>,
}

#[derive(Serialize)]
struct Fact {
    label: &'static str,
    value: String,
}

#[derive(Serialize)]
struct File {
    name: String,
    content_type: String,
    size: u64,
    at: String,
}

#[derive(Serialize)]
struct Row {
    at: String,
    kind: MessageKind,
    channel: Method,
    state: &'static str,
}

impl Content {
    pub(super) fn of(request: &SupportRequest) -> Self {
        let file = |it: &Attached| File {
            name: as_text(&it.name),
            content_type: as_text(&it.content_type),
            size: it.size,
            at: it.at.clone(),
        };
        let row = |it: &Delivered| Row {
            at: minute(it.at),
            kind: it.kind,
            channel: it.channel,
            state: state(&it.state),
        };
        let language = Language::fallback();
        Self {
            lang: language.tag(),
            dir: language.direction(),
            start: "left",
            subject: format!("Support request {}", request.request),
            facts: facts(request),
            lines: request.message.lines().map(as_text).collect(),
            files: request.attachments.iter().map(file).collect(),
            history: request.history.iter().map(row).collect(),
        }
    }
}

fn facts(request: &SupportRequest) -> Vec<Fact> {
    let proof = if request.proven {
        "signed in: the device proved itself"
    } else {
        "none: somebody named the account's address"
    };
    let platform = match request.platform {
        Platform::Ios => "iOS",
        Platform::Android => "Android",
        Platform::Web => "web",
        Platform::Other => "other",
    };
    let device = request.device.as_ref().map_or_else(
        || platform.to_owned(),
        |it| {
            let [name, model, version] =
                [&it.name, &it.model, &it.os_version].map(|it| as_text(it));
            format!("“{name}”, {model}, {platform} {version}")
        },
    );
    let fact = |label, value| Fact { label, value };
    let mut facts = vec![fact("Account", request.account.to_string()), fact("Proof", proof.into())];
    // Support's programs may make a link of it: it is to be answered to.
    facts.extend(request.address.clone().map(|it| fact("Address", it)));
    facts.extend([
        fact("App version", as_text(&request.app_version)),
        fact("Device", device),
        fact("Time", minute(request.at)),
    ]);
    facts
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How far a message came.
fn state(message: &Message) -> &'static str {
    match message {
        Message::New => "asked for",
        Message::Claimed(_) => "being sent",
        Message::Waiting(_) => "waiting: the carrier did not take it",
        Message::Sent => "sent",
        Message::Delivered => "delivered",
        Message::Bounced => "bounced",
        Message::Complained => "called unwanted",
        Message::Failed(_) => "given up",
    }
}
