//! "It wasn't me", said through the mail about somebody who signs in: nothing happens by looking, and
//! everything by saying it.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::mail::Mail;
use serde_json::json;

use crate::owners::{NEW_PASSWORD, named, settled_owner, subjects};
use crate::phones::{asked_by, shown, told};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// The token in a mail.
pub(crate) fn token_of(mail: &Mail) -> String {
    mail.report_token().unwrap_or_else(|| panic!("{}", mail.text)).to_owned()
}

/// The token in the newest mail to an address whose subject says so.
pub(crate) async fn mailed_token(world: &World, to: &str, about: &str) -> String {
    world.local.drain().await.unwrap();
    let mails = world.local.emails(to).await.unwrap();
    let mail = mails.iter().find(|it| it.subject.contains(about));
    token_of(mail.unwrap_or_else(|| panic!("no mail about {about}")))
}

/// Says it, and what to do next comes back.
pub(crate) async fn reported(phone: &Client, token: &str, next: Option<&str>) {
    let done = ok(phone.report(token).await, 200).body;
    assert_eq!(done, json!({ "status": "reported", "next": next }));
}

/// Nobody gets in on a device that isn't trusted, until the password is another one.
pub(crate) async fn password_is_dead(world: &World, password: &str) {
    refused(world.phone().sign_in(EMAIL, password).await, 401, "invalid_credentials");
}

/// A device is out, and its key opens nothing by itself.
pub(crate) async fn is_out(phone: &Client) {
    refused(phone.account().await, 401, "invalid_token");
    refused(phone.refresh().await, 401, "invalid_token");
}

/// Asks for the page as a browser does, or as a program that reads mails.
async fn page(phone: &Client, method: &str, query: &str) -> Answer {
    let request = phone.request(method, &format!("/v1/security-reports{query}"));
    let request = request.app_version(None).proofs(&[]).header("Accept-Language", "de");
    ok(request.send().await, 200)
}

/// L4: a mail scanner may follow the link as often as it likes: the page is a page, with a token or
/// without, and nothing has happened. It runs its own script and nobody else's.
#[tokio::test]
async fn looking_at_the_page_changes_nothing() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    let events = world.events().await;
    world.local.reset_meter().await.unwrap();

    let browser = Client::new(world.stack.base()).unwrap();
    for query in ["", &format!("?token={token}"), &format!("?{token}"), "?x=y"] {
        let shown = page(&browser, "GET", query).await;
        assert!(shown.header("content-type").starts_with("text/html"), "{query}");
        assert_eq!(shown.header("content-language"), "de");
        assert_eq!(shown.header("referrer-policy"), "no-referrer");
        let policy = shown.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'sha256-",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        let html = shown.body.as_str().unwrap();
        assert!(html.contains("<html lang=\"de\" dir=\"ltr\">"), "{html}");
        assert!(!html.contains("token=") && !html.contains(&token), "{html}");
        assert!(!html.contains("<form") && !html.contains("<a "), "{html}");
        assert!(!html.contains("http://"), "{html}");
        let head = page(&browser, "HEAD", query).await;
        assert_eq!(head.header("content-security-policy"), policy);
        assert!(head.body.is_null());
    }
    assert_eq!(world.local.meter().await.unwrap()["functions"]["account"], json!(null));
    assert_eq!(world.events().await, events);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "code_required");
    ok(owner.account().await, 200);
    reported(&browser, &token, Some("change_password")).await;
}

/// L4, L5, S5: the attempt is dead, whoever has the password stays out with it, and the owner's phone
/// gets in and says what to do; after that all is well.
#[tokio::test]
async fn a_report_ends_the_attempt_and_makes_the_password_worthless_to_strangers() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let thief = world.phone();
    let attempt = asked_by("app", &thief).await;
    ok(thief.resend_by(&attempt, "email").await, 202);
    let code = world.code().await;
    let other = world.phone();
    let open = asked(&other).await;
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    reported(&world.phone(), &token, Some("change_password")).await;

    assert_eq!(ok(thief.poll(&attempt).await, 200).body["status"], "denied");
    refused(thief.verify(&attempt, &code).await, 410, "attempt_closed");
    refused(thief.resend(&attempt).await, 410, "attempt_closed");
    // Whoever else waits gave the same password.
    assert_eq!(ok(other.poll(&open).await, 200).body["status"], "cancelled");
    password_is_dead(&world, PASSWORD).await;
    refused(thief.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    assert!(told(&world, crate::phones::BLUE).await.contains(&format!("request_closed {attempt}")));

    ok(owner.account().await, 200);
    let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&done["status"], &done["next"]), (&json!("complete"), &json!("change_password")));
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(named(&security["advice"], "code")[0], "change_password");

    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let security = ok(owner.login_security().await, 200).body;
    assert!(!named(&security["advice"], "code").contains(&"change_password"));
    let done = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!((&done["status"], done.get("next")), (&json!("complete"), None));
    for phone in [&thief, &world.phone()] {
        let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
        assert_eq!(asked["status"], "code_required");
    }
    refused(world.phone().report(&token).await, 410, "attempt_closed");
}

/// L4, T3, T4: a device that was let in is out on its next request, trusted no longer, and off the
/// owner's list; its owner is told that it was removed.
#[tokio::test]
async fn a_report_puts_the_device_out_that_was_let_in() {
    for about in ["sign-in code", "new device signed in"] {
        let world = World::open().await;
        let owner = settled_owner(&world).await;
        ok(owner.remove_push().await, 204);
        let thief = world.phone();
        let attempt = asked_by("email", &thief).await;
        ok(thief.verify(&attempt, &world.code().await).await, 200);
        let token = mailed_token(&world, EMAIL, about).await;
        reported(&world.phone(), &token, Some("change_password")).await;
        is_out(&thief).await;
        refused(thief.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
        let devices = ok(owner.devices().await, 200).body;
        assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
        assert_eq!(
            subjects(&world, EMAIL).await.last().unwrap(),
            "A device was removed from your Postern account"
        );
        ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
        let asked = ok(thief.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
        assert_eq!(asked["status"], "code_required");
    }
}

/// L4, T3: also one for which the owner's own phone showed the code, for good or just this once; that
/// phone stays.
#[tokio::test]
async fn a_report_puts_the_device_out_that_a_code_by_app_let_in() {
    for trust in [true, false] {
        let world = World::open().await;
        let owner = settled_owner(&world).await;
        let thief = world.phone();
        let attempt = asked_by("app", &thief).await;
        let code = shown(&owner, &attempt).await;
        if trust {
            ok(thief.verify(&attempt, &code).await, 200);
        } else {
            ok(thief.verify_just_this_once(&attempt, &code).await, 200);
        }
        ok(thief.account().await, 200);
        let token = mailed_token(&world, EMAIL, "new device signed in").await;
        reported(&world.phone(), &token, Some("change_password")).await;
        is_out(&thief).await;
        refused(thief.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
        ok(owner.refresh().await, 200);
        ok(owner.account().await, 200);
        let devices = ok(owner.devices().await, 200).body;
        assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
    }
}

/// L4, S6: also one that was let in just this once and is trusted by nobody.
#[tokio::test]
async fn a_report_ends_the_sessions_of_a_device_that_is_not_trusted() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = crate::phones::guest(&world).await;
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&guest).await;
    let devices = ok(owner.devices().await, 200).body;
    assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
    password_is_dead(&world, PASSWORD).await;
    ok(owner.account().await, 200);
}

/// L4: it is never too late: also when nobody has entered the code, whoever asked for it knew the
/// password.
#[tokio::test]
async fn an_attempt_that_has_expired_can_be_reported() {
    let world = World::open().await;
    world.owner().await;
    let thief = world.phone();
    let attempt = asked(&thief).await;
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    world.local.advance(3 * 24 * 60 * 60).await.unwrap();
    reported(&world.phone(), &token, Some("change_password")).await;
    assert_ne!(ok(thief.poll(&attempt).await, 200).body["status"], "code_required");
    password_is_dead(&world, PASSWORD).await;
}

/// L4, L5: what was known before the password was changed is known no more.
#[tokio::test]
async fn an_old_report_does_not_touch_a_newer_password() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let thief = world.phone();
    let attempt = asked_by("app", &thief).await;
    ok(thief.resend_by(&attempt, "email").await, 202);
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    ok(world.phone().report(&token).await, 200);
    let asked = ok(world.phone().sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
    let done = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(done.get("next"), None, "{done}");
}

/// L4, L5: also where the attempt was over before: its report finds a password that nobody knew then.
#[tokio::test]
async fn a_report_of_an_attempt_that_was_over_does_not_touch_a_newer_password() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let thief = world.phone();
    let attempt = asked_by("app", &thief).await;
    ok(thief.resend_by(&attempt, "email").await, 202);
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    ok(thief.cancel(&attempt).await, 204);
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    ok(world.phone().report(&token).await, 200);
    let asked = ok(world.phone().sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
    let done = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(done.get("next"), None, "{done}");
}
