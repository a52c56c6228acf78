//! The app's version: a courtesy to its users, never a security control.

use std::fmt;
use std::str::FromStr;

/// Numbers a version has at most.
const NUMBERS: usize = 4;
/// Digits one of them has at most: enough for a date.
const DIGITS: usize = 9;

/// Two to four numbers; a missing one counts as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppVersion([u32; NUMBERS], usize);

/// A text that is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of two to four numbers")]
pub struct NotAVersion;

impl AppVersion {
    /// Whether it is at least `minimum`, compared number by number.
    #[must_use]
    pub fn reaches(&self, minimum: &Self) -> bool {
        self.0 >= minimum.0
    }
}

impl FromStr for AppVersion {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let parts: Vec<&str> = text.split('.').collect();
        if !(2..=NUMBERS).contains(&parts.len()) {
            return Err(NotAVersion);
        }
        let mut numbers = [0; NUMBERS];
        for (number, part) in numbers.iter_mut().zip(&parts) {
            let digits = (1..=DIGITS).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit());
            *number = part.parse().ok().filter(|_| digits).ok_or(NotAVersion)?;
        }
        Ok(Self(numbers, parts.len()))
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().take(self.1).map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(version: &str, minimum: &str) -> bool {
        let parse = |text: &str| text.parse::<AppVersion>().expect("a version");
        parse(version).reaches(&parse(minimum))
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        assert!(reaches("2.10", "2.3"));
        assert!(reaches("2.3", "2.3.0"));
        assert!(reaches("2.3.0.0", "2.3"));
        assert!(!reaches("2.2.9", "2.3"));
        assert!(!reaches("1.99.99", "2.3"));
    }

    #[test]
    fn what_is_not_two_to_four_numbers_is_no_version() {
        for text in [
            "",
            "2",
            "2.",
            ".3",
            "2.3.0.0.0",
            "2.3-beta",
            "v2.3",
            "2.-3",
            "2.+3",
            " 2.3",
            "2.٣",
            "2.1234567890",
        ] {
            assert_eq!(text.parse::<AppVersion>(), Err(NotAVersion), "{text}");
        }
    }
}
