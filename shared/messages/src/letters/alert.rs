//! What a phone shows by itself: two lines that anybody near it can read.

use std::fmt;

use postern_words::language::Language;
use postern_words::words::Argument::Text;
use postern_words::words::Unspoken;

use super::shown::{as_text, bounded};
use super::speaker::Speaker;
use super::{Asker, Letters};

/// What stands on a lock screen. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Alert {
    /// The first line.
    pub title: String,
    /// The rest.
    pub body: String,
}

impl fmt::Debug for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alert(..)")
    }
}

/// What a phone is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// To show the code of a sign-in.
    Code,
    /// Only whether a sign-in is right: its code goes by mail.
    CodeByMail,
    /// To show the code of a step-up.
    StepUp,
}

/// An alert's messages: its title, and its body by what is known of the place.
struct Parts {
    title: &'static str,
    city_country: &'static str,
    city: &'static str,
    country: &'static str,
    unknown: &'static str,
}

macro_rules! parts {
    ($name:literal) => {
        Parts {
            title: concat!($name, "-alert-title"),
            city_country: concat!($name, "-alert-city-country"),
            city: concat!($name, "-alert-city"),
            country: concat!($name, "-alert-country"),
            unknown: concat!($name, "-alert-unknown"),
        }
    };
}

impl Asking {
    const fn parts(self) -> Parts {
        match self {
            Self::Code => parts!("sign-in"),
            Self::CodeByMail => parts!("sign-in-mailed"),
            Self::StepUp => parts!("step-up"),
        }
    }
}

impl Letters {
    /// Tells of a device that wants something: which, from about where, and what.
    ///
    /// # Errors
    /// When a message of the language is missing.
    pub fn alert(
        &self,
        asking: Asking,
        asker: &Asker,
        language: Language,
    ) -> Result<Alert, Unspoken> {
        let speaker = Speaker { words: &self.words, language };
        let parts = asking.parts();
        let device = speaker.asking_device(asker)?;
        let city = asker.city.as_deref().map(|it| as_text(bounded(it)));
        let country = asker.country.as_deref().map(|it| as_text(bounded(it)));
        let city = city.as_deref().map(|it| ("city", Text(it)));
        let country = country.as_deref().map(|it| ("country", Text(it)));
        let body = match (&city, &country) {
            (Some(_), Some(_)) => parts.city_country,
            (Some(_), None) => parts.city,
            (None, Some(_)) => parts.country,
            (None, None) => parts.unknown,
        };
        let device = Some(("device", Text(&device)));
        let arguments: Vec<_> = [device, city, country].into_iter().flatten().collect();
        Ok(Alert {
            title: speaker.plain(parts.title)?,
            body: self.words.say(language, body, &arguments)?,
        })
    }
}
