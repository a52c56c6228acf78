//! What the password check tells, and what it doesn't.

use postern_client::answer::Answer;

use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, alike, ok, refused};

/// The names of an answer's headers.
fn header_names(answer: &Answer) -> Vec<&str> {
    answer.headers.keys().map(AsRef::as_ref).collect()
}

/// S2: nobody learns whether an address has an account, and nobody gets mail about it.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let world = World::open().await;
    world.owner().await;
    let mails = world.mails(EMAIL).await;
    let unknown = "nobody.at.all@example.com";
    let stranger = world.phone();
    let wrong = stranger.sign_in(EMAIL, WRONG_PASSWORD).await;
    let wrong = refused(wrong, 401, "invalid_credentials");
    let nobody = stranger.sign_in(unknown, PASSWORD).await;
    let nobody = refused(nobody, 401, "invalid_credentials");
    assert_eq!(alike(&wrong), alike(&nobody));
    assert_eq!(header_names(&wrong), header_names(&nobody));
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(world.mails(unknown).await, 0);
}

/// S7: a trusted device skips the code, never the password.
#[tokio::test]
async fn a_trusted_device_with_a_wrong_password_stays_out() {
    let world = World::open().await;
    let phone = world.owner().await;
    refused(phone.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}
