//! What stands in a letter, in the order in which it is read.

use jiff::Timestamp;
use postern_domain::codes::Code;
use postern_events::vocabulary::Platform;
use serde::Serialize;

use super::shown::{as_text, bounded};
use super::{Asker, Letter};
use crate::language::Language;
use crate::words::Argument::{Number, Text};
use crate::words::{Unspoken, Words};

/// A letter's parts, as both layouts take them.
#[derive(Serialize)]
pub(super) struct Content {
    lang: &'static str,
    dir: &'static str,
    pub(super) subject: String,
    intro: String,
    code: Option<String>,
    life: Option<String>,
    heading: String,
    facts: Vec<Fact>,
    advice: String,
    footer: String,
}

/// One line about who asked.
#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
}

/// The messages that make one kind of letter.
struct Parts {
    subject: &'static str,
    intro: &'static str,
    heading: &'static str,
    advice: &'static str,
}

const REGISTRATION_CODE: Parts = Parts {
    subject: "registration-code-subject",
    intro: "registration-code-intro",
    heading: "facts-heading-code",
    advice: "registration-code-advice",
};
const SIGN_IN_CODE: Parts = Parts {
    subject: "sign-in-code-subject",
    intro: "sign-in-code-intro",
    heading: "facts-heading-code",
    advice: "sign-in-code-advice",
};
const REGISTRATION_ATTEMPT: Parts = Parts {
    subject: "registration-attempt-subject",
    intro: "registration-attempt-intro",
    heading: "facts-heading-attempt",
    advice: "registration-attempt-advice",
};
const NEW_DEVICE: Parts = Parts {
    subject: "new-device-subject",
    intro: "new-device-intro",
    heading: "facts-heading-device",
    advice: "new-device-advice",
};

impl Content {
    pub(super) fn of(letter: &Letter, words: &Words, language: Language) -> Result<Self, Unspoken> {
        let speaker = Speaker { words, language };
        match letter {
            Letter::RegistrationCode { code, expires_at, asker } => {
                speaker.letter(&REGISTRATION_CODE, asker, Some((code, *expires_at)))
            }
            Letter::SignInCode { code, expires_at, asker } => {
                speaker.letter(&SIGN_IN_CODE, asker, Some((code, *expires_at)))
            }
            Letter::RegistrationAttempt { asker } => {
                speaker.letter(&REGISTRATION_ATTEMPT, asker, None)
            }
            Letter::NewDevice { asker } => speaker.letter(&NEW_DEVICE, asker, None),
        }
    }
}

/// One language's words.
pub(super) struct Speaker<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
}

impl Speaker<'_> {
    fn letter(
        &self,
        parts: &Parts,
        asker: &Asker,
        code: Option<(&Code, Timestamp)>,
    ) -> Result<Content, Unspoken> {
        let life = |(_, expires_at)| self.life(asker.at, expires_at);
        Ok(Content {
            lang: self.language.tag(),
            dir: self.language.direction(),
            subject: self.plain(parts.subject)?,
            intro: self.plain(parts.intro)?,
            code: code.map(|(code, _)| code.reveal().to_owned()),
            life: code.map(life).transpose()?,
            heading: self.plain(parts.heading)?,
            facts: self.facts(asker)?,
            advice: self.plain(parts.advice)?,
            footer: self.plain("footer")?,
        })
    }

    fn plain(&self, message: &'static str) -> Result<String, Unspoken> {
        self.words.say(self.language, message, &[])
    }

    /// Counted from the request and not from the sending, so that a letter that has to be sent
    /// twice is twice the same; the end beside it stays true however late it comes.
    fn life(&self, asked_at: Timestamp, expires_at: Timestamp) -> Result<String, Unspoken> {
        let minutes = expires_at.duration_since(asked_at).as_mins().max(0);
        let until = self.time(expires_at)?;
        let arguments = [("minutes", Number(minutes)), ("until", Text(&until))];
        self.words.say(self.language, "code-life", &arguments)
    }

    fn facts(&self, asker: &Asker) -> Result<Vec<Fact>, Unspoken> {
        [
            ("fact-device", self.device(asker)?),
            ("fact-place", self.place(asker)?),
            ("fact-ip", self.ip(asker)?),
            ("fact-time", self.time(asker.at)?),
        ]
        .into_iter()
        .map(|(label, value)| Ok(Fact { label: self.plain(label)?, value }))
        .collect()
    }

    fn platform(&self, platform: Platform) -> Result<String, Unspoken> {
        let platform = match platform {
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::Web => "web",
            Platform::Other => "other",
        };
        self.words.say(self.language, "platform", &[("platform", Text(platform))])
    }

    fn device(&self, asker: &Asker) -> Result<String, Unspoken> {
        let platform = self.platform(asker.platform)?;
        let Some(name) = &asker.device else { return Ok(platform) };
        self.named(name, &platform)
    }

    /// The same where it begins a sentence and room is scarce.
    pub(super) fn asking_device(&self, asker: &Asker) -> Result<String, Unspoken> {
        let platform = self.platform(asker.platform)?;
        match &asker.device {
            Some(name) => self.named(bounded(name), &platform),
            None => {
                self.words.say(self.language, "device-unnamed", &[("platform", Text(&platform))])
            }
        }
    }

    fn named(&self, name: &str, platform: &str) -> Result<String, Unspoken> {
        let name = as_text(name);
        let arguments = [("name", Text(&name)), ("platform", Text(platform))];
        self.words.say(self.language, "device-named", &arguments)
    }

    fn place(&self, asker: &Asker) -> Result<String, Unspoken> {
        let city = asker.city.as_deref().map(as_text);
        let country = asker.country.as_deref().map(as_text);
        match (&city, &country) {
            (Some(city), Some(country)) => {
                let arguments = [("city", Text(city)), ("country", Text(country))];
                self.words.say(self.language, "place-city-country", &arguments)
            }
            (Some(city), None) => {
                self.words.say(self.language, "place-city", &[("city", Text(city))])
            }
            (None, Some(country)) => {
                self.words.say(self.language, "place-country", &[("country", Text(country))])
            }
            (None, None) => self.plain("place-unknown"),
        }
    }

    fn ip(&self, asker: &Asker) -> Result<String, Unspoken> {
        asker.ip.map_or_else(|| self.plain("ip-unknown"), |ip| Ok(ip.to_string()))
    }

    /// In UTC, to the minute: the reader's own time zone isn't known.
    fn time(&self, at: Timestamp) -> Result<String, Unspoken> {
        let date = at.strftime("%Y-%m-%d").to_string();
        let time = at.strftime("%H:%M").to_string();
        self.words.say(self.language, "time-utc", &[("date", Text(&date)), ("time", Text(&time))])
    }
}
