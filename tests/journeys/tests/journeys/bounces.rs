//! Mail that comes back.

use serde_json::json;

use crate::owners::{NEW_PASSWORD, reset, settled_owner};
use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// C3, C7: a mail's server says that it came, or that it didn't; the next code avoids the mailbox, and
/// the owner reads why on a trusted phone.
#[tokio::test]
async fn a_mailbox_that_bounced_is_avoided_next_time_and_the_owner_told_why() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = id(&ok(phone.sign_in(EMAIL, PASSWORD).await, 201));
    ok(phone.resend_by(&attempt, "email").await, 202);
    world.local.drain().await.unwrap();
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "delivered");

    world.local.faults(&json!({ "email": "bounce" })).await.unwrap();
    let phone = world.phone();
    let attempt = id(&ok(phone.sign_in(EMAIL, PASSWORD).await, 201));
    ok(phone.resend_by(&attempt, "email").await, 202);
    world.local.drain().await.unwrap();
    let polled = ok(phone.poll(&attempt).await, 200).body;
    assert_eq!(polled["delivery"], "bounced");
    assert_eq!(polled["available_methods"], json!(["app"]));
    let bounced = json!([{ "method": "email", "because": "bounced" }]);
    assert_eq!(polled["unavailable_methods"], bounced);
    let next = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&next["method"], &next["available_methods"]), (&json!("app"), &json!(["app"])));

    let security = ok(owner.login_security().await, 200).body;
    let advice = security["advice"].as_array().unwrap();
    assert!(advice.iter().any(|it| it["code"] == "email_undeliverable"), "{security}");
    assert_eq!(security["unavailable_methods"][1], bounced[0]);
    assert_eq!(ok(owner.account().await, 200).body["email_deliverable"], false);
}

/// C1, C3: with a dead mailbox and no other phone people have to help; a reset that arrives proves the
/// mailbox again.
#[tokio::test]
async fn without_any_way_support_is_named_and_a_proven_mailbox_mends_it() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(owner.call_signed_in("DELETE", &own_device(&owner).await, None).await, 204);
    world.local.faults(&json!({ "email": "bounce", "times": 1 })).await.unwrap();
    let phone = world.phone();
    ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    world.local.drain().await.unwrap();
    let stuck = ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(
        (&stuck["status"], &stuck["next"]),
        (&json!("unreachable"), &json!("contact_support"))
    );
    assert_eq!(stuck["session"], json!(null));

    reset(&world, &phone, EMAIL, NEW_PASSWORD).await;
    let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!((&asked["status"], &asked["method"]), (&json!("code_required"), &json!("email")));
    let code = world.code().await;
    ok(phone.verify(asked["id"].as_str().unwrap(), &code).await, 200);
}

async fn own_device(owner: &postern_client::client::Client) -> String {
    let devices = ok(owner.devices().await, 200).body;
    format!("/v1/devices/{}", devices["devices"][0]["id"].as_str().unwrap())
}

/// C5: whoever has the mailbox doesn't pass unseen by those who have the phones.
#[tokio::test]
async fn phones_hear_of_an_attempt_whose_code_is_mailed() {
    let world = World::open().await;
    let owner = crate::owners::ready_owner(&world).await;
    ok(owner.secure_login(&json!({ "method": "email" })).await, 200);
    let phone = world.phone();
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["method"], "email");
    let told = crate::phones::told(&world, crate::phones::BLUE).await;
    assert_eq!(told.last().unwrap(), &format!("sign_in_request {}", id(&asked)));
    let request = ok(owner.open_request(&id(&asked)).await, 200).body;
    assert_eq!((&request["method"], &request["code"]), (&json!("email"), &json!(null)));
    ok(owner.deny(&id(&asked)).await, 200);
    assert_eq!(ok(phone.poll(&id(&asked)).await, 200).body["status"], "denied");
}
