//! The router and the document, built together: neither has a call that the other doesn't know.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Paths, PathsBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Response, ResponseBuilder};

use super::described::{Content, Described};
use super::problems;
use super::schemas::Schemas;
use super::taken::{Taken, Takes};
use crate::Api;
use crate::problem::Code;

/// The calls of a router, as the document tells them.
pub(crate) struct Calls {
    pub(super) paths: Paths,
    pub(super) schemas: Schemas,
}

impl Calls {
    /// Those of both.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.paths.merge(others.paths);
        self.schemas.merge(others.schemas);
        self
    }
}

/// Tells of one call.
type Tell = Box<dyn FnOnce(&mut Calls)>;

/// Routes, and how each is told of: only whoever asks for the document waits until it is made.
pub(crate) struct Routes {
    router: Router<Api>,
    told: Vec<Tell>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), told: Vec::new() }
    }

    pub(crate) fn get<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.call(path, (Method::GET, HttpMethod::Get, MethodFilter::GET), handler, told)
    }

    pub(crate) fn post<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.call(path, (Method::POST, HttpMethod::Post, MethodFilter::POST), handler, told)
    }

    pub(crate) fn put<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.call(path, (Method::PUT, HttpMethod::Put, MethodFilter::PUT), handler, told)
    }

    pub(crate) fn patch<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.call(path, (Method::PATCH, HttpMethod::Patch, MethodFilter::PATCH), handler, told)
    }

    pub(crate) fn delete<H, T>(self, path: &str, handler: H, told: &'static Described) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        self.call(path, (Method::DELETE, HttpMethod::Delete, MethodFilter::DELETE), handler, told)
    }

    /// A file that only a page of ours asks for: no call, so nothing that clients are told of.
    pub(crate) fn file(
        mut self,
        path: &str,
        file: impl IntoResponse + Clone + Send + Sync + 'static,
    ) -> Self {
        self.router = self.router.route(path, get(async move || file));
        self
    }

    /// Answers whatever has no handler on a path.
    pub(crate) fn otherwise(mut self, path: &str, answer: MethodRouter<Api>) -> Self {
        self.router = self.router.route(path, answer);
        self
    }

    /// The router.
    pub(crate) fn router(self) -> Router<Api> {
        self.router
    }

    /// Its calls.
    pub(crate) fn calls(self) -> Calls {
        let mut calls = Calls { paths: PathsBuilder::new().build(), schemas: Schemas::default() };
        for tell in self.told {
            tell(&mut calls);
        }
        calls
    }

    fn call<H, T>(
        mut self,
        path: &str,
        (method, told_as, filter): (Method, HttpMethod, MethodFilter),
        handler: H,
        told: &'static Described,
    ) -> Self
    where
        H: Handler<T, Api>,
        T: Taken + 'static,
    {
        let at = path.to_owned();
        self.told.push(Box::new(move |calls| {
            let operation = operation::<T>(&method, told, &mut calls.schemas);
            calls.paths.add_path_operation(at, vec![told_as], operation);
        }));
        self.router = self.router.route(path, on(filter, handler));
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
