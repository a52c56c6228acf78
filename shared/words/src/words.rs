//! Every language's messages, ready to be spoken.

use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::language::Language;

/// Why the languages could not be read; only a broken build has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the messages in {language} are broken: {why}")]
pub struct BadWords {
    language: &'static str,
    why: String,
}

/// A message can't be spoken: it is missing, or something that it needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message {message:?} can't be spoken in {language}")]
pub struct Unspoken {
    message: String,
    language: &'static str,
    #[source]
    why: Option<BadWords>,
}

/// What a message is filled with.
#[derive(Clone, Copy)]
pub enum Argument<'a> {
    /// Text, which stays text whatever it looks like.
    Text(&'a str),
    /// A number, which the words around it agree with.
    Number(i64),
}

/// A language's messages.
type Bundle = FluentBundle<FluentResource>;

/// The messages of all languages. Each is read when it is first spoken: a process that starts speaks
/// none yet, and most never speak all.
pub struct Words(Vec<(Language, OnceLock<Result<Bundle, BadWords>>)>);

impl Words {
    /// What is built in; nothing is looked for in the working directory.
    #[must_use]
    pub fn new() -> Self {
        Self(Language::all().map(|language| (language, OnceLock::new())).collect())
    }

    /// Says a message, filled with the arguments that it names.
    ///
    /// # Errors
    /// When the message or one of its arguments is missing.
    pub fn say(
        &self,
        language: Language,
        message: &str,
        arguments: &[(&str, Argument<'_>)],
    ) -> Result<String, Unspoken> {
        let broken = |why| Unspoken { message: message.to_owned(), language: language.tag(), why };
        let unspoken = || broken(None);
        let found = self.0.iter().find(|(known, _)| *known == language);
        let (_, bundle) = found.ok_or_else(unspoken)?;
        let bundle = spoken(language, bundle).map_err(|why| broken(Some(why)))?;
        let pattern = bundle.get_message(message).and_then(|it| it.value());
        let pattern = pattern.ok_or_else(unspoken)?;
        let mut given = FluentArgs::new();
        for (name, argument) in arguments {
            match argument {
                Argument::Text(text) => given.set(*name, *text),
                Argument::Number(number) => given.set(*name, *number),
            }
        }
        let mut errors = Vec::new();
        let spoken = bundle.format_pattern(pattern, Some(&given), &mut errors);
        if errors.is_empty() { Ok(spoken.into_owned()) } else { Err(unspoken()) }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

/// A language's messages, read if they weren't yet.
fn spoken(
    language: Language,
    bundle: &OnceLock<Result<Bundle, BadWords>>,
) -> Result<&Bundle, BadWords> {
    bundle.get_or_init(|| read(language)).as_ref().map_err(Clone::clone)
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(..)")
    }
}

/// An argument can be somebody's name: its `Debug` shows nothing of it.
impl fmt::Debug for Argument<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Argument(..)")
    }
}

fn read(language: Language) -> Result<Bundle, BadWords> {
    let bad = |why: String| BadWords { language: language.tag(), why };
    let tag: LanguageIdentifier =
        language.tag().parse().map_err(|_| bad("its tag is not a language tag".to_owned()))?;
    let resource = FluentResource::try_new(language.words().to_owned())
        .map_err(|(_, errors)| bad(format!("{errors:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks around values are invisible, but programs that copy or search text trip over them.
    // From right to left nothing else keeps a name or a number from tearing its sentence apart
    // (Unicode's bidirectional algorithm, UAX 9).
    bundle.set_use_isolating(language.is_rtl());
    bundle.add_resource(resource).map_err(|errors| bad(format!("{errors:?}")))?;
    Ok(bundle)
}

#[cfg(test)]
mod tests;
