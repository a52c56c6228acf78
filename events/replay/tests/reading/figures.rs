//! A day at the gate, written by hand, and the figures that it comes to.

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use postern_events::ids::EventId;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::history::{Entry, write_file};

/// 2026-03-01T09:00:00Z.
const BEGIN: Timestamp = Timestamp::constant(1_772_355_600, 0);

/// The data of an event as it is stored for ever.
fn golden(name: &str) -> Value {
    let path = format!("../golden/{name}.v1.json");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["data"].take()
}

/// A log in the making.
#[derive(Default)]
struct Day(Vec<Entry>);

impl Day {
    /// Adds an event to a stream, so many milliseconds after the day's begin; what differs from the
    /// golden data is named.
    fn add(&mut self, stream: &str, name: &str, at: i64, differs: &Value) -> &mut Self {
        let mut data = golden(name);
        let members = differs.as_object().unwrap().clone();
        data.as_object_mut().unwrap().extend(members);
        data.as_object_mut().unwrap().retain(|_, it| !it.is_null());
        let sequence = self.0.iter().filter(|it| it.stream == stream).count() as u64 + 1;
        let time = BEGIN + SignedDuration::from_millis(at);
        let id = EventId::derived(time, &[stream.as_bytes(), &sequence.to_be_bytes()]);
        let text = format!(
            "{{\"stream\":\"{stream}\",\"sequence\":{sequence},\"commit\":{sequence},\"id\":\"{id}\",\
             \"type\":\"{name}\",\"version\":1,\"time\":\"{time}\",\"data\":{data},\"chain\":\"\"}}"
        );
        self.0.push(Entry { stream: stream.to_owned(), sequence, text });
        self
    }

    /// An attempt on a key that isn't trusted, with a code by this method.
    fn asked(&mut self, attempt: &str, at: i64, method: &str) -> &mut Self {
        self.attempted(attempt, at, false, true).issued(attempt, at, method)
    }

    fn attempted(&mut self, attempt: &str, at: i64, trusted: bool, two_step: bool) -> &mut Self {
        let mut inputs = golden("sign_in.attempted")["inputs"].take();
        (inputs["trusted"], inputs["two_step"]) = (json!(trusted), json!(two_step));
        self.add(attempt, "sign_in.attempted", at, &json!({ "inputs": inputs }))
    }

    fn issued(&mut self, attempt: &str, at: i64, method: &str) -> &mut Self {
        self.add(attempt, "sign_in.code_issued", at, &json!({ "method": method }))
    }

    fn completed(&mut self, attempt: &str, at: i64, trusted: bool, amr: &[&str]) -> &mut Self {
        self.add(attempt, "sign_in.completed", at, &json!({ "trusted": trusted, "amr": amr }))
    }

    fn refused(
        &mut self,
        attempt: &str,
        at: i64,
        country: Option<&str>,
        account: bool,
    ) -> &mut Self {
        let mut differs = json!({ "country": country });
        if !account {
            differs["account"] = Value::Null;
        }
        self.add(attempt, "sign_in.refused", at, &differs)
    }

    /// A message that was asked for at a time, and taken up a tenth of a second later.
    fn claimed(&mut self, message: &str, at: i64, kind: &str, channel: &str) -> &mut Self {
        let asked =
            EventId::derived(BEGIN + SignedDuration::from_millis(at), &[message.as_bytes()]);
        let differs = json!({ "asked_by": asked, "kind": kind, "channel": channel });
        self.add(message, "message.claimed", at + 100, &differs)
    }

    fn then(&mut self, stream: &str, name: &str, at: i64) -> &mut Self {
        self.add(stream, name, at, &json!({}))
    }

    fn stats(&self, more: &[&str]) -> Value {
        let desk = Desk::new();
        // In any order.
        let mut rows = self.0.clone();
        rows.reverse();
        write_file(&desk.path("log.jsonl"), &rows);
        let asked = [&["stats", "--json", "--from", "@log.jsonl"], more].concat();
        serde_json::from_str(&desk.done(&asked)).unwrap()
    }
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[test]
fn the_way_of_attempts_is_counted_step_by_step() {
    let (pop, otp) = (["pwd", "pop"], ["pwd", "pop", "otp"]);
    let mut day = Day::default();
    day.attempted("sign_in/trusted", 0, true, true).completed("sign_in/trusted", 0, true, &pop);
    day.attempted("sign_in/off", 0, false, false).completed("sign_in/off", 0, false, &pop);
    day.asked("sign_in/mail", 0, "email")
        .then("sign_in/mail", "sign_in.code_verified", 42_000)
        .completed("sign_in/mail", 42_000, true, &otp);
    day.asked("sign_in/other", MINUTE, "app")
        .then("sign_in/other", "sign_in.code_rejected", MINUTE + 20_000)
        .issued("sign_in/other", 2 * MINUTE, "email")
        .then("sign_in/other", "sign_in.code_verified", 2 * MINUTE + 30_000)
        .completed("sign_in/other", 2 * MINUTE + 30_000, false, &otp);
    day.asked("sign_in/app", 0, "app")
        .then("sign_in/app", "sign_in.code_resent", 5_000)
        .then("sign_in/app", "sign_in.code_verified", 9_000)
        .completed("sign_in/app", 9_000, true, &otp);
    day.asked("sign_in/lost", 0, "email")
        .then("sign_in/lost", "sign_in.recovery_code_used", MINUTE)
        .completed("sign_in/lost", MINUTE, true, &otp);
    day.asked("sign_in/denied", 0, "app").then("sign_in/denied", "sign_in.denied", 1_000);
    day.asked("sign_in/locked", 0, "app")
        .then("sign_in/locked", "sign_in.code_rejected", 1_000)
        .then("sign_in/locked", "sign_in.code_rejected", 2_000)
        .then("sign_in/locked", "sign_in.locked", 2_000);
    let because = |it: Value| json!({ "because": it });
    day.asked("sign_in/gone", 0, "app").add(
        "sign_in/gone",
        "sign_in.cancelled",
        1_000,
        &because(Value::Null),
    );
    day.asked("sign_in/changed", 0, "app").add(
        "sign_in/changed",
        "sign_in.cancelled",
        1_000,
        &because(json!("account_changed")),
    );
    day.asked("sign_in/reported", 0, "email").then("sign_in/reported", "sign_in.reported", 1_000);
    day.attempted("sign_in/unreachable", 0, false, true);
    day.asked("sign_in/forgotten", 0, "email");
    day.asked("sign_in/waiting", 20 * MINUTE, "email");
    day.then("verification/ver", "verification.code_rejected", 30 * MINUTE - 1);
    let told = day.stats(&[]);
    let due = json!({
        "attempts": 14, "without_code": 2, "code_needed": 12, "code_issued": 11, "unreachable": 1,
        "verified": 4, "completed": 4, "trusted": 3,
        "lost": {
            "denied": 1, "locked": 1, "cancelled": 1, "superseded": 1, "reported": 1, "expired": 1,
            "still open": 1,
        },
    });
    assert_eq!(told["funnel"], due);
    assert_eq!((&told["wrong_codes"], &told["events"]), (&json!(4), &json!(day.0.len())));
    assert_eq!(told["from"], json!("2026-03-01T09:00:00Z"));
    assert_eq!(told["to"], json!("2026-03-01T09:29:59.999Z"));
    // From the newest issue, whatever was sent before.
    let times = |all: [u64; 5]| {
        let [count, p50, p90, p99, max] = all;
        json!({ "count": count, "p50_ms": p50, "p90_ms": p90, "p99_ms": p99, "max_ms": max })
    };
    let by = &told["time_to_code"];
    assert_eq!(by["email"]["verified"], times([2, 30_000, 42_000, 42_000, 42_000]));
    assert_eq!(by["app"]["verified"], times([1, 9_000, 9_000, 9_000, 9_000]));
    assert_eq!(by["app"]["sent"], times([0; 5]), "there are no messages");
    // The minute in which the last one is over.
    day.then("verification/ver", "verification.completed", 30 * MINUTE);
    let lost = &day.stats(&[])["funnel"]["lost"];
    assert_eq!((&lost["expired"], lost.get("still open")), (&json!(2), None));
}

#[test]
fn wrong_passwords_are_counted_by_country_and_by_hour() {
    let mut day = Day::default();
    day.refused("sign_in/a", 0, Some("CZ"), true)
        .refused("sign_in/b", HOUR - 1, Some("CZ"), true)
        .refused("sign_in/c", HOUR, Some("NL"), false)
        .refused("sign_in/d", 15 * HOUR - 1, None, false)
        .refused("sign_in/e", 15 * HOUR, None, true);
    let told = day.stats(&[]);
    assert_eq!(told["refused_by_country"], json!({ "CZ": 2, "NL": 1, "unknown": 2 }));
    assert_eq!(told["refused_by_hour"], json!({ "9": 2, "10": 1, "23": 1, "0": 1 }));
    assert_eq!(told["refused_without_account"], json!(2));
    assert_eq!(told["funnel"]["attempts"], json!(0));
    let told =
        day.stats(&["--since", "2026-03-01T10:00:00Z", "--until", "2026-03-01T23:59:59.999Z"]);
    assert_eq!(told["refused_by_hour"], json!({ "10": 1, "23": 1 }), "both ends are in it");
    assert_eq!((&told["events"], &told["from"]), (&json!(2), &json!("2026-03-01T10:00:00Z")));
}

#[test]
fn deliveries_are_counted_and_timed_by_channel() {
    let mut day = Day::default();
    for (number, sent, delivered) in [(1, 400, 2_000), (2, 500, 9_000), (3, 61_000, 63_000)] {
        let message = format!("message/mail-{number}");
        day.claimed(&message, 0, "sign_in_code", "email");
        if number == 3 {
            // Tried again: one message, taken up twice.
            day.then(&message, "message.deferred", 200).claimed(
                &message,
                60_000,
                "sign_in_code",
                "email",
            );
        }
        day.then(&message, "message.sent", sent).then(&message, "message.delivered", delivered);
    }
    day.claimed("message/push", 0, "sign_in_request", "app").then(
        "message/push",
        "message.sent",
        250,
    );
    day.claimed("message/dead", 0, "sign_in_request", "app").add(
        "message/dead",
        "message.failed",
        300,
        &json!({ "because": "endpoint_disabled" }),
    );
    day.claimed("message/notice", 0, "new_device", "email")
        .then("message/notice", "message.sent", 700)
        .then("message/notice", "message.delayed", 800)
        .add("message/notice", "message.bounced", 900, &json!({ "bounce": "transient" }))
        .then("message/notice", "message.complained", 950)
        .then("message/notice", "message.rejected", 960);
    let told = day.stats(&[]);
    let because = golden("message.deferred")["because"].as_str().unwrap().to_owned();
    let deferred = format!("deferred {because}");
    let due = json!({
        "app": { "messages": 2, "sent": 1, "failures": { "failed endpoint_disabled": 1 } },
        "email": {
            "messages": 4, "sent": 4,
            "failures": { deferred: 1, "bounced transient": 1, "complained": 1, "rejected": 1 },
        },
    });
    assert_eq!(told["deliveries"], due);
    let times = |it: &Value| (it["count"].as_u64(), it["p50_ms"].as_u64(), it["max_ms"].as_u64());
    let (mail, push) = (&told["time_to_code"]["email"], &told["time_to_code"]["app"]);
    assert_eq!(times(&mail["sent"]), (Some(3), Some(500), Some(61_000)), "a notice is no code");
    assert_eq!(times(&mail["delivered"]), (Some(3), Some(9_000), Some(63_000)));
    assert_eq!(times(&push["sent"]), (Some(1), Some(250), Some(250)));
    assert_eq!(times(&push["delivered"]), (Some(0), Some(0), Some(0)), "nobody says so");
}
