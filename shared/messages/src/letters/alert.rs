//! What a phone shows by itself: two lines that anybody near it can read.

use std::fmt;

use super::content::Speaker;
use super::shown::{as_text, bounded};
use super::{Asker, Letters};
use crate::language::Language;
use crate::words::Argument::Text;
use crate::words::Unspoken;

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

impl Letters {
    /// Tells of a device that wants to sign in: which, and from about where.
    ///
    /// # Errors
    /// When a message of the language is missing.
    pub fn sign_in_alert(&self, asker: &Asker, language: Language) -> Result<Alert, Unspoken> {
        let speaker = Speaker { words: &self.words, language };
        let device = speaker.asking_device(asker)?;
        let city = asker.city.as_deref().map(|it| as_text(bounded(it)));
        let country = asker.country.as_deref().map(|it| as_text(bounded(it)));
        let say = |message, place: &[(&'static str, &str)]| {
            let place = place.iter().map(|(name, value)| (*name, Text(value)));
            let arguments: Vec<_> = [("device", Text(&device))].into_iter().chain(place).collect();
            self.words.say(language, message, &arguments)
        };
        let body = match (&city, &country) {
            (Some(city), Some(country)) => {
                say("sign-in-alert-city-country", &[("city", city), ("country", country)])
            }
            (Some(city), None) => say("sign-in-alert-city", &[("city", city)]),
            (None, Some(country)) => say("sign-in-alert-country", &[("country", country)]),
            (None, None) => say("sign-in-alert-unknown", &[]),
        }?;
        Ok(Alert { title: self.words.say(language, "sign-in-alert-title", &[])?, body })
    }
}
