//! A whole life of an account, in which every kind of mail comes once or more often.

use postern_client::client::Client;
use postern_client::mail::Mail;
use serde_json::json;

use crate::owners::{DAY, NEW_PASSWORD, step_up, step_up_asked};
use crate::pause::guess_five_times;
use crate::phones::{NEIGHBOURS_PASSWORD, asked_by, neighbour};
use crate::reports::token_of;
use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// Where the account is at its end.
pub(crate) const MOVED: &str = "jana@novotna.example";
/// Where requests for help go.
pub(crate) const SUPPORT: &str = "support@postern.example";
/// The last password of three.
const LAST_PASSWORD: &str = "umbra-Thistle-27-ferry";
/// A little more than code entry pauses for the first time.
const OVER_THE_PAUSE: u64 = 16 * 60;

/// Every mail of a life, oldest first.
pub(crate) struct Letters {
    /// Those to the owner's address.
    pub(crate) home: Vec<Mail>,
    /// Those to the address that the account moved to.
    pub(crate) moved: Vec<Mail>,
    /// Those to support.
    pub(crate) support: Vec<Mail>,
}

impl Letters {
    /// All that people get who have an account.
    pub(crate) fn to_people(&self) -> impl Iterator<Item = &Mail> {
        self.home.iter().chain(&self.moved)
    }
}

/// Mails to an address, oldest first.
pub(crate) async fn mails(world: &World, to: &str) -> Vec<Mail> {
    world.local.drain().await.unwrap();
    let mut mails = world.local.emails(to).await.unwrap();
    mails.reverse();
    mails
}

/// The life of somebody who reads a language, from the first mail to the last.
pub(crate) async fn letters_in(locale: &str) -> Letters {
    let world = World::open().await;
    let first = world.phone();
    let opened = id(&ok(first.register_in(locale, EMAIL, PASSWORD).await, 202));
    ok(first.verify_registration(&opened, &world.code().await).await, 200);
    ok(world.phone().register(EMAIL, PASSWORD).await, 202);
    let neighbour = neighbour(&world).await;
    change_settings(&world, &first, &neighbour).await;
    meet_strangers(&world, &first).await;
    forget_the_password(&world, &first).await;
    move_away_and_end(&world, &first).await;
    Letters {
        home: mails(&world, EMAIL).await,
        moved: mails(&world, MOVED).await,
        support: mails(&world, SUPPORT).await,
    }
}

/// A second phone comes and goes, and a neighbour wants the owner's address.
async fn change_settings(world: &World, first: &Client, neighbour: &Client) {
    let second = let_in_by_mail(world).await;
    let step = step_up_asked(&second, "email").await;
    ok(second.verify_step_up(&step, &world.code().await).await, 200);
    a_day_later(world, &[first, neighbour]).await;
    step_up(first).await;
    ok(first.create_recovery_codes().await, 200);
    world.local.drain().await.unwrap();
    ok(first.remove_device(&second.session().unwrap().device).await, 204);
    world.local.drain().await.unwrap();
    ok(neighbour.step_up(NEIGHBOURS_PASSWORD).await, 201);
    ok(neighbour.change_email(EMAIL).await, 202);
    world.local.drain().await.unwrap();
    ok(first.secure_login(&json!({ "two_step_enabled": false })).await, 200);
    ok(first.secure_login(&json!({ "two_step_enabled": true })).await, 200);
}

/// Somebody guesses codes, somebody gets in, and the owner says that it wasn't them.
async fn meet_strangers(world: &World, first: &Client) {
    for _ in 0..2 {
        guess_five_times(world, &world.phone()).await;
    }
    world.local.drain().await.unwrap();
    world.local.advance(OVER_THE_PAUSE).await.unwrap();
    ok(first.refresh().await, 200);
    let_in_by_mail(world).await;
    let newest = mails(world, EMAIL).await.pop().unwrap();
    ok(first.report(&token_of(&newest)).await, 200);
    world.local.drain().await.unwrap();
    ok(first.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    world.local.drain().await.unwrap();
}

async fn forget_the_password(world: &World, first: &Client) {
    world.local.advance(DAY).await.unwrap();
    let opened = id(&ok(first.forget_password(EMAIL).await, 202));
    ok(first.verify_reset(&opened, &world.code().await, LAST_PASSWORD).await, 204);
    world.local.drain().await.unwrap();
    let asked = ok(first.sign_in(EMAIL, LAST_PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
    ok(first.verify(&id(&asked), &world.code().await).await, 200);
    a_day_later(world, &[first]).await;
}

async fn move_away_and_end(world: &World, first: &Client) {
    ok(first.step_up(LAST_PASSWORD).await, 201);
    let change = id(&ok(first.change_email(MOVED).await, 202));
    let code = world.local.mailed_code(MOVED).await.unwrap();
    ok(first.verify_email_change(&change, &code).await, 204);
    world.local.drain().await.unwrap();
    let device = first.description();
    let plea = json!({ "message": "No code came.", "app_version": "2.3.0", "device": device });
    ok(first.ask_for_help(&plea).await, 201);
    world.local.drain().await.unwrap();
    ok(first.erase_account().await, 202);
}

/// A further phone that is let in by the mailbox.
async fn let_in_by_mail(world: &World) -> Client {
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
    world.local.drain().await.unwrap();
    phone
}

async fn a_day_later(world: &World, phones: &[&Client]) {
    world.local.drain().await.unwrap();
    world.local.advance(DAY).await.unwrap();
    for phone in phones {
        ok(phone.refresh().await, 200);
    }
}
