//! A call, checked in the contract's order: version, content type, size, proof, token, body.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::Timestamp;
use postern_runtime::gateway::SourceAddress;
use postern_runtime::places::Place;
use postern_store::guards::Freshness;
use postern_store::streams::Meta;
use postern_words::language::Language;

use crate::Api;
use crate::answer::{RequestId, Spoken};
use crate::app_version::AppVersion;
use crate::body::{MAX_BODY, Members, is_json, members};
use crate::problem::{Code, Problem};
use crate::proof::{BadProof, Proof, ProvenCall, check};
use crate::rate::{self, Counted};
use crate::refusal::unavailable;
use crate::repeats::Repeatable;
use crate::sessions::{SignedIn, authenticate};

/// A call with a proven key and its members.
pub(crate) struct Call<C, B> {
    /// The API.
    pub api: Api,
    /// The request's name.
    pub request: RequestId,
    /// When it arrived.
    pub now: Timestamp,
    /// Where it came from.
    pub source: IpAddr,
    /// Who calls.
    pub caller: C,
    /// Where that is, as far as the address tells.
    pub place: Place,
    /// What tells a repeat of it, where it may be repeated.
    pub repeat: Option<Repeatable>,
    /// What the call says.
    pub body: B,
}

/// Who calls, as far as the call needs to know.
pub(crate) trait Caller: Sized + Send {
    /// Whether the call says whose it is, so that nobody needs to count it.
    fn is_known(&self) -> bool;

    /// Whether it is an app, which says how old it is.
    const VERSIONED: bool = true;

    /// Stands for the key that calls, to tell one caller's repeats from another's.
    fn mark(&self) -> Vec<u8>;

    /// Finds out from the request's head.
    fn identify(
        api: &Api,
        parts: &Parts,
        now: Timestamp,
    ) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// Somebody who proves nothing but what the body says; a browser, as it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anyone;

impl Caller for Anyone {
    const VERSIONED: bool = false;

    fn is_known(&self) -> bool {
        false
    }

    fn mark(&self) -> Vec<u8> {
        Vec::new()
    }

    async fn identify(_: &Api, _: &Parts, _: Timestamp) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// A key that is at hand, and nothing more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proven {
    /// The key's RFC 7638 thumbprint.
    pub thumbprint: [u8; 32],
}

impl Caller for Proven {
    fn is_known(&self) -> bool {
        false
    }

    fn mark(&self) -> Vec<u8> {
        self.thumbprint.to_vec()
    }

    async fn identify(api: &Api, parts: &Parts, now: Timestamp) -> Result<Self, Problem> {
        let proof = prove(api, parts, None, now).await?;
        Ok(Self { thumbprint: proof.thumbprint })
    }
}

impl Caller for SignedIn {
    fn is_known(&self) -> bool {
        true
    }

    fn mark(&self) -> Vec<u8> {
        [self.account.id.to_bytes(), *self.session.key.as_bytes()].concat()
    }

    async fn identify(api: &Api, parts: &Parts, now: Timestamp) -> Result<Self, Problem> {
        let token = access_token(&parts.headers);
        let proof = prove(api, parts, token, now).await?;
        let token = token.ok_or_else(|| {
            Problem::new(Code::InvalidToken).reason("Authorization: DPoP <access token> is needed.")
        })?;
        let signed_in = authenticate(api, token, &proof.thumbprint, now).await?;
        if let Some(spoken) = parts.extensions.get::<Spoken>() {
            spoken.set(Language::negotiate(&signed_in.account.locale));
        }
        Ok(signed_in)
    }
}

/// Somebody with a living session, or a key that is at hand.
#[derive(Debug, Clone)]
pub(crate) enum MaybeSignedIn {
    /// The call came with a token.
    SignedIn(Box<SignedIn>),
    /// It came without one.
    Proven(Proven),
}

impl Caller for MaybeSignedIn {
    fn is_known(&self) -> bool {
        match self {
            Self::SignedIn(caller) => caller.is_known(),
            Self::Proven(caller) => caller.is_known(),
        }
    }

    fn mark(&self) -> Vec<u8> {
        match self {
            Self::SignedIn(caller) => caller.mark(),
            Self::Proven(caller) => caller.mark(),
        }
    }

    /// Whoever says that they are signed in has to be.
    async fn identify(api: &Api, parts: &Parts, now: Timestamp) -> Result<Self, Problem> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let signed_in = SignedIn::identify(api, parts, now).await?;
            Ok(Self::SignedIn(Box::new(signed_in)))
        } else {
            Proven::identify(api, parts, now).await.map(Self::Proven)
        }
    }
}

/// The access token, if the request has exactly one.
fn access_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("dpop").then_some(token)
}

/// Checks the device proof, and that it is used for the first time.
async fn prove(
    api: &Api,
    parts: &Parts,
    access_token: Option<&str>,
    now: Timestamp,
) -> Result<Proof, Problem> {
    let bad = |why: BadProof| {
        Problem::new(Code::InvalidProof)
            .reason(why.to_string())
            .with("server_time", now.to_string())
    };
    let mut headers = parts.headers.get_all("dpop").iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(bad(BadProof::Count));
    };
    let url = format!("{}{}", api.parts().settings.public_url, parts.uri.path());
    let call = ProvenCall { method: parts.method.as_str(), url: &url, access_token, now };
    let text = header.to_str().map_err(|_| bad(BadProof::Form))?;
    let proof = check(text, call).map_err(bad)?;
    let guards = api.parts().store.guards();
    // Remembered for longer than it is accepted: tables count in whole seconds.
    let remember_until = proof.accepted_until + postern_domain::policy::PROOF_SKEW;
    let used = guards.use_proof(proof.use_once, now, remember_until, api.chance()).await;
    match used.map_err(|error| unavailable(&error))? {
        Freshness::Fresh => Ok(proof),
        Freshness::Replayed => Err(bad(BadProof::Replayed)),
    }
}

impl<C, B> Call<C, B> {
    /// What every commit of this call says about its making.
    pub(crate) fn meta(&self, actor: &str) -> Meta {
        let idempotency = self.repeat.as_ref().map(|it| it.name().to_owned());
        Meta { idempotency, ..self.api.meta(&self.request, actor) }
    }

    /// What the call's claims are marked with.
    pub(crate) fn claim_mark(&self) -> Option<u64> {
        self.repeat.as_ref().map(Repeatable::mark)
    }
}

impl<B> Call<Proven, B> {
    /// Counts a call that did not prove itself, and says what it is answered.
    pub(crate) async fn unproven(&self, problem: Problem) -> Problem {
        rate::unproven(&self.api, self.source, self.now, problem).await
    }
}

impl<C: Caller, B: Members> FromRequest<Api> for Call<C, B> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if C::VERSIONED {
            check_version(api, &parts.headers)?;
        }
        let bytes = read::<B>(&parts.headers, body).await?;
        let now = api.now();
        let request = parts.extensions.get::<RequestId>().cloned();
        let peer = parts.extensions.get::<SourceAddress>().and_then(|it| it.0);
        let source = api.parts().places.source(peer, &parts.headers);
        // Both are set by whoever composes the server; without them nothing is counted or named.
        let (Some(request), Some(source)) = (request, source) else {
            tracing::error!("a request came without its name or its source address");
            return Err(Problem::new(Code::Crashed));
        };
        let caller = C::identify(api, &parts, now).await?;
        let counted = (!caller.is_known() && parts.method == Method::POST).then_some(B::COUNTED);
        if counted == Some(Counted::AtOnce) {
            rate::count(api, source, now).await?;
        }
        let body = match members(&bytes) {
            Ok(body) => body,
            Err(bad) if counted == Some(Counted::Unproven) => {
                return Err(rate::unproven(api, source, now, bad).await);
            }
            Err(bad) => return Err(bad),
        };
        let repeat = if B::REPEATABLE {
            let (path, mark) = (parts.uri.path(), caller.mark());
            Repeatable::of(api, &parts.headers, path, &mark, &bytes, now).await?
        } else {
            None
        };
        let place = api.parts().places.locate(source, &parts.headers);
        Ok(Self { api: api.clone(), request, now, source, caller, place, repeat, body })
    }
}

/// The app's version, before any other work.
fn check_version(api: &Api, headers: &HeaderMap) -> Result<(), Problem> {
    let minimum = &api.parts().settings.minimum_version;
    let given = headers.get("x-app-version").and_then(|value| value.to_str().ok());
    let version: Option<AppVersion> = given.and_then(|text| text.parse().ok());
    if version.is_some_and(|version| version.reaches(minimum)) {
        return Ok(());
    }
    Err(Problem::new(Code::AppUpdateRequired).with("minimum_version", minimum.to_string()))
}

/// The body, if it is declared as JSON and not too long. A call without members needs neither.
async fn read<B: Members>(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let json = is_json(headers);
    let bytes = match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let code = if json { Code::TooLarge } else { Code::UnsupportedMediaType };
            return Err(Problem::new(code));
        }
        Err(_) => return Err(Problem::new(Code::MalformedBody).reason("The body broke off.")),
    };
    let may_be_undeclared = bytes.is_empty() && B::OPTIONAL;
    if json || may_be_undeclared {
        Ok(bytes)
    } else {
        Err(Problem::new(Code::UnsupportedMediaType))
    }
}
