//! Streams' stories.

use insta::assert_snapshot;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::message::{Feedback, Message, MessageCommand, Recipient};
use postern_domain::sign_in::SignIn;
use postern_events::message::NotTaken;
use postern_events::vocabulary::Method;
use postern_replay::finding::Missing;
use postern_replay::story::{Story, tell};
use serde_json::json;

use crate::ada::*;
use crate::log::Log;

fn checked(story: &Story) -> String {
    let text = story.to_string();
    assert!(!text.contains(TOKEN) && !serde_json::to_string(story).unwrap().contains(TOKEN));
    text
}

fn of_attempt(log: &Log, id: postern_events::ids::SignInId, until: i64) -> String {
    checked(&tell(&log.found::<SignIn>(id), at(until)).unwrap())
}

#[test]
fn a_new_device_by_app_and_then_by_mail() {
    let mut log = Log::of_ada();
    log.push_to(PHONE, 1);
    let id = log.sign_in(TABLET, HOUR);
    log.send_again(id, TABLET, HOUR + 40, Method::Email);
    log.send_again(id, TABLET, HOUR + 90, Method::Email);
    log.type_code(id, TABLET, HOUR + 120, false);
    log.type_code(id, TABLET, HOUR + 130, true);
    assert_snapshot!(of_attempt(&log, id, 2 * HOUR));
}

#[test]
fn an_attempt_that_wrong_codes_locked() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    for nth in 1..=5 {
        log.type_code(id, TABLET, HOUR + 10 * nth, false);
    }
    assert_snapshot!(of_attempt(&log, id, 2 * HOUR));
}

#[test]
fn an_attempt_that_nobody_answered() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let before = of_attempt(&log, id, HOUR + 4 * MINUTE);
    assert!(!before.contains("expired"), "{before}");
    assert_snapshot!(of_attempt(&log, id, 2 * HOUR));
}

#[test]
fn an_attempt_that_nothing_reached() {
    let mut log = Log::of_ada();
    reset(&mut log, HOUR);
    let id = log.sign_in(TABLET, 2 * HOUR);
    assert_snapshot!(of_attempt(&log, id, 3 * HOUR));
}

/// The mailbox alone sets another password, which ends all trust.
pub(crate) fn reset(log: &mut Log, second: i64) {
    let (verification, now) = (process(second), at(second));
    log.account(second, AccountCommand::ResetPassword { verification, now });
}

#[test]
fn an_account_with_devices_that_come_and_go() {
    let mut log = Log::of_ada();
    log.push_to(PHONE, 1);
    log.trust(SECOND, DAY);
    let now = at(2 * DAY);
    let (device, by) = (device(SECOND), device(PHONE));
    log.account(2 * DAY, AccountCommand::RemoveDevice { device, by, stepped_up: false, now });
    log.trust(TABLET, 3 * DAY);
    log.account(4 * DAY, AccountCommand::SeeDevice { device: by, now: at(4 * DAY) });
    let by = acting(PHONE, 4 * DAY);
    log.account(4 * DAY, AccountCommand::ChangePassword { acting: by, sign_out_others: true });
    log.account(
        5 * DAY,
        AccountCommand::PauseCodeEntry { wrong_in_a_row: 10, until: Some(at(5 * DAY + HOUR)) },
    );
    assert_snapshot!(checked(&tell(&log.found::<Account>(ada()), at(100 * DAY)).unwrap()));
}

#[test]
fn a_message_that_waited_and_was_sent() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let message = log.claim_mail(id, HOUR + 1);
    let because = NotTaken::Throttled;
    log.message(message, HOUR + 2, MessageCommand::Defer { because, now: at(HOUR + 2) });
    log.claim_mail(id, HOUR + 20);
    log.sent(message, HOUR + 21);
    log.message(message, HOUR + 25, MessageCommand::Note(Feedback::Delivered));
    assert_snapshot!(checked(&tell(&log.found::<Message>(message), at(2 * HOUR)).unwrap()));
}

#[test]
fn a_message_whose_sender_died() {
    let mut log = Log::of_ada();
    log.push_to(PHONE, 1);
    let id = log.sign_in(TABLET, HOUR);
    let message = log.claim(id, Recipient::Device(device(PHONE)), HOUR + 1);
    assert_snapshot!(checked(&tell(&log.found::<Message>(message), at(2 * HOUR)).unwrap()));
}

#[test]
fn a_story_as_json() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let story = tell(&log.found::<SignIn>(id), at(2 * HOUR)).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&story).unwrap());
}

#[test]
fn a_story_with_holes_shows_them_where_they_are_and_guesses_nothing() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    log.type_code(id, TABLET, HOUR + 10, false);
    log.type_code(id, TABLET, HOUR + 20, false);
    let whole = tell(&log.found::<SignIn>(id), at(2 * HOUR)).unwrap();
    assert_eq!((whole.missing.len(), whole.unrecorded.len()), (0, 2), "it ran out");
    log.lose_commit::<SignIn>(id, 3);
    let story = tell(&log.found::<SignIn>(id), at(2 * HOUR)).unwrap();
    let stream = format!("sign_in/{id}");
    assert_eq!(story.missing, [Missing { stream: stream.clone(), first: 3, last: Some(3) }]);
    assert_eq!(story.unrecorded, [], "nobody can tell what ran out");
    let text = checked(&story);
    let hole = "\n\n–  event 3 can't be told: rows are missing\n\n4  ";
    assert!(text.contains(hole), "{text}");
    let json = serde_json::to_value(&story).unwrap();
    assert_eq!(json["missing"], json!([{ "stream": stream, "first": 3, "last": 3 }]));
}
