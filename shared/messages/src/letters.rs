//! Letters: what a message says, before anything is said about how it travels.
//!
//! Text and HTML are two layouts of one content, so neither can say what the other doesn't.

mod alert;
mod content;
pub(crate) mod shown;

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use postern_domain::codes::Code;
use postern_events::message::MessageKind;
use postern_events::vocabulary::Platform;

use self::content::Content;
use crate::language::Language;
use crate::words::{BadWords, Unspoken, Words};

pub use self::alert::Alert;

/// The layout for mail programs that show plain text.
const TEXT: (&str, &str) = ("letter.txt", include_str!("../templates/letter.txt"));
/// The layout for all others; its name makes every value be escaped.
const HTML: (&str, &str) = ("letter.html", include_str!("../templates/letter.html"));

/// Who asked for something, from where, and when. Its `Debug` shows only when.
#[derive(Clone)]
pub struct Asker {
    /// What its owner calls the device, where the reader should see that.
    pub device: Option<String>,
    /// The device's kind.
    pub platform: Platform,
    /// The country that the address suggests (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The city that the address suggests.
    pub city: Option<String>,
    /// The address, where it is still known.
    pub ip: Option<IpAddr>,
    /// When.
    pub at: Timestamp,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asker(at {})", self.at)
    }
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum Letter {
    /// The code that completes a registration.
    RegistrationCode {
        /// The code.
        code: Code,
        /// When it stops being accepted.
        expires_at: Timestamp,
        /// Who asked for it.
        asker: Asker,
    },
    /// The code that completes a sign-in.
    SignInCode {
        /// The code.
        code: Code,
        /// When it stops being accepted.
        expires_at: Timestamp,
        /// Who asked for it.
        asker: Asker,
    },
    /// Somebody tried to register an address that has an account.
    RegistrationAttempt {
        /// Who tried. Anybody can make Postern send this letter to anybody, so it should name no
        /// device: a name is free text, and would carry a stranger's words.
        asker: Asker,
    },
    /// A new device has signed in.
    NewDevice {
        /// The device that did.
        asker: Asker,
    },
}

impl Letter {
    /// What the log calls it.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::RegistrationCode { .. } => MessageKind::RegistrationCode,
            Self::SignInCode { .. } => MessageKind::SignInCode,
            Self::RegistrationAttempt { .. } => MessageKind::RegistrationAttempt,
            Self::NewDevice { .. } => MessageKind::NewDevice,
        }
    }
}

/// A letter in one language. Its `Debug` shows only that.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject, without anything secret or personal.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The page of HTML.
    pub html: String,
    /// The language.
    pub language: Language,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({:?})", self.language)
    }
}

/// Why the letters can't be made ready; only a broken build has one.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A language file.
    #[error("the languages can't be read")]
    Words(#[from] BadWords),
    /// A template.
    #[error("the templates can't be read")]
    Template(#[from] minijinja::Error),
}

/// Why a letter was not written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// Words are missing.
    #[error("a letter lacks words")]
    Words(#[from] Unspoken),
    /// A template does not fit its content.
    #[error("a letter has no layout")]
    Template(#[from] minijinja::Error),
}

/// Writes letters: every language and every layout, read once.
pub struct Letters {
    words: Words,
    layouts: Environment<'static>,
}

impl Letters {
    /// Reads what is built in; nothing is looked for in the working directory.
    ///
    /// # Errors
    /// When a language file or a template is broken.
    pub fn new() -> Result<Self, Unreadable> {
        let mut layouts = Environment::new();
        layouts.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        layouts.set_syntax(syntax.build()?);
        for (name, source) in [TEXT, HTML] {
            layouts.add_template(name, source)?;
        }
        Ok(Self { words: Words::new()?, layouts })
    }

    /// Writes a letter. The same letter is always written the same way.
    ///
    /// # Errors
    /// When a message of the language or a part of a layout is missing.
    pub fn write(&self, letter: &Letter, language: Language) -> Result<Written, Unwritten> {
        let content = Content::of(letter, &self.words, language)?;
        let values = Value::from(Serde(&content));
        let lay_out = |name| self.layouts.get_template(name)?.render(&values);
        Ok(Written {
            text: lay_out(TEXT.0)?,
            html: lay_out(HTML.0)?,
            subject: content.subject,
            language,
        })
    }
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters(..)")
    }
}

#[cfg(test)]
mod tests;
