//! Letters: what a message says, before anything is said about how it travels.
//!
//! Text and HTML are two layouts of one content, so neither can say what the other doesn't.

mod alert;
mod content;
mod letter;
mod outline;
pub(crate) mod shown;
mod speaker;
mod support;

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use postern_words::language::Language;
use postern_words::words::{Unspoken, Words};
use serde::Serialize;

use self::content::Content;
use self::outline::Told;
use self::speaker::Speaker;

pub use self::alert::{Alert, Asking};
pub use self::letter::{Act, Asker, LetIn, Letter, Removal};
pub use self::support::{Attached, Delivered, SupportRequest};

/// One kind of letter's layouts: for mail programs that show plain text, and for all others. The
/// name of the second makes every value in it be escaped.
struct Layouts {
    text: &'static str,
    html: &'static str,
}

/// To an owner.
const LETTER: Layouts = Layouts { text: "letter.txt", html: "letter.html" };
/// To support.
const SUPPORT: Layouts = Layouts { text: "support.txt", html: "support.html" };
/// Every layout with its source; HTML is made of MJML when the crate is built.
const SOURCES: [(&str, &str); 4] = [
    (LETTER.text, include_str!("../templates/letter.txt")),
    (LETTER.html, include_str!(concat!(env!("OUT_DIR"), "/letter.html"))),
    (SUPPORT.text, include_str!("../templates/support.txt")),
    (SUPPORT.html, include_str!(concat!(env!("OUT_DIR"), "/support.html"))),
];

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
    /// When a template is broken.
    pub fn new() -> Result<Self, Unreadable> {
        let mut layouts = Environment::new();
        layouts.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        layouts.set_syntax(syntax.build()?);
        layouts.add_filter("link", link);
        for (name, source) in SOURCES {
            layouts.add_template(name, source)?;
        }
        Ok(Self { words: Words::new(), layouts })
    }

    /// Writes a letter. The same letter is always written the same way.
    ///
    /// # Errors
    /// When a message of the language or a part of a layout is missing.
    pub fn write(&self, letter: &Letter, language: Language) -> Result<Written, Unwritten> {
        match outline::of(letter) {
            Told::Owner(outline) => {
                let speaker = Speaker { words: &self.words, language };
                let content = Content::of(&outline, &speaker)?;
                self.lay_out(&LETTER, &content, content.subject.clone(), language)
            }
            Told::Support(request) => {
                let content = support::Content::of(request);
                let language = Language::fallback();
                self.lay_out(&SUPPORT, &content, content.subject.clone(), language)
            }
        }
    }

    fn lay_out<C: Serialize>(
        &self,
        layouts: &Layouts,
        content: &C,
        subject: String,
        language: Language,
    ) -> Result<Written, Unwritten> {
        let values = Value::from(Serde(content));
        let lay_out = |name| self.layouts.get_template(name)?.render(&values);
        Ok(Written {
            text: lay_out(layouts.text)?,
            html: lay_out(layouts.html)?,
            subject,
            language,
        })
    }
}

/// An address as an attribute holds it. Everything that could end the attribute is escaped, and
/// nothing else, so that whoever looks for the link finds it as it is written.
fn link(address: &str) -> Value {
    let escaped = address.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Value::from_safe_string(escaped.replace('"', "&quot;").replace('\'', "&#x27;"))
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters(..)")
    }
}

#[cfg(test)]
mod tests;
