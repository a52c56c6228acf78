//! The words that people read, in every language: mails, alerts, problems, advice, pages.
//!
//! A [`language::Language`] is chosen by a tag or by what a browser accepts; [`words::Words`] says a
//! message in it. A further language is one more file in `locales/`, with the same messages and
//! variables as `en.ftl`, and nothing else: which languages there are, the build finds there.

pub mod language;
pub mod words;
