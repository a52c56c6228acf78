//! The proof of the device's key that every call carries (`DPoP`, RFC 9449).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::chance;
use crate::key::DeviceKey;
use crate::trouble::Trouble;

impl DeviceKey {
    /// A proof for one call: good for that method and address, for a minute, and once.
    ///
    /// `url` is the address without its query, `iat` the server's time in seconds since 1970.
    ///
    /// # Errors
    /// [`Trouble::Key`] if the key can't be used.
    pub fn proof(
        &self,
        method: &str,
        url: &str,
        iat: i64,
        access_token: Option<&str>,
    ) -> Result<String, Trouble> {
        self.token(&self.proof_header(), &proof_claims(method, url, iat, access_token)?)
    }

    /// The header of this key's proofs; the server finds the key in it.
    #[must_use]
    pub fn proof_header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    /// Signs any header and any claims, right or wrong ones (RFC 7515, compact form).
    ///
    /// # Errors
    /// [`Trouble::Key`] if the key can't be used.
    pub fn token(&self, header: &Value, claims: &Value) -> Result<String, Trouble> {
        let signed = unsigned(header, claims);
        let signature = URL_SAFE_NO_PAD.encode(self.sign(signed.as_bytes())?);
        Ok(format!("{signed}.{signature}"))
    }
}

/// What a proof says about the call that it belongs to.
///
/// # Errors
/// [`Trouble::Key`] if there is no chance to be had for `jti`.
pub fn proof_claims(
    method: &str,
    url: &str,
    iat: i64,
    access_token: Option<&str>,
) -> Result<Value, Trouble> {
    let jti = URL_SAFE_NO_PAD.encode(chance::draw::<16>()?);
    let mut claims = json!({ "htm": method, "htu": url, "iat": iat, "jti": jti });
    if let Some(token) = access_token {
        claims["ath"] = json!(URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())));
    }
    Ok(claims)
}

/// What a signature of a token is made over.
#[must_use]
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn part(token: &str, number: usize) -> Value {
        let text = token.split('.').nth(number).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_names_its_call_and_its_key() {
        let key = DeviceKey::generate().unwrap();
        let proof = key.proof("POST", "https://api.example/v1/sign-ins", 1_700, None).unwrap();
        assert_eq!(part(&proof, 0), key.proof_header());
        let claims = part(&proof, 1);
        assert_eq!(claims["htm"], "POST");
        assert_eq!(claims["htu"], "https://api.example/v1/sign-ins");
        assert_eq!(claims["iat"], 1_700);
        assert!(claims.get("ath").is_none());
    }

    #[test]
    fn a_proof_with_a_token_is_bound_to_it_as_in_the_standards_example() {
        // The access token and the `ath` of RFC 9449, section 7.1.
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let claims = proof_claims("GET", "https://api.example/v1/account", 0, Some(token));
        assert_eq!(claims.unwrap()["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[test]
    fn no_two_proofs_are_alike() {
        let key = DeviceKey::generate().unwrap();
        let one = key.proof("GET", "https://api.example/", 0, None).unwrap();
        let other = key.proof("GET", "https://api.example/", 0, None).unwrap();
        assert_ne!(part(&one, 1)["jti"], part(&other, 1)["jti"]);
    }
}
