//! The end of an account.

use serde_json::json;

use crate::integrity::sound;
use crate::owners::{ready_owner, settled_owner};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// H2, S1: an erased account is over at once, and its address can register anew; the log stays sound,
/// and nothing of the person is left in the tables.
#[tokio::test]
async fn an_erased_account_is_over_at_once_and_its_address_is_free() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    refused(owner.call_signed_in("DELETE", "/v1/account", None).await, 403, "step_up_required");
    ok(owner.account().await, 200);
    crate::owners::step_up(&owner).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let before = ok(owner.account().await, 200).text("id").unwrap().to_owned();

    let erased = ok(owner.call_signed_in("DELETE", "/v1/account", None).await, 202).body;
    assert_eq!(erased, json!({ "status": "erased" }));
    refused(owner.account().await, 401, "invalid_token");
    refused(owner.refresh().await, 401, "invalid_token");
    refused(phone.poll(&attempt).await, 404, "not_found");
    refused(owner.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");

    let again = world.owner().await;
    let after = ok(again.account().await, 200).text("id").unwrap().to_owned();
    assert_ne!(before, after);
    let subjects = crate::owners::subjects(&world, EMAIL).await;
    assert!(subjects.iter().any(|it| it.contains("was erased")), "{subjects:?}");
    for table in ["vault", "sessions", "guards"] {
        for row in world.rows(table).await {
            assert!(!row.to_string().contains(&before), "{table}: {row}");
        }
    }
    sound(&world.local.dump(None).await.unwrap());
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// S9: a goodbye that can't be sent holds the erasure up for an hour, and no longer.
#[tokio::test]
async fn an_erasure_waits_for_no_carrier_for_long() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let account = ok(owner.account().await, 200).text("id").unwrap().to_owned();
    world.local.faults(&json!({ "email": "down" })).await.unwrap();
    ok(owner.call_signed_in("DELETE", "/v1/account", None).await, 202);
    world.local.drain().await.unwrap();
    let kept =
        async || world.rows("vault").await.iter().any(|it| it.to_string().contains(&account));
    assert!(kept().await);
    world.local.advance(3_700).await.unwrap();
    world.local.drain().await.unwrap();
    world.local.advance(120).await.unwrap();
    world.local.drain().await.unwrap();
    assert!(!kept().await);
}
