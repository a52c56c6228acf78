//! When carriers and functions fail: nothing is lost, nothing comes too late, nothing is another
//! code than the one that was promised.

use postern_client::client::Client;
use postern_client::mail::Mail;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// Longer than a message's first wait, and the part of a second by which a note of it is rounded.
const BACK_OFF: u64 = 16;
/// Not as long as the lease of a message.
const WITHIN_THE_LEASE: u64 = 50;
/// As much again, after which a lease is over.
const OVER_THE_LEASE: u64 = 12;
/// Longer than a code lives.
const CODE_LIFE: u64 = 301;

/// How a code travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Mail,
    Push,
}

impl Channel {
    /// How far a message is known to have come: a mail's server says that it took it.
    fn best(self) -> &'static str {
        match self {
            Self::Mail => "delivered",
            Self::Push => "sent",
        }
    }

    /// What is recorded of a message that went, behind what came before.
    fn story(self, before: &[&'static str]) -> Vec<&'static str> {
        let went: &[&str] = match self {
            Self::Mail => &["sent", "delivered"],
            Self::Push => &["sent"],
        };
        [before, went].concat()
    }
}

const CHANNELS: [Channel; 2] = [Channel::Mail, Channel::Push];

/// A world in which the owner's codes travel by one channel, with nothing under way.
struct Scene {
    world: World,
    owner: Client,
    channel: Channel,
    before: usize,
}

impl Scene {
    async fn open(channel: Channel) -> Self {
        let world = World::open().await;
        let owner = world.owner().await;
        if channel == Channel::Push {
            ok(owner.register_push("apns", &token(), "allowed").await, 204);
        }
        world.local.drain().await.unwrap();
        let mut scene = Self { world, owner, channel, before: 0 };
        scene.before = scene.all().await.len();
        scene
    }

    async fn faults(&self, faults: Value) {
        self.world.local.faults(&faults).await.unwrap();
    }

    /// Breaks the carrier, whichever it is.
    async fn carrier(&self, fault: &str) {
        let carrier = match self.channel {
            Channel::Mail => "email",
            Channel::Push => "push",
        };
        self.faults(json!({ carrier: fault })).await;
    }

    /// A new device asks for a code.
    async fn ask(&self) -> (Client, String) {
        let phone = self.world.phone();
        let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
        assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
        assert_eq!(asked.body["delivery"], "queued", "{}", asked.body);
        let method = match self.channel {
            Channel::Mail => "email",
            Channel::Push => "app",
        };
        assert_eq!(asked.body["method"], method, "{}", asked.body);
        (phone, id(&asked))
    }

    /// Everything that came about codes and requests, newest first: a mail's code, a push's word.
    async fn all(&self) -> Vec<String> {
        let local = &self.world.local;
        local.drain().await.unwrap();
        match self.channel {
            Channel::Mail => {
                local.emails(EMAIL).await.unwrap().iter().filter_map(Mail::code).collect()
            }
            Channel::Push => {
                let pushes = local.pushes(Some(&token())).await.unwrap();
                let asks =
                    pushes.iter().filter(|it| it.kind().as_deref() == Some("sign_in_request"));
                asks.map(|it| it.payload.to_string()).collect()
            }
        }
    }

    /// What came since the scene was opened, newest first.
    async fn came(&self) -> Vec<String> {
        let mut all = self.all().await;
        all.truncate(all.len() - self.before);
        all
    }

    async fn delivery(&self, phone: &Client, attempt: &str) -> String {
        let polled = ok(phone.poll(attempt).await, 200).body;
        assert_eq!(polled["status"], "code_required", "{polled}");
        polled["delivery"].as_str().unwrap().to_owned()
    }

    /// Enters the code that the channel brings the owner.
    async fn enter(&self, phone: &Client, attempt: &str) {
        let code = match self.channel {
            Channel::Mail => self.world.code().await,
            Channel::Push => {
                let shown = ok(self.owner.open_request(attempt).await, 200);
                shown.text("code").unwrap().to_owned()
            }
        };
        let done = ok(phone.verify(attempt, &code).await, 200);
        assert_eq!(done.body["status"], "complete", "{}", done.body);
    }

    /// Nothing was given up by the functions.
    async fn nobody_died(&self) {
        assert_eq!(self.world.local.dead_letters().await.unwrap(), json!([]));
    }
}

/// The push token of the owner's phone, of the form that Apple's have.
fn token() -> String {
    "5a".repeat(32)
}

/// C1, C3, C7: what a carrier can't take waits, the app is told so, and it comes once.
async fn it_waits_for_the_carrier(channel: Channel, fault: &str, because: &str) {
    let scene = Scene::open(channel).await;
    scene.carrier(fault).await;
    let (phone, attempt) = scene.ask().await;
    assert_eq!(scene.came().await, [""; 0]);
    assert_eq!(scene.delivery(&phone, &attempt).await, "queued");
    assert_eq!(scene.world.sends(&attempt).await, [["claimed", because]]);

    scene.faults(json!({})).await;
    scene.world.local.advance(BACK_OFF).await.unwrap();
    assert_eq!(scene.came().await.len(), 1);
    assert_eq!(scene.delivery(&phone, &attempt).await, channel.best());
    let because = because.to_owned();
    let mut story = vec!["claimed".to_owned(), because, "claimed".to_owned()];
    story.extend(channel.story(&[]).into_iter().map(str::to_owned));
    assert_eq!(scene.world.sends(&attempt).await, [story]);
    scene.world.local.advance(BACK_OFF).await.unwrap();
    assert_eq!(scene.came().await.len(), 1);
    scene.enter(&phone, &attempt).await;
    scene.nobody_died().await;
}

/// C3, C7: a mail.
#[tokio::test]
async fn a_mail_waits_while_mail_is_down_and_comes_once() {
    it_waits_for_the_carrier(Channel::Mail, "down", "deferred unavailable").await;
}

/// C3, C7: also where SES asks for fewer.
#[tokio::test]
async fn a_mail_waits_while_mail_is_throttled_and_comes_once() {
    it_waits_for_the_carrier(Channel::Mail, "throttle", "deferred throttled").await;
}

/// C1, C7: a push.
#[tokio::test]
async fn a_push_waits_while_push_is_down_and_comes_once() {
    it_waits_for_the_carrier(Channel::Push, "down", "deferred unavailable").await;
}

/// S4, C1, C3: a code that could not be sent in its life is never sent, and the app is told.
async fn too_late_is_never(channel: Channel) {
    let scene = Scene::open(channel).await;
    scene.carrier("down").await;
    let (phone, attempt) = scene.ask().await;
    assert_eq!(scene.came().await, [""; 0]);
    scene.world.local.advance(CODE_LIFE).await.unwrap();
    let story = ["claimed", "deferred unavailable", "failed expired"];
    assert_eq!(scene.world.sends(&attempt).await, [story]);
    assert_eq!(scene.delivery(&phone, &attempt).await, "undeliverable");

    scene.faults(json!({})).await;
    scene.world.local.advance(BACK_OFF).await.unwrap();
    assert_eq!(scene.came().await, [""; 0]);
    assert_eq!(scene.world.sends(&attempt).await, [story]);
    let again = ok(phone.resend(&attempt).await, 202).body;
    assert_eq!(again["delivery"], "queued", "{again}");
    assert_eq!(scene.came().await.len(), 1);
    scene.nobody_died().await;
}

/// S4, C3: a mail.
#[tokio::test]
async fn a_code_that_expired_while_mail_was_down_is_never_mailed() {
    too_late_is_never(Channel::Mail).await;
}

/// S4, C1: a push.
#[tokio::test]
async fn a_request_that_expired_while_push_was_down_is_never_pushed() {
    too_late_is_never(Channel::Push).await;
}

/// C2: with every push lost, the request is in the app all the same.
#[tokio::test]
async fn a_request_is_in_the_app_while_push_is_down() {
    let scene = Scene::open(Channel::Push).await;
    scene.carrier("down").await;
    let (phone, attempt) = scene.ask().await;
    let listed = ok(scene.owner.requests().await, 200).body;
    assert_eq!(listed["requests"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["requests"][0]["id"], attempt.as_str());
    scene.enter(&phone, &attempt).await;
    assert_eq!(scene.came().await, [""; 0]);
}

/// C3, C7: a mail that came back is no reason to be stuck: the phones show the code instead.
#[tokio::test]
async fn a_bounced_mail_is_replaced_by_the_app() {
    let scene = Scene::open(Channel::Mail).await;
    scene.faults(json!({ "email": "bounce", "times": 1 })).await;
    let (phone, attempt) = scene.ask().await;
    assert_eq!(scene.came().await, [""; 0]);
    assert_eq!(scene.delivery(&phone, &attempt).await, "bounced");
    scene.world.local.advance(30).await.unwrap();
    let refused = phone.resend(&attempt).await.unwrap();
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.body["because"], "bounced");
    ok(phone.resend_by(&attempt, "app").await, 202);
    let shown = ok(scene.owner.open_request(&attempt).await, 200);
    let done = ok(phone.verify(&attempt, shown.text("code").unwrap()).await, 200);
    assert_eq!(done.body["status"], "complete");
}

/// C1, C3: the stream delivers at least once; people are told once.
#[tokio::test]
async fn a_batch_that_is_delivered_twice_is_told_once() {
    for channel in CHANNELS {
        let scene = Scene::open(channel).await;
        scene.faults(json!({ "notify": "twice" })).await;
        let (phone, attempt) = scene.ask().await;
        assert_eq!(scene.came().await.len(), 1, "{channel:?}");
        let story = channel.story(&["claimed"]);
        assert_eq!(scene.world.sends(&attempt).await, [story], "{channel:?}");
        let mails = scene.world.mails(EMAIL).await;
        scene.enter(&phone, &attempt).await;
        assert_eq!(scene.world.mails(EMAIL).await, mails + 1, "{channel:?}");
        scene.nobody_died().await;
    }
}

/// C1, C3: whoever dies before sending has sent nothing; somebody else does when the lease is over.
#[tokio::test]
async fn a_crash_before_the_send_delays_it_until_the_lease_is_over() {
    for channel in CHANNELS {
        let scene = Scene::open(channel).await;
        scene.faults(json!({ "notify": "crash_after_claim", "times": 1 })).await;
        let (phone, attempt) = scene.ask().await;
        assert_eq!(scene.came().await, [""; 0], "{channel:?}");
        scene.world.local.advance(WITHIN_THE_LEASE).await.unwrap();
        assert_eq!(scene.came().await, [""; 0], "{channel:?}");
        assert_eq!(scene.delivery(&phone, &attempt).await, "queued", "{channel:?}");
        assert_eq!(scene.world.sends(&attempt).await, [["claimed"]], "{channel:?}");

        scene.world.local.advance(OVER_THE_LEASE).await.unwrap();
        assert_eq!(scene.came().await.len(), 1, "{channel:?}");
        let story = channel.story(&["claimed", "claimed"]);
        assert_eq!(scene.world.sends(&attempt).await, [story], "{channel:?}");
        scene.enter(&phone, &attempt).await;
        scene.nobody_died().await;
    }
}

/// C1: whoever dies after pushing may have it pushed once more, to the letter.
#[tokio::test]
async fn a_crash_after_a_push_repeats_the_very_same_one() {
    {
        let channel = Channel::Push;
        let scene = Scene::open(channel).await;
        scene.faults(json!({ "notify": "crash_after_send", "times": 1 })).await;
        let (phone, attempt) = scene.ask().await;
        assert_eq!(scene.came().await.len(), 1, "{channel:?}");
        scene.world.local.advance(WITHIN_THE_LEASE).await.unwrap();
        assert_eq!(scene.came().await.len(), 1, "{channel:?}");
        scene.world.local.advance(OVER_THE_LEASE).await.unwrap();
        let came = scene.came().await;
        assert_eq!(came.len(), 2, "{channel:?}");
        assert_eq!(came[0], came[1], "{channel:?}");
        let story = ["claimed", "claimed", "sent"];
        assert_eq!(scene.world.sends(&attempt).await, [story], "{channel:?}");
        scene.world.local.advance(WITHIN_THE_LEASE + OVER_THE_LEASE).await.unwrap();
        assert_eq!(scene.came().await.len(), 2, "{channel:?}");
        scene.enter(&phone, &attempt).await;
        scene.nobody_died().await;
    }
}

/// C3: whoever dies after mailing has it mailed once: its server says that it came, which is as good.
#[tokio::test]
async fn a_mail_that_arrived_is_not_repeated_after_a_crash() {
    let scene = Scene::open(Channel::Mail).await;
    scene.faults(json!({ "notify": "crash_after_send", "times": 1 })).await;
    let (phone, attempt) = scene.ask().await;
    assert_eq!(scene.came().await.len(), 1);
    assert_eq!(scene.delivery(&phone, &attempt).await, "delivered");
    scene.world.local.advance(WITHIN_THE_LEASE + OVER_THE_LEASE).await.unwrap();
    assert_eq!(scene.came().await.len(), 1);
    assert_eq!(scene.world.sends(&attempt).await, [["claimed", "delivered"]]);
    scene.enter(&phone, &attempt).await;
    scene.nobody_died().await;
}

/// S4: a push that nobody recorded as sent is not sent again once its code was used.
#[tokio::test]
async fn a_code_that_was_used_meanwhile_is_not_pushed_again() {
    let scene = Scene::open(Channel::Push).await;
    scene.faults(json!({ "notify": "crash_after_send", "times": 1 })).await;
    let (phone, attempt) = scene.ask().await;
    assert_eq!(scene.came().await.len(), 1);
    scene.enter(&phone, &attempt).await;
    scene.world.local.advance(WITHIN_THE_LEASE + OVER_THE_LEASE).await.unwrap();
    assert_eq!(scene.came().await.len(), 1);
    let story = ["claimed", "claimed", "failed superseded"];
    assert_eq!(scene.world.sends(&attempt).await, [story]);
}
