#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use postern_domain::{email, password, policy, text};
use postern_words::language::Language;
use postern_words::words::Words;
use serde_json::{Map, Value, json};

use super::document;
use crate::carries_password;
use crate::problem::{Code, Problem};
use crate::routes::calls;
use crate::testing::{cut_off, send};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn whole() -> Value {
    serde_json::to_value(document("https://api.example", calls())).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Method, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(method, operation)| {
            let method = method.to_uppercase().parse().unwrap();
            (path.clone(), method, operation.clone())
        })
    });
    all.collect()
}

fn schema<'a>(document: &'a Value, name: &str, member: &str) -> &'a Value {
    let properties = &document["components"]["schemas"][name]["properties"];
    let found = &properties[member];
    assert!(found.is_object(), "{name} has no {member}");
    found
}

/// Everything in a document that is an object.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(object) => {
            found.push(object);
            object.values().for_each(|it| objects(it, found));
        }
        Value::Array(items) => items.iter().for_each(|it| objects(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_this() {
    let pretty = serde_json::to_string_pretty(&whole()).unwrap();
    insta::assert_snapshot!("openapi", pretty);
}

#[tokio::test]
async fn every_call_of_the_document_is_served_and_no_other() {
    let document = whole();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "sin_01ARZ3NDEKTSV4RRFFQ69G5FAV");
        for method in METHODS {
            let told = item.get(method).is_some();
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = Request::builder().method(&method).uri(&path).body(Body::empty());
            let router = if carries_password(&method, &path) {
                cut_off().sign_in_router()
            } else {
                cut_off().account_router()
            };
            let status = send(router, request.unwrap()).await.status();
            let missing = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
            assert_eq!(told, !missing.contains(&status), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn what_only_the_page_asks_for_is_served_and_not_told_of() {
    let document = whole();
    for path in ["/docs/redoc.js", "/docs/page.js"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = send(cut_off().account_router(), request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert!(document["paths"].get(path).is_none());
    }
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
    let response = send(cut_off().account_router(), request).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), whole());
}

#[test]
fn every_code_is_told_where_it_can_be_met() {
    let document = whole();
    let operations = operations(&document);
    let told = |code: Code| {
        let status = code.status().as_u16().to_string();
        operations.iter().any(|(_, _, it)| {
            let about = it["responses"][&status]["description"].as_str().unwrap_or_default();
            about.contains(&format!("`{}`", code.name()))
        })
    };
    for code in Code::ALL {
        // A call that the document tells of has its method.
        assert_eq!(told(code), code != Code::MethodNotAllowed, "{code:?}");
    }
}

#[test]
fn every_call_says_what_people_and_programs_need() {
    let document = whole();
    let mut ids = BTreeSet::new();
    for (path, method, it) in operations(&document) {
        let id = it["operationId"].as_str().unwrap().to_owned();
        let is_camel_case = id.starts_with(|it: char| it.is_ascii_lowercase())
            && id.chars().all(char::is_alphanumeric);
        assert!(is_camel_case, "{id}");
        assert!(ids.insert(id), "{method} {path} has the name of another");
        assert!(!it["summary"].as_str().unwrap().ends_with('.'), "{method} {path}");
        assert_eq!(it["tags"].as_array().unwrap().len(), 1, "{method} {path}");
        let responses = it["responses"].as_object().unwrap();
        assert!(responses.keys().any(|it| it.starts_with('2')), "{method} {path}");
        for (status, response) in responses.iter().filter(|(it, _)| !it.starts_with('2')) {
            let content = response["content"].as_object().unwrap();
            assert!(content.keys().eq(["application/problem+json"]), "{method} {path} {status}");
        }
    }
}

/// What generators of clients make of unions and closed enums breaks with the first value that is new.
#[test]
fn shapes_are_flat_and_words_are_open() {
    let document = whole();
    let mut found = Vec::new();
    objects(&document, &mut found);
    for object in found {
        for forbidden in ["oneOf", "anyOf", "discriminator", "enum"] {
            assert!(!object.contains_key(forbidden), "{forbidden} in {object:?}");
        }
    }
}

#[test]
fn requests_are_closed_and_answers_are_open() {
    let document = whole();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut requests = BTreeSet::from(["NewDevice".to_owned(), "Attachment".to_owned()]);
    for (_, _, it) in operations(&document) {
        let schema = &it["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        requests.extend(schema.as_str().and_then(|it| it.rsplit('/').next()).map(str::to_owned));
    }
    for (name, schema) in schemas {
        let closed = schema["additionalProperties"] == json!(false);
        assert_eq!(closed, requests.contains(name), "{name}");
    }
}

/// Attributes take no constants.
#[test]
fn bounds_are_those_of_policy() {
    let document = whole();
    let number = |name: &str, member: &str, bound: &str| {
        schema(&document, name, member)[bound].as_u64().unwrap()
    };
    let same = |found: u64, figure: usize| assert_eq!(found, u64::try_from(figure).unwrap());
    same(number("Registration", "password", "minLength"), policy::PASSWORD_MIN);
    same(number("Registration", "password", "maxLength"), policy::PASSWORD_MAX);
    same(number("Registration", "email", "maxLength"), email::MAX_LENGTH);
    same(number("NewDevice", "model", "maxLength"), text::MODEL_CHARACTERS);
    same(number("NewDevice", "os_version", "maxLength"), text::OS_VERSION_CHARACTERS);
    same(number("SupportRequest", "message", "maxLength"), policy::SUPPORT_CHARACTERS);
    same(number("SupportRequest", "attachments", "maxItems"), policy::ATTACHMENTS);
    assert_eq!(number("Attachment", "size", "maximum"), policy::ATTACHMENT_BYTES);
    assert!(password::Password::parse(&"p".repeat(policy::PASSWORD_MAX)).is_ok());
    let pattern = |name: &str, member: &str| schema(&document, name, member)["pattern"].clone();
    let digits = |count: u32| format!("[0-9]{{{count}}}");
    let (short, long) = (digits(policy::CODE_DIGITS), digits(policy::RECOVERY_DIGITS));
    assert_eq!(pattern("CodeGuess", "code"), format!("^({short}|{long})$"));
    assert_eq!(pattern("PasswordRenewal", "code"), format!("^{long}$"));
}

#[test]
fn a_problem_has_no_member_that_is_not_told_of() {
    let document = whole();
    let shape = &document["components"]["schemas"]["Problem"];
    let problem = Problem::invalid("/code", "is none").reason("why");
    let written = problem.document(&Words::new(), Language::fallback(), "req");
    for member in written.as_object().unwrap().keys() {
        assert!(shape["properties"].get(member).is_some(), "{member}");
    }
    let required = shape["required"].as_array().unwrap();
    assert!(required.iter().all(|it| written.get(it.as_str().unwrap()).is_some()));
}
