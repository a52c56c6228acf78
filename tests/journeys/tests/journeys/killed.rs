//! kill -9 at random moments, under load: whatever was answered before is true afterwards.
//!
//! A run prints its seed; with `POSTERN_SEED` set to it the kills come after as many answers again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use postern_client::client::Client;
use postern_client::local::Local;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::household::{Household, Stage};
use crate::integrity::sound;
use crate::world::{World, source};

/// Names the seed to play again.
const SEED: &str = "POSTERN_SEED";
/// How often the stack is killed: a few seconds' worth.
const KILLS: usize = 6;
/// Households whose stories go on at the same time.
const AT_ONCE: usize = 4;
/// A kill comes after fewer answers than this: several stories' worth, counted over all.
const MOST_ANSWERS: u64 = 40;
/// And then at any moment within this, so that it meets requests at every point of their way.
const MOMENT: Duration = Duration::from_millis(25);
/// Longer than the lease of a message, which is how long a killed sender holds it.
const OVER_THE_LEASE: u64 = 61;

/// A sequence of numbers that follows from its seed (`SplitMix64`, by Steele, Lea and Flood).
struct Dice(u64);

impl Dice {
    /// The seed that is asked for, or any.
    fn new() -> Self {
        let seed = std::env::var(SEED).ok().map_or_else(any, |text| text.parse().unwrap());
        println!("{SEED}={seed}");
        Self(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

fn any() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes)
}

/// Moves into houses nobody has lived in.
#[derive(Clone)]
struct Street {
    base: String,
    local: Local,
    number: Arc<AtomicU8>,
}

impl Street {
    fn household(&self) -> Household {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let phone = |net| {
            let client = Client::new(&self.base).unwrap().at(source(net, number)).unwrap();
            client.described(json!({
                "name": format!("Phone {net}"), "model": "Testfone", "platform": "ios", "os_version": "26",
            }))
        };
        let email = format!("household.{number}@example.com");
        Household::new(email, self.local.clone(), [phone(2), phone(3)])
    }

    /// Goes on with one story after the other until the stack is gone; tells every answer.
    async fn live(self, mut at_home: Household, answers: UnboundedSender<()>) -> Vec<Household> {
        let mut moved_out = Vec::new();
        while at_home.step().await.is_ok() {
            // Once the kill is decided on, nobody counts any more.
            let _ = answers.send(());
            if at_home.stage == Stage::Removed {
                moved_out.push(std::mem::replace(&mut at_home, self.household()));
            }
        }
        moved_out.push(at_home);
        moved_out
    }
}

/// S4, S6, S9, T3: a power cut takes nothing back that somebody was told.
#[tokio::test]
async fn what_was_answered_before_a_kill_is_true_after_it() {
    let mut dice = Dice::new();
    let mut world = World::open().await;
    let street = Street {
        base: world.stack.base().to_owned(),
        local: world.local.clone(),
        number: Arc::default(),
    };
    let mut households = Vec::new();
    for _ in 0..KILLS {
        let (answers, mut heard) = unbounded_channel();
        let mut lives = JoinSet::new();
        for _ in 0..AT_ONCE {
            let unfinished = households.iter().position(|it: &Household| it.stage < Stage::Removed);
            let at_home =
                unfinished.map_or_else(|| street.household(), |it| households.swap_remove(it));
            lives.spawn(street.clone().live(at_home, answers.clone()));
        }
        for _ in 0..dice.below(MOST_ANSWERS) {
            heard.recv().await.unwrap();
        }
        let moment = u64::try_from(MOMENT.as_micros()).unwrap();
        // Not a wait for anything: it chooses the moment.
        tokio::time::sleep(Duration::from_micros(dice.below(moment))).await;
        world.stack.kill().unwrap();
        households.extend(lives.join_all().await.into_iter().flatten());

        world.stack.restart().await.unwrap();
        world.local.advance(OVER_THE_LEASE).await.unwrap();
        for household in &mut households {
            if household.in_doubt() {
                household.step().await.unwrap();
            }
            household.check().await;
        }
        every_promise_is_kept(&world, &households).await;
    }
}

/// The log is sound, and holds each act once.
async fn every_promise_is_kept(world: &World, households: &[Household]) {
    world.local.drain().await.unwrap();
    let commits = sound(&world.local.dump(None).await.unwrap());
    let (mut accounts, mut by_code, mut trusted) = (0, 0, 0);
    let mut begun = BTreeSet::new();
    for commit in &commits {
        let has = |name: &str| commit.types.contains(name);
        accounts += usize::from(has("account.registered"));
        by_code += usize::from(has("sign_in.code_verified") && has("sign_in.completed"));
        for event in &commit.events {
            trusted += usize::from(event.name == "account.device_trusted");
            if event.name.ends_with(".completed") {
                let data: Value = serde_json::from_str(event.data.get()).unwrap();
                let session = data["session"].as_str().unwrap().to_owned();
                assert!(begun.insert(session), "{} was completed twice", commit.stream);
            }
        }
    }
    let come = |stage| households.iter().filter(|it| it.stage >= stage).count();
    assert_eq!(accounts, come(Stage::Registered));
    assert_eq!(by_code, come(Stage::LetIn));
    assert_eq!(trusted, accounts + by_code);
    for row in world.rows("sessions").await {
        let session = row["sid"]["S"].as_str().unwrap();
        assert!(begun.contains(session), "nothing was completed for session {session}");
    }
    for told in world.messages().await {
        let end = told.story.last().unwrap();
        let done = ["sent", "delivered", "failed superseded"].contains(&end.as_str());
        assert!(done, "{told:?}");
    }
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}
