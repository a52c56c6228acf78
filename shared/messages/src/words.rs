//! Every language's messages, ready to be spoken.

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
    message: &'static str,
    language: &'static str,
}

/// The messages of all languages.
pub(crate) struct Words(Vec<(Language, FluentBundle<FluentResource>)>);

impl Words {
    pub(crate) fn new() -> Result<Self, BadWords> {
        Language::all()
            .map(|language| Ok((language, read(language)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Says `message`; a personal value among the arguments stays text, whatever it looks like.
    pub(crate) fn say(
        &self,
        language: Language,
        message: &'static str,
        arguments: &[(&'static str, Argument<'_>)],
    ) -> Result<String, Unspoken> {
        let unspoken = Unspoken { message, language: language.tag() };
        let found = self.0.iter().find(|(known, _)| *known == language);
        let bundle = found.map(|(_, bundle)| bundle).ok_or_else(|| unspoken.clone())?;
        let pattern = bundle.get_message(message).and_then(|it| it.value());
        let pattern = pattern.ok_or_else(|| unspoken.clone())?;
        let mut given = FluentArgs::new();
        for (name, argument) in arguments {
            match argument {
                Argument::Text(text) => given.set(*name, *text),
                Argument::Number(number) => given.set(*name, *number),
            }
        }
        let mut errors = Vec::new();
        let spoken = bundle.format_pattern(pattern, Some(&given), &mut errors);
        if errors.is_empty() { Ok(spoken.into_owned()) } else { Err(unspoken) }
    }
}

/// What a message is filled with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument<'a> {
    Text(&'a str),
    Number(i64),
}

fn read(language: Language) -> Result<FluentBundle<FluentResource>, BadWords> {
    let bad = |why: String| BadWords { language: language.tag(), why };
    let tag: LanguageIdentifier =
        language.tag().parse().map_err(|_| bad("its tag is not a language tag".to_owned()))?;
    let resource = FluentResource::try_new(language.words().to_owned())
        .map_err(|(_, errors)| bad(format!("{errors:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks around values are invisible, but clients that copy or search text trip over them;
    // the HTML isolates values itself.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| bad(format!("{errors:?}")))?;
    Ok(bundle)
}
