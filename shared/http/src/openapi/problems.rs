//! Problems, as the document tells them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{ContentBuilder, Header, HeaderBuilder, ObjectBuilder, Ref, Response};
use utoipa::openapi::{ResponseBuilder, Schema};

use crate::problem::Code;

/// What went wrong (RFC 9457), with members of ours. Only problems of some kinds have the members that
/// may be missing.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the shape of what `problem` writes; a test compares both")]
pub(super) struct ProblemDocument {
    /// Names the kind of problem for ever: `urn:postern:problem:` and the code.
    r#type: String,
    /// One sentence for a person, the same for every problem of this kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What a person can do.
    detail: String,
    #[schema(schema_with = code)]
    code: String,
    /// The request's own name, as in `X-Request-Id`.
    request_id: String,
    /// What exactly is wrong, for a developer; never translated.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// With `invalid_request`: what is wrong with which member.
    #[schema(nullable = false)]
    errors: Option<Vec<WrongMember>>,
    /// With `code_incorrect`: guesses that are left; the attempt ends with the last.
    #[schema(nullable = false)]
    attempts_left: Option<u8>,
    /// With `channel_unavailable`: why, as in `unavailable_methods`.
    #[schema(nullable = false)]
    because: Option<String>,
    /// With `app_update_required`: the oldest app that is served.
    #[schema(nullable = false)]
    minimum_version: Option<String>,
    /// With `invalid_proof`: the present, which proofs are dated with.
    #[schema(nullable = false, value_type = Option<String>, format = DateTime)]
    server_time: Option<Timestamp>,
}

/// A member of a request, or a parameter, that is not as it should be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what `problem` writes; a test compares both")]
struct WrongMember {
    /// Where it is (RFC 6901); empty for the whole.
    pointer: String,
    /// What is wrong with it.
    detail: String,
}

/// The shape of a code, with those that there are.
fn code() -> Object {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|it| it.name()).collect();
    let names: Vec<String> = names.into_iter().map(|it| format!("`{it}`")).collect();
    let about = format!(
        "The stable name of the kind, never translated: {}. There may be more with time.",
        listed(&names)
    );
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build()
}

/// Problem answers, one for each status; each names its codes.
pub(super) fn responses(codes: &[Code]) -> BTreeMap<String, Response> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let same = by_status.entry(code.status().as_u16()).or_default();
        if !same.contains(code) {
            same.push(*code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(&codes))).collect()
}

fn response(codes: &[Code]) -> Response {
    let mut names: Vec<String> = codes.iter().map(|it| format!("`{}`", it.name())).collect();
    names.sort();
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(format!("The code is {}.", listed(&names)))
        .content("application/problem+json", content)
        .header("X-Request-Id", request_id());
    let waits = codes.iter().any(|it| matches!(it.status().as_u16(), 429 | 503));
    let response = if waits { response.header("Retry-After", retry_after()) } else { response };
    response.build()
}

/// `a`, `a or b`, `a, b or c`.
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The header that every answer has.
pub(super) fn request_id() -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new()
        .schema(Some(Schema::Object(text)))
        .description(Some("The request's own name, for whoever asks what became of it."))
        .build()
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    HeaderBuilder::new()
        .schema(Some(Schema::Object(seconds)))
        .description(Some("Seconds after which repeating may help."))
        .build()
}
