#![allow(clippy::unwrap_used, reason = "a test may")]

use aws_lc_rs::rand::SystemRandom;
use serde_json::json;

use super::*;

const URL: &str = "https://api.example";
const NOW: i64 = 1_800_000_000;

fn pkcs8() -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    pair.to_pkcs8v1().unwrap().as_ref().to_vec()
}

fn keys(current: &str, keys: &[(&str, &Vec<u8>)]) -> TokenKeys {
    let keys = keys.iter().map(|(kid, key)| ((*kid).to_owned(), (*key).clone())).collect();
    TokenKeys::new(current.to_owned(), &keys).unwrap()
}

fn claims() -> Claims {
    let at = at(NOW);
    Claims {
        iss: URL.to_owned(),
        aud: URL.to_owned(),
        sub: AccountId::new(at, [1; 10]),
        client_id: CLIENT.to_owned(),
        sid: SessionId::new(at, [2; 10]),
        did: DeviceId::new(at, [3; 10]),
        cnf: Confirmation { jkt: "thumbprint".to_owned() },
        amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop],
        auth_time: NOW,
        iat: NOW,
        exp: NOW + 300,
        jti: "one".to_owned(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A token of our key with a header and claims of somebody's choice.
fn forged(pkcs8: &[u8], header: &Value, claims: &Value) -> String {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).unwrap();
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", text(header), text(claims));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_token_reads_back_until_the_second_it_expires() {
    let key = pkcs8();
    let keys = keys("k1", &[("k1", &key)]);
    let token = keys.sign(&claims()).unwrap();
    assert_eq!(keys.read(&token, URL, at(NOW + 299)), Ok(claims()));
    assert_eq!(keys.read(&token, URL, at(NOW + 300)), Err(BadToken::Expired));
}

#[test]
fn a_token_for_another_deployment_or_of_another_key_is_invalid() {
    let (one, two) = (pkcs8(), pkcs8());
    let ours = keys("k1", &[("k1", &one)]);
    let token = ours.sign(&claims()).unwrap();
    assert_eq!(ours.read(&token, "https://other.example", at(NOW)), Err(BadToken::Invalid));
    let theirs = keys("k1", &[("k1", &two)]);
    assert_eq!(theirs.read(&token, URL, at(NOW)), Err(BadToken::Invalid));
}

#[test]
fn a_retired_key_still_verifies_what_it_signed() {
    let (old, new) = (pkcs8(), pkcs8());
    let token = keys("old", &[("old", &old)]).sign(&claims()).unwrap();
    let rotated = keys("new", &[("old", &old), ("new", &new)]);
    assert_eq!(rotated.read(&token, URL, at(NOW)), Ok(claims()));
}

#[test]
fn a_header_of_another_kind_is_invalid() {
    let key = pkcs8();
    let keys = keys("k1", &[("k1", &key)]);
    let body = serde_json::to_value(claims()).unwrap();
    let header = |typ: &str, alg: &str, kid: &str| json!({"typ": typ, "alg": alg, "kid": kid});
    let good = forged(&key, &header("at+jwt", "ES256", "k1"), &body);
    assert_eq!(keys.read(&good, URL, at(NOW)), Ok(claims()));
    for (typ, alg, kid) in [
        ("JWT", "ES256", "k1"),
        ("dpop+jwt", "ES256", "k1"),
        ("at+jwt", "HS256", "k1"),
        ("at+jwt", "ES384", "k1"),
        ("at+jwt", "none", "k1"),
        ("at+jwt", "ES256", "k2"),
    ] {
        let token = forged(&key, &header(typ, alg, kid), &body);
        assert_eq!(keys.read(&token, URL, at(NOW)), Err(BadToken::Invalid), "{typ} {alg} {kid}");
    }
    for token in ["", ".", "..", "a.b.c", &good[..good.len() - 2]] {
        assert_eq!(keys.read(token, URL, at(NOW)), Err(BadToken::Invalid), "{token}");
    }
}

#[test]
fn a_key_that_is_none_or_missing_stops_the_start() {
    let broken = TokenKeys::new("k1".to_owned(), &BTreeMap::from([("k1".to_owned(), vec![1, 2])]));
    assert_eq!(broken.err(), Some(BadTokenKey::Form { kid: "k1".to_owned() }));
    let missing = TokenKeys::new("k2".to_owned(), &BTreeMap::from([("k1".to_owned(), pkcs8())]));
    assert_eq!(missing.err(), Some(BadTokenKey::Missing { kid: "k2".to_owned() }));
}
