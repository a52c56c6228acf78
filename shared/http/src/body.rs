//! Request bodies: one JSON object, every member known, of its type, and there once.

use std::fmt;
use std::marker::PhantomData;

use axum::http::{HeaderMap, header};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::rate::Counted;

/// No call needs more; a longer body is not even read to its end.
pub(crate) const MAX_BODY: usize = 16 * 1_024;

/// A call's members.
pub(crate) trait Members: DeserializeOwned + Send + 'static {
    /// Whether the body may be left out, as all its members may.
    const OPTIONAL: bool = false;
    /// When a call is counted that comes without a token.
    const COUNTED: Counted = Counted::AtOnce;
    /// Whether an `Idempotency-Key` is heeded: on calls that create or verify.
    const REPEATABLE: bool = false;
}

/// A call without members.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl Members for Nothing {
    const OPTIONAL: bool = true;
}

/// Whether the body is declared as JSON, parameters aside.
#[must_use]
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let essence = value.to_str().ok().and_then(|text| text.split(';').next()).map(str::trim);
    essence.is_some_and(|text| text.eq_ignore_ascii_case("application/json"))
}

/// Reads the members from the body's bytes.
///
/// # Errors
/// `malformed_body` for what is not one JSON object or names a member twice; `invalid_request`
/// with a pointer for a member that is unknown, missing or of another type.
pub(crate) fn members<T: Members>(bytes: &[u8]) -> Result<T, Problem> {
    let object = if bytes.is_empty() && T::OPTIONAL {
        Value::Object(Map::new())
    } else {
        let malformed = |error: serde_json::Error| {
            Problem::new(Code::MalformedBody).reason(without_content(&error))
        };
        serde_json::from_slice::<Once>(bytes).map_err(malformed)?.0
    };
    if !object.is_object() {
        return Err(Problem::new(Code::MalformedBody).reason("The body must be a JSON object."));
    }
    serde_path_to_error::deserialize(&object).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::invalid(&pointer, without_values(&error.inner().to_string()))
    })
}

/// A path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// Where reading stopped, and nothing of what was read.
fn without_content(error: &serde_json::Error) -> String {
    if error.is_data() {
        return "A member is given twice.".to_owned();
    }
    format!("Not JSON at line {}, column {}.", error.line(), error.column())
}

/// The error's text without the value that was sent: it may be a password.
fn without_values(text: &str) -> String {
    match text.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => {
            format!("expected {expected}")
        }
        Some(_) | None if text.starts_with("unknown field") => "unknown member".to_owned(),
        Some(_) | None if text.starts_with("unknown variant") => "not one of the values".to_owned(),
        Some(_) | None => text.replace("field", "member"),
    }
}

/// Reads a nested object from an object only; by itself serde would take a list as well.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(entries))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}

/// Reads one of several words from a string only; by itself serde would take an object as well.
pub(crate) fn word<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    T::deserialize(text.into_deserializer())
}

/// Like [`word`], for a member that may be left out.
pub(crate) fn word_if_given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| T::deserialize(text.into_deserializer())).transpose()
}

/// A JSON value in which no object names a member twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Once)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Once(value))) = entries.next_entry::<String, Once>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is given twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use postern_words::language::Language;
    use postern_words::words::Words;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Gate {
        name: String,
        bars: Option<u8>,
        #[serde(default, deserialize_with = "word_if_given")]
        state: Option<State>,
        #[serde(default, deserialize_with = "some_lock")]
        lock: Option<Lock>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum State {
        Open,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Lock {
        #[serde(deserialize_with = "word")]
        state: State,
    }

    fn some_lock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Lock>, D::Error> {
        object(deserializer).map(Some)
    }
    impl Members for Gate {}

    fn problem(body: &str) -> Value {
        let words = Words::new();
        let problem = members::<Gate>(body.as_bytes()).expect_err("a problem");
        problem.document(&words, Language::fallback(), "req")
    }

    #[test]
    fn known_members_of_their_types_are_read() {
        let gate =
            members::<Gate>(br#"{"name":"north","bars":3,"state":"open","lock":{"state":"open"}}"#);
        let gate = gate.expect("read");
        assert_eq!((gate.name.as_str(), gate.bars), ("north", Some(3)));
        assert_eq!((gate.state, gate.lock), (Some(State::Open), Some(Lock { state: State::Open })));
    }

    #[test]
    fn what_is_no_object_or_names_a_member_twice_is_malformed() {
        for body in [
            "",
            "{",
            "[]",
            "7",
            r#"{"name":"a","name":"b"}"#,
            r#"{"name":"a"} x"#,
            r#"{"name":"a","x":{"y":1,"y":1}}"#,
            "\u{feff}{}",
            r#"{"name":"a","na\u006de":"b"}"#,
        ] {
            assert_eq!(problem(body)["code"], "malformed_body", "{body}");
        }
        let deep = format!("{}{}", "[".repeat(4_000), "]".repeat(4_000));
        assert_eq!(problem(&deep)["code"], "malformed_body");
    }

    #[test]
    fn a_wrong_member_is_pointed_at_and_its_value_not_repeated() {
        let document = problem(r#"{"name":["secret"]}"#);
        assert_eq!(document["code"], "invalid_request");
        assert_eq!(
            document["errors"],
            json!([{"pointer": "/name", "detail": "expected a string"}])
        );
        assert_eq!(problem(r#"{"name":"a","moat":1}"#)["errors"][0]["pointer"], "/moat");
        let number = problem(r#"{"name":12345}"#);
        assert!(!number.to_string().contains("12345"), "{number}");
        assert_eq!(problem("{}")["errors"][0]["detail"], "missing member `name`");
    }

    #[test]
    fn a_list_is_no_object_and_an_object_is_no_word() {
        for (body, pointer) in [
            (r#"{"name":"a","lock":["open"]}"#, "/lock"),
            (r#"{"name":"a","lock":"open"}"#, "/lock"),
            (r#"{"name":"a","lock":{"state":{"open":null}}}"#, "/lock/state"),
            (r#"{"name":"a","lock":{"state":"shut"}}"#, "/lock/state"),
            (r#"{"name":"a","state":{"open":null}}"#, "/state"),
            (r#"["a",3]"#, ""),
        ] {
            let document = problem(body);
            let found = document["errors"][0]["pointer"].as_str().unwrap_or_default();
            assert_eq!(found, pointer, "{body}: {document}");
        }
    }

    #[test]
    fn json_may_be_declared_with_parameters() {
        let with = |value: &'static str| {
            HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().expect("a value"))])
        };
        assert!(is_json(&with("application/json; charset=utf-8")));
        assert!(!is_json(&with("text/plain")));
        assert!(!is_json(&with("application/json-patch+json")));
        assert!(!is_json(&HeaderMap::new()));
    }
}
