//! "It wasn't me", said through a mail.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::{DAY, NEW_PASSWORD, may, ready_owner, reset, settled_owner, step_up};
use crate::phones::{let_in, shown};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

const PATH: &str = "/v1/security-reports";

/// Says so with this token: no proof, no token of a session, no version of an app.
async fn say(world: &World, token: &str) -> Answer {
    let anybody = world.phone();
    let request = anybody.request("POST", PATH).proofs(&[]).app_version(None);
    request.json(&json!({ "token": token })).send().await.unwrap()
}

/// The token in the newest mail with this in its subject.
async fn token(world: &World, about: &str) -> String {
    world.local.drain().await.unwrap();
    let mails = world.local.emails(EMAIL).await.unwrap();
    let mail = mails.iter().find(|mail| mail.subject.contains(about));
    let mail = mail.unwrap_or_else(|| panic!("no mail about {about}"));
    assert_eq!(mail.html.matches("/v1/security-reports#").count(), 1, "{}", mail.subject);
    mail.report_token().unwrap().to_owned()
}

fn reported(answer: Answer, next: &Value) {
    let body = ok(Ok::<_, ()>(answer), 200).body;
    assert_eq!(body, json!({ "status": "reported", "next": next }));
}

/// A new device that gave the mailed code, and is trusted.
async fn intruder(world: &World) -> Client {
    let phone = world.phone();
    let attempt = id(&ok(phone.sign_in(EMAIL, PASSWORD).await, 201));
    ok(phone.resend_by(&attempt, "email").await, 202);
    let code = world.code().await;
    ok(phone.verify(&attempt, &code).await, 200);
    phone
}

/// L4: the page is there for anybody, does nothing by itself, and runs nothing but its own script.
#[tokio::test]
async fn looking_at_the_page_changes_nothing() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let token = token(&world, "sign-in code").await;
    let events = world.events().await;
    for method in ["GET", "HEAD"] {
        let url = format!("{}{PATH}?token={token}", world.stack.base());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.request(method.parse().unwrap(), &url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(policy.contains("script-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains(&token) && !page.contains("http://"), "{page}");
    }
    assert_eq!(world.events().await, events);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "code_required");
    may_still_be_said(&world, &token).await;
}

async fn may_still_be_said(world: &World, token: &str) {
    reported(say(world, token).await, &json!("change_password"));
}

/// L4, L5: an open attempt is dead at once, and its password lets no untrusted key in any more; a
/// trusted phone gets in and is told to change it, and then all is well.
#[tokio::test]
async fn a_report_kills_the_attempt_and_asks_for_another_password() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = id(&ok(phone.sign_in(EMAIL, PASSWORD).await, 201));
    ok(phone.resend_by(&attempt, "email").await, 202);
    let code = world.code().await;
    let token = token(&world, "sign-in code").await;
    reported(say(&world, &token).await, &json!("change_password"));

    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "denied");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    let trusted = ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(
        (&trusted["status"], &trusted["next"]),
        (&json!("complete"), &json!("change_password"))
    );
    let advice = ok(owner.login_security().await, 200).body["advice"][0]["code"].clone();
    assert_eq!(advice, "change_password");

    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    assert_eq!(ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body["status"], "code_required");
    refused(Ok::<_, ()>(say(&world, &token).await), 410, "attempt_closed");
}

/// L4, T3: a device that was let in is out on its next request and needs a code that it won't get.
#[tokio::test]
async fn a_report_puts_out_whoever_was_let_in() {
    for trust in [true, false] {
        let world = World::open().await;
        let owner = settled_owner(&world).await;
        let phone = world.phone();
        let attempt = asked(&phone).await;
        let code = shown(&owner, &attempt).await;
        if trust {
            ok(phone.verify(&attempt, &code).await, 200);
        } else {
            ok(phone.verify_just_this_once(&attempt, &code).await, 200);
        }
        ok(phone.account().await, 200);
        let token = token(&world, "new device signed in").await;
        reported(say(&world, &token).await, &json!("change_password"));
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.refresh().await, 401, "invalid_token");
        refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
        ok(owner.refresh().await, 200);
        ok(owner.account().await, 200);
        let devices = ok(owner.devices().await, 200).body["devices"].as_array().unwrap().len();
        assert_eq!(devices, 1);
    }
}

/// L4: a link works for a week and once, and only as it was made.
#[tokio::test]
async fn a_link_works_for_a_week_and_only_as_it_was_made() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let intruder = intruder(&world).await;
    let genuine = token(&world, "new device signed in").await;
    let other = token(&world, "sign-in code").await;
    let (rest, tag) = genuine.rsplit_once('.').unwrap();
    let (_, other_tag) = other.rsplit_once('.').unwrap();
    let forged = [
        String::new(),
        "x".to_owned(),
        rest.to_owned(),
        format!("{rest}.{other_tag}"),
        format!("{rest}.{}", "A".repeat(tag.len())),
        genuine.replacen("sin_", "acc_", 1),
        genuine.to_lowercase(),
        format!("{genuine}A"),
        genuine.repeat(9),
    ];
    for forged in &forged {
        refused(Ok::<_, ()>(say(&world, forged).await), 401, "invalid_token");
    }
    ok(intruder.account().await, 200);

    world.local.advance(7 * DAY).await.unwrap();
    refused(Ok::<_, ()>(say(&world, &genuine).await), 401, "token_expired");
    ok(owner.refresh().await, 200);
    ok(intruder.refresh().await, 200);
}

/// L4, P2: two-step verification that was turned off is on again, and the device that did it is out.
#[tokio::test]
async fn what_was_turned_off_is_on_again() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    ok(owner.secure_login(&json!({ "two_step_enabled": false })).await, 200);
    let token = token(&world, "Two-step verification was turned off").await;
    reported(say(&world, &token).await, &json!("change_password"));
    refused(owner.account().await, 401, "invalid_token");
    let phone = world.phone();
    reset(&world, &phone, EMAIL, NEW_PASSWORD).await;
    let back = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    // On again; and the mailbox alone lets nobody in for a day.
    assert_eq!(back["status"], "unreachable", "{back}");
    assert_eq!(back["next"], "wait", "{back}");
}

/// L4, L5: a password that an intruder set doesn't stand; one that the owner set since does.
#[tokio::test]
async fn a_changed_password_is_reported_away_but_not_the_owner_s_own() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let changed = token(&world, "password was changed").await;
    world.local.advance(60).await.unwrap();
    let phone = world.phone();
    reset(&world, &phone, EMAIL, PASSWORD).await;
    reported(say(&world, &changed).await, &json!("change_password"));
    // The owner's own phone lost its trust with the reset, and may use the mailed code.
    let attempt = id(&ok(owner.sign_in(EMAIL, PASSWORD).await, 201));
    ok(owner.verify(&attempt, &world.code().await).await, 200);

    let reset_told = token(&world, "password was reset").await;
    reported(say(&world, &reset_told).await, &json!("change_password"));
    refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
}

/// L4: recovery codes that an intruder made let nobody in.
#[tokio::test]
async fn recovery_codes_that_are_reported_are_dead() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = crate::owners::recovery_codes(&owner).await;
    let token = token(&world, "recovery codes").await;
    reported(say(&world, &token).await, &json!("change_password"));
    reset(&world, &world.phone(), EMAIL, NEW_PASSWORD).await;
    let phone = world.phone();
    let attempt = id(&ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201));
    refused(phone.verify(&attempt, &codes[0]).await, 403, "code_incorrect");
}

/// L4, P5: whoever has the former mailbox is sent to people, and the device that moved the account is
/// out; the account stays where it is.
#[tokio::test]
async fn of_a_moved_account_support_decides() {
    const NEW: &str = "jana@example.org";
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let change = id(&ok(owner.change_email(NEW).await, 202));
    let code = world.local.mailed_code(NEW).await.unwrap();
    ok(owner.verify_email_change(&change, &code).await, 204);
    let token = token(&world, "e-mail address of your Postern account was changed").await;
    reported(say(&world, &token).await, &json!("contact_support"));
    refused(owner.account().await, 401, "invalid_token");
    refused(world.phone().sign_in(NEW, PASSWORD).await, 401, "invalid_credentials");
    refused(world.phone().sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
}

/// L4: a step-up that somebody else asked for is dead, and so is their session.
#[tokio::test]
async fn a_reported_step_up_ends_the_session_that_asked() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let young = world.phone();
    let_in(&owner, &young).await;
    let asked = id(&ok(young.step_up(PASSWORD).await, 201));
    ok(young.resend_step_up_by(&asked, "email").await, 202);
    let token = token(&world, "confirmation code").await;
    reported(say(&world, &token).await, &json!("change_password"));
    refused(young.account().await, 401, "invalid_token");
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    may(&owner).await;
}

/// L4, C8: a reset that was never finished ends, and nothing else does.
#[tokio::test]
async fn a_reported_reset_ends_and_nothing_else_does() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let opened = id(&ok(phone.forget_password(EMAIL).await, 202));
    let code = world.local.mailed_code(EMAIL).await.unwrap();
    let token = token(&world, "password reset code").await;
    reported(say(&world, &token).await, &Value::Null);
    refused(phone.verify_reset(&opened, &code, NEW_PASSWORD).await, 410, "attempt_closed");
    ok(owner.account().await, 200);
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "code_required");
}
