#![allow(clippy::unwrap_used, reason = "a test may")]
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const URL: &str = "https://api.example/v1/sign-ins";
const NOW: i64 = 1_800_000_000;

struct Phone(EcdsaKeyPair);

impl Phone {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", text(header), text(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk()})
    }
}

fn claims() -> Value {
    json!({"htm": "POST", "htu": URL, "iat": NOW, "jti": "one"})
}

fn with(mut value: Value, pointer: &str, member: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[name] = member;
    value
}

fn call(access_token: Option<&str>) -> ProvenCall<'_> {
    let now = Timestamp::from_second(NOW).unwrap();
    ProvenCall { method: "POST", url: URL, access_token, now }
}

#[test]
fn a_fresh_proof_of_the_call_is_accepted_and_names_its_key() {
    let phone = Phone::new();
    let one = check(&phone.sign(&phone.header(), &claims()), call(None)).unwrap();
    let two = check(&phone.sign(&phone.header(), &claims()), call(None)).unwrap();
    assert_eq!(one, two, "another signature of the same proof is the same use");
    let other = Phone::new();
    let theirs = check(&other.sign(&other.header(), &claims()), call(None)).unwrap();
    assert_ne!(one.thumbprint, theirs.thumbprint);
    assert_ne!(one.use_once, theirs.use_once);
    assert_eq!(one.accepted_until.as_second(), NOW + 60);
}

#[test]
fn a_header_of_another_kind_is_refused() {
    let phone = Phone::new();
    for (pointer, value) in [
        ("/typ", json!("JWT")),
        ("/alg", json!("none")),
        ("/alg", json!("ES384")),
        ("/alg", json!("HS256")),
        ("/crit", json!(["exp"])),
        ("/crit", json!([])),
    ] {
        let proof = phone.sign(&with(phone.header(), pointer, value.clone()), &claims());
        assert_eq!(check(&proof, call(None)), Err(BadProof::Header), "{pointer} {value}");
    }
}

#[test]
fn a_key_that_is_private_off_the_curve_or_of_another_kind_is_refused() {
    let phone = Phone::new();
    for (pointer, value) in [
        ("/jwk/d", json!("AAAA")),
        ("/jwk/kty", json!("OKP")),
        ("/jwk/crv", json!("P-384")),
        ("/jwk/x", json!("AAAA")),
        ("/jwk/y", json!("")),
    ] {
        let proof = phone.sign(&with(phone.header(), pointer, value), &claims());
        assert_eq!(check(&proof, call(None)), Err(BadProof::Key), "{pointer}");
    }
    let off = with(phone.header(), "/jwk/x", json!(URL_SAFE_NO_PAD.encode([1; 32])));
    assert_eq!(check(&phone.sign(&off, &claims()), call(None)), Err(BadProof::Signature));
}

#[test]
fn a_proof_for_another_call_is_refused() {
    let phone = Phone::new();
    for (pointer, value) in [
        ("/htm", "GET"),
        ("/htm", "post"),
        ("/htu", "https://api.example/v1/sign-ins?x=1"),
        ("/htu", "https://evil.example/v1/sign-ins"),
        ("/htu", "https://api.example/v1/sign-ins/"),
    ] {
        let proof = phone.sign(&phone.header(), &with(claims(), pointer, json!(value)));
        assert_eq!(check(&proof, call(None)), Err(BadProof::OtherCall), "{value}");
    }
}

#[test]
fn a_minute_either_way_is_accepted_and_a_second_more_is_not() {
    let phone = Phone::new();
    let at = |iat: i64| {
        check(&phone.sign(&phone.header(), &with(claims(), "/iat", json!(iat))), call(None))
    };
    assert!(at(NOW - 60).is_ok());
    assert!(at(NOW + 60).is_ok());
    for iat in [NOW - 61, NOW + 61, i64::MIN, i64::MAX, 0] {
        assert_eq!(at(iat), Err(BadProof::Time), "{iat}");
    }
}

#[test]
fn a_jti_is_needed_and_bounded() {
    let phone = Phone::new();
    for jti in [String::new(), "j".repeat(129)] {
        let proof = phone.sign(&phone.header(), &with(claims(), "/jti", json!(jti)));
        assert_eq!(check(&proof, call(None)), Err(BadProof::Jti));
    }
}

#[test]
fn ath_is_there_exactly_when_a_token_is_and_is_its_hash() {
    let phone = Phone::new();
    let bare = phone.sign(&phone.header(), &claims());
    assert_eq!(check(&bare, call(Some("token"))), Err(BadProof::Token));
    let ath = URL_SAFE_NO_PAD.encode(sha256(b"token"));
    let bound = phone.sign(&phone.header(), &with(claims(), "/ath", json!(ath)));
    assert!(check(&bound, call(Some("token"))).is_ok());
    assert_eq!(check(&bound, call(Some("other"))), Err(BadProof::Token));
    assert_eq!(check(&bound, call(None)), Err(BadProof::Token));
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let phone = Phone::new();
    let proof = phone.sign(&phone.header(), &claims());
    for at in (0..proof.len()).step_by(7) {
        let mut bytes = proof.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(check(&changed, call(None)).is_err(), "at {at}");
    }
    assert_eq!(check("", call(None)), Err(BadProof::Form));
    assert_eq!(check(&"a".repeat(5_000), call(None)), Err(BadProof::Form));
}
