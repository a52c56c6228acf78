//! A call counts only with a proof of its device's key that was made for this very call.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::key::DeviceKey;
use postern_client::proof::{proof_claims, unsigned};
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// A path that needs a proof and, with one, is answered with 404.
const PROBE: &str = "/v1/sign-ins/sin_01J00000000000000000000000";

/// Header and claims of a proof that is right for the probe.
async fn parts(phone: &Client) -> (Value, Value) {
    let now = phone.server_time().await.unwrap();
    let url = format!("{}{PROBE}", phone.base());
    (phone.key().proof_header(), proof_claims("GET", &url, now, None).unwrap())
}

async fn probe(phone: &Client, proof: &str) -> Answer {
    phone.request("GET", PROBE).proof(proof).send().await.unwrap()
}

/// The refusal of a proof; it tells the time, so that a wrong clock shuts nobody out.
fn bad_proof(answer: Answer, why: &str) {
    assert_eq!(answer.code(), "invalid_proof", "{why}: {} {}", answer.status, answer.body);
    let answer = refused(Ok::<_, ()>(answer), 401, "invalid_proof");
    assert!(answer.body["server_time"].is_string(), "{why}: {}", answer.body);
}

/// S3: every member of a proof is checked.
#[tokio::test]
async fn a_proof_with_one_wrong_member_is_no_proof() {
    let world = World::open().await;
    let phone = world.phone();
    let url = format!("{}{PROBE}", phone.base());
    let now = phone.server_time().await.unwrap();
    let other = DeviceKey::generate().unwrap();
    // A minute is allowed on either side; the calls themselves take part of another.
    let claims = [
        ("htm", json!("POST")),
        ("htm", json!("get")),
        ("htm", Value::Null),
        ("htu", json!(format!("{}/v1/sign-ins", phone.base()))),
        ("htu", json!(url.replace("127.0.0.1", "api.example.com"))),
        ("htu", json!(PROBE)),
        ("htu", Value::Null),
        ("iat", json!(now - 62)),
        ("iat", json!(now + 63)),
        ("iat", json!(i64::MIN)),
        ("iat", json!(i64::MAX)),
        ("iat", json!(u64::MAX)),
        ("iat", json!(now.to_string())),
        ("iat", Value::Null),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("jti", json!("x".repeat(5_000))),
        ("jti", Value::Null),
    ];
    for (member, value) in claims {
        let (header, mut claims) = parts(&phone).await;
        claims[member] = value.clone();
        let proof = phone.key().token(&header, &claims).unwrap();
        bad_proof(probe(&phone, &proof).await, &format!("{member}: {value:.60}"));
    }
    let mut private = phone.key().jwk();
    private["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");
    let mut off_curve = phone.key().jwk();
    off_curve["y"] = off_curve["x"].clone();
    let headers = [
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("ES384")),
        ("alg", json!("HS256")),
        ("alg", Value::Null),
        ("crit", json!(["b64"])),
        ("jwk", private),
        ("jwk", off_curve),
        ("jwk", other.jwk()),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("jwk", json!({ "kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA" })),
        ("jwk", Value::Null),
    ];
    for (member, value) in headers {
        let (mut header, claims) = parts(&phone).await;
        header[member] = value.clone();
        let proof = phone.key().token(&header, &claims).unwrap();
        bad_proof(probe(&phone, &proof).await, &format!("{member}: {value}"));
    }
    let (header, claims) = parts(&phone).await;
    let right = phone.key().token(&header, &claims).unwrap();
    refused(Ok::<_, ()>(probe(&phone, &right).await), 404, "not_found");
}

/// S3: a signature counts only if the device's key made it, over these very bytes.
#[tokio::test]
async fn a_proof_without_its_keys_signature_is_no_proof() {
    let world = World::open().await;
    let phone = world.phone();
    let (header, claims) = parts(&phone).await;
    let right = phone.key().token(&header, &claims).unwrap();
    let (signed, signature) = right.rsplit_once('.').unwrap();
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[10] ^= 1;
    let other = DeviceKey::generate().unwrap().sign(signed.as_bytes()).unwrap();

    let mut none = header.clone();
    none["alg"] = json!("none");
    let mut symmetric = header.clone();
    symmetric["alg"] = json!("HS256");
    let symmetric = unsigned(&symmetric, &claims);
    // The classic confusion: the public key, which everybody knows, as a shared secret.
    let shared = hmac::Key::new(hmac::HMAC_SHA256, phone.key().jwk().to_string().as_bytes());
    let tag = hmac::sign(&shared, symmetric.as_bytes());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    for (proof, why) in [
        (format!("{signed}.{}", encode(&flipped)), "one bit flipped"),
        (format!("{signed}.{}", encode(&other)), "another key's signature"),
        (format!("{signed}.{}", encode(&[0; 64])), "a signature of zeros"),
        (format!("{signed}."), "an empty signature"),
        (signed.to_owned(), "no signature"),
        (format!("{}.", unsigned(&none, &claims)), "alg none"),
        (format!("{symmetric}.{}", encode(tag.as_ref())), "alg HS256"),
        (format!("{right}.{signature}"), "four parts"),
        ("nonsense".to_owned(), "no token at all"),
        (String::new(), "nothing"),
        ("a".repeat(7_000), "far too long"),
    ] {
        bad_proof(probe(&phone, &proof).await, why);
    }
    let unproven = phone.request("GET", PROBE).proofs(&[]).send().await.unwrap();
    bad_proof(unproven, "no header");
    let (header, claims) = parts(&phone).await;
    let second = phone.key().token(&header, &claims).unwrap();
    let twice = phone.request("GET", PROBE).proofs(&[&right, &second]).send().await.unwrap();
    bad_proof(twice, "two proofs (RFC 9449, 4.3)");
}

/// S3: a proof works once, even if it is signed again; another key may use the same number.
#[tokio::test]
async fn a_proof_is_good_for_one_call() {
    let world = World::open().await;
    let phone = world.phone();
    let (header, claims) = parts(&phone).await;
    let proof = phone.key().token(&header, &claims).unwrap();
    refused(Ok::<_, ()>(probe(&phone, &proof).await), 404, "not_found");
    bad_proof(probe(&phone, &proof).await, "the same proof");
    // ECDSA is randomised: the same claims, signed anew, are other bytes.
    let again = phone.key().token(&header, &claims).unwrap();
    assert_ne!(again, proof);
    bad_proof(probe(&phone, &again).await, "the same jti, signed again");
    let stranger = world.phone();
    let theirs = stranger.key().token(&stranger.key().proof_header(), &claims).unwrap();
    refused(Ok::<_, ()>(probe(&stranger, &theirs).await), 404, "not_found");
}

/// S9: a phone whose clock is wrong learns the time from the refusal and gets in.
#[tokio::test]
async fn a_wrong_clock_shuts_nobody_out() {
    let world = World::open().await;
    let phone = world.phone();
    let (header, mut claims) = parts(&phone).await;
    claims["iat"] = json!(0);
    let proof = phone.key().token(&header, &claims).unwrap();
    let answer = refused(Ok::<_, ()>(probe(&phone, &proof).await), 401, "invalid_proof");
    let told: jiff::Timestamp = answer.text("server_time").unwrap().parse().unwrap();
    let (header, mut claims) = parts(&phone).await;
    for skew in [-50, 50] {
        claims["iat"] = json!(told.as_second() + skew);
        claims["jti"] = json!(format!("a number used once, {skew}"));
        let proof = phone.key().token(&header, &claims).unwrap();
        refused(Ok::<_, ()>(probe(&phone, &proof).await), 404, "not_found");
    }
}

/// S3, T3: an access token is worth nothing without the key that it was given to.
#[tokio::test]
async fn a_stolen_token_is_worth_nothing() {
    let world = World::open().await;
    let phone = world.owner().await;
    let session = phone.session().unwrap();
    let thief = world.phone();
    let stolen = thief.request("GET", "/v1/account").token(&session.access_token).send().await;
    refused(stolen, 401, "invalid_token");
    let body = json!({ "refresh_token": session.refresh_token });
    let refreshed = ok(thief.call("POST", "/v1/tokens", Some(&body)).await, 401);
    assert_eq!(refreshed.code(), "invalid_token");
    ok(phone.account().await, 200);
    ok(phone.refresh().await, 200);
}

/// S3: with a token, the proof names the token, and the scheme is the one that says so.
#[tokio::test]
async fn a_token_needs_a_proof_that_names_it() {
    let world = World::open().await;
    let phone = world.owner().await;
    let token = phone.session().unwrap().access_token;
    let url = format!("{}/v1/account", phone.base());
    let now = phone.server_time().await.unwrap();
    let proof = |named: Option<&str>| phone.key().proof("GET", &url, now, named).unwrap();
    let call = || phone.request("GET", "/v1/account");

    let unnamed = call().token(&token).proof(&proof(None)).send().await.unwrap();
    bad_proof(unnamed, "no ath");
    let misnamed = call().token(&token).proof(&proof(Some("another"))).send().await.unwrap();
    bad_proof(misnamed, "another token's ath");
    for named in [None, Some(token.as_str())] {
        let bearer = call().header("Authorization", &format!("Bearer {token}"));
        ok(bearer.proof(&proof(named)).send().await, 401);
    }

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[10] ^= 1;
    let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(flipped));
    let unsigned = format!("{signed}.");
    for token in [forged.as_str(), unsigned.as_str(), "nonsense"] {
        refused(call().token(token).send().await, 401, "invalid_token");
    }
    ok(phone.account().await, 200);
}

/// S5: a refused proof leaves nothing behind.
#[tokio::test]
async fn a_call_without_a_proof_leaves_no_trace() {
    let world = World::open().await;
    let phone = world.phone();
    let events = world.events().await;
    let body = json!({
        "email": EMAIL,
        "password": PASSWORD,
        "device": phone.description(),
    });
    for path in ["/v1/registrations", "/v1/sign-ins"] {
        let call = phone.request("POST", path).json(&body).proofs(&[]);
        bad_proof(call.send().await.unwrap(), path);
    }
    assert_eq!(world.events().await, events);
    assert_eq!(world.mails(EMAIL).await, 0);
}
