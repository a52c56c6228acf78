//! The `OpenAPI` document: what clients are generated from and tested against.
//!
//! It is made of what the router is made of. Which members a call takes, what proves its caller, which
//! headers it heeds and which problems follow from these is read from the handlers' own types; only
//! what no type can tell is written beside them, as a [`Described`].

use utoipa::openapi::info::{Info, License};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi, OpenApiBuilder, Server};

mod described;
mod named;
mod problems;
mod routes;
mod schemas;
mod taken;

pub(crate) use described::{Described, Tag};
pub(crate) use routes::{Calls, TakeCalls};

/// The scheme of the device proof.
const PROOF: &str = "proof";
/// The scheme of the access token.
const TOKEN: &str = "token";

/// What the document says before it comes to the calls.
const ABOUT: &str = "\
Two-step verification. A device is a key pair that its app makes and keeps: every call is signed with \
it, and a device that has once given a code needs none any more.\n\n\
Answers are flat, with a `status`. Whoever reads them ignores members and values that they don't know: \
both may be added. Unknown members of requests are refused. Problems are documents of RFC 9457 with a \
stable `code`; what a person reads in them is in the language of `Content-Language`.";

/// What the device proof is.
const ABOUT_PROOF: &str = "\
A DPoP proof (RFC 9449): a JWT that is made anew for every call, with `typ` `dpop+jwt`, `alg` `ES256` \
and the device's public key as `jwk` in its header, and `htm`, `htu`, `iat`, `jti` and, where there is \
an access token, `ath` as its claims. `iat` follows `server_time`, so that a wrong clock shuts nobody \
out.";

/// What the access token is.
const ABOUT_TOKEN: &str = "\
`DPoP`, a space, and the `access_token` of a session. The token is bound to the device's key \
(RFC 9449, 7.1).";

/// The whole document, for the API at this address.
pub(crate) fn document(public_url: &str, calls: Calls) -> OpenApi {
    let Calls { paths, mut schemas } = calls;
    schemas.reference::<problems::ProblemDocument>();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas.all())
        .security_scheme(PROOF, header("DPoP", ABOUT_PROOF))
        .security_scheme(TOKEN, header("Authorization", ABOUT_TOKEN))
        .build();
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([Server::new(public_url)]))
        .paths(paths)
        .components(Some(components))
        .tags(Some(Tag::ALL.map(Tag::about)))
        .build()
}

fn info() -> Info {
    let mut info = Info::new("Postern", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    // A licence has an identifier or an address, never both (OpenAPI 3.1, 4.8.4).
    let mut license = License::new("Apache License 2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    info
}

/// A secret in a header. The scheme `DPoP` of HTTP is unknown to most generators of clients, which
/// would then leave the header out.
fn header(name: &str, about: &str) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, about)))
}

#[cfg(test)]
mod tests;
