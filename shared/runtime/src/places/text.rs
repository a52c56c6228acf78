//! What may be called a country or a city. Whoever names one, people read it in mails and lists.

/// Longer than the names of cities are; the same as for a device's model.
const CITY_CHARACTERS: usize = 64;
/// Codes in use for "unknown", which ISO 3166-1 leaves free for such purposes.
const UNKNOWN: [&str; 2] = ["XX", "ZZ"];

/// The code of a country, in upper case; none if it is of another form or stands for no country.
pub(super) fn country(text: &str) -> Option<String> {
    let has_form = text.len() == 2 && text.bytes().all(|it| it.is_ascii_alphabetic());
    let code = has_form.then(|| text.to_ascii_uppercase())?;
    (!UNKNOWN.contains(&code.as_str())).then_some(code)
}

/// The name of a city on one line; none if it is empty, too long, or could make what stands around
/// it read as something else.
pub(super) fn city(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= CITY_CHARACTERS;
    let harmless = !text.chars().any(|it| it.is_control() || turns_text(it));
    (fits && harmless).then(|| name.to_owned())
}

/// Line separators and the bidirectional controls (Unicode UAX #9).
fn turns_text(c: char) -> bool {
    matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters_in_upper_case() {
        assert_eq!(country("cz").as_deref(), Some("CZ"));
        assert_eq!(country("XK").as_deref(), Some("XK"));
        for text in ["", "C", "CZE", "C1", "č", " CZ", "CZ,DE", "XX", "zz"] {
            assert_eq!(country(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_city_is_one_bounded_line_that_turns_no_text() {
        assert_eq!(city(" Saint-Étienne ").as_deref(), Some("Saint-Étienne"));
        let longest = "ž".repeat(CITY_CHARACTERS);
        assert_eq!(city(&longest), Some(longest.clone()));
        for text in ["", "  ", "a\nb", "a\u{0}", "a\u{7f}", "a\u{202e}b", "\u{2066}a", "a\u{2028}"]
        {
            assert_eq!(city(text), None, "{text:?}");
        }
        assert_eq!(city(&format!("{longest}ž")), None);
    }
}
