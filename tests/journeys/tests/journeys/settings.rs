//! The second step: on by default, and off only for somebody who has just shown that they are there.

use postern_client::client::Client;
use serde_json::json;

use crate::owners::{
    DAY, NEW_PASSWORD, named, ready_owner, recovery_codes, settled_owner, step_up, told_by_mail,
};
use crate::phones::{
    BLUE, GREEN, asked_by, guest, let_in, listed, owner_with_push, pushed_to, shown, told,
};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// Long enough beside a second step, and too short without one.
const SHORT_PASSWORD: &str = "vex-Plinth-96";

/// What everybody is advised.
const ALWAYS: [&str; 3] = ["strong_password", "unique_password", "password_manager"];

/// Whether a new device needs a code.
async fn needs_a_code(phone: &Client, password: &str) -> bool {
    let asked = ok(phone.sign_in(EMAIL, password).await, 201).body;
    match asked["status"].as_str().unwrap() {
        "code_required" => true,
        "complete" => false,
        other => panic!("{other}"),
    }
}

/// P1, P4: nobody has to turn the second step on, and its method is the app.
#[tokio::test]
async fn two_step_verification_is_on_from_the_first_moment() {
    let world = World::open().await;
    let owner = world.owner().await;
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(security["two_step_enabled"], true);
    assert_eq!(security["method"], "app");
    let account = ok(owner.account().await, 200).body;
    assert_eq!(account["two_step"], json!({ "enabled": true, "method": "app" }));
    assert!(needs_a_code(&world.phone(), PASSWORD).await);
}

/// P3, L5, L7: how it stands, by which ways a code can come, and what would make it safer.
#[tokio::test]
async fn login_security_says_what_is_set_and_what_is_missing() {
    let world = World::open().await;
    let owner = world.owner().await;
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(security["available_methods"], json!(["email"]));
    let without = json!([{ "method": "app", "because": "no_device" }]);
    assert_eq!(security["unavailable_methods"], without);
    assert_eq!(security["recovery_codes_left"], 0);
    let alone = ["add_device", "create_recovery_codes"];
    assert_eq!(named(&security["advice"], "code"), [&alone[..], &ALWAYS].concat());
    for text in named(&security["advice"], "text") {
        assert!(text.ends_with('.') && text.len() > 40, "{text}");
    }

    let second = world.second().await;
    let silent = ok(owner.login_security().await, 200).body;
    assert_eq!(silent["available_methods"], json!(["app", "email"]));
    assert_eq!(silent.get("unavailable_methods"), None);
    let unheard = ["enable_notifications", "create_recovery_codes"];
    assert_eq!(named(&silent["advice"], "code"), [&unheard[..], &ALWAYS].concat());

    pushed_to(&second, GREEN).await;
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    assert_eq!(recovery_codes(&owner).await.len(), 10);
    let safe = ok(owner.login_security().await, 200).body;
    assert_eq!(safe["recovery_codes_left"], 10);
    assert_eq!(named(&safe["advice"], "code"), ALWAYS);
}

/// P2, P3: a session that anybody may have picked up changes neither, and says what is missing.
#[tokio::test]
async fn nothing_is_changed_without_a_step_up() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let before = ok(owner.login_security().await, 200).body;
    let events = world.events().await;
    for wishes in [
        json!({ "two_step_enabled": false }),
        json!({ "two_step_enabled": true }),
        json!({ "method": "email" }),
        json!({ "two_step_enabled": false, "method": "email" }),
    ] {
        refused(owner.secure_login(&wishes).await, 403, "step_up_required");
    }
    assert_eq!(ok(owner.login_security().await, 200).body, before);
    assert_eq!(world.events().await, events);
    assert!(needs_a_code(&world.phone(), PASSWORD).await);
}

/// P2: whoever turns it off stays; everybody else is out and trusted no longer, and the owner is
/// told by mail and on the phones.
#[tokio::test]
async fn turning_it_off_signs_everybody_else_out_and_tells_the_owner() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let second = world.phone();
    let_in(&owner, &second).await;
    pushed_to(&second, GREEN).await;
    let once = world.phone();
    let attempt = asked_by("app", &once).await;
    ok(once.verify_just_this_once(&attempt, &shown(&owner, &attempt).await).await, 200);
    let waiting = world.phone();
    let open = asked_by("app", &waiting).await;
    let code = shown(&owner, &open).await;
    world.local.drain().await.unwrap();

    step_up(&owner).await;
    let off = ok(owner.secure_login(&json!({ "two_step_enabled": false })).await, 200).body;
    assert_eq!(off["two_step_enabled"], false);
    assert_eq!(named(&off["advice"], "code")[0], "turn_on_two_step");
    ok(owner.account().await, 200);
    for other in [&second, &once] {
        refused(other.account().await, 401, "invalid_token");
        refused(other.refresh().await, 401, "invalid_token");
    }
    let devices = ok(owner.devices().await, 200).body;
    assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
    assert_eq!(told(&world, GREEN).await.last().unwrap(), "signed_out");
    assert!(!told(&world, BLUE).await.contains(&"signed_out".to_owned()));
    told_by_mail(&world, EMAIL, "verification was turned off").await;

    assert_eq!(ok(waiting.poll(&open).await, 200).body["status"], "cancelled");
    refused(waiting.verify(&open, &code).await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
    assert!(!needs_a_code(&waiting, PASSWORD).await);
}

/// P2: who was trusted before it was off has to be let in again once it is on.
#[tokio::test]
async fn turning_it_off_and_on_again_revives_no_trust() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let second = world.phone();
    let_in(&owner, &second).await;
    step_up(&owner).await;
    ok(owner.secure_login(&json!({ "two_step_enabled": false })).await, 200);
    assert!(!needs_a_code(&second, PASSWORD).await);
    assert_eq!(
        ok(owner.secure_login(&json!({ "two_step_enabled": true })).await, 200).body["two_step_enabled"],
        true
    );
    assert!(needs_a_code(&second, PASSWORD).await);
    assert!(!needs_a_code(&owner, PASSWORD).await);
}

/// P2: a sign-in without the second step lets a device in, and trusts nobody for later.
#[tokio::test]
async fn whoever_signs_in_while_it_is_off_needs_a_code_once_it_is_on() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    ok(owner.secure_login(&json!({ "two_step_enabled": false })).await, 200);
    let newcomer = world.phone();
    assert!(!needs_a_code(&newcomer, PASSWORD).await);
    assert!(!newcomer.session().unwrap().trusted);
    ok(newcomer.account().await, 200);
    ok(owner.secure_login(&json!({ "two_step_enabled": true })).await, 200);
    assert!(needs_a_code(&newcomer, PASSWORD).await);
}

/// P2: a session that is not trusted turns it neither off nor on by its password alone.
#[tokio::test]
async fn a_guest_needs_a_code_to_turn_it_off() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    refused(
        guest.secure_login(&json!({ "two_step_enabled": false })).await,
        403,
        "step_up_required",
    );
    let asked = ok(guest.step_up(PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
    refused(
        guest.secure_login(&json!({ "two_step_enabled": false })).await,
        403,
        "step_up_required",
    );
    assert_eq!(ok(owner.login_security().await, 200).body["two_step_enabled"], true);
}

/// P2, L7: a password that stands alone has fifteen characters, however good it is.
#[tokio::test]
async fn a_short_password_can_not_stand_alone() {
    let world = World::open().await;
    let owner = world.phone();
    let opened = id(&ok(owner.register(EMAIL, SHORT_PASSWORD).await, 202));
    ok(owner.verify_registration(&opened, &world.code().await).await, 200);
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    ok(owner.step_up(SHORT_PASSWORD).await, 201);
    let off = json!({ "two_step_enabled": false });
    refused(owner.secure_login(&off).await, 422, "weak_password");
    refused(
        owner.secure_login(&json!({ "two_step_enabled": false, "method": "email" })).await,
        422,
        "weak_password",
    );
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!((&security["two_step_enabled"], &security["method"]), (&json!(true), &json!("app")));
    assert!(needs_a_code(&world.phone(), SHORT_PASSWORD).await);

    ok(owner.change_password(SHORT_PASSWORD, NEW_PASSWORD).await, 204);
    ok(owner.secure_login(&off).await, 200);
    refused(owner.change_password(NEW_PASSWORD, "fifteen-Plint").await, 422, "weak_password");
    assert!(!needs_a_code(&world.phone(), NEW_PASSWORD).await);
}

/// P2, S5: nobody who waits for a code can touch a setting.
#[tokio::test]
async fn somebody_who_waits_for_a_code_changes_no_setting() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    let phone = world.phone();
    asked(&phone).await;
    let wishes = json!({ "two_step_enabled": false });
    let answer = phone.call("PATCH", "/v1/login-security", Some(&wishes)).await;
    refused(answer, 401, "invalid_token");
    let body = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    refused(phone.call("POST", "/v1/password", Some(&body)).await, 401, "invalid_token");
    let body = json!({ "password": PASSWORD });
    refused(phone.call("POST", "/v1/step-ups", Some(&body)).await, 401, "invalid_token");
}
