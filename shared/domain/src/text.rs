//! Bounded text from outside: what a device is called, which language a person reads.

use postern_events::vocabulary::DeviceDescription;
use unicode_segmentation::UnicodeSegmentation;

/// A name that fits a line of a list.
pub const NAME_GRAPHEMES: usize = 40;
/// One grapheme can be arbitrarily long; this bounds what is stored.
const NAME_BYTES: usize = 1_024;
/// Makers' names are short.
pub const MODEL_CHARACTERS: usize = 64;
/// So are version numbers.
pub const OS_VERSION_CHARACTERS: usize = 32;
/// BCP 47 (RFC 5646, 4.4.1) asks for 35 at least.
const LOCALE_CHARACTERS: usize = 35;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// It is empty or only white space.
    #[error("must not be empty")]
    Empty,
    /// It is too long.
    #[error("is too long")]
    TooLong,
    /// It holds a control character or one that turns the direction of text.
    #[error("must not contain control characters")]
    Control,
    /// It is not of the form asked for.
    #[error("has not the expected form")]
    Form,
}

/// Which part of a device's description is refused, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{member} {why}")]
pub struct BadDevice {
    /// The member's name.
    pub member: &'static str,
    /// What is wrong with it.
    pub why: BadText,
}

/// Takes a device's name: 1 to 40 graphemes on one line.
///
/// # Errors
/// When it is empty, longer, or holds control characters.
pub fn device_name(text: &str) -> Result<String, BadText> {
    let name = shown(text)?;
    let too_long = name.len() > NAME_BYTES || name.graphemes(true).count() > NAME_GRAPHEMES;
    if too_long { Err(BadText::TooLong) } else { Ok(name.to_owned()) }
}

/// Takes a device's description as its app gives it.
///
/// # Errors
/// When one of its texts is refused; the first is named.
pub fn device_description(
    name: &str,
    model: &str,
    os_version: &str,
) -> Result<DeviceDescription, BadDevice> {
    let bounded = |text: &str, limit: usize| {
        let text = shown(text)?;
        if text.chars().count() > limit { Err(BadText::TooLong) } else { Ok(text.to_owned()) }
    };
    let at = |member| move |why| BadDevice { member, why };
    Ok(DeviceDescription {
        name: device_name(name).map_err(at("name"))?,
        model: bounded(model, MODEL_CHARACTERS).map_err(at("model"))?,
        os_version: bounded(os_version, OS_VERSION_CHARACTERS).map_err(at("os_version"))?,
    })
}

/// Takes a language tag of the form of BCP 47.
///
/// # Errors
/// When it is of another form.
pub fn locale(text: &str) -> Result<String, BadText> {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let rest_fits = subtags
        .all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    let fits = is_language && rest_fits && text.len() <= LOCALE_CHARACTERS;
    if fits { Ok(text.to_owned()) } else { Err(BadText::Form) }
}

/// Text that can be shown on one line: not blank, no control or direction characters.
fn shown(text: &str) -> Result<&str, BadText> {
    let trimmed = text.trim();
    if text.chars().any(|c| c.is_control() || turns_text(c)) {
        Err(BadText::Control)
    } else if trimmed.chars().all(|c| c.is_whitespace() || shows_nothing(c)) {
        Err(BadText::Empty)
    } else {
        Ok(trimmed)
    }
}

/// Line separators and the bidirectional controls (Unicode UAX #9), which could make a name read
/// as something else.
fn turns_text(c: char) -> bool {
    matches!(
        c,
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Characters that take part in others' shapes and show nothing by themselves (Unicode's
/// default-ignorable code points): a name of nothing else could not be told from no name.
fn shows_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_counted_in_graphemes() {
        assert!(device_name(&"👩‍👩‍👧".repeat(40)).is_ok());
        assert_eq!(device_name(&"a".repeat(41)), Err(BadText::TooLong));
        let stacked = format!("a{}", "\u{301}".repeat(600));
        assert_eq!(device_name(&stacked), Err(BadText::TooLong));
    }

    #[test]
    fn a_name_may_look_like_markup_but_not_turn_the_text() {
        assert_eq!(device_name(" <b>Ada's</b> ").as_deref(), Ok("<b>Ada's</b>"));
        for text in ["a\nb", "a\u{0}b", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(device_name(text), Err(BadText::Control), "{text:?}");
        }
        for text in ["  ", "\u{200b}", "\u{2060}\u{ad} ", "\u{3164}"] {
            assert_eq!(device_name(text), Err(BadText::Empty), "{text:?}");
        }
    }

    #[test]
    fn a_description_names_the_member_that_is_wrong() {
        let refused = device_description("Phone", &"m".repeat(65), "18.1");
        assert_eq!(refused, Err(BadDevice { member: "model", why: BadText::TooLong }));
    }

    #[test]
    fn a_locale_has_the_form_of_a_language_tag() {
        for good in ["en", "cs-CZ", "zh-Hant-TW"] {
            assert_eq!(locale(good).as_deref(), Ok(good));
        }
        for bad in ["", "e", "english", "en_US", "en-", "../etc", "en-US-x-0123456789"] {
            assert_eq!(locale(bad), Err(BadText::Form), "{bad}");
        }
    }
}
