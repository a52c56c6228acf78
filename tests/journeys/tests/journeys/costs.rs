//! What calls cost in request units, exactly: for an account with two trusted devices, over the
//! functions that answer. What `notify` and `project` spend later keeps nobody waiting.
//!
//! A unit reads up to 4 KB or writes up to 1 KB; in a transaction it counts twice. Every unit here
//! says what it buys, and a test that fails says where the difference is.

use std::collections::BTreeMap;

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::{EMAIL, PASSWORD, World, id, ok, refused, source};

/// The functions that somebody waits for.
const ANSWERING: [&str; 2] = ["sign-in", "account"];

/// Some units, and what for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    table: &'static str,
    operation: &'static str,
    read: u64,
    write: u64,
    buys: &'static str,
}

pub(crate) const fn read(table: &'static str, operation: &'static str, buys: &'static str) -> Unit {
    Unit { table, operation, read: 1, write: 0, buys }
}

pub(crate) const fn write(
    table: &'static str,
    operation: &'static str,
    write: u64,
    buys: &'static str,
) -> Unit {
    Unit { table, operation, read: 0, write, buys }
}

pub(crate) const PROOF: Unit =
    write("guards", "PutItem", 1, "the device proof can't be used again");
pub(crate) const ADDRESS: Unit =
    read("guards", "Query", "whose address it is, and its wrong passwords");
pub(crate) const PERSON: Unit =
    read("vault", "GetItem", "password hash, data key, the keys' wrong passwords");
pub(crate) const ACCOUNT: Unit = read("events", "Query", "the account: trusted keys, generations");
const ATTEMPT: Unit = read("events", "Query", "the attempt: its code, its guesses");
pub(crate) const GUARD: Unit =
    read("guards", "GetItem", "the account's counts: guesses, attempts, sends");
const FROM_NETWORK: Unit = write("guards", "UpdateItem", 1, "one of the network's requests");

/// A sign-in on a trusted device; the goal is 3 read and 5 write units.
const TRUSTED: &[Unit] = &[
    PROOF,
    ADDRESS,
    PERSON,
    ACCOUNT,
    write("vault", "UpdateItem", 1, "the password's place among all tries on trusted keys"),
    write("events", "PutItem", 2, "the sign-in, with who and where, sealed"),
    write("sessions", "PutItem", 1, "the session"),
];

/// What the day's first one costs on top; the goal is 3 and 11 together.
const FIRST_OF_THE_DAY: &[Unit] =
    &[write("events", "PutItem", 2, "the device's use, with the account's state after it")];

/// From the password to a code on a new device; the goal is 4 and 7.
const ASKED: &[Unit] = &[
    PROOF,
    FROM_NETWORK,
    ADDRESS,
    PERSON,
    ACCOUNT,
    GUARD,
    write("guards", "PutItem", 1, "the password's place among all tries for the address"),
    write("guards", "PutItem", 1, "the attempt and its send, counted"),
    write("events", "PutItem", 2, "the attempt and its code's issue, with who and where, sealed"),
];

/// A wrong code; the goal is 3 and 4.
const WRONG: &[Unit] = &[
    PROOF,
    ATTEMPT,
    ACCOUNT,
    GUARD,
    write("guards", "PutItem", 1, "the guess, claimed before it is compared"),
    write("events", "PutItem", 1, "the guess, recorded before it is answered"),
    FROM_NETWORK,
];

/// The right code; the goal is 4 and 12.
const RIGHT: &[Unit] = &[
    PROOF,
    ATTEMPT,
    ACCOUNT,
    GUARD,
    read("events", "GetItem", "who and where, as the attempt's first commit has it"),
    write("guards", "PutItem", 1, "the guess, claimed before it is compared"),
    write("events", "TransactWriteItems", 2, "the attempt, completed"),
    write("events", "TransactWriteItems", 4, "the device, trusted, with the account's state"),
    write("guards", "TransactWriteItems", 2, "the account's wrong codes, forgiven"),
    write("sessions", "TransactWriteItems", 2, "the session"),
];

/// Read and write units by table and operation.
pub(crate) type Sums = BTreeMap<(String, String), (u64, u64)>;

fn expected(units: &[Unit]) -> Sums {
    let mut sums = Sums::new();
    for unit in units {
        let sum = sums.entry((unit.table.to_owned(), unit.operation.to_owned())).or_default();
        sum.0 += unit.read;
        sum.1 += unit.write;
    }
    sums
}

/// Everything spent since the meter was cleared.
pub(crate) async fn spent(world: &World) -> Sums {
    let meter = world.local.meter().await.unwrap();
    let mut sums = Sums::new();
    for function in ANSWERING {
        for (table, operations) in meter["functions"][function].as_object().into_iter().flatten() {
            for (operation, units) in operations.as_object().unwrap() {
                let sum = sums.entry((table.clone(), operation.clone())).or_default();
                sum.0 += whole(&units["read_units"]);
                sum.1 += whole(&units["write_units"]);
            }
        }
    }
    sums
}

/// Units of strong reads and of writes are whole ones.
fn whole(units: &Value) -> u64 {
    let text = units.to_string();
    text.strip_suffix(".0").unwrap_or(&text).parse().unwrap()
}

/// Makes one call with nothing else under way, and checks what it cost.
pub(crate) async fn costs(world: &World, units: &[Unit], call: impl Future<Output = ()>) {
    world.local.drain().await.unwrap();
    world.local.reset_meter().await.unwrap();
    call.await;
    let why: Vec<_> = units.iter().map(|it| it.buys).collect();
    assert_eq!(spent(world).await, expected(units), "{why:#?}");
}

/// An account with two trusted devices, each of which has said whether it can be pushed to.
struct Account {
    world: World,
    phones: [Client; 2],
    /// How codes travel, as it follows from what the devices said.
    method: &'static str,
}

impl Account {
    async fn open(method: &'static str) -> Self {
        let world = World::open().await;
        let phones = [world.owner().await, world.second().await];
        let alerts = if method == "app" { "allowed" } else { "denied" };
        for (phone, digits) in phones.iter().zip(["5a", "6b"]) {
            ok(phone.register_push("apns", &digits.repeat(32), alerts).await, 204);
        }
        Self { world, phones, method }
    }

    /// Every kind of call, on another day than all before.
    async fn every_call_costs_what_it_buys(&self) {
        let (world, [owner, _]) = (&self.world, &self.phones);
        world.local.advance(DAY).await.unwrap();
        let sign_in = async || {
            let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
            assert_eq!(done.body["status"], "complete", "{}", done.body);
        };
        costs(world, &[TRUSTED, FIRST_OF_THE_DAY].concat(), sign_in()).await;
        costs(world, TRUSTED, sign_in()).await;

        let (phone, attempt, code) = self.ask().await;
        costs(world, RIGHT, async {
            let done = ok(phone.verify(&attempt, &code).await, 200);
            assert_eq!(done.body["session"]["device"]["trusted"], true);
        })
        .await;
        ok(owner.remove_device(&phone.session().unwrap().device).await, 204);

        let (phone, attempt, code) = self.ask().await;
        costs(world, WRONG, async {
            let wrong = phone.verify(&attempt, &wrong_code(&code, 1)).await;
            refused(wrong, 403, "code_incorrect");
        })
        .await;
    }

    async fn ask(&self) -> (Client, String, String) {
        let (world, phone) = (&self.world, self.world.phone());
        let mut attempt = String::new();
        costs(world, ASKED, async {
            let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
            assert_eq!(asked.body["method"], self.method, "{}", asked.body);
            attempt = id(&asked);
        })
        .await;
        let code = if self.method == "app" {
            let shown = ok(self.phones[0].open_request(&attempt).await, 200);
            shown.text("code").unwrap().to_owned()
        } else {
            world.code().await
        };
        (phone, attempt, code)
    }

    /// Signs in on both devices, a thousand times over some weeks.
    async fn live_for_a_while(&self) {
        for _ in 0..DAYS {
            self.world.local.advance(DAY).await.unwrap();
            let mut sign_ins = JoinSet::new();
            for (phone, net) in self.phones.iter().zip([201, 202]) {
                // The day's first is told to the log by one of them alone.
                ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
                for host in 0..SOURCES {
                    let phone = phone.also_at(source(net, host)).unwrap();
                    sign_ins.spawn(async move {
                        for _ in 0..A_DAY / SOURCES {
                            let done = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
                            assert_eq!(done.body["status"], "complete", "{}", done.body);
                        }
                    });
                }
            }
            sign_ins.join_all().await;
        }
    }
}

/// A day and a minute, so that whatever counts by the day counts anew.
const DAY: u64 = 24 * 3_600 + 60;
/// How many days the thousand sign-ins take.
const DAYS: usize = 20;
/// Sign-ins a day on each of the two devices, the first apart.
const A_DAY: u8 = 24;
/// Networks that each device signs in from at the same time.
const SOURCES: u8 = 4;

/// S2, S3, S4, S7: what each call costs, with codes by app and by mail.
#[tokio::test]
async fn every_call_costs_exactly_what_it_buys() {
    for method in ["app", "email"] {
        Account::open(method).await.every_call_costs_what_it_buys().await;
    }
}

/// The log of an account never makes its calls dearer.
#[tokio::test]
async fn a_thousand_sign_ins_later_every_call_costs_the_same() {
    let account = Account::open("app").await;
    // Only to save this computer the work: neither is measured here.
    let paused = json!({ "project": "paused", "notify": "paused" });
    account.world.local.faults(&paused).await.unwrap();
    account.live_for_a_while().await;
    let commits = account.world.log(None).await;
    let earlier = commits.iter().filter(|commit| commit.stream.starts_with("sign_in/"));
    assert!(earlier.count() >= 1_000);
    account.every_call_costs_what_it_buys().await;
}
