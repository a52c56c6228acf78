//! What operators do to an account, by their own command line: each act is an event that names who it was,
//! and nothing happens without `--yes`.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use postern_client::mail::wrong_code;
use postern_domain::guard::Unresumable;
use postern_domain::ports::Clock;
use postern_journeys::program::command_line;
use postern_replay::acts::{Act, Desk, Failed, Refused};
use postern_runtime::chance::SystemChance;
use postern_store::Store;
use serde_json::{Value, json};

use crate::erasure::{account_of, left, uploads_are_over};
use crate::integrity::sound;
use crate::letters::mails;
use crate::pause::{FIRST_PAUSE, guess_five_times, through_all_pauses};
use crate::phones::{BLUE, GREEN, asked_by, shown, told, two_phones};
use crate::recounts::{store, tables_as, the_same};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// Who acts here.
const ADA: &str = "ada";
/// The role that ends things, as what it uses is told apart.
const OPERATOR: &str = "operator";
/// The role that shows somebody's data.
pub(crate) const DISCLOSER: &str = "discloser";
/// How much time passes between two looks at a [`Slow`] clock.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// What the command line came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) said: String,
    pub(crate) complained: String,
}

/// A clock of somebody whose every step takes long.
pub(crate) struct Slow(Mutex<Timestamp>);

impl Slow {
    /// It shows `now` first.
    pub(crate) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }
}

impl Clock for Slow {
    fn now(&self) -> Timestamp {
        let mut next = self.0.lock().unwrap();
        let now = *next;
        *next += LONG;
        now
    }
}

/// Where an operator acts, without the command line.
pub(crate) fn desk(store: Store, clock: Arc<dyn Clock>) -> Desk {
    Desk { store, chance: Arc::new(SystemChance), clock, operator: ADA.parse().unwrap() }
}

/// Runs `postern` as an operator of this stack would, in the role that the command needs.
pub(crate) fn postern(world: &World, arguments: &[&str]) -> Ended {
    let role = if arguments.first() == Some(&"person") { DISCLOSER } else { OPERATOR };
    let output = Command::new(command_line().unwrap())
        .args(arguments)
        .env_clear()
        .env("POSTERN_OPERATOR", ADA)
        .env("AWS_ENDPOINT_URL", tables_as(world, role))
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
pub(crate) fn done(world: &World, arguments: &[&str]) -> String {
    let ended = postern(world, &[arguments, &["--yes"]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.said
}

/// Without `--yes` it is said what would happen, and nothing does.
pub(crate) async fn only_says(world: &World, arguments: &[&str]) -> String {
    let events = world.events().await;
    let ended = postern(world, arguments);
    assert_eq!((ended.code, world.events().await), (2, events), "{ended:?}");
    assert!(ended.said.contains("would") && ended.said.contains("--yes"), "{ended:?}");
    ended.said
}

/// There is nothing to do, and nothing is done.
pub(crate) async fn is_refused(world: &World, arguments: &[&str], why: &str) {
    let events = world.events().await;
    for yes in [&[][..], &["--yes"]] {
        let ended = postern(world, &[arguments, yes].concat());
        assert_eq!((ended.code, ended.said.as_str()), (3, ""), "{ended:?}");
        assert!(ended.complained.contains(why), "{ended:?}");
    }
    assert_eq!(world.events().await, events);
}

/// The account's newest event, which has to be an operator's.
pub(crate) async fn newest_act(world: &World, account: &str) -> (String, Value) {
    let commit = world.log(Some(&format!("account/{account}"))).await.pop().unwrap();
    assert_eq!(commit.meta["actor"], format!("operator/{ADA}"));
    assert_eq!(commit.meta["function"], "postern");
    let [event] = commit.events.as_slice() else { panic!("{commit:?}") };
    (event.name.clone(), event.data.clone())
}

/// When the account's newest event was decided.
pub(crate) async fn time_of_newest(world: &World, account: &str) -> Timestamp {
    let commit = world.log(Some(&format!("account/{account}"))).await.pop().unwrap();
    commit.events.last().unwrap().time.parse().unwrap()
}

/// The log holds, and nothing failed on its account.
pub(crate) async fn all_is_well(world: &World) {
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
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let now = world.local.now().await.unwrap();
    let desk = || desk(store(tables_as(&world, OPERATOR)), Slow::at(now));
    let (one, other) = (desk(), desk());
    let (one, other) =
        tokio::join!(one.act(account, Act::Resume, true), other.act(account, Act::Resume, true));
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

/// An act has the time of the decision that held, and not of those that were lost before.
#[tokio::test]
async fn an_act_has_the_time_at_which_it_was_decided() {
    let world = World::open().await;
    let owner = world.owner().await;
    let account = account_of(&owner).await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let began = world.local.now().await.unwrap();
    let desk = desk(store(tables_as(&world, OPERATOR)), Slow::at(began));
    world.local.faults(&json!({ "store": "conflict", "times": 2 })).await.unwrap();
    desk.act(account.parse().unwrap(), Act::Resume, true).await.unwrap();
    assert_eq!(newest_act(&world, &account).await.0, "account.code_entry_resumed");
    assert_eq!(time_of_newest(&world, &account).await, began + 2 * LONG);
}
