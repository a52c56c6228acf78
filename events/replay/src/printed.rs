//! Text from the log as a terminal may be shown it: whoever may append a commit chooses what it says, and a
//! terminal obeys some of that.

use std::borrow::Cow;

/// Text that stands within one line.
#[must_use]
pub fn in_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// Text of several lines, each of which is ours.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |it| it != '\n' && is_obeyed(it))
}

/// Whether a terminal does anything with it but to draw it where it stands.
fn is_obeyed(it: char) -> bool {
    let separates = matches!(it, '\u{2028}' | '\u{2029}');
    // These turn the direction of what follows (Unicode Standard Annex 9, section 2).
    let turns = matches!(
        it,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    it.is_control() || separates || turns
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() * 2);
    for it in text.chars() {
        if is_escaped(it) {
            safe.extend(it.escape_default());
        } else {
            safe.push(it);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let planted = "a\u{1b}[2J\r\n\t\u{7}\u{7f}\u{9b}1A\u{202e}\u{2028}b";
        let due = r"a\u{1b}[2J\r\n\t\u{7}\u{7f}\u{9b}1A\u{202e}\u{2028}b";
        assert_eq!(in_line(planted), due);
        assert_eq!(lines("one\ntwo\u{1b}c\r"), "one\ntwo\\u{1b}c\\r");
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for text in ["", "account/acc_1", "Küchen-Tablet 👩‍🍳 \"x\" 'y' \\n", "שלום"] {
            assert!(matches!(in_line(text), Cow::Borrowed(it) if it == text), "{text}");
            assert!(matches!(lines(text), Cow::Borrowed(it) if it == text), "{text}");
        }
    }
}
