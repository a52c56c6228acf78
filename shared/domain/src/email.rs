//! E-mail addresses: one spelling for mail, one for comparison.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// RFC 5321, 4.5.3.1.3: a path has at most 256 octets, two of them angle brackets.
pub const MAX_LENGTH: usize = 254;
/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 5322's atom characters besides letters and digits.
const ATOM_SIGNS: &str = "!#$%&'*+-/=?^_`{|}~";

/// A text that is not one e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnAddress;

/// An e-mail address. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Takes one address: no display name, list, comment, quoting, space or invisible character.
    /// The domain may be internationalised (IDNA); the local part is brought to NFC.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        if text.len() > MAX_LENGTH {
            return Err(NotAnAddress);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        let local: String = local.nfc().collect();
        let dots_apart = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom));
        if local.len() > MAX_LOCAL || !dots_apart {
            return Err(NotAnAddress);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| NotAnAddress)?;
        let labels: Vec<&str> = domain.split('.').collect();
        let last = labels.last().copied().unwrap_or_default();
        let is_name = labels.len() >= 2
            && labels.iter().all(|label| !label.is_empty())
            && !last.bytes().all(|b| b.is_ascii_digit());
        let address = Self { local, domain };
        if is_name && address.to_text().len() <= MAX_LENGTH {
            Ok(address)
        } else {
            Err(NotAnAddress)
        }
    }

    /// The spelling that mail goes to.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The spelling that addresses are compared by: the local part in lower case.
    #[must_use]
    pub fn normalised(&self) -> String {
        let local: String = self.local.to_lowercase().nfc().collect();
        format!("{local}@{}", self.domain)
    }

    /// Enough to recognise one's own address by, too little to learn another's.
    #[must_use]
    pub fn hint(&self) -> String {
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let (host, top) = self.domain.rsplit_once('.').unwrap_or((&self.domain, ""));
        format!("{}•••@{}•••.{top}", first(&self.local), first(host))
    }
}

fn is_atom(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || ATOM_SIGNS.contains(c)
    } else {
        c.is_alphanumeric()
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    fn normalised(text: &str) -> String {
        EmailAddress::parse(text).unwrap().normalised()
    }

    #[test]
    fn case_and_unicode_form_do_not_make_another_address() {
        assert_eq!(normalised("Ada@Example.COM"), "ada@example.com");
        assert_eq!(normalised("ada@bücher.example"), normalised("ADA@xn--bcher-kva.example"));
        assert_eq!(normalised("jose\u{301}@example.com"), normalised("josé@example.com"));
    }

    #[test]
    fn plus_tags_and_dots_make_another_address() {
        assert_ne!(normalised("ada+tag@example.com"), normalised("ada@example.com"));
        assert_ne!(normalised("a.da@example.com"), normalised("ada@example.com"));
    }

    #[test]
    fn mail_keeps_the_spelling_of_the_local_part() {
        assert_eq!(EmailAddress::parse("Ada@Example.com").unwrap().to_text(), "Ada@example.com");
    }

    #[test]
    fn what_is_not_exactly_one_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "ada@example..com",
            "ada@@example.com",
            "ada\u{ff20}example.com",
            "a da@example.com",
            "ada@exam ple.com",
            "ada@example.com,eve@example.com",
            "ada@example.com;eve@example.com",
            "Ada <ada@example.com>",
            "\"ada\"@example.com",
            "ada\u{200b}@example.com",
            "ada@exa\u{200b}mple.com\n",
            "ada\r\n@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "ada(x)@example.com",
            &long,
            "ada@-example.com",
            "ada@example.com.",
            "ada\u{202e}@example.com",
            "ada@ex_ample.com",
        ] {
            assert_eq!(EmailAddress::parse(text), Err(NotAnAddress), "{text}");
        }
    }

    #[test]
    fn a_hint_shows_first_letters_and_the_top_level() {
        assert_eq!(EmailAddress::parse("jane@example.com").unwrap().hint(), "j•••@e•••.com");
    }
}
