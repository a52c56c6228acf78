//! Access tokens: RFC 9068 JWTs, five minutes, bound to the device's key (RFC 7800, `cnf.jkt`).

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use postern_domain::policy;
use postern_events::ids::{AccountId, DeviceId, SessionId};
use postern_events::sign_in::AuthenticationMethod;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// RFC 9068, 2.1.
const TYPE: &str = "at+jwt";
/// The one client there is.
const CLIENT: &str = "app";

/// A token key can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTokenKey {
    /// Its bytes are no P-256 key in PKCS#8.
    #[error("token key {kid} is not a P-256 key in PKCS#8")]
    Form {
        /// Its name.
        kid: String,
    },
    /// The current key is not among the keys.
    #[error("token key {kid} is not configured")]
    Missing {
        /// Its name.
        kid: String,
    },
}

struct Key {
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Value,
}

/// The keys that sign access tokens: one signs, all verify and are published.
pub struct TokenKeys {
    current: String,
    keys: BTreeMap<String, Key>,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Who it is for.
    pub aud: String,
    /// The account.
    pub sub: AccountId,
    /// The client.
    pub client_id: String,
    /// The session.
    pub sid: SessionId,
    /// The device.
    pub did: DeviceId,
    /// The key it is bound to.
    pub cnf: Confirmation,
    /// How its holder proved who they are.
    pub amr: Vec<AuthenticationMethod>,
    /// When they did, in seconds since 1970.
    pub auth_time: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// Its own name.
    pub jti: String,
}

/// RFC 7800: the key that a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The key's RFC 7638 thumbprint, in base64url.
    pub jkt: String,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is not one of ours, or for somebody else.
    #[error("the token is not valid")]
    Invalid,
    /// It was valid once.
    #[error("the token has expired")]
    Expired,
}

impl TokenKeys {
    /// Takes all keys (PKCS#8) by name, and which of them signs.
    ///
    /// # Errors
    /// When a key can't be read or the current one is missing.
    pub fn new(current: String, keys: &BTreeMap<String, Vec<u8>>) -> Result<Self, BadTokenKey> {
        let keys = keys
            .iter()
            .map(|(kid, pkcs8)| Ok((kid.clone(), Key::read(kid, pkcs8)?)))
            .collect::<Result<BTreeMap<_, _>, BadTokenKey>>()?;
        if keys.contains_key(&current) {
            Ok(Self { current, keys })
        } else {
            Err(BadTokenKey::Missing { kid: current })
        }
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517, 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.keys.values().map(|key| &key.jwk).collect::<Vec<_>>() })
    }

    /// Signs a token.
    ///
    /// # Errors
    /// When signing fails, which only a fault of ours can cause.
    pub fn sign(&self, claims: &Claims) -> Result<String, BadTokenKey> {
        let missing = || BadTokenKey::Missing { kid: self.current.clone() };
        let key = self.keys.get(&self.current).ok_or_else(missing)?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.current.clone());
        jsonwebtoken::encode(&header, claims, &key.signing).map_err(|_| missing())
    }

    /// Reads a token that one of the keys signed for this audience.
    ///
    /// # Errors
    /// When it is anything else, or has expired.
    pub fn read(&self, token: &str, audience: &str, now: Timestamp) -> Result<Claims, BadToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken::Invalid)?;
        let ours = header.typ.as_deref() == Some(TYPE) && header.alg == Algorithm::ES256;
        let key = header.kid.as_deref().and_then(|kid| self.keys.get(kid));
        let key = key.filter(|_| ours).ok_or(BadToken::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation())
            .map_err(|_| BadToken::Invalid)?
            .claims;
        if claims.iss != audience || claims.aud != audience {
            return Err(BadToken::Invalid);
        }
        if now.as_second() >= claims.exp { Err(BadToken::Expired) } else { Ok(claims) }
    }
}

/// Only the signature: every claim is checked here, against the process's own clock.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

/// The claims of a token for this session, issued now.
#[must_use]
pub fn claims(
    issuer: &str,
    session: &postern_store::sessions::Session,
    thumbprint: &[u8; 32],
    jti: [u8; 16],
    now: Timestamp,
) -> Claims {
    Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: session.account,
        client_id: CLIENT.to_owned(),
        sid: session.id,
        did: session.device,
        cnf: Confirmation { jkt: URL_SAFE_NO_PAD.encode(thumbprint) },
        amr: session.amr.clone(),
        auth_time: session.auth_time.as_second(),
        iat: now.as_second(),
        exp: (now + policy::ACCESS_TOKEN_LIFE).as_second(),
        jti: URL_SAFE_NO_PAD.encode(jti),
    }
}

impl Key {
    fn read(kid: &str, pkcs8: &[u8]) -> Result<Self, BadTokenKey> {
        let form = || BadTokenKey::Form { kid: kid.to_owned() };
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| form())?;
        let point = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(point.get(1..33).ok_or_else(form)?);
        let y = URL_SAFE_NO_PAD.encode(point.get(33..65).ok_or_else(form)?);
        Ok(Self {
            signing: EncodingKey::from_ec_der(pkcs8),
            verifying: DecodingKey::from_ec_components(&x, &y).map_err(|_| form())?,
            jwk: json!({
                "kty": "EC", "crv": "P-256", "x": x, "y": y,
                "kid": kid, "alg": "ES256", "use": "sig",
            }),
        })
    }
}

#[cfg(test)]
mod tests;
