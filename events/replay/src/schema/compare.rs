//! Two schemas of one version: whether the later one only grew.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::{Change, Finding};

/// What only explains, and where shapes are kept that `$ref` names: no rule by itself.
const SILENT: [&str; 6] = ["$schema", "$defs", "title", "description", "examples", "$comment"];
/// What may hold one schema.
const ONE: [&str; 4] = ["items", "additionalProperties", "not", "contains"];
/// What holds a list of schemas.
const SEVERAL: [&str; 4] = ["oneOf", "anyOf", "allOf", "prefixItems"];

/// What the schema `new` does to `old` that a version doesn't allow.
///
/// Allowed are members that may be absent, words that join the end of a list of words, and other
/// explanations. A shape under another name is the same shape: `$ref` is followed on both sides.
#[must_use]
pub fn compare(event: &str, version: u16, old: &Value, new: &Value) -> Vec<Finding> {
    let seen = BTreeSet::new();
    let mut comparing = Comparing { event, version, old, new, seen, findings: Vec::new() };
    comparing.pair(String::new(), old, new);
    comparing.findings
}

struct Comparing<'a> {
    event: &'a str,
    version: u16,
    old: &'a Value,
    new: &'a Value,
    /// The pairs of named shapes that were compared: each once, also where a shape holds itself.
    seen: BTreeSet<(&'a str, Option<&'a str>)>,
    findings: Vec<Finding>,
}

impl<'a> Comparing<'a> {
    fn find(&mut self, pointer: &str, what: Change) {
        let (event, pointer) = (self.event.to_owned(), pointer.to_owned());
        self.findings.push(Finding { event, version: self.version, pointer, what });
    }

    fn pair(&mut self, pointer: String, old: &'a Value, new: &'a Value) {
        let (old_name, new_name) = (named(old), named(new));
        let mut pointer = pointer;
        if let Some(name) = old_name {
            if !self.seen.insert((name, new_name)) {
                return;
            }
            name.trim_start_matches('#').clone_into(&mut pointer);
        }
        let (old, new) = (followed(self.old, old), followed(self.new, new));
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.objects(&pointer, old, new),
            (old, new) if old == new => {}
            (_, _) => self.find(&pointer, Change::Rule("schema".to_owned())),
        }
    }

    fn objects(&mut self, pointer: &str, old: &'a Map<String, Value>, new: &'a Map<String, Value>) {
        let worded = self.words(pointer, old, new);
        let names: BTreeSet<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
        for name in names.into_iter().filter(|it| !SILENT.contains(it)) {
            let is_words = matches!(name, "enum" | "const" | "oneOf" | "type");
            if worded && is_words {
                continue;
            }
            match (name, old.get(name), new.get(name)) {
                ("properties", was, is) => self.members(pointer, map(was), map(is)),
                ("required", was, is) => {
                    self.required(pointer, map(new.get("properties")), was, is);
                }
                (_, Some(was), Some(is)) if ONE.contains(&name) => {
                    self.pair(format!("{pointer}/{name}"), was, is);
                }
                (_, Some(Value::Array(was)), Some(Value::Array(is)))
                    if SEVERAL.contains(&name) && was.len() == is.len() =>
                {
                    for (at, (was, is)) in was.iter().zip(is).enumerate() {
                        self.pair(format!("{pointer}/{name}/{at}"), was, is);
                    }
                }
                (_, was, is) if was == is => {}
                (_, _, _) => self.find(pointer, Change::Rule(name.to_owned())),
            }
        }
    }

    fn members(
        &mut self,
        pointer: &str,
        old: Option<&'a Map<String, Value>>,
        new: Option<&'a Map<String, Value>>,
    ) {
        for (name, was) in old.into_iter().flatten() {
            match new.and_then(|it| it.get(name)) {
                Some(is) => {
                    self.pair(format!("{pointer}/properties/{}", escaped(name)), was, is);
                }
                None => self.find(pointer, Change::MemberRemoved(name.clone())),
            }
        }
    }

    fn required(
        &mut self,
        pointer: &str,
        members: Option<&'a Map<String, Value>>,
        old: Option<&'a Value>,
        new: Option<&'a Value>,
    ) {
        let (old, new) = (texts(old), texts(new));
        for name in new.difference(&old) {
            self.find(pointer, Change::NewlyRequired((*name).to_owned()));
        }
        for name in old.difference(&new) {
            // One that is gone is told of as such.
            if members.is_some_and(|it| it.contains_key(*name)) {
                self.find(pointer, Change::NoLongerRequired((*name).to_owned()));
            }
        }
    }

    /// Compares two lists of words, if that is what both are.
    fn words(&mut self, pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
        let (Some(old), Some(new)) = (words_of(old), words_of(new)) else { return false };
        let gone: Vec<_> = old.iter().filter(|it| !new.contains(it)).collect();
        for word in &gone {
            self.find(pointer, Change::WordRemoved((**word).to_owned()));
        }
        if gone.is_empty() && !new.starts_with(&old) {
            self.find(pointer, Change::WordsMoved);
        }
        true
    }
}

/// The shape that a schema names instead of saying it.
fn named(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)
}

/// The shape that is meant, in this document. What stands beside a `$ref` here only explains.
fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = named(schema).and_then(|it| it.strip_prefix('#'));
    pointer.and_then(|it| document.pointer(it)).unwrap_or(schema)
}

/// The words of a list of words, in order: an `enum`, or one word each in a `oneOf` that explains
/// them.
fn words_of(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    if let Some(list) = schema.get("oneOf") {
        let words = list.as_array()?.iter().map(|it| words_of(it.as_object()?));
        return words.collect::<Option<Vec<_>>>().map(|it| it.concat());
    }
    if schema.get("type").and_then(Value::as_str) != Some("string") {
        return None;
    }
    match (schema.get("const"), schema.get("enum")) {
        (Some(word), None) => word.as_str().map(|it| vec![it]),
        (None, Some(words)) => words.as_array()?.iter().map(Value::as_str).collect(),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn map(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn texts(list: Option<&Value>) -> BTreeSet<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A member's name within a pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
