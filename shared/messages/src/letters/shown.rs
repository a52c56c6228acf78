//! Text of other people's making, shown as the text that it is.

/// Unicode's WORD JOINER: it has no width, no glyph, and ends what a program takes for a link.
const WORD_JOINER: char = '\u{2060}';

/// Breaks what a mail program would turn into a link or an address, without changing what is seen.
///
/// Escaping keeps markup from being markup, but programs also look for `www.`, `http://` and `@`
/// in what is shown, in HTML and plain text alike. A word joiner behind each sign that holds such
/// a thing together ends it for the program and is invisible to the reader. The visible ways
/// (`evil[.]example`) would spoil an honest “J.R.’s phone”. Signs at a word's end stay as they
/// are, they hold nothing together. Control characters, which no name is stored with, become
/// spaces, so that a value can never make a line of its own.
pub(super) fn as_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        shown.push(if c.is_control() { ' ' } else { c });
        let holds_together = matches!(c, '.' | ':' | '/' | '@' | '\u{3002}' | '\u{ff0e}');
        if holds_together && rest.peek().is_some_and(|next| !next.is_whitespace()) {
            shown.push(WORD_JOINER);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_become_a_link_is_broken_at_every_joint() {
        let shown = as_text("http://evil.example/a@b");
        for link in ["http:/", "//", "evil.example", "a@b", ".example", "/a"] {
            assert!(!shown.contains(link), "{link}");
        }
        assert_eq!(shown.replace(WORD_JOINER, ""), "http://evil.example/a@b");
    }

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        for name in ["Ada’s phone", "Dr. Ada", "Pixel 9", "<b>bold</b", "Нина"] {
            let joined = as_text(name);
            assert_eq!(joined.replace(WORD_JOINER, ""), name);
        }
        assert_eq!(as_text("Dr. Ada’s phone"), "Dr. Ada’s phone");
    }

    #[test]
    fn a_value_makes_no_line_of_its_own() {
        assert_eq!(as_text("a\r\n123456"), "a  123456");
    }
}
