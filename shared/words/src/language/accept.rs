//! What a browser accepts: RFC 9110, 12.5.4.

use super::{Known, Language};

/// Wishes that are looked at. A browser sends fewer than ten; more would only cost time.
const WISHES: usize = 32;
/// The weight of a wish that says none, in thousandths.
const FULL: u16 = 1000;

/// One language range and how much it is wanted.
struct Wish<'a> {
    range: &'a str,
    /// In thousandths; nothing means that it is not wanted at all.
    weight: u16,
}

/// The most wanted of the known languages. A wish that can't be read is none.
pub(super) fn choose(header: &str, known: &'static [Known]) -> Option<Language> {
    let wishes = header.split(',').filter_map(Wish::read).take(WISHES);
    let (mut wanted, unwanted): (Vec<_>, Vec<_>) = wishes.partition(|it| it.weight > 0);
    // Stable: of two that are wanted alike the earlier one stays the first.
    wanted.sort_by_key(|it| FULL - it.weight);
    let refused = |language: Language| {
        unwanted.iter().any(|it| it.range.eq_ignore_ascii_case(language.tag()))
    };
    wanted.iter().find_map(|wish| {
        if wish.range == "*" {
            return known.iter().map(Language).find(|it| !refused(*it));
        }
        Language::lookup(wish.range, known).filter(|it| !refused(*it))
    })
}

impl<'a> Wish<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let range = parts.next().filter(|it| !it.is_empty())?;
        let weight = parts.next().map_or(Some(FULL), weight)?;
        parts.next().is_none().then_some(Self { range, weight })
    }
}

/// A weight as thousandths: `q=` and a number from 0 to 1 with three decimals at most.
fn weight(text: &str) -> Option<u16> {
    let (name, value) = text.split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = value.trim_start().split_once('.').unwrap_or((value.trim_start(), ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|b| b.is_ascii_digit());
    if !digits || !matches!(whole, "0" | "1") {
        return None;
    }
    let thousandths: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= FULL).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOME: &[Known] = &[
        Known { tag: "en", direction: "ltr", words: "" },
        Known { tag: "ar", direction: "rtl", words: "" },
        Known { tag: "cs", direction: "ltr", words: "" },
    ];

    fn chosen(header: &str) -> Option<&'static str> {
        choose(header, SOME).map(Language::tag)
    }

    #[test]
    fn the_most_wanted_language_that_there_is_wins() {
        assert_eq!(chosen("cs"), Some("cs"));
        assert_eq!(chosen("tlh, cs;q=0.8, en;q=0.9"), Some("en"));
        assert_eq!(chosen("en;q=0.25, AR-eg ; Q=0.251"), Some("ar"));
        assert_eq!(chosen("cs;q=0.5,ar;q=0.5,en;q=0.5"), Some("cs"));
        assert_eq!(chosen("tlh,sux;q=0.1"), None);
    }

    #[test]
    fn any_language_means_the_first_that_is_not_refused() {
        assert_eq!(chosen("*"), Some("en"));
        assert_eq!(chosen("tlh, *;q=0.1"), Some("en"));
        assert_eq!(chosen("*, EN;q=0"), Some("ar"));
        assert_eq!(chosen("cs;q=0.1, *;q=0"), Some("cs"));
        assert_eq!(chosen("ar-EG, ar;q=0.000"), None);
        assert_eq!(chosen("*;q=0"), None);
    }

    #[test]
    fn what_can_not_be_read_is_no_wish() {
        for bad in ["cs;q=2", "cs;q=1.001", "cs;q=-1", "cs;q=", "cs;q=.5", "cs;q=0.1234", "cs;v=1"]
        {
            assert_eq!(chosen(&format!("{bad}, ar;q=0.1")), Some("ar"), "{bad}");
        }
        assert_eq!(chosen("cs;q=0.5;q=1, ar;q=0.1"), Some("ar"));
        assert_eq!(chosen(",, ;q=1,\u{0},"), None);
        assert_eq!(Language::accept("").tag(), "en");
    }

    #[test]
    fn a_header_without_end_is_not_read_to_its_end() {
        let long = "tlh,".repeat(super::WISHES) + "cs";
        assert_eq!(chosen(&long), None);
    }
}
