//! An address that somebody has already, or takes in the same moment.

use postern_client::mail::wrong_code;

use crate::email_changes::{FREE, NEW_EMAIL, PETR, PETRS_PASSWORD, address, asked, both, opens};
use crate::owners::{NEW_PASSWORD, ready_owner, told_by_mail};
use crate::world::{EMAIL, PASSWORD, World, alike, id, ok, refused};

/// P5, S2: whether an address is taken shows nowhere; its owner is told, once and without a code.
#[tokio::test]
async fn a_taken_address_is_answered_like_a_free_one_and_its_owner_is_told() {
    let world = World::open().await;
    let (owner, petr) = both(&world).await;
    let taken = ok(owner.change_email(PETR).await, 202);
    let free = ok(owner.change_email(FREE).await, 202);
    assert_eq!(alike(&taken), alike(&free));
    told_by_mail(&world, PETR, "belongs to your").await;
    let mails = world.local.emails(PETR).await.unwrap();
    assert_eq!(mails[0].code(), None);
    let right = world.local.mailed_code(FREE).await.unwrap();
    for left in (0..5).rev() {
        let guess = wrong_code(&right, left);
        let wrong = owner.verify_email_change(&id(&taken), &guess).await;
        assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], left);
    }
    refused(owner.verify_email_change(&id(&taken), &right).await, 410, "attempt_closed");
    assert_eq!(address(&owner).await, EMAIL);
    assert_eq!(address(&petr).await, PETR);
    ok(owner.verify_email_change(&id(&free), &right).await, 204);
}

/// P5, S1: two accounts that prove one address at the same moment: one of them gets it.
#[tokio::test]
async fn of_two_accounts_that_race_for_an_address_one_gets_it() {
    let world = World::open().await;
    let (owner, petr) = both(&world).await;
    let (first, first_code) = asked(&world, &owner, NEW_EMAIL).await;
    let (second, second_code) = asked(&world, &petr, NEW_EMAIL).await;
    let (one, other) = tokio::join!(
        owner.verify_email_change(&first, &first_code),
        petr.verify_email_change(&second, &second_code),
    );
    let answers = [one.unwrap(), other.unwrap()];
    let moved: Vec<_> = answers.iter().filter(|it| it.status == 204).collect();
    assert_eq!(moved.len(), 1, "{answers:?}");
    let lost = answers.into_iter().find(|it| it.status != 204);
    refused(lost.ok_or(()), 403, "code_incorrect");
    let addresses = [address(&owner).await, address(&petr).await];
    assert_eq!(addresses.iter().filter(|it| **it == NEW_EMAIL).count(), 1);
    assert_ne!(
        opens(&owner, NEW_EMAIL, PASSWORD).await,
        opens(&petr, NEW_EMAIL, PETRS_PASSWORD).await
    );
    assert!(opens(&owner, addresses[0].as_str().unwrap(), PASSWORD).await);
    assert!(opens(&petr, addresses[1].as_str().unwrap(), PETRS_PASSWORD).await);
}

/// P5, S1: the same against somebody who opens an account with the address.
#[tokio::test]
async fn of_a_change_and_a_registration_that_race_for_an_address_one_gets_it() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let newcomer = world.phone();
    let opened = id(&ok(newcomer.register(NEW_EMAIL, NEW_PASSWORD).await, 202));
    let registration_code = world.local.mailed_code(NEW_EMAIL).await.unwrap();
    let (change, change_code) = asked(&world, &owner, NEW_EMAIL).await;
    let (moved, registered) = tokio::join!(
        owner.verify_email_change(&change, &change_code),
        newcomer.verify_registration(&opened, &registration_code),
    );
    let (moved, registered) = (moved.unwrap(), registered.unwrap());
    assert!((moved.status == 204) ^ (registered.status == 200), "{moved:?} {registered:?}");
    let lost = if moved.status == 204 { registered } else { moved };
    refused(Ok::<_, ()>(lost), 403, "code_incorrect");
}
