//! What an operator is shown about a person, for the person's own copy, and what nobody is shown.

use serde_json::{Value, json};

use crate::erasure::{account_of, rich_owner};
use crate::operators::{all_is_well, done, is_refused, newest_act, only_says, postern};
use crate::phones::{BLUE, GREEN};
use crate::world::{EMAIL, World};

/// An account that nobody has.
const NOBODYS: &str = "acc_01J9ZT000000000000000000ZZ";

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
