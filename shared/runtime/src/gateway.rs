//! API Gateway in front of an axum router.

use std::net::IpAddr;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

use crate::deadline::Deadline;
use crate::metrics::{Outcome, Work};

/// Where a request came from, as whoever took the connection saw it. Never taken from a header:
/// a client chooses those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub Option<IpAddr>);

/// Serves the router of this function behind the Lambda Runtime API until the process is told to
/// stop. Every call is measured.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn serve(function: &'static str, router: Router) -> Result<(), lambda_http::Error> {
    let measured = router.layer(from_fn_with_state(function, measure));
    lambda_http::run(measured.layer(from_fn(note_invocation))).await
}

/// What is no call: a path that there isn't, or a method that its path doesn't have. A client chooses
/// both, so neither may name a metric.
const NO_CALL: &str = "none";

/// Measures a call. It goes by the pattern of its path, which names nobody.
async fn measure(State(function): State<&'static str>, request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>();
    let call = pattern.map(|it| format!("{} {}", request.method(), it.as_str()));
    let context = request.lambda_context_ref();
    let work = Work {
        function,
        call: call.unwrap_or_else(|| NO_CALL.to_owned()),
        request: context.map(|it| it.request_id.clone()),
        trace: context.and_then(|it| it.xray_trace_id.clone()),
    };
    let end = |response: &Response, mut work: Work| {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            NO_CALL.clone_into(&mut work.call);
        }
        (response.extensions().get::<Outcome>().cloned().unwrap_or_else(Outcome::ok), work)
    };
    work.measure_as(next.run(request), end).await
}

/// Notes the source address that the gateway reports, and when an answer is due.
async fn note_invocation(mut request: Request, next: Next) -> Response {
    let source = source(request.request_context_ref());
    let deadline = request.lambda_context_ref().map_or(Deadline::NONE, Deadline::of);
    let extensions = request.extensions_mut();
    extensions.insert(SourceAddress(source));
    extensions.insert(deadline);
    next.run(request).await
}

fn source(context: Option<&RequestContext>) -> Option<IpAddr> {
    if let RequestContext::ApiGatewayV2(context) = context? {
        context.http.source_ip.as_deref()?.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Extension;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    /// A request as API Gateway hands it over, with a header that claims another address.
    fn event(context: &str) -> lambda_http::Request {
        let json = format!(
            r#"{{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"",
                "headers":{{"host":"evil.example","x-forwarded-for":"6.6.6.6"}},
                "isBase64Encoded":false,"requestContext":{context}}}"#
        );
        lambda_http::request::from_str(&json).expect("a gateway event")
    }

    async fn seen(context: &str) -> String {
        let router =
            Router::new()
                .route(
                    "/",
                    get(|Extension(source): Extension<SourceAddress>| async move {
                        format!("{source:?}")
                    }),
                )
                .layer(from_fn(note_invocation));
        let (parts, _) = event(context).into_parts();
        let request = Request::from_parts(parts, Body::empty());
        let response = router.oneshot(request).await.expect("answered");
        let bytes = axum::body::to_bytes(response.into_body(), 1_024).await.expect("a body");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test]
    async fn the_source_is_the_gateway_s_and_never_a_header_s() {
        let context = r#"{"http":{"method":"GET","path":"/","protocol":"HTTP/1.1",
            "sourceIp":"192.0.2.7","userAgent":"x"},"accountId":"1","apiId":"a","stage":"$default",
            "requestId":"r","routeKey":"$default","timeEpoch":0}"#;
        assert_eq!(seen(context).await, "SourceAddress(Some(192.0.2.7))");
    }
}
