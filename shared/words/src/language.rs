//! The languages there are, and which of them somebody reads.

mod accept;

use std::fmt;

/// A language as this crate carries it.
struct Known {
    tag: &'static str,
    direction: &'static str,
    words: &'static str,
}

/// Every language there is; the first is the one that everybody falls back to.
static KNOWN: &[Known] = include!(concat!(env!("OUT_DIR"), "/known.rs"));

/// A language that there are words in.
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
        Self::lookup(tag, KNOWN).unwrap_or_else(Self::fallback)
    }

    /// The language for an `Accept-Language` header (RFC 9110, 12.5.4): the most wanted one there
    /// is, the earlier of two that are wanted alike; in the end the fallback, since a person who
    /// reads none of them is still better told something than nothing.
    #[must_use]
    pub fn accept(header: &str) -> Self {
        accept::choose(header, KNOWN).unwrap_or_else(Self::fallback)
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

    /// Whether it is written from right to left.
    #[must_use]
    pub fn is_rtl(self) -> bool {
        self.direction() == "rtl"
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

    static SOME: &[Known] = &[
        Known { tag: "en", direction: "ltr", words: "" },
        Known { tag: "zh-Hant", direction: "ltr", words: "" },
        Known { tag: "ar", direction: "rtl", words: "" },
    ];

    fn lookup(tag: &str) -> Option<&'static str> {
        Language::lookup(tag, SOME).map(Language::tag)
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
        for tag in ["tlh-AQ", "", "-", "x", "en_US"] {
            assert_eq!(Language::negotiate(tag).tag(), "en", "{tag:?}");
        }
    }

    #[test]
    fn english_comes_first_and_each_file_says_its_direction() {
        assert_eq!(Language::all().next(), Some(Language::fallback()));
        assert_eq!(Language::fallback().tag(), "en");
        for (tag, direction) in [("en", "ltr"), ("cs", "ltr"), ("de", "ltr"), ("ar", "rtl")] {
            let language = Language::negotiate(tag);
            assert_eq!((language.tag(), language.direction()), (tag, direction));
        }
    }
}
