//! What the live table tells about an owner's attempt, in words that hold no secret.

use std::collections::BTreeSet;

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::Value;

use crate::analysts::{answered, run, said};
use crate::erasure::account_of;
use crate::phones::{BLUE, asked_by, owner_with_push, shown};
use crate::world::{EMAIL, World, ok, refused};

/// An attempt whose code came by app and then by mail, and was mistyped once.
struct Told {
    owner: Client,
    attempt: String,
    account: String,
    device: String,
    codes: [String; 2],
}

async fn signed_in(world: &World) -> Told {
    let owner = owner_with_push(world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let by_app = shown(&owner, &attempt).await;
    world.local.drain().await.unwrap();
    ok(phone.resend_by(&attempt, "email").await, 202);
    let by_mail = world.code().await;
    refused(phone.verify(&attempt, &wrong_code(&by_mail, 1)).await, 403, "code_incorrect");
    ok(phone.verify(&attempt, &by_mail).await, 200);
    world.local.drain().await.unwrap();
    let (account, device) = (account_of(&owner).await, phone.session().unwrap().device);
    Told { owner, attempt, account, device, codes: [by_app, by_mail] }
}

/// Every sentence is there, in this order.
fn says(text: &str, sentences: &[&str]) {
    let mut rest = text;
    for it in sentences {
        let place = rest.find(it).unwrap_or_else(|| panic!("{it:?} is not told in {text}"));
        rest = &rest[place + it.len()..];
    }
}

/// L1: the story of a sign-in is told in order, from the account's side as from the attempt's, and why a
/// code was asked and which way it came is explained with the places in the log that say so.
#[tokio::test]
async fn a_sign_in_is_told_and_explained() {
    let world = World::open().await;
    let Told { attempt, account, device, .. } = signed_in(&world).await;
    let stream = format!("sign_in/{attempt}");
    let password =
        format!("The right password of {account} was given on an Android device ({device};");
    let let_in = format!("{device} was let in with the session ses_");
    says(
        &said(&world, &["show", &stream]),
        &[
            &password,
            "a code is needed",
            "the key was not trusted; two-step verification was on, by app first",
            "Code 1 was made, to travel by app",
            "Code 2 was made, to travel by mail",
            "codes before it count no longer",
            "A wrong code was given; 4 guesses are left.",
            "it was compared with code 2",
            "The right code was given.",
            &let_in,
            "its key is trusted from now on",
        ],
    );
    let trusted = format!("The key of {device} skips the second step from now on");
    let by = format!("{attempt} let it in; 1 device was trusted before it");
    says(
        &said(&world, &["show", &format!("account/{account}")]),
        &[
            "two-step verification is on",
            "Control of the account's address was proven.",
            "can be pushed to through Apple's push service",
            &trusted,
            &by,
        ],
    );
    says(
        &said(&world, &["explain", &attempt]),
        &[
            &format!("{attempt}: complete"),
            "A code was asked at",
            "the password was right, two-step verification was on",
            "that key had never been trusted on the account",
            "the question was pushed to 1 phone",
            "Code 2, asked for at",
            "by mail: the carrier accepted it",
            "A code was given that was wrong.",
            "It led to what was asked for at",
        ],
    );

    let log = world.log(None).await;
    let (_, told) = answered(&world, &["explain", &attempt]);
    for sentence in told["sentences"].as_array().unwrap() {
        let evidence = sentence["evidence"].as_array().unwrap();
        assert!(!evidence.is_empty(), "{sentence}");
        for place in evidence {
            let version = place["version"].as_u64().unwrap();
            let mut of_stream = log.iter().filter(|it| place["stream"] == it.stream.as_str());
            let holds =
                of_stream.any(|it| (it.version..).take(it.events.len()).any(|it| it == version));
            assert!(holds, "{sentence}");
        }
    }
}

/// L1: one commit is shown with its data, what it led to, and whether that is so.
#[tokio::test]
async fn a_commit_is_shown_with_what_it_led_to() {
    let world = World::open().await;
    let Told { attempt, .. } = signed_in(&world).await;
    let stream = format!("sign_in/{attempt}");
    let commits = world.log(Some(&stream)).await;
    for commit in &commits {
        let version = commit.version.to_string();
        let (code, told) = answered(&world, &["show", &stream, "--version", &version]);
        assert_eq!((code, &told["stored_state"]), (0, &Value::from("same")), "{told}");
        assert_eq!((&told["meta"], &told["state"]), (&commit.meta, &commit.state));
        let data = told["events"].as_array().unwrap().iter().map(|it| &it["data"]);
        assert!(data.eq(commit.events.iter().map(|it| &it.data)), "{told}");
    }
    let after = commits.last().unwrap().version + 9;
    for (asked, why) in [
        (&["show", &stream, "--version", &after.to_string()][..], "has no version"),
        (&["show", "account/acc_01J9ZT000000000000000000ZZ"], "there is no such stream"),
        (&["explain", "sin_01J9ZT000000000000000000ZZ"], "there is no attempt sin_01J9ZT"),
        (&["explain", "ver_01J9ZT000000000000000000ZZ"], "there is no attempt ver_01J9ZT"),
    ] {
        let ended = run(&world, asked);
        assert_eq!((ended.code, ended.said.as_str()), (1, ""), "{ended:?}");
        assert!(ended.complained.contains(why), "{ended:?}");
    }
}

/// L1: what is told holds no address, no code, no nonce and no token.
#[tokio::test]
async fn nothing_that_is_told_is_a_secret() {
    let world = World::open().await;
    let Told { owner, attempt, account, codes, .. } = signed_in(&world).await;
    let log = world.log(None).await;
    let nonces = log.iter().flat_map(|it| &it.events).filter_map(|it| it.data["nonce"].as_str());
    let session = owner.session().unwrap();
    let (_, secret) = session.refresh_token.split_once('.').unwrap();
    let mut hidden: Vec<&str> = nonces.collect();
    assert!(hidden.len() >= 3, "{hidden:?}");
    hidden.extend([EMAIL, "jana", "example.com", "127.0.", "Testfone", "Phone 1", "Phone 2"]);
    hidden.extend([BLUE, secret, &session.access_token, &codes[0], &codes[1]]);
    let streams: BTreeSet<&str> = log.iter().map(|it| it.stream.as_str()).collect();
    for stream in streams {
        for text in [said(&world, &["show", stream]), said(&world, &["show", stream, "--json"])] {
            tells_none(&text, &hidden);
        }
    }
    let registration = log.iter().find_map(|it| it.stream.strip_prefix("verification/")).unwrap();
    for explained in [attempt.as_str(), registration] {
        tells_none(&said(&world, &["explain", explained]), &hidden);
    }
    assert!(said(&world, &["show", &format!("account/{account}")]).contains("(sealed)"));
}

fn tells_none(text: &str, hidden: &[&str]) {
    // A code's digits may stand in a longer word by chance, and never alone.
    let words: Vec<&str> = text.split(|it: char| !it.is_alphanumeric()).collect();
    for it in hidden {
        let told = if it.len() <= 8 { words.contains(it) } else { text.contains(it) };
        assert!(!told, "{it} is told in {text}");
    }
}
