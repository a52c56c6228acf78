//! What stands in a letter to an owner, in the order in which it is read.

use serde::Serialize;

use super::outline::Outline;
use super::speaker::Speaker;
use postern_words::words::Unspoken;

/// A letter's parts, as both layouts take them.
#[derive(Serialize)]
pub(super) struct Content {
    lang: &'static str,
    dir: &'static str,
    /// The side that lines begin on.
    start: &'static str,
    /// What keeps a value apart from the line it stands in, where there is no markup to do so.
    first: &'static str,
    last: &'static str,
    pub(super) subject: String,
    intro: String,
    code: Option<String>,
    life: Option<String>,
    heading: String,
    facts: Vec<Fact>,
    advice: String,
    report: Option<String>,
    offer: String,
    button: String,
    footer: String,
}

/// One line about who did something.
#[derive(Serialize)]
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
    /// In which direction the value is read, as HTML's `dir` spells it: figures always from left
    /// to right, words as they are.
    pub(super) dir: &'static str,
}

impl Content {
    pub(super) fn of(outline: &Outline<'_>, speaker: &Speaker<'_>) -> Result<Self, Unspoken> {
        let rtl = speaker.language.is_rtl();
        Ok(Self {
            lang: speaker.language.tag(),
            dir: speaker.language.direction(),
            start: if rtl { "right" } else { "left" },
            // FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX 9).
            first: if rtl { "\u{2068}" } else { "" },
            last: if rtl { "\u{2069}" } else { "" },
            subject: speaker.plain(outline.subject)?,
            intro: speaker.intro(outline)?,
            code: outline.code.map(|(code, _)| code.reveal().to_owned()),
            life: speaker.life(outline)?,
            heading: speaker.plain(outline.heading)?,
            facts: speaker.facts(outline)?,
            advice: speaker.plain(outline.advice)?,
            report: outline.report.map(str::to_owned),
            offer: speaker.plain("not-me-offer")?,
            button: speaker.plain("not-me-button")?,
            footer: speaker.plain("footer")?,
        })
    }
}
