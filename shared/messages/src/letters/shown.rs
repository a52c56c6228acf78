//! Text of other people's making, shown as the text that it is.

use postern_domain::text::NAME_GRAPHEMES;
use unicode_segmentation::UnicodeSegmentation as _;

/// A grapheme can be arbitrarily long; this bounds what a carrier has to take of a name, which
/// stands in a push twice, while Apple's and Google's services take 4,096 bytes in all.
const NAME_BYTES: usize = 768;
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

/// The beginning of a name, cut where a reader sees a character end.
pub(crate) fn bounded(name: &str) -> &str {
    let ends = name.grapheme_indices(true).map(|(start, it)| start + it.len());
    let fitting = ends.take(NAME_GRAPHEMES).take_while(|end| *end <= NAME_BYTES);
    &name[..fitting.last().unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_between_two_characters_and_never_within_one() {
        assert_eq!(bounded("Ada’s phone"), "Ada’s phone");
        assert_eq!(bounded(&"👩‍👩‍👧".repeat(41)), "👩‍👩‍👧".repeat(40));
        let stacked = format!("a{}", "\u{301}".repeat(400));
        assert_eq!(bounded(&format!("b{stacked}")), "b");
    }

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
