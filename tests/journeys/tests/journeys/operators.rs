//! What operators do to an account, by their own command line: each act is an event that names who it was,
//! and nothing happens without `--yes`.

use std::process::Command;
use std::sync::Arc;

use postern_client::mail::wrong_code;
use postern_domain::guard::Unresumable;
use postern_journeys::program::command_line;
use postern_replay::acts::{Act, Desk, Failed, Refused};
use postern_runtime::chance::SystemChance;
use serde_json::{Value, json};

use crate::erasure::{account_of, left, rich_owner, uploads_are_over};
use crate::integrity::sound;
use crate::letters::mails;
use crate::pause::{FIRST_PAUSE, guess_five_times, through_all_pauses};
use crate::phones::{BLUE, GREEN, asked_by, shown, told, two_phones};
use crate::recounts::{tables, tables_at, the_same};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// Who acts here.
const ADA: &str = "ada";
/// An account that nobody has.
const NOBODYS: &str = "acc_01J9ZT000000000000000000ZZ";

/// What the command line came to.
#[derive(Debug)]
struct Ended {
    code: i32,
    said: String,
    complained: String,
}

/// Runs `postern` as an operator of this stack would.
fn postern(world: &World, arguments: &[&str]) -> Ended {
    let output = Command::new(command_line().unwrap())
        .args(arguments)
        .env_clear()
        .env("POSTERN_OPERATOR", ADA)
        .env("AWS_ENDPOINT_URL", tables_at(world))
        .env("AWS_REGION", "local")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .output()
        .unwrap();
    Ended {
        code: output.status.code().unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same, which does it.
fn done(world: &World, arguments: &[&str]) -> String {
    let ended = postern(world, &[arguments, &["--yes"]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.said
}

/// Without `--yes` it is said what would happen, and nothing does.
async fn only_says(world: &World, arguments: &[&str]) -> String {
    let events = world.events().await;
    let ended = postern(world, arguments);
    assert_eq!((ended.code, world.events().await), (2, events), "{ended:?}");
    assert!(ended.said.contains("would") && ended.said.contains("--yes"), "{ended:?}");
    ended.said
}

/// There is nothing to do, and nothing is done.
async fn is_refused(world: &World, arguments: &[&str], why: &str) {
    let events = world.events().await;
    for yes in [&[][..], &["--yes"]] {
        let ended = postern(world, &[arguments, yes].concat());
        assert_eq!((ended.code, ended.said.as_str()), (3, ""), "{ended:?}");
        assert!(ended.complained.contains(why), "{ended:?}");
    }
    assert_eq!(world.events().await, events);
}

/// The account's newest event, which has to be an operator's.
async fn newest_act(world: &World, account: &str) -> (String, Value) {
    let commit = world.log(Some(&format!("account/{account}"))).await.pop().unwrap();
    assert_eq!(commit.meta["actor"], format!("operator/{ADA}"));
    assert_eq!(commit.meta["function"], "postern");
    let [event] = commit.events.as_slice() else { panic!("{commit:?}") };
    (event.name.clone(), event.data.clone())
}

/// The log holds, and nothing failed on its account.
async fn all_is_well(world: &World) {
    world.local.drain().await.unwrap();
    sound(&world.local.dump(None).await.unwrap());
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// T3, S1: an account that an operator erased is over like one that its owner did: nobody is signed in,
/// the address is free, goodbye is said, and nothing is left.
#[tokio::test]
async fn an_operator_erases_an_account_as_its_owner_could() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let account = account_of(&owner).await;
    only_says(&world, &["erase", &account]).await;
    ok(owner.account().await, 200);

    done(&world, &["erase", &account]);
    for phone in [&owner, &second] {
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    }
    let (name, data) = newest_act(&world, &account).await;
    assert_eq!((name.as_str(), data.get("by")), ("account.erased", None));
    let letters = mails(&world, EMAIL).await;
    assert_eq!(letters.last().unwrap().subject, "Your Postern account was erased");
    assert_eq!(told(&world, BLUE).await.last().unwrap(), "signed_out");
    is_refused(&world, &["erase", &account], "erased").await;
    let next = world.owner().await;
    assert_ne!(account_of(&next).await, account);
    uploads_are_over(&world).await;
    assert_eq!(left(&world, &[&account]).await, [json!(null); 0]);
    all_is_well(&world).await;
}

/// T3, T4, C3: whoever an operator signs out is out on their next request, open attempts included, and
/// needs a code at the next sign-in.
#[tokio::test]
async fn an_operator_signs_everybody_out() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let account = account_of(&owner).await;
    let waiting = world.phone();
    let attempt = asked_by("app", &waiting).await;
    let code = shown(&owner, &attempt).await;
    let letters = world.mails(EMAIL).await;
    let said = only_says(&world, &["sign-out", &account]).await;
    assert!(said.contains("2 devices"), "{said}");

    done(&world, &["sign-out", &account]);
    for phone in [&owner, &second] {
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.refresh().await, 401, "invalid_token");
    }
    refused(waiting.verify(&attempt, &code).await, 410, "attempt_closed");
    let (name, data) = newest_act(&world, &account).await;
    assert_eq!(name, "account.signed_out_by_operator");
    assert_eq!(data["revoked"].as_array().unwrap().len(), 2);
    for token in [BLUE, GREEN] {
        assert_eq!(told(&world, token).await.last().unwrap(), "signed_out");
    }
    assert_eq!(world.mails(EMAIL).await, letters, "nobody is mailed");

    let attempt = asked_by("email", &owner).await;
    ok(owner.verify(&attempt, &world.code().await).await, 200);
    all_is_well(&world).await;
    the_same(&world, 1).await;
}

/// S4, S7: a pause that an operator lifted lets a new device enter codes again; wrong ones stay counted,
/// so the next pause is longer, and a guard that is made anew from the log knows it all.
#[tokio::test]
async fn an_operator_lifts_a_pause_and_forgives_nothing() {
    let world = World::open().await;
    let owner = world.owner().await;
    let account = account_of(&owner).await;
    is_refused(&world, &["unpause", &account], "not paused").await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    only_says(&world, &["unpause", &account]).await;
    assert_eq!(ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body["status"], "locked");

    done(&world, &["unpause", &account]);
    let (name, data) = newest_act(&world, &account).await;
    assert_eq!(name, "account.code_entry_resumed");
    assert_eq!(data["wrong_in_a_row"], 10);
    the_same(&world, 1).await;
    is_refused(&world, &["unpause", &account], "not paused").await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let locked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(locked["status"], "locked");
    let retry_in = locked["retry_in"].as_u64().unwrap();
    assert!((FIRST_PAUSE + 1..=2 * FIRST_PAUSE).contains(&retry_in), "{locked}");
    the_same(&world, 1).await;

    done(&world, &["unpause", &account]);
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    ok(phone.verify(&attempt, &code).await, 200);
    the_same(&world, 1).await;
    all_is_well(&world).await;
}

/// S4: of two operators who lift a pause at once one does, and what a hundred wrong codes in a row switched
/// off no operator switches on.
#[tokio::test]
async fn a_pause_is_lifted_once_and_a_switch_off_never() {
    let world = World::open().await;
    let owner = world.owner().await;
    let account = account_of(&owner).await.parse().unwrap();
    let desk = async || Desk {
        store: tables(&world),
        chance: Arc::new(SystemChance),
        now: world.local.now().await.unwrap(),
        operator: ADA.parse().unwrap(),
    };
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let (one, other) = (desk().await, desk().await);
    let (one, other) =
        tokio::join!(one.act(account, Act::Resume, true), other.act(account, Act::Resume, true),);
    let lost = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    let not_paused =
        |it: &Failed| matches!(it, Failed::Refused(Refused::Pause(Unresumable::NotPaused)));
    assert!(lost.len() == 1 && lost.iter().all(not_paused), "{lost:?}");

    let world = World::open().await;
    let owner = world.owner().await;
    let account = account_of(&owner).await;
    through_all_pauses(&world).await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    is_refused(&world, &["unpause", &account], "until the password is a new one").await;
    assert_eq!(ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body["status"], "locked");
}

/// L1, H2: an operator is shown what is stored about a person, opened and without a secret, and the log
/// says who was shown it.
#[tokio::test]
async fn an_operator_is_shown_all_about_a_person_and_no_secret() {
    let world = World::open().await;
    let (owner, young) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    let keys = world.stack.folder().join("secrets.json");
    let asked = ["person", &account, "--keys", keys.to_str().unwrap()];
    let said = only_says(&world, &asked).await;
    assert!(!said.contains(EMAIL) && !said.contains("Kitchen"), "{said}");

    let said = done(&world, &asked);
    let (name, _) = newest_act(&world, &account).await;
    assert_eq!(name, "account.disclosed");
    let copy: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(copy["state"]["email"], EMAIL);
    assert_eq!(copy["state"]["recovery_codes_left"], 10);
    let devices = copy["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2);
    let renamed = devices.iter().find(|it| it["id"] == young.session().unwrap().device).unwrap();
    assert_eq!(renamed["description"]["name"], "Kitchen tablet");
    assert_eq!(renamed["push"]["platform"], "apns");
    let sessions = copy["sessions"].as_array().unwrap();
    assert!(sessions.iter().any(|it| it["alive"] == true && it["origin"]["ip"].is_string()));
    assert!(!copy["activity"].as_array().unwrap().is_empty());
    let events = copy["events"].as_array().unwrap();
    for aggregate in ["account", "sign_in", "verification", "message", "support"] {
        let is_of = |it: &&Value| it["stream"].as_str().unwrap().starts_with(aggregate);
        assert!(events.iter().any(|it| is_of(&it)), "{aggregate}");
    }
    let registered = events.iter().find(|it| it["type"] == "account.registered").unwrap();
    assert_eq!(registered["data"]["email"], EMAIL);
    assert!(events.iter().all(|it| it.get("unopened").is_none()), "{said}");

    let person = world.rows("vault").await.into_iter().find(|it| it["item"]["S"] == "person");
    let person = person.unwrap();
    let hash = person["password"]["S"].as_str().unwrap();
    let secret = owner.session().unwrap().refresh_token;
    let hidden = [BLUE, GREEN, hash, "argon2", &secret, "\"nonce\"", "secret_hash", "data_key"];
    for hidden in hidden {
        assert!(!said.contains(hidden), "{hidden} is shown");
    }
    all_is_well(&world).await;
}

/// L1: who can't be named, or can open nothing, is shown nothing, and leaves no trace; nor does an account
/// that is none.
#[tokio::test]
async fn who_can_not_be_recorded_is_shown_nothing() {
    let world = World::open().await;
    let owner = world.owner().await;
    let account = account_of(&owner).await;
    let keys = world.stack.folder().join("secrets.json");
    let keys = keys.to_str().unwrap();
    let events = world.events().await;
    let none = postern(&world, &["person", &account, "--yes"]);
    let address = ["person", &account, "--yes", "--keys", keys, "--operator", "ada@example.com"];
    for (ended, why) in [(none, "there are no keys"), (postern(&world, &address), "--operator")] {
        assert_eq!((ended.code, ended.said.as_str()), (1, ""), "{ended:?}");
        assert!(ended.complained.contains(why), "{ended:?}");
    }
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    let unrecorded = postern(&world, &["person", &account, "--yes", "--keys", keys]);
    assert_eq!((unrecorded.code, unrecorded.said.as_str()), (1, ""), "{unrecorded:?}");
    world.local.faults(&json!({})).await.unwrap();
    assert_eq!(world.events().await, events);

    for command in ["erase", "unpause", "sign-out"] {
        is_refused(&world, &[command, NOBODYS], "no such account").await;
    }
    is_refused(&world, &["person", NOBODYS, "--keys", keys], "no such account").await;
    let json = postern(&world, &["sign-out", &account, "--json", "--yes"]);
    let answer: Value = serde_json::from_str(&json.said).unwrap();
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["event"]["type"], "account.signed_out_by_operator");
    done(&world, &["erase", &account]);
    is_refused(&world, &["person", &account, "--keys", keys], "erased").await;
}
