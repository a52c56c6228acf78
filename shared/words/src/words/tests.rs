#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};

use super::Argument::{Number, Text};
use super::*;

/// The names of the forms that words take beside numbers (CLDR).
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What a message is made of.
#[derive(Default)]
struct Makeup {
    variables: BTreeSet<String>,
    /// The keys of each choice, in their order.
    choices: Vec<BTreeSet<String>>,
    /// Its own words, without what it is filled with.
    text: String,
}

impl Makeup {
    fn of(pattern: &Pattern<&str>) -> Self {
        let mut makeup = Self::default();
        makeup.add(pattern);
        makeup
    }

    fn add(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text.push_str(value),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    self.name(inline);
                }
                PatternElement::Placeable {
                    expression: Expression::Select { selector, variants },
                } => {
                    self.name(selector);
                    let key = |key: &VariantKey<&str>| match key {
                        VariantKey::Identifier { name } => (*name).to_owned(),
                        VariantKey::NumberLiteral { value } => (*value).to_owned(),
                    };
                    self.choices.push(variants.iter().map(|it| key(&it.key)).collect());
                    for variant in variants {
                        self.add(&variant.value);
                    }
                }
            }
        }
    }

    fn name(&mut self, inline: &InlineExpression<&str>) {
        if let InlineExpression::VariableReference { id } = inline {
            self.variables.insert(id.name.to_owned());
        }
    }

    /// The forms that each choice between forms offers; a choice between anything else offers none.
    fn forms(&self) -> impl Iterator<Item = BTreeSet<&str>> {
        let number = |key: &str| key.bytes().all(|b| b.is_ascii_digit());
        let form = move |key: &String| number(key) || CATEGORIES.contains(&key.as_str());
        let choices = self.choices.iter().filter(move |keys| keys.iter().all(form));
        choices.map(move |keys| keys.iter().map(String::as_str).filter(|it| !number(it)).collect())
    }
}

/// Every message of a language's file.
fn messages(language: Language) -> BTreeMap<String, Makeup> {
    let resource = parser::parse(language.words()).map_err(|(_, errors)| errors).unwrap();
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let makeup = Makeup::of(message.value.as_ref().unwrap());
            let twice = found.insert(message.id.name.to_owned(), makeup);
            assert!(twice.is_none(), "{language:?} says {} twice", message.id.name);
        }
    }
    found
}

/// The forms that a language needs, found by asking for many numbers, whole and broken.
fn needed(language: Language) -> BTreeSet<&'static str> {
    let tag: LanguageIdentifier = language.tag().parse().unwrap();
    let rules = PluralRules::create(tag, PluralRuleType::CARDINAL).unwrap();
    let whole = (0..=200).map(|it| it.to_string());
    let others = ["0.5", "1.5", "2.5", "1000000"].map(str::to_owned);
    let categories = whole.chain(others).map(|it| rules.select(it.as_str()).unwrap());
    let name = |category| match category {
        PluralCategory::ZERO => "zero",
        PluralCategory::ONE => "one",
        PluralCategory::TWO => "two",
        PluralCategory::FEW => "few",
        PluralCategory::MANY => "many",
        PluralCategory::OTHER => "other",
    };
    categories.map(name).collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let english = messages(Language::fallback());
    for language in Language::all() {
        let theirs = messages(language);
        let names = |it: &BTreeMap<String, Makeup>| it.keys().cloned().collect::<BTreeSet<_>>();
        let (mine, theirs_names) = (names(&english), names(&theirs));
        let missing: Vec<_> = mine.difference(&theirs_names).collect();
        let left_over: Vec<_> = theirs_names.difference(&mine).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        assert!(left_over.is_empty(), "{language:?} has {left_over:?} left over");
        for (name, makeup) in &theirs {
            assert_eq!(makeup.variables, english[name].variables, "{name} in {language:?}");
        }
    }
}

#[test]
fn every_choice_offers_what_its_language_needs() {
    let english = messages(Language::fallback());
    for language in Language::all() {
        let needed = needed(language);
        for (name, makeup) in messages(language) {
            let forms: Vec<_> = makeup.forms().collect();
            let expected = english[&name].forms().count();
            assert_eq!(forms.len(), expected, "{name} in {language:?}");
            for offered in forms {
                assert_eq!(offered, needed, "{name} in {language:?}");
            }
            if expected == 0 {
                assert_eq!(makeup.choices, english[&name].choices, "{name} in {language:?}");
            }
        }
    }
}

#[test]
fn the_forms_are_those_of_cldr() {
    let of = |tag| needed(Language::negotiate(tag)).into_iter().collect::<Vec<_>>();
    assert_eq!(of("en"), ["one", "other"]);
    assert_eq!(of("cs"), ["few", "many", "one", "other"]);
    assert_eq!(of("ar"), ["few", "many", "one", "other", "two", "zero"]);
}

#[test]
fn nothing_is_left_in_english() {
    let english = messages(Language::fallback());
    for language in Language::all().filter(|it| *it != Language::fallback()) {
        for (name, makeup) in messages(language) {
            let words = makeup.text.split_whitespace().count();
            assert!(
                words < 2 || makeup.text != english[&name].text,
                "{name} is not in {language:?}"
            );
        }
    }
}

#[test]
fn every_language_can_be_spoken() {
    let words = Words::new();
    for language in Language::all() {
        for (name, makeup) in messages(language) {
            let given = |number: i64| -> Vec<(&str, Argument<'_>)> {
                let value = |name: &str| match name {
                    "minutes" | "minimum" => Number(number),
                    _ => Text("x"),
                };
                makeup.variables.iter().map(|it| (it.as_str(), value(it))).collect()
            };
            for number in [0, 1, 2, 3, 5, 11, 15, 100] {
                let spoken = words.say(language, &name, &given(number)).unwrap();
                assert!(!spoken.contains(['{', '}']), "{spoken}");
                assert!(!spoken.trim().is_empty(), "{name}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_not_spoken() {
    let words = Words::new();
    let english = Language::fallback();
    let unknown = words.say(english, "no-such-message", &[]);
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "the message \"no-such-message\" can't be spoken in en"
    );
    words.say(english, "place-city", &[]).unwrap_err();
    words.say(english, "place-city", &[("city", Text("Prague"))]).unwrap();
}

#[test]
fn a_value_stays_text_whatever_it_looks_like() {
    let spoken = Words::new().say(
        Language::fallback(),
        "place-city",
        &[("city", Text("{ -product } { $city }"))],
    );
    assert_eq!(spoken.unwrap(), "{ -product } { $city } (approximate)");
}

#[test]
fn from_right_to_left_a_value_is_kept_apart_from_its_sentence() {
    let words = Words::new();
    let say = |tag: &str| {
        let name = [("name", Text("Ada’s phone")), ("platform", Text("Android"))];
        words.say(Language::negotiate(tag), "device-named", &name).unwrap()
    };
    assert!(say("ar").contains("\u{2068}Ada’s phone\u{2069}"));
    for tag in ["en", "cs", "de"] {
        assert!(!say(tag).contains(['\u{2068}', '\u{2069}']), "{tag}");
    }
}
