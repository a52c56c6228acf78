//! API Gateway in front of an axum router.

use std::net::IpAddr;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;

/// Where a request came from, as whoever took the connection saw it. Never taken from a header:
/// a client chooses those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub Option<IpAddr>);

/// Serves the router behind the Lambda Runtime API until the process is told to stop.
///
/// # Errors
/// When the Runtime API can't be reached.
pub async fn serve(router: Router) -> Result<(), lambda_http::Error> {
    lambda_http::run(router.layer(from_fn(note_source))).await
}

/// Notes the source address that the gateway reports.
async fn note_source(mut request: Request, next: Next) -> Response {
    let source = source(request.request_context_ref());
    request.extensions_mut().insert(SourceAddress(source));
    next.run(request).await
}

fn source(context: Option<&RequestContext>) -> Option<IpAddr> {
    match context? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}
