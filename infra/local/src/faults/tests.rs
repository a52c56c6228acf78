#![allow(clippy::unwrap_used, reason = "a test may")]

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use postern_messages::language::Language;
use postern_messages::mailer::{Mail, Receipt, SendMail, Undelivered};

use super::*;
use crate::fixtures::faults;

const THROTTLE: Fault = Fault::Email(EmailFault::Throttle);

fn asked(json: &str) -> Asked {
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_fault_of_the_contract_is_understood() {
    let one = |json: &str| {
        let armed = asked(json).armed();
        assert_eq!(armed.len(), 1, "{json}");
        armed[0].fault
    };
    let email = |fault: &str| one(&format!(r#"{{"email":"{fault}"}}"#));
    assert_eq!(email("bounce"), Fault::Email(EmailFault::Bounce));
    assert_eq!(email("throttle"), Fault::Email(EmailFault::Throttle));
    assert_eq!(email("down"), Fault::Email(EmailFault::Down));
    let push = |fault: &str| one(&format!(r#"{{"push":"{fault}"}}"#));
    assert_eq!(push("disabled"), Fault::Push(PushFault::Disabled));
    assert_eq!(push("down"), Fault::Push(PushFault::Down));
    let store = |fault: &str| one(&format!(r#"{{"store":"{fault}"}}"#));
    assert_eq!(store("conflict"), Fault::Store(StoreFault::Conflict));
    assert_eq!(store("throttle"), Fault::Store(StoreFault::Throttle));
    assert_eq!(store("down"), Fault::Store(StoreFault::Down));
    assert_eq!(store("lost_answer"), Fault::Store(StoreFault::LostAnswer));
    assert_eq!(one(r#"{"project":"paused"}"#), Fault::Project(ProjectFault::Paused));
    let notify = |fault: &str| one(&format!(r#"{{"notify":"{fault}"}}"#));
    assert_eq!(notify("paused"), Fault::Notify(NotifyFault::Paused));
    assert_eq!(notify("twice"), Fault::Notify(NotifyFault::Twice));
    assert_eq!(notify("crash_after_claim"), Fault::Notify(NotifyFault::CrashAfterClaim));
    assert_eq!(notify("crash_after_send"), Fault::Notify(NotifyFault::CrashAfterSend));
}

#[test]
fn each_fault_strikes_so_many_times_and_is_gone() {
    let faults = faults(r#"{"email":"throttle","store":"down","times":2}"#);
    assert!(faults.strike(THROTTLE) && faults.strike(THROTTLE));
    assert!(!faults.strike(THROTTLE));
    assert!(faults.has(Fault::Store(StoreFault::Down)));
    assert!(faults.strike(Fault::Store(StoreFault::Down)));
}

#[test]
fn without_a_number_a_fault_strikes_until_it_is_cleared() {
    let faults = faults(r#"{"email":"throttle"}"#);
    for _ in 0..100 {
        assert!(faults.strike(THROTTLE));
    }
    assert!(!faults.strike(Fault::Email(EmailFault::Down)));
    faults.replace(&asked(r#"{"push":"down"}"#));
    assert!(!faults.strike(THROTTLE));
    faults.clear();
    assert!(!faults.has(Fault::Push(PushFault::Down)));
}

#[tokio::test]
async fn a_pause_is_never_used_up_and_ends_when_it_is_cleared() {
    let faults = faults(r#"{"project":"paused","notify":"paused","times":1}"#);
    assert_eq!(faults.paused(), ["notify", "project"]);
    assert!(faults.strike(Fault::Notify(NotifyFault::Paused)));
    assert!(faults.pauses("notify") && faults.pauses("project") && !faults.pauses("feedback"));
    let mut waiting = std::pin::pin!(faults.resumed("notify"));
    assert_eq!(waiting.as_mut().now_or_never(), None);
    faults.replace(&asked(r#"{"project":"paused"}"#));
    waiting.await;
    assert_eq!(faults.paused(), ["project"]);
}

#[test]
fn only_notify_is_given_its_batches_twice() {
    let faults = faults(r#"{"notify":"twice","times":1}"#);
    assert!(!faults.repeats("project"));
    assert!(faults.repeats("notify"));
    assert!(!faults.repeats("notify"));
}

/// A carrier that counts what it is given, and takes it or not.
struct Counting<'a> {
    given: &'a AtomicUsize,
    takes: bool,
}

impl SendMail for Counting<'_> {
    async fn send(&self, _: &Mail) -> Result<Receipt, Undelivered> {
        self.given.fetch_add(1, Ordering::Relaxed);
        if self.takes { Ok(Receipt { carrier_id: None }) } else { Err(Undelivered::Throttled) }
    }
}

fn mail() -> Mail {
    Mail {
        message: "msg_01KTEXJ4AR0000000000000000".parse().unwrap(),
        to: "ann@example.org".to_owned(),
        from: "no-reply@postern.example".to_owned(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        language: Language::fallback(),
    }
}

/// Sends once: whether it crashed, and how often the carrier was given the mail so far.
async fn send(faults: &Faults, given: &AtomicUsize, takes: bool) -> (bool, usize) {
    let carrier = Crashing::new(Counting { given, takes }, faults.clone());
    let crashed = AssertUnwindSafe(carrier.send(&mail())).catch_unwind().await.is_err();
    (crashed, given.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_crash_after_the_claim_comes_before_the_carrier_has_anything() {
    let (faults, given) =
        (faults(r#"{"notify":"crash_after_claim","times":1}"#), AtomicUsize::new(0));
    assert_eq!(send(&faults, &given, true).await, (true, 0));
    assert_eq!(send(&faults, &given, true).await, (false, 1));
}

#[tokio::test]
async fn a_crash_after_the_send_comes_when_the_carrier_took_it_and_not_before() {
    let (faults, given) =
        (faults(r#"{"notify":"crash_after_send","times":1}"#), AtomicUsize::new(0));
    assert_eq!(send(&faults, &given, false).await, (false, 1));
    assert_eq!(send(&faults, &given, true).await, (true, 2));
    assert_eq!(send(&faults, &given, true).await, (false, 3));
}
