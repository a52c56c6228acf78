//! One language's words for what letters and alerts tell of.

use std::net::IpAddr;

use jiff::Timestamp;
use postern_events::vocabulary::Platform;
use postern_words::language::Language;
use postern_words::words::Argument::{Number, Text};
use postern_words::words::{Unspoken, Words};

use super::content::Fact;
use super::letter::{Act, Asker};
use super::outline::{Outline, Who};
use super::shown::{as_text, bounded};

/// Speaks one language.
pub(super) struct Speaker<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
}

impl Speaker<'_> {
    pub(super) fn plain(&self, message: &str) -> Result<String, Unspoken> {
        self.words.say(self.language, message, &[])
    }

    /// What has happened.
    pub(super) fn intro(&self, outline: &Outline<'_>) -> Result<String, Unspoken> {
        let Some(until) = outline.until else { return self.plain(outline.intro) };
        let until = self.time(until)?;
        self.words.say(self.language, outline.intro, &[("until", Text(&until))])
    }

    /// Counted from the request and not from the sending, so that a letter that has to be sent
    /// twice is twice the same; the end beside it stays true however late it comes.
    pub(super) fn life(&self, outline: &Outline<'_>) -> Result<Option<String>, Unspoken> {
        let Some((_, expires_at)) = outline.code else { return Ok(None) };
        let asked_at = match outline.who {
            Who::Asker(asker) => asker.at,
            Who::Act(act) => act.at,
        };
        let minutes = expires_at.duration_since(asked_at).as_mins().max(0);
        let until = self.time(expires_at)?;
        let arguments = [("minutes", Number(minutes)), ("until", Text(&until))];
        self.words.say(self.language, "code-life", &arguments).map(Some)
    }

    pub(super) fn facts(&self, outline: &Outline<'_>) -> Result<Vec<Fact>, Unspoken> {
        let mut facts = Vec::new();
        let mut add = |label: &str, value: Option<String>, figures: bool| {
            if let Some(value) = value {
                let dir = if figures { "ltr" } else { "auto" };
                facts.push(Fact { label: self.plain(label)?, value, dir });
            }
            Ok(())
        };
        if let Some((name, platform)) = outline.removed {
            add("fact-removed", self.device(name, platform)?, false)?;
        }
        let new_hint = outline.new_hint.map(as_text);
        add("fact-new-address", new_hint, true)?;
        let (device, place, ip, at) = match outline.who {
            Who::Asker(asker) => self.asker(asker)?,
            Who::Act(act) => self.act(act)?,
        };
        add("fact-device", device, false)?;
        add("fact-place", place, false)?;
        let known = match outline.who {
            Who::Asker(asker) => asker.ip.is_some(),
            Who::Act(_) => true,
        };
        add("fact-ip", ip, known)?;
        add("fact-time", Some(self.time(at)?), true)?;
        Ok(facts)
    }

    /// Device, place, address and time, each of them said, but for a device that told nothing.
    fn asker(&self, asker: &Asker) -> Result<Known, Unspoken> {
        let device = self.device(asker.device.as_deref(), asker.platform)?;
        let place = self.place(asker.city.as_deref(), asker.country.as_deref())?;
        let place = place.map_or_else(|| self.plain("place-unknown"), Ok)?;
        let ip = asker.ip.as_ref().map(IpAddr::to_string);
        let ip = ip.map_or_else(|| self.plain("ip-unknown"), Ok)?;
        Ok((device, Some(place), Some(ip), asker.at))
    }

    /// The same, as far as they are known.
    fn act(&self, act: &Act) -> Result<Known, Unspoken> {
        let device = self.device(act.device.as_deref(), act.platform)?;
        let place = self.place(act.city.as_deref(), act.country.as_deref())?;
        Ok((device, place, act.ip.as_ref().map(IpAddr::to_string), act.at))
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

    fn device(
        &self,
        name: Option<&str>,
        platform: Option<Platform>,
    ) -> Result<Option<String>, Unspoken> {
        let platform = platform.map(|it| self.platform(it)).transpose()?;
        match (name, platform) {
            (Some(name), Some(platform)) => self.named(name, &platform).map(Some),
            (Some(name), None) => {
                let name = as_text(name);
                self.words.say(self.language, "device-name", &[("name", Text(&name))]).map(Some)
            }
            (None, platform) => Ok(platform),
        }
    }

    /// A device where it begins a sentence and room is scarce.
    pub(super) fn asking_device(&self, asker: &Asker) -> Result<String, Unspoken> {
        let platform = self.platform(asker.platform.unwrap_or(Platform::Other))?;
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

    fn place(&self, city: Option<&str>, country: Option<&str>) -> Result<Option<String>, Unspoken> {
        let (city, country) = (city.map(as_text), country.map(as_text));
        let city = city.as_deref().map(|it| ("city", Text(it)));
        let country = country.as_deref().map(|it| ("country", Text(it)));
        let message = match (&city, &country) {
            (Some(_), Some(_)) => "place-city-country",
            (Some(_), None) => "place-city",
            (None, Some(_)) => "place-country",
            (None, None) => return Ok(None),
        };
        let arguments: Vec<_> = city.into_iter().chain(country).collect();
        self.words.say(self.language, message, &arguments).map(Some)
    }

    /// In UTC, to the minute: the reader's own time zone isn't known.
    pub(super) fn time(&self, at: Timestamp) -> Result<String, Unspoken> {
        let date = at.strftime("%Y-%m-%d").to_string();
        let time = at.strftime("%H:%M").to_string();
        self.words.say(self.language, "time-utc", &[("date", Text(&date)), ("time", Text(&time))])
    }
}

/// Device, place, address and time.
type Known = (Option<String>, Option<String>, Option<String>, Timestamp);
