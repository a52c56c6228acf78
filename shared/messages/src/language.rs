//! The languages that messages are written in.
//!
//! A further language is one file in `locales/` and one line in [`KNOWN`].

use std::fmt;

/// A language as this crate carries it.
struct Known {
    tag: &'static str,
    direction: &'static str,
    words: &'static str,
}

/// Every language there is; the first is the one that everybody falls back to.
static KNOWN: [Known; 1] =
    [Known { tag: "en", direction: "ltr", words: include_str!("../locales/en.ftl") }];

/// A language that messages can be written in.
#[derive(Clone, Copy)]
pub struct Language(&'static Known);

impl Language {
    /// What is spoken where nothing better is known.
    #[must_use]
    pub fn fallback() -> Self {
        Self(&KNOWN[0])
    }

    /// Every language, the fallback first.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(Self)
    }

    /// The language for a tag (BCP 47), by the lookup of RFC 4647, 3.4: the tag itself, then the
    /// tag with one subtag fewer, and so on; in the end the fallback.
    #[must_use]
    pub fn negotiate(tag: &str) -> Self {
        Self::lookup(tag, &KNOWN).unwrap_or_else(Self::fallback)
    }

    fn lookup(tag: &str, known: &'static [Known]) -> Option<Self> {
        let mut range = tag;
        loop {
            let found = known.iter().find(|it| it.tag.eq_ignore_ascii_case(range));
            if found.is_some() {
                return found.map(Self);
            }
            range = range.rsplit_once('-')?.0;
            // A subtag of one letter only introduces the next one.
            if let Some((rest, last)) = range.rsplit_once('-')
                && last.len() == 1
            {
                range = rest;
            }
        }
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Its direction, as HTML's `dir` spells it.
    #[must_use]
    pub fn direction(self) -> &'static str {
        self.0.direction
    }

    /// Its messages, in Fluent's syntax.
    pub(crate) fn words(self) -> &'static str {
        self.0.words
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Eq for Language {}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOME: [Known; 3] = [
        Known { tag: "en", direction: "ltr", words: "" },
        Known { tag: "zh-Hant", direction: "ltr", words: "" },
        Known { tag: "ar", direction: "rtl", words: "" },
    ];

    fn lookup(tag: &str) -> Option<&'static str> {
        Language::lookup(tag, &SOME).map(Language::tag)
    }

    #[test]
    fn a_longer_tag_finds_the_longest_known_part_of_it() {
        assert_eq!(lookup("ar-EG"), Some("ar"));
        assert_eq!(lookup("ZH-hant-TW"), Some("zh-Hant"));
        assert_eq!(lookup("en-a-x-y"), Some("en"));
        assert_eq!(lookup("zh-Hans-CN"), None);
    }

    #[test]
    fn an_unknown_language_reads_english() {
        for tag in ["cs-CZ", "", "-", "x", "en_US"] {
            assert_eq!(Language::negotiate(tag).tag(), "en", "{tag:?}");
        }
    }
}
