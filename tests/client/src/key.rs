//! The device's key pair. The device *is* this key: losing it means being a new device.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::chance;
use crate::trouble::Trouble;

/// Length of a coordinate of a P-256 point, in bytes.
const COORDINATE: usize = 32;

/// A P-256 key pair. A phone would make it in its secure element and never see the private half.
#[derive(Clone)]
pub struct DeviceKey {
    pair: Arc<EcdsaKeyPair>,
    x: String,
    y: String,
}

impl DeviceKey {
    /// A new key, and with it a new device.
    ///
    /// # Errors
    /// [`Trouble::Key`] if the system can't make one.
    pub fn generate() -> Result<Self, Trouble> {
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| Trouble::Key)?;
        // An uncompressed point: the byte 4, then both coordinates (SEC 1, 2.3.3).
        let coordinate = |number: usize| {
            let from = 1 + number * COORDINATE;
            let bytes = pair.public_key().as_ref().get(from..from + COORDINATE);
            bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).ok_or(Trouble::Key)
        };
        let (x, y) = (coordinate(0)?, coordinate(1)?);
        Ok(Self { pair: Arc::new(pair), x, y })
    }

    /// The public half as a JSON Web Key (RFC 7517).
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y })
    }

    /// The key's name: SHA-256 over its required members in alphabetical order (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.x, &self.y)
    }

    /// Signs with ES256: both halves of the signature in 64 bytes (RFC 7518, 3.4).
    ///
    /// # Errors
    /// [`Trouble::Key`] if the key can't be used.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Trouble> {
        let signature = self.pair.sign(&chance::source(), message).map_err(|_| Trouble::Key)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceKey").field(&self.thumbprint()).finish()
    }
}

fn thumbprint(x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_dpop_standards_own_example() {
        // The key of RFC 9449, section 4.1, and the `jkt` of its section 6.1.
        let found = thumbprint(
            "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        );
        assert_eq!(found, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_signature_is_checked_by_the_public_half_in_the_jwk() {
        let key = DeviceKey::generate().unwrap();
        let mut point = vec![4];
        for member in ["x", "y"] {
            point.extend(URL_SAFE_NO_PAD.decode(key.jwk()[member].as_str().unwrap()).unwrap());
        }
        let signature = key.sign(b"a message").unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        assert!(public.verify(b"a message", &signature).is_ok());
        assert!(public.verify(b"another message", &signature).is_err());
    }

    #[test]
    fn two_devices_never_have_one_name() {
        let (one, other) = (DeviceKey::generate().unwrap(), DeviceKey::generate().unwrap());
        assert_ne!(one.thumbprint(), other.thumbprint());
    }
}
