//! What no type tells about a call: what it is called, what it is for, what comes of it.

use axum::http::StatusCode;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::tag::{Tag as DocumentTag, TagBuilder};

use super::schemas::Schemas;
use crate::problem::Code;

/// What a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A new account.
    Registration,
    /// A password, and a code where it takes one.
    SignIn,
    /// What a trusted device shows of others that ask.
    Requests,
    /// Tokens, and their end.
    Sessions,
    /// The account and its address.
    Account,
    /// Passwords, step-ups, recovery codes, reports.
    Security,
    /// Trusted devices.
    Devices,
    /// Help.
    Support,
    /// What needs no proof.
    Service,
}

impl Tag {
    /// All of them, in the order of the document.
    pub(super) const ALL: [Self; 9] = [
        Self::Registration,
        Self::SignIn,
        Self::Requests,
        Self::Sessions,
        Self::Account,
        Self::Security,
        Self::Devices,
        Self::Support,
        Self::Service,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Registration => "Registration",
            Self::SignIn => "SignIn",
            Self::Requests => "SignInRequests",
            Self::Sessions => "Sessions",
            Self::Account => "Account",
            Self::Security => "Security",
            Self::Devices => "Devices",
            Self::Support => "Support",
            Self::Service => "Service",
        }
    }

    pub(super) fn about(self) -> DocumentTag {
        let about = match self {
            Self::Registration => "An account begins with an address that a code has proven.",
            Self::SignIn => "The password, and on a new device a code.",
            Self::Requests => "What a trusted device shows and denies: others that ask for a code.",
            Self::Sessions => "Access tokens anew, and the end of sessions.",
            Self::Account => "The account, its address and its language.",
            Self::Security => "Passwords, step-ups, recovery codes, and what was not the owner.",
            Self::Devices => "Devices that are trusted or signed in, and how they are pushed to.",
            Self::Support => "Help from people.",
            Self::Service => "What needs no proof.",
        };
        TagBuilder::new().name(self.name()).description(Some(about)).build()
    }
}

/// What a call answers when it has done what it is for.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) about: &'static str,
    pub(super) content: Content,
}

/// What the answer holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// Nothing.
    Nothing,
    /// JSON of a type's shape.
    Json(fn(&mut Schemas) -> Ref),
    /// JSON of a shape that is a standard's.
    AnyJson,
    /// A page for a browser.
    Page,
}

/// What is told about a call.
#[derive(Clone, Copy)]
pub(crate) struct Described {
    pub(super) tag: Tag,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) more: Option<&'static str>,
    pub(super) answer: Answer,
    pub(super) refusals: &'static [Code],
}

impl Described {
    /// A call of this name for programs, with one line for people.
    pub(crate) const fn new(tag: Tag, id: &'static str, summary: &'static str) -> Self {
        let answer =
            Answer { status: StatusCode::NO_CONTENT, about: "Done.", content: Content::Nothing };
        Self { tag, id, summary, more: None, answer, refusals: &[] }
    }

    /// What more there is to say to people.
    pub(crate) const fn more(self, more: &'static str) -> Self {
        Self { more: Some(more), ..self }
    }

    /// Answers with JSON of this type's shape.
    pub(crate) const fn answers<T: ToSchema>(
        self,
        status: StatusCode,
        about: &'static str,
    ) -> Self {
        let content = Content::Json(Schemas::reference::<T>);
        Self { answer: Answer { status, about, content }, ..self }
    }

    /// Answers with JSON whose shape another standard gives.
    pub(crate) const fn answers_json(self, about: &'static str) -> Self {
        let answer = Answer { status: StatusCode::OK, about, content: Content::AnyJson };
        Self { answer, ..self }
    }

    /// Answers with a page for a browser.
    pub(crate) const fn answers_page(self, about: &'static str) -> Self {
        let answer = Answer { status: StatusCode::OK, about, content: Content::Page };
        Self { answer, ..self }
    }

    /// What it may be refused with, besides what follows from its types.
    pub(crate) const fn refuses(self, refusals: &'static [Code]) -> Self {
        Self { refusals, ..self }
    }
}
