//! The router and the document, told of the same calls: neither has one that the other doesn't know.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, get, on};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Paths, PathsBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Response, ResponseBuilder};

use super::described::{Content, Described};
use super::problems;
use super::schemas::Schemas;
use super::taken::{Taken, Takes};
use crate::Api;
use crate::problem::Code;

/// Calls, as the document tells them.
pub(crate) struct Calls {
    pub(super) paths: Paths,
    pub(super) schemas: Schemas,
}

impl Calls {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { paths: PathsBuilder::new().build(), schemas: Schemas::default() }
    }
}

/// The method of a call, as each of those who have to know it calls it.
pub(crate) struct Way {
    method: Method,
    told_as: HttpMethod,
    filter: MethodFilter,
}

/// Whatever takes all calls, one after the other: the router, which serves them, or the document, which
/// tells of them. A function that tells of a call which another one serves has no code of it.
pub(crate) trait TakeCalls: Sized {
    /// Takes a call.
    fn call<H, T>(self, path: &str, way: Way, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static;

    /// Takes a file that only a page of ours asks for: no call, so nothing that clients are told of.
    fn file(self, path: &str, file: impl IntoResponse + Clone + Send + Sync + 'static) -> Self;

    fn get<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let (method, told_as, filter) = (Method::GET, HttpMethod::Get, MethodFilter::GET);
        self.call(path, Way { method, told_as, filter }, handler, told)
    }

    fn post<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let (method, told_as, filter) = (Method::POST, HttpMethod::Post, MethodFilter::POST);
        self.call(path, Way { method, told_as, filter }, handler, told)
    }

    fn put<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let (method, told_as, filter) = (Method::PUT, HttpMethod::Put, MethodFilter::PUT);
        self.call(path, Way { method, told_as, filter }, handler, told)
    }

    fn patch<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let (method, told_as, filter) = (Method::PATCH, HttpMethod::Patch, MethodFilter::PATCH);
        self.call(path, Way { method, told_as, filter }, handler, told)
    }

    fn delete<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let (method, told_as, filter) = (Method::DELETE, HttpMethod::Delete, MethodFilter::DELETE);
        self.call(path, Way { method, told_as, filter }, handler, told)
    }
}

impl TakeCalls for Router<Api> {
    fn call<H, T>(self, path: &str, way: Way, handler: H, _: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.route(path, on(way.filter, handler))
    }

    fn file(self, path: &str, file: impl IntoResponse + Clone + Send + Sync + 'static) -> Self {
        self.route(path, get(async move || file))
    }
}

impl TakeCalls for Calls {
    fn call<H, T>(mut self, path: &str, way: Way, _: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let operation = operation::<T>(&way.method, told, &mut self.schemas);
        self.paths.add_path_operation(path, vec![way.told_as], operation);
        self
    }

    fn file(self, _: &str, _: impl IntoResponse + Clone + Send + Sync + 'static) -> Self {
        self
    }
}

fn operation<T: Taken>(method: &Method, told: &Described, schemas: &mut Schemas) -> Operation {
    let mut takes = Takes::new(method, schemas);
    T::tell(&mut takes);
    let Takes { parameters, body, securities, mut codes, .. } = takes;
    codes.extend(told.refusals);
    // A fault of ours can be anywhere.
    codes.push(Code::Crashed);
    let mut operation = OperationBuilder::new()
        .tag(told.tag.name())
        .operation_id(Some(told.id))
        .summary(Some(told.summary))
        .description(told.more)
        .request_body(body)
        .response(told.answer.status.as_str(), success(told, schemas));
    for parameter in parameters {
        operation = operation.parameter(parameter);
    }
    for (status, response) in problems::responses(&codes) {
        operation = operation.response(status, response);
    }
    operation.securities(Some(securities)).build()
}

fn success(told: &Described, schemas: &mut Schemas) -> Response {
    let answer = &told.answer;
    let response = ResponseBuilder::new()
        .description(answer.about)
        .header("X-Request-Id", problems::request_id());
    let any = |kind| Schema::Object(ObjectBuilder::new().schema_type(kind).build());
    let (media_type, content) = match answer.content {
        Content::Nothing => return response.build(),
        Content::Json(shape) => {
            ("application/json", ContentBuilder::new().schema(Some(shape(schemas))))
        }
        Content::AnyJson => {
            ("application/json", ContentBuilder::new().schema(Some(any(Type::Object))))
        }
        Content::Page => ("text/html", ContentBuilder::new().schema(Some(any(Type::String)))),
    };
    response.content(media_type, content.build()).build()
}
