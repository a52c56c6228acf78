//! What a handler's own types tell about its call: who may call it and with what.

use axum::extract::{Extension, State};
use axum::http::Method;
use postern_domain::policy;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, RefOr, Required};

use super::schemas::Schemas;
use super::{PROOF, TOKEN};
use crate::Api;
use crate::body::Members;
use crate::call::{Anyone, Call, Caller, MaybeSignedIn, Proven};
use crate::problem::Code;
use crate::repeats::MAX_KEY;
use crate::sessions::SignedIn;

/// What a call takes, as far as it is found out.
pub(crate) struct Takes<'a> {
    pub(super) method: &'a Method,
    pub(super) schemas: &'a mut Schemas,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBody>,
    pub(super) securities: Vec<SecurityRequirement>,
    /// What the call may be refused with because of what it takes.
    pub(super) codes: Vec<Code>,
}

/// What axum knows a handler by: its arguments, behind a mark of axum's own.
pub(crate) trait Taken {
    /// Adds what the arguments tell.
    fn tell(takes: &mut Takes<'_>);
}

/// A handler without arguments.
impl Taken for ((),) {
    fn tell(_: &mut Takes<'_>) {}
}

impl<M> Taken for (M, State<Api>) {
    fn tell(_: &mut Takes<'_>) {}
}

impl<M, E> Taken for (M, State<Api>, Extension<E>) {
    fn tell(takes: &mut Takes<'_>) {
        takes.parameters.push(accept_language());
    }
}

impl<M, C: Calls, B: Members + ToSchema> Taken for (M, Call<C, B>) {
    fn tell(takes: &mut Takes<'_>) {
        takes.caller::<C>();
        takes.members::<C, B>();
    }
}

impl<M, N: Named, C: Calls, B: Members + ToSchema> Taken for (M, N, Call<C, B>) {
    fn tell(takes: &mut Takes<'_>) {
        takes.parameters.extend(N::parameters());
        takes.codes.extend(N::REFUSED_AS);
        takes.caller::<C>();
        takes.members::<C, B>();
    }
}

/// What stands in the path or the query.
pub(crate) trait Named {
    /// What a call is refused with that names it wrongly.
    const REFUSED_AS: &'static [Code];
    /// How it is given.
    fn parameters() -> Vec<Parameter>;
}

/// Who calls, as the document tells it.
pub(crate) trait Calls: Caller {
    /// What proves them: one of these, each with all of its schemes.
    const PROOFS: &'static [&'static [&'static str]];
    /// What they are refused with who fail to prove it.
    const UNPROVEN: &'static [Code];
    /// Whether the answer's language is what the request accepts: an account has its own.
    const ACCEPTS_LANGUAGE: bool;
    /// Whether a call may come from somebody whose it is not known to be, so that it is counted.
    const STRANGERS: bool;
}

impl Calls for Anyone {
    const PROOFS: &'static [&'static [&'static str]] = &[];
    const UNPROVEN: &'static [Code] = &[];
    const ACCEPTS_LANGUAGE: bool = true;
    const STRANGERS: bool = true;
}

impl Calls for Proven {
    const PROOFS: &'static [&'static [&'static str]] = &[&[PROOF]];
    const UNPROVEN: &'static [Code] = &[Code::InvalidProof];
    const ACCEPTS_LANGUAGE: bool = true;
    const STRANGERS: bool = true;
}

impl Calls for SignedIn {
    const PROOFS: &'static [&'static [&'static str]] = &[&[PROOF, TOKEN]];
    const UNPROVEN: &'static [Code] = &[Code::InvalidProof, Code::InvalidToken, Code::TokenExpired];
    const ACCEPTS_LANGUAGE: bool = false;
    const STRANGERS: bool = false;
}

impl Calls for MaybeSignedIn {
    const PROOFS: &'static [&'static [&'static str]] = &[&[PROOF, TOKEN], &[PROOF]];
    const UNPROVEN: &'static [Code] = SignedIn::UNPROVEN;
    const ACCEPTS_LANGUAGE: bool = true;
    const STRANGERS: bool = true;
}

impl<'a> Takes<'a> {
    pub(super) fn new(method: &'a Method, schemas: &'a mut Schemas) -> Self {
        let (parameters, securities, codes) = (Vec::new(), Vec::new(), Vec::new());
        Self { method, schemas, parameters, body: None, securities, codes }
    }

    fn caller<C: Calls>(&mut self) {
        self.securities.extend(C::PROOFS.iter().map(|schemes| {
            let none: [&str; 0] = [];
            let requirement = SecurityRequirement::default();
            schemes.iter().fold(requirement, |all, scheme| all.add(*scheme, none))
        }));
        self.codes.extend(C::UNPROVEN);
        if C::VERSIONED {
            self.parameters.push(app_version());
            self.codes.push(Code::AppUpdateRequired);
        }
        if C::ACCEPTS_LANGUAGE {
            self.parameters.push(accept_language());
        }
        // Whatever the members say about when: in the end a call of a stranger counts.
        if C::STRANGERS && *self.method == Method::POST {
            self.codes.push(Code::RateLimited);
        }
        // Every one of these reads a table.
        self.codes.push(Code::Unavailable);
    }

    fn members<C: Calls, B: Members + ToSchema>(&mut self) {
        if B::REPEATABLE {
            self.parameters.push(idempotency_key());
            self.codes.extend([Code::InvalidRequest, Code::IdempotencyKeyReused]);
        }
        if has_no_member(&B::schema()) {
            return;
        }
        let shape = self.schemas.reference::<B>();
        let content = ContentBuilder::new().schema(Some(shape)).build();
        let required = if B::OPTIONAL { Required::False } else { Required::True };
        let body = RequestBodyBuilder::new().content("application/json", content);
        self.body = Some(body.required(Some(required)).build());
        self.codes.extend([
            Code::MalformedBody,
            Code::UnsupportedMediaType,
            Code::TooLarge,
            Code::InvalidRequest,
        ]);
    }
}

fn has_no_member(shape: &RefOr<Schema>) -> bool {
    matches!(shape, RefOr::T(Schema::Object(object)) if object.properties.is_empty())
}

/// A text in a header, a path or a query.
pub(crate) fn text(name: &str, place: ParameterIn, about: &str, form: &str) -> ParameterBuilder {
    let form = ObjectBuilder::new().schema_type(Type::String).pattern(Some(form)).build();
    // What is in a path is always there (OpenAPI 3.1, 4.8.12).
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(about))
        .schema(Some(Schema::Object(form)))
}

fn app_version() -> Parameter {
    let about = "The app's version: two to four numbers.";
    let form = r"^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$";
    text("X-App-Version", ParameterIn::Header, about, form).required(Required::True).build()
}

fn accept_language() -> Parameter {
    let about = "The languages that problems may be written in, the best first (RFC 9110, 12.5.4).";
    let languages = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(Schema::Object(languages)))
        .build()
}

fn idempotency_key() -> Parameter {
    let hours = policy::IDEMPOTENCY_LIFE.as_hours();
    let about = format!(
        "Any text, new for every act: a repeat with the same text within {hours} hours does nothing \
         twice, and is answered from what the first one did."
    );
    text("Idempotency-Key", ParameterIn::Header, &about, &format!("^[!-~]{{1,{MAX_KEY}}}$")).build()
}
