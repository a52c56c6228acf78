//! The end of an account: at once for everybody who was signed in, and for good for whatever was known
//! about its owner.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::integrity::sound;
use crate::letters::mails;
use crate::owners::{
    NEW_PASSWORD, ready_owner, recovery_codes, settled_and_young, settled_owner, step_up,
};
use crate::phones::{BLUE, GREEN, asked_by, pushed_to, shown, told};
use crate::uploads::{PHOTO, asked_with_photo, files, place};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused};

/// The tables that hold something about people.
const ABOUT_PEOPLE: [&str; 3] = ["vault", "sessions", "guards"];

/// Seconds within which everything that was only counted is over.
const WINDOWS_END_WITHIN: i64 = 25 * 60 * 60;

/// Seconds until no upload is on its way any more that was granted right before an erasure.
const UPLOADS_ARE_OVER: u64 = 30 * 60 + 1;

/// No upload can come any more, and what waited for that is done.
pub(crate) async fn uploads_are_over(world: &World) {
    world.local.advance(UPLOADS_ARE_OVER).await.unwrap();
    world.local.drain().await.unwrap();
}

/// The identifier of a signed-in phone's account.
pub(crate) async fn account_of(phone: &Client) -> String {
    ok(phone.account().await, 200).body["id"].as_str().unwrap().to_owned()
}

/// What the tables still hold about an account, or about one of its devices. What was counted is left
/// out: it holds nothing but identifiers, and ends by itself within a day.
pub(crate) async fn left(world: &World, about: &[&str]) -> Vec<Value> {
    let mut left = Vec::new();
    let now = world.local.now().await.unwrap().as_second();
    for table in ABOUT_PEOPLE {
        let rows = world.rows(table).await.into_iter();
        let meant = rows.filter(|row| about.iter().any(|it| row.to_string().contains(it)));
        left.extend(meant.filter(|row| !ends_by_itself(row, now)));
    }
    left
}

/// Whether an item is a window that is over within a day and a bit.
fn ends_by_itself(row: &Value, now: i64) -> bool {
    let is_window = row["key"]["S"].as_str().is_some_and(|it| it.starts_with("window/"));
    let expires = row["expires"]["N"].as_str().and_then(|it| it.parse::<i64>().ok());
    is_window && expires.is_some_and(|it| it < now + WINDOWS_END_WITHIN)
}

/// An owner who leaves something in every place where something can be, and steps up.
pub(crate) async fn rich_owner(world: &World) -> (Client, Client) {
    let (owner, young) = settled_and_young(world).await;
    pushed_to(&young, GREEN).await;
    step_up(&owner).await;
    recovery_codes(&owner).await;
    ok(owner.rename_device(&young.session().unwrap().device, "Kitchen tablet").await, 200);
    let asked = asked_with_photo(&owner).await;
    let taken = owner.upload(place(&asked), "image/png", PHOTO.to_owned()).await.unwrap();
    assert_eq!(taken.status, 200);
    world.local.drain().await.unwrap();
    (owner, young)
}

/// Erases, and the answer says that it is done.
pub(crate) async fn erase(owner: &Client) {
    let erased = ok(owner.erase_account().await, 202).body;
    assert_eq!(erased, json!({ "status": "erased" }));
}

/// S5, P2: nobody ends an account with a phone that was left lying open, or with a password alone.
#[tokio::test]
async fn an_account_is_not_erased_without_a_step_up() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let events = world.events().await;
    refused(owner.erase_account().await, 403, "step_up_required");
    refused(world.phone().call("DELETE", "/v1/account", None).await, 401, "invalid_token");
    assert_eq!(world.events().await, events);
    step_up(&owner).await;
    world.local.advance(5 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    refused(owner.erase_account().await, 403, "step_up_required");
    ok(owner.account().await, 200);
}

/// T3, S5: from the answer on nobody is signed in, nobody is trusted, nothing that was open goes on,
/// and the address is nobody's; whatever else is to be done can wait.
#[tokio::test]
async fn from_the_answer_on_nobody_is_signed_in_and_the_address_is_free() {
    let world = World::open().await;
    let (owner, young) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    let waiting = world.phone();
    let open = asked_by("app", &waiting).await;
    let code = shown(&owner, &open).await;
    let reset = id(&ok(waiting.forget_password(EMAIL).await, 202));
    let reset_code = world.code().await;
    world.local.faults(&json!({ "notify": "paused", "project": "paused" })).await.unwrap();
    erase(&owner).await;

    for phone in [&owner, &young] {
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.refresh().await, 401, "invalid_token");
        refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    }
    refused(owner.erase_account().await, 401, "invalid_token");
    refused(waiting.poll(&open).await, 404, "not_found");
    refused(waiting.verify(&open, &code).await, 404, "not_found");
    let late = waiting.verify_reset(&reset, &reset_code, NEW_PASSWORD).await;
    refused(late, 410, "attempt_closed");

    world.local.advance(30 * 60).await.unwrap();
    let again = world.phone();
    let opened = id(&ok(again.register(EMAIL, PASSWORD).await, 202));
    world.local.faults(&json!({})).await.unwrap();
    let code = world.code().await;
    ok(again.verify_registration(&opened, &code).await, 200);
    assert_ne!(account_of(&again).await, account);
}

/// C8, L3: the owner is told goodbye once, and every phone that it is signed out.
#[tokio::test]
async fn the_owner_and_every_phone_are_told_once() {
    let world = World::open().await;
    let (owner, _young) = rich_owner(&world).await;
    erase(&owner).await;
    let mails = mails(&world, EMAIL).await;
    let about = mails.iter().filter(|it| it.subject.contains("was erased"));
    assert_eq!(about.count(), 1);
    let last = mails.last().unwrap();
    assert_eq!(last.subject, "Your Postern account was erased");
    assert_eq!(last.report_token(), None);
    for phone in [BLUE, GREEN] {
        let told = told(&world, phone).await;
        assert_eq!(told.iter().filter(|it| *it == "signed_out").count(), 1, "{told:?}");
        assert_eq!(told.last().unwrap(), "signed_out");
    }
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// L1, H2: nothing is left about the person but facts that name nobody, and the log holds all the same.
#[tokio::test]
async fn nothing_about_the_person_is_left_and_the_log_still_holds() {
    let world = World::open().await;
    let (owner, young) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    let devices = [owner.session().unwrap().device, young.session().unwrap().device];
    let about = [account.as_str(), devices[0].as_str(), devices[1].as_str()];
    assert!(left(&world, &about).await.len() > 6);
    assert_eq!(files(&world).len(), 1);
    let before = world.log(None).await.len();

    erase(&owner).await;
    world.local.drain().await.unwrap();
    assert_eq!(files(&world), []);
    // What is left is a note that somebody looks again for uploads, and it names no person.
    let waiting = left(&world, &about).await;
    let [note] = waiting.as_slice() else { panic!("{waiting:#?}") };
    let members: Vec<_> = note.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["due", "event", "item", "key", "stream", "version"]);
    uploads_are_over(&world).await;
    assert_eq!(left(&world, &about).await, [json!(null); 0]);
    assert_eq!(files(&world), []);
    world.local.drain().await.unwrap();
    let log = sound(&world.local.dump(None).await.unwrap());
    assert!(log.len() > before);
    // The bytes of the database itself, where no row shows them any more.
    let dump = world.local.dump(None).await.unwrap();
    assert!(!dump.contains("novotna") && !dump.contains("Kitchen"));
}

/// S1, S3, S7, T4: an address that registers anew is a new account: the phones that the former one
/// trusted are strangers to it, and its old codes, names and attempts are nowhere.
#[tokio::test]
async fn the_address_s_next_account_has_nothing_of_the_former() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let (account, device) = (account_of(&owner).await, owner.session().unwrap().device);
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    step_up(&owner).await;
    let former = owner.session();
    erase(&owner).await;
    world.local.drain().await.unwrap();
    world.local.advance(30 * 60).await.unwrap();

    let next = world.owner().await;
    assert_ne!(account_of(&next).await, account);
    world.local.drain().await.unwrap();
    assert_eq!(ok(next.activity("").await, 200).body["items"], json!([]));
    let devices = ok(next.devices().await, 200).body["devices"].take();
    assert_eq!(devices.as_array().unwrap().len(), 1);
    assert_ne!(devices[0]["id"], device.as_str());
    let attempt = asked_by("email", &owner).await;
    refused(owner.verify(&attempt, &codes[0]).await, 403, "code_incorrect");
    ok(owner.verify(&attempt, &world.code().await).await, 200);
    assert_ne!(owner.session().unwrap().device, device);
    owner.keep(former);
    refused(owner.account().await, 401, "token_expired");
    refused(owner.refresh().await, 401, "invalid_token");
}

/// S1: the address needn't wait for anything: whoever has it registers it anew at once, and the log
/// holds.
#[tokio::test]
async fn an_erased_account_s_address_registers_anew_at_once() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    asked_by("app", &world.phone()).await;
    let account = account_of(&owner).await;
    erase(&owner).await;
    let next = world.owner().await;
    assert_ne!(account_of(&next).await, account);
    assert!(mails(&world, EMAIL).await.iter().any(|it| it.subject.contains("was erased")));
    sound(&world.local.dump(None).await.unwrap());
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// P5, T3: of two phones that erase at once one does it, and of an erasure and a change one is first.
#[tokio::test]
async fn two_erasures_at_once_are_one() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let (one, other) = tokio::join!(owner.erase_account(), owner.erase_account());
    let statuses = [one.unwrap().status, other.unwrap().status];
    assert!(statuses.contains(&202), "{statuses:?}");
    let erased = world.log(None).await.into_iter().flat_map(|it| it.events);
    assert_eq!(erased.filter(|it| it.name == "account.erased").count(), 1);
    let mails = mails(&world, EMAIL).await;
    assert_eq!(mails.iter().filter(|it| it.subject.contains("was erased")).count(), 1);
}

/// L4: a link from an old mail finds nothing to end, and brings nothing back.
#[tokio::test]
async fn an_old_report_about_an_erased_account_does_nothing() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    let token = crate::reports::mailed_token(&world, EMAIL, "sign-in code").await;
    step_up(&owner).await;
    let account = account_of(&owner).await;
    erase(&owner).await;
    world.local.drain().await.unwrap();
    ok(world.phone().report(&token).await, 200);
    let account = format!("account/{account}");
    let story = world.log(Some(&account)).await.into_iter().flat_map(|it| it.events);
    assert_eq!(story.last().unwrap().name, "account.erased");
    refused(world.phone().sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
}
