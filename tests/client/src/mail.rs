//! A mail as the local stack caught it.

use serde::Deserialize;
use serde_json::Value;

/// What the link behind "It wasn't me" leads to; the token follows.
const REPORT_PAGE: &str = "/v1/security-reports#";

/// One captured mail.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Mail {
    /// The sending service's identifier.
    pub id: String,
    /// When it was sent (RFC 3339).
    pub at: String,
    /// Whom it went to.
    pub to: Value,
    /// Whom it came from.
    pub from: String,
    /// Its subject, which never holds a code.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML.
    pub html: String,
    /// Its headers and tags by name.
    pub headers: Value,
}

impl Mail {
    /// The code in it: the line that is nothing but six or eight digits.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        code_from(&self.text)
    }

    /// The token behind "It wasn't me", where the mail has such a link.
    #[must_use]
    pub fn report_token(&self) -> Option<&str> {
        let leads_there = |line: &&str| line.contains(REPORT_PAGE);
        let found = self.text.lines().map(str::trim).find(leads_there)?;
        found.split_once(REPORT_PAGE).map(|(_, token)| token)
    }
}

/// The line of a text that is nothing but six or eight ASCII digits.
#[must_use]
pub fn code_from(text: &str) -> Option<String> {
    let is_code =
        |line: &&str| matches!(line.len(), 6 | 8) && line.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}

/// A code that isn't `code`, however it is counted on: `by` further, with as many digits.
///
/// Anything that isn't a number comes back as it is, and so do steps of a whole round.
#[must_use]
pub fn wrong_code(code: &str, by: u64) -> String {
    let width = code.len();
    let codes = u32::try_from(width).ok().and_then(|width| 10_u64.checked_pow(width));
    match (code.parse::<u64>(), codes) {
        (Ok(number), Some(codes)) => format!("{:0width$}", (number + by % codes) % codes),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_line_of_six_digits_and_nothing_else() {
        let text = "Call 555123 for help.\r\n\r\n  004217  \r\n\r\nIt is valid for 300000 years.";
        assert_eq!(code_from(text).as_deref(), Some("004217"));
    }

    #[test]
    fn a_wrong_code_looks_just_like_a_right_one() {
        assert_eq!(wrong_code("123456", 1), "123457");
        assert_eq!(wrong_code("999999", 1), "000000");
        assert_eq!(wrong_code("00000009", 200), "00000209");
    }

    #[test]
    fn a_mail_without_such_a_line_has_no_code() {
        for text in ["", "12345", "1234567", "123 456", "١٢٣٤٥٦", "Your code: 123456"] {
            assert_eq!(code_from(text), None, "{text}");
        }
    }
}
