//! Device proofs: DPoP (RFC 9449), checked claim by claim.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use postern_domain::policy;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use subtle::ConstantTimeEq as _;

/// A proof has about 600 characters; a much longer one is no proof.
const MAX_LENGTH: usize = 4_096;
/// A `jti` needs 128 bits; this leaves room for any spelling of them.
const MAX_JTI: usize = 128;
/// Bytes of a coordinate on P-256.
const COORDINATE: usize = 32;

/// What is wrong with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// There is none, or more than one.
    #[error("Exactly one DPoP header is needed.")]
    Count,
    /// It is not a JWT of the right form.
    #[error("The proof is not a JWT.")]
    Form,
    /// Its header is not `dpop+jwt`, `ES256`, without critical extensions.
    #[error("The proof's header must be typ dpop+jwt, alg ES256, without crit.")]
    Header,
    /// Its key is not a public key on P-256.
    #[error("The proof's jwk must be a public P-256 key.")]
    Key,
    /// Its signature is not the key's.
    #[error("The proof's signature is wrong.")]
    Signature,
    /// It was made for another call.
    #[error("The proof was made for another method or URL.")]
    OtherCall,
    /// It was made too long ago or ahead of time.
    #[error("The proof's iat is too far from the server's time.")]
    Time,
    /// It has no usable `jti`.
    #[error("The proof's jti must have 1 to 128 characters.")]
    Jti,
    /// It names another access token, or none where one is used, or one where none is.
    #[error("The proof's ath doesn't fit the access token.")]
    Token,
    /// It was used before.
    #[error("The proof was used before.")]
    Replayed,
}

/// The call that a proof has to be made for.
#[derive(Debug, Clone, Copy)]
pub struct ProvenCall<'a> {
    /// The method.
    pub method: &'a str,
    /// The configured public URL and the path.
    pub url: &'a str,
    /// The access token that comes with it.
    pub access_token: Option<&'a str>,
    /// The present.
    pub now: Timestamp,
}

/// A key that has been proven to be at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The key's RFC 7638 thumbprint.
    pub thumbprint: [u8; 32],
    /// Stands for the key and the `jti`: whatever the bytes of the proof, it is used once.
    /// (An ECDSA signature has a second valid form, so the proof's own bytes would not do.)
    pub use_once: [u8; 32],
    /// Until when the proof would be accepted again.
    pub accepted_until: Timestamp,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    d: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: i64,
    jti: String,
    ath: Option<String>,
}

/// Checks a proof against the call it came with.
///
/// # Errors
/// What is wrong with it first. Whether it was used before is for the caller to find out.
pub fn check(proof: &str, call: ProvenCall<'_>) -> Result<Proof, BadProof> {
    if proof.len() > MAX_LENGTH {
        return Err(BadProof::Form);
    }
    let (signed, signature) = proof.rsplit_once('.').ok_or(BadProof::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(BadProof::Form)?;
    let header: Header = part(header).ok_or(BadProof::Header)?;
    if header.typ != "dpop+jwt" || header.alg != "ES256" || header.crit.is_some() {
        return Err(BadProof::Header);
    }
    let point = header.jwk.point().ok_or(BadProof::Key)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| BadProof::Form)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| BadProof::Signature)?;
    let claims: Claims = part(claims).ok_or(BadProof::Form)?;
    if claims.htm != call.method || claims.htu != call.url {
        return Err(BadProof::OtherCall);
    }
    let accepted_until = accepted_until(claims.iat, call.now).ok_or(BadProof::Time)?;
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        return Err(BadProof::Jti);
    }
    if !token_fits(claims.ath.as_deref(), call.access_token) {
        return Err(BadProof::Token);
    }
    let thumbprint = header.jwk.thumbprint();
    let use_once = sha256(&[thumbprint.as_slice(), claims.jti.as_bytes()].concat());
    Ok(Proof { thumbprint, use_once, accepted_until })
}

/// Until when a proof made at `iat` is accepted, if it is accepted now.
fn accepted_until(iat: i64, now: Timestamp) -> Option<Timestamp> {
    let made = Timestamp::from_second(iat).ok()?;
    let now = Timestamp::from_second(now.as_second()).ok()?;
    let off = now.duration_since(made).abs();
    (off <= policy::PROOF_SKEW).then(|| made.checked_add(policy::PROOF_SKEW).ok())?
}

/// RFC 9449, 4.2: `ath` is there exactly when a token is, and is its hash.
fn token_fits(ath: Option<&str>, token: Option<&str>) -> bool {
    match (ath, token) {
        (None, None) => true,
        (Some(ath), Some(token)) => {
            let expected = URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()));
            ath.as_bytes().ct_eq(expected.as_bytes()).into()
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

impl Jwk {
    /// The uncompressed point, if this is a public P-256 key; whether it lies on the curve is
    /// seen when the signature is verified.
    fn point(&self) -> Option<Vec<u8>> {
        if self.kty != "EC" || self.crv != "P-256" || self.d.is_some() {
            return None;
        }
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let bytes = URL_SAFE_NO_PAD.decode(coordinate).ok()?;
            if bytes.len() != COORDINATE {
                return None;
            }
            point.extend(bytes);
        }
        Some(point)
    }

    /// RFC 7638, 3: the required members in lexical order, without white space.
    fn thumbprint(&self) -> [u8; 32] {
        let Self { x, y, .. } = self;
        sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes())
    }
}

#[cfg(test)]
mod tests;
