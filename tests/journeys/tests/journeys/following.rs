//! The newest events, and those that come, as they are followed on a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use postern_client::log::Event;
use serde_json::{Value, json};

use crate::analysts::{address, behind, command, run, said, text};
use crate::erasure::account_of;
use crate::phones::{let_in, two_phones};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, ok, refused};

/// How long a line may take on a busy computer.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked whether a process has ended.
const GLANCE: Duration = Duration::from_millis(10);
/// More than there ever are.
const ALL: &str = "100000";

/// Somebody who follows the log.
struct Follower {
    process: Child,
    lines: Receiver<String>,
}

impl Follower {
    /// Begins, with all events there are.
    fn of(world: &World, arguments: &[&str]) -> Self {
        let asked = [&["tail", "--follow", "--json", "-n", ALL], arguments].concat();
        let mut process = command(world, &asked).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).all(|it| send.send(it).is_ok())
        });
        Self { process, lines }
    }

    /// The next lines.
    fn read(&self, count: usize) -> Vec<Value> {
        let next = |_| serde_json::from_str(&self.lines.recv_timeout(PATIENCE).unwrap()).unwrap();
        (0..count).map(next).collect()
    }

    /// Ends; nothing has come that nobody has waited for.
    fn end(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        assert_eq!(self.lines.iter().collect::<Vec<_>>(), [""; 0]);
    }
}

/// Every event by now with its stream and its place there, in the order of their commits.
async fn events(world: &World) -> Vec<(String, u64, Event)> {
    let commits = world.log(None).await.into_iter();
    let of_one = commits.flat_map(|it| {
        let placed = it.events.into_iter().zip(it.version..);
        placed.map(move |(event, place)| (it.stream.clone(), place, event)).collect::<Vec<_>>()
    });
    of_one.collect()
}

/// What is shown is every event, once, and each stream's in their order.
fn all_of(shown: &[Value], events: &[(String, u64, Event)]) {
    let mut places = BTreeMap::<&str, u64>::new();
    for it in shown {
        let place = places.entry(it["stream"].as_str().unwrap()).or_default();
        *place += 1;
        assert_eq!(it["sequence"], *place, "{it}");
    }
    let told: BTreeSet<&str> = shown.iter().map(|it| it["id"].as_str().unwrap()).collect();
    let there: BTreeSet<&str> = events.iter().map(|(.., it)| it.id.as_str()).collect();
    assert_eq!((told.len(), told), (shown.len(), there));
}

/// L1: whoever follows the table, or the stack, sees every event once and each stream's in their order;
/// whoever follows one stream sees that one's.
#[tokio::test]
async fn whoever_follows_sees_everything_once() {
    let world = World::open().await;
    let (owner, _second) = two_phones(&world).await;
    let account = format!("account/{}", account_of(&owner).await);
    let on_table = Follower::of(&world, &[]);
    let on_stack = Follower::of(&world, &["--from", address(&world)]);
    let of_one = Follower::of(&world, &["--stream", &account]);
    let mut shown = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..3 {
        if round > 0 {
            let_in(&owner, &world.phone()).await;
            ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
            refused(world.phone().sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
        }
        let events = events(&world).await;
        let own: Vec<_> = events.iter().filter(|it| it.0 == account).cloned().collect();
        let followers = [(&on_table, &events), (&on_stack, &events), (&of_one, &own)];
        for ((follower, due), shown) in followers.into_iter().zip(&mut shown) {
            shown.extend(follower.read(due.len() - shown.len()));
            all_of(shown, due);
        }
    }
    for follower in [on_table, on_stack, of_one] {
        follower.end();
    }
}

/// L1: the newest few are the last that happened, told in a line each.
#[tokio::test]
async fn the_newest_are_the_last_that_happened() {
    let world = World::open().await;
    two_phones(&world).await;
    let events = events(&world).await;
    let newest = &events[events.len() - 5..];
    let line = |(stream, place, it): &(String, u64, Event)| {
        format!("{:<24} {:<32} {stream} {place}\n", it.time, it.name)
    };
    let told: String = newest.iter().map(line).collect();
    assert_eq!(said(&world, &["tail", "-n", "5", "--from", address(&world)]), told);
    // The table's stream is in no order, so they are told in that of their times.
    let table = said(&world, &["tail", "-n", "5"]);
    let time = |it: &str| it.parse::<Timestamp>().unwrap();
    let mut times: Vec<Timestamp> = events.iter().map(|(.., it)| time(&it.time)).collect();
    times.sort_unstable();
    let shown: Vec<_> = table.lines().map(|it| time(it.split(' ').next().unwrap())).collect();
    assert_eq!(shown, times[times.len() - 5..]);
    let none = run(&world, &["tail", "--stream", "account/acc_01J9ZT000000000000000000ZZ"]);
    assert_eq!((none.code, none.said.as_str()), (0, ""), "{none:?}");
}

/// L1: what somebody changes or removes in the table is told as that, and is no event.
#[tokio::test]
async fn what_is_changed_or_removed_in_the_table_is_told() {
    let world = World::open().await;
    let stream = format!("account/{}", account_of(&world.owner().await).await);
    let before = events(&world).await.into_iter().filter(|it| it.0 == stream).count();
    // So that nothing leaves the stream.
    world.local.faults(&json!({ "project": "paused", "notify": "paused" })).await.unwrap();
    let follower = Follower::of(&world, &["--stream", &stream]);
    let shown = follower.read(before);
    let first = AttributeValue::N("1".to_owned());

    let update = behind(&world).update_item().table_name("postern-events");
    let update = update.key("stream", text(&stream)).key("version", first.clone());
    let update = update.update_expression("SET #state = :state");
    let update = update.expression_attribute_names("#state", "state");
    update.expression_attribute_values(":state", text("{}")).send().await.unwrap();
    let delete = behind(&world).delete_item().table_name("postern-events");
    delete.key("stream", text(&stream)).key("version", first).send().await.unwrap();

    let told = follower.read(2);
    let due = [("changed", &told[0]), ("removed", &told[1])];
    for (tampered, told) in due {
        let time: Timestamp = told["time"].as_str().unwrap().parse().unwrap();
        let due = json!({ "stream": stream, "commit": 1, "tampered": tampered, "time": time });
        assert_eq!(told, &due);
    }
    follower.end();
    // So it is for whoever looks later, beside the newest.
    let line = |word: &str, told: &Value| {
        format!("{:<24} {word:<32} {stream} 1\n", told["time"].as_str().unwrap())
    };
    let newest = shown.last().unwrap();
    let newest = format!(
        "{:<24} {:<32} {stream} {}\n",
        newest["time"].as_str().unwrap(),
        newest["type"].as_str().unwrap(),
        newest["sequence"]
    );
    let due = [newest, line("CHANGED", &told[0]), line("REMOVED", &told[1])].concat();
    assert_eq!(said(&world, &["tail", "-n", "1", "--stream", &stream]), due);
}

/// Who has seen enough closes the pipe, and that is no mistake of anybody.
#[tokio::test]
async fn a_closed_pipe_ends_it_quietly() {
    let world = World::open().await;
    let owner = world.owner().await;
    for from in ["table", address(&world)] {
        let mut tail = command(&world, &["tail", "--follow", "-n", "1", "--from", from]);
        let mut tail = tail.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(tail.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains(".completed "), "{line}");
        drop(output);
        ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
        let since = Instant::now();
        while tail.try_wait().unwrap().is_none() {
            assert!(since.elapsed() < PATIENCE, "it goes on");
            tokio::time::sleep(GLANCE).await;
        }
        let ended = tail.wait_with_output().unwrap();
        let complained = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), complained.as_str()), (Some(0), ""));
    }
}
