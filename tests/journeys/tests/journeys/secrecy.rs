//! The log tells everything that happened, in order, and no secret and no personal value.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use postern_client::log::{self, Commit};
use postern_client::mail::wrong_code;
use serde_json::json;

use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused, source};

/// Everything a reader of the log must not find.
struct Secrets {
    texts: Vec<String>,
    codes: Vec<String>,
}

/// Plays the main job and returns what was secret in it, and the streams it should have made.
async fn play(world: &World) -> (Secrets, [String; 5]) {
    let described = |name: &str| json!({ "name": name, "model": "Quillfone", "platform": "ios", "os_version": "98.76.5" });
    let first = world.phone().described(described("Zephyrine ☂")).at(source(77, 201)).unwrap();
    let opened = id(&ok(first.register(EMAIL, PASSWORD).await, 202));
    let mut codes = vec![world.code().await];
    let done = ok(first.verify_registration(&opened, &codes[0]).await, 200);
    let account = done.body["session"]["account_id"].as_str().unwrap().to_owned();
    let again = id(&ok(first.sign_in(EMAIL, PASSWORD).await, 201));

    let second = world.phone().described(described("Ultramarine")).at(source(77, 202)).unwrap();
    let attempt = asked(&second).await;
    codes.push(world.code().await);
    let wrong = wrong_code(&codes[1], 1);
    refused(second.verify(&attempt, &wrong).await, 403, "code_incorrect");
    codes.push(wrong);
    world.local.advance(30).await.unwrap();
    ok(second.resend(&attempt).await, 202);
    // A code that is used before its copy has left is not sent again; here it is to be.
    world.local.drain().await.unwrap();
    ok(second.verify(&attempt, &codes[1]).await, 200);
    let sessions = [first.session().unwrap(), second.session().unwrap()];
    ok(first.remove_device(&sessions[1].device).await, 204);
    let last = asked(&second).await;
    codes.push(world.code().await);

    // Only what is long enough never to occur by chance in an identifier or a seal.
    let mut texts: Vec<String> =
        ["jana.novotna", PASSWORD, "127.0.77.", "j•••@"].map(str::to_owned).into();
    texts.extend(["Zephyrine", "Ultramarine", "Quillfone", "98.76.5"].map(str::to_owned));
    for session in &sessions {
        texts.extend(session.access_token.split('.').skip(1).map(str::to_owned));
        texts.extend(session.refresh_token.rsplit('.').next().map(str::to_owned));
    }
    texts.extend([first.key().thumbprint(), second.key().thumbprint()]);
    (Secrets { texts, codes }, [account, opened, again, attempt, last])
}

/// S5, T1, L2: whoever reads the log learns what happened, not to whom or from where.
#[tokio::test]
async fn no_secret_and_no_personal_value_is_readable_in_the_log() {
    let world = World::open().await;
    let (secrets, _) = play(&world).await;
    world.local.drain().await.unwrap();
    let dump = world.local.dump(None).await.unwrap();
    assert!(dump.contains("account.device_revoked"));

    let folded = dump.to_lowercase();
    for text in &secrets.texts {
        assert!(!folded.contains(&text.to_lowercase()), "the log tells {text}");
        for encoded in [STANDARD_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(text)] {
            assert!(!dump.contains(&encoded), "the log tells {text}, encoded");
        }
    }
    // Six digits occur by chance inside longer numbers, so codes are looked for as words.
    let words: Vec<&str> = dump.split(|c: char| !c.is_alphanumeric()).collect();
    for code in &secrets.codes {
        assert!(!words.contains(&code.as_str()), "the log tells the code {code}");
        let hash = digest(&SHA256, code.as_bytes());
        let hex = format!("{hash:?}").to_lowercase();
        let hex = hex.rsplit(':').next().unwrap().trim();
        for encoded in [hex, &STANDARD.encode(hash), &URL_SAFE_NO_PAD.encode(hash)] {
            assert!(!dump.contains(encoded), "the log tells a hash of the code {code}");
        }
    }
}

/// L1: nothing that happened is missing from the log, and nothing is told twice.
#[tokio::test]
async fn every_step_of_the_main_job_is_in_the_log_in_order() {
    let world = World::open().await;
    let (_, [account, opened, again, attempt, last]) = play(&world).await;
    let commits = world.log(None).await;
    let streams = by_stream(&commits);
    let story = |stream: String| {
        let names = streams[stream.as_str()].iter().map(|&name| name.to_owned());
        names.filter(|name| name != "account.device_seen").collect::<Vec<_>>()
    };

    let registration = ["opened", "code_issued", "code_verified", "completed"];
    let names = registration.map(|fact| format!("verification.{fact}"));
    assert_eq!(story(format!("verification/{opened}")), names);
    let facts =
        ["registered", "email_verified", "device_trusted", "device_trusted", "device_revoked"];
    let names = facts.map(|fact| format!("account.{fact}"));
    assert_eq!(story(format!("account/{account}")), names);
    let names = ["attempted", "completed"].map(|fact| format!("sign_in.{fact}"));
    assert_eq!(story(format!("sign_in/{again}")), names);
    let facts =
        ["attempted", "code_issued", "code_rejected", "code_resent", "code_verified", "completed"];
    let names = facts.map(|fact| format!("sign_in.{fact}"));
    assert_eq!(story(format!("sign_in/{attempt}")), names);
    let names = ["attempted", "code_issued"].map(|fact| format!("sign_in.{fact}"));
    assert_eq!(story(format!("sign_in/{last}")), names);

    let sent = streams.iter().filter(|(stream, _)| stream.starts_with("message/"));
    let sent: Vec<_> = sent.map(|(_, names)| names.as_slice()).collect();
    assert!(sent.len() >= 4, "{sent:?}");
    for names in sent {
        assert_eq!(names, ["message.claimed", "message.sent", "message.delivered"]);
    }
    in_order(&commits);
}

fn by_stream(commits: &[Commit]) -> BTreeMap<&str, Vec<&str>> {
    let mut streams = BTreeMap::<&str, Vec<&str>>::new();
    for commit in commits {
        let names = log::names(std::slice::from_ref(commit));
        streams.entry(commit.stream.as_str()).or_default().extend(names);
    }
    streams
}

/// Every commit follows its stream's last without a gap, and a stream's time never runs back.
fn in_order(commits: &[Commit]) {
    let mut next = BTreeMap::<&str, (u64, jiff::Timestamp)>::new();
    for commit in commits {
        let beginning = (1, jiff::Timestamp::MIN);
        let (version, last) = next.entry(commit.stream.as_str()).or_insert(beginning);
        assert_eq!(commit.version, *version, "{}", commit.stream);
        *version += u64::try_from(commit.events.len()).unwrap();
        for event in &commit.events {
            let time: jiff::Timestamp = event.time.parse().unwrap();
            assert!(time >= *last, "{} of {}", event.name, commit.stream);
            *last = time;
        }
    }
}
