//! What an operator is shown about a person, for the person's own copy, and what nobody is shown.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use postern_replay::person::disclose;
use postern_runtime::secrets::Secrets;
use serde_json::{Value, json};

use crate::erasure::{account_of, rich_owner};
use crate::operators::{
    DISCLOSER, LONG, Slow, all_is_well, desk, done, is_refused, newest_act, only_says, postern,
    time_of_newest,
};
use crate::phones::{BLUE, GREEN};
use crate::recounts::{store, tables_as};
use crate::world::{EMAIL, World};

/// An account that nobody has.
const NOBODYS: &str = "acc_01J9ZT000000000000000000ZZ";

/// Where the stack keeps its keys.
fn keys(world: &World) -> String {
    world.stack.folder().join("secrets.json").to_str().unwrap().to_owned()
}

/// An empty folder beside the stack's own, which goes with it.
fn desktop(world: &World) -> PathBuf {
    let folder = world.stack.folder().with_file_name("desktop");
    fs::create_dir(&folder).unwrap();
    folder
}

/// What lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// L1, H2: an operator is shown what is stored about a person, opened and without a secret, and the log
/// says who was shown it.
#[tokio::test]
async fn an_operator_is_shown_all_about_a_person_and_no_secret() {
    let world = World::open().await;
    let (owner, young) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    let keys = keys(&world);
    let asked = ["person", &account, "--keys", &keys];
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
    let keys = &keys(&world);
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

/// A copy that goes into a file is its owner's alone, and nothing is left beside it.
#[tokio::test]
async fn a_copy_in_a_file_is_for_its_owner_alone() {
    let world = World::open().await;
    let account = account_of(&world.owner().await).await;
    let (keys, folder) = (keys(&world), desktop(&world));
    let (first, second) = (folder.join("first.json"), folder.join("second.json"));
    let [first, second] = [&first, &second].map(|it| it.to_str().unwrap());
    let lies_in = |path| {
        format!(
            "{account}: all that is stored about its owner lies in {path}, for you alone to read."
        )
    };
    only_says(&world, &["person", &account, "--out", first]).await;
    assert_eq!(names(&folder), [""; 0]);

    let asked = ["person", &account, "--yes", "--keys", &keys, "--out"];
    let told = postern(&world, &[&asked[..], &[first]].concat());
    assert_eq!((told.code, told.said.as_str()), (0, ""), "{told:?}");
    assert_eq!(told.complained, format!("postern: {}\n", lies_in(first)));
    let told = postern(&world, &[&asked[..], &[second, "--json"]].concat());
    assert_eq!(told.complained, format!("postern: {}\n", lies_in(second)));
    let answer: Value = serde_json::from_str(&told.said).unwrap();
    assert_eq!((&answer["outcome"], &answer["said"]), (&json!("done"), &json!(lies_in(second))));
    assert_eq!(newest_act(&world, &account).await.0, "account.disclosed");

    assert_eq!(names(&folder), ["first.json", "second.json"]);
    let [first, second] = [first, second].map(|path| {
        assert_eq!(fs::metadata(path).unwrap().mode() & 0o7777, 0o600);
        serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()
    });
    assert_eq!(
        (&first["state"]["email"], &second["state"]["email"]),
        (&json!(EMAIL), &json!(EMAIL))
    );
    assert_ne!(first["recorded_as"], second["recorded_as"]);
    assert_eq!(second["recorded_as"], answer["event"]["id"]);
    all_is_well(&world).await;
}

/// Where no file can be, nothing is shown and nothing recorded; nothing is written over, no link is
/// followed, and whoever is refused or can't be recorded leaves no file.
#[tokio::test]
async fn what_can_not_be_written_is_not_disclosed() {
    let world = World::open().await;
    let account = account_of(&world.owner().await).await;
    let (keys, folder) = (keys(&world), desktop(&world));
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    fs::write(at("taken"), "before").unwrap();
    symlink(at("nowhere"), at("link")).unwrap();
    let events = world.events().await;
    let person = |account: &str, name: &str| {
        postern(&world, &["person", account, "--yes", "--keys", &keys, "--out", &at(name)])
    };
    for (name, why) in [
        ("taken", "is there already, and nothing is ever written over\n"),
        ("link", "is there already, and nothing is ever written over\n"),
        ("missing/copy", "can't be made: No such file or directory (os error 2)\n"),
    ] {
        let ended = person(&account, name);
        assert_eq!((ended.code, ended.said.as_str()), (1, ""), "{ended:?}");
        assert_eq!(ended.complained, format!("postern: nothing is shown: {} {why}", at(name)));
    }
    assert_eq!(person(NOBODYS, "copy").code, 3);
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    assert_eq!(person(&account, "copy").code, 1);
    world.local.faults(&json!({})).await.unwrap();
    let without_keys = ["person", &account, "--yes", "--out", &at("copy")];
    assert_eq!(postern(&world, &without_keys).code, 1);
    assert_eq!(world.events().await, events);
    assert_eq!(names(&folder), ["link", "taken"]);
    assert_eq!(fs::read_to_string(at("taken")).unwrap(), "before");
}

/// Reading the whole log takes long, and the event has the time after it, when it was decided.
#[tokio::test]
async fn a_disclosure_has_the_time_at_which_it_was_decided() {
    let world = World::open().await;
    let account = account_of(&world.owner().await).await;
    let secrets = Secrets::parse(&fs::read_to_string(keys(&world)).unwrap()).unwrap();
    let store = store(tables_as(&world, DISCLOSER)).with_keys(secrets.vault_keys().unwrap());
    let began = world.local.now().await.unwrap();
    let desk = desk(store, Slow::at(began));
    let (copy, _) = disclose(&desk, account.parse().unwrap()).await.unwrap();
    assert_eq!(serde_json::to_value(&copy).unwrap()["made_at"], began.to_string());
    assert_eq!(time_of_newest(&world, &account).await, began + LONG);
}
