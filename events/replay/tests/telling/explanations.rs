//! Why a code was asked, and why none came.

use insta::assert_snapshot;
use postern_domain::account::{Account, AccountCommand, Report, nobody};
use postern_domain::budget::PUSHES;
use postern_domain::channels::Channels;
use postern_domain::guard::AccountGuard;
use postern_domain::message::{Feedback, MessageCommand, Recipient};
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_domain::verification::{Verification, VerificationCommand, Way};
use postern_events::account::UndeliverableBecause;
use postern_events::ids::{AccountId, EventId, MessageId, SignInId};
use postern_events::message::{BounceKind, GivenUp, NotTaken};
use postern_events::verification::{Opened, StepUpInputs};
use postern_events::vocabulary::{Method, Platform, Purpose};
use postern_replay::explain::{AttemptId, Explanation, NotAnAttempt, Unexplained, explain};
use postern_replay::finding::Missing;
use postern_store::keys;

use crate::ada::*;
use crate::log::Log;
use crate::stories::reset;

async fn of(log: &Log, id: SignInId, until: i64) -> Explanation {
    let explanation = explain(log, AttemptId::SignIn(id), at(until)).await.unwrap();
    let text = explanation.to_string() + &serde_json::to_string(&explanation).unwrap();
    assert!(!text.contains(TOKEN), "{text}");
    explanation
}

/// A phone that can be pushed to, and an address that takes mail.
fn with_a_phone() -> Log {
    let mut log = Log::of_ada();
    log.push_to(PHONE, 1);
    log
}

#[tokio::test]
async fn a_trusted_device_is_asked_for_no_code() {
    let mut log = with_a_phone();
    let id = log.sign_in(PHONE, HOUR);
    assert_snapshot!(of(&log, id, 2 * HOUR).await);
}

#[tokio::test]
async fn an_unknown_device_by_app_and_nobody_answers() {
    let mut log = with_a_phone();
    log.trust(SECOND, 10);
    log.push_to(SECOND, 11);
    let id = log.sign_in(TABLET, HOUR);
    log.pushed(id, PHONE, HOUR + 1);
    let lost = log.claim(id, Recipient::Device(device(SECOND)), HOUR + 1);
    let because = GivenUp::EndpointDisabled;
    log.message(lost, HOUR + 2, MessageCommand::GiveUp { because });
    assert_snapshot!(of(&log, id, 2 * HOUR).await);
}

#[tokio::test]
async fn a_mail_that_came_and_a_phone_that_was_told() {
    let mut log = with_a_phone();
    let acting = acting(PHONE, 20);
    let channels =
        Box::new(Channels::of(&log.open(), key(TABLET), &AccountGuard::default(), at(20)));
    let settings =
        postern_domain::account::Settings { method: Some(Method::Email), two_step: None };
    log.account(20, AccountCommand::Settle { settings, acting, channels, long_enough: true });
    let id = log.sign_in(TABLET, HOUR);
    log.pushed(id, PHONE, HOUR + 1);
    let mail = log.claim_mail(id, HOUR + 1);
    log.sent(mail, HOUR + 2);
    log.message(mail, HOUR + 3, MessageCommand::Note(Feedback::Delivered));
    log.type_code(id, TABLET, HOUR + 30, false);
    log.type_code(id, TABLET, HOUR + 40, true);
    assert_snapshot!(of(&log, id, 2 * HOUR).await);
}

#[tokio::test]
async fn a_mail_that_bounced() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let mail = log.claim_mail(id, HOUR + 1);
    log.sent(mail, HOUR + 2);
    let bounced = Feedback::Bounced(BounceKind::Permanent);
    log.message(mail, HOUR + 3, MessageCommand::Note(bounced));
    assert_snapshot!(of(&log, id, HOUR + 6 * MINUTE).await);
}

#[tokio::test]
async fn a_mail_that_the_carrier_put_off_until_it_was_too_late() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let mail = log.claim_mail(id, HOUR + 1);
    let because = NotTaken::Throttled;
    log.message(mail, HOUR + 2, MessageCommand::Defer { because, now: at(HOUR + 2) });
    assert_snapshot!(of(&log, id, HOUR + 4).await);
    log.claim_mail(id, HOUR + 10 * MINUTE);
    assert_snapshot!(of(&log, id, HOUR + 11 * MINUTE).await);
}

#[tokio::test]
async fn a_sender_that_died_and_another_one() {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    let mail = log.claim_mail(id, HOUR + 1);
    assert_snapshot!(of(&log, id, HOUR + 2 * MINUTE).await);
    log.claim_mail(id, HOUR + 2 * MINUTE);
    log.sent(mail, HOUR + 2 * MINUTE + 1);
    assert_snapshot!(of(&log, id, HOUR + 3 * MINUTE).await);
}

#[tokio::test]
async fn a_code_that_another_one_superseded_before_it_went() {
    let mut log = with_a_phone();
    let id = log.sign_in(TABLET, HOUR);
    let push = log.claim(id, Recipient::Device(device(PHONE)), HOUR + 1);
    log.send_again(id, TABLET, HOUR + 2, Method::Email);
    log.message(push, HOUR + 3, MessageCommand::GiveUp { because: GivenUp::Superseded });
    assert_snapshot!(of(&log, id, HOUR + 4).await);
}

#[tokio::test]
async fn an_account_that_changed_under_the_attempt() {
    let mut log = with_a_phone();
    log.trust(SECOND, 10);
    let id = log.sign_in(TABLET, DAY + HOUR);
    let (now, second, by) = (at(DAY + HOUR + 5), device(SECOND), device(PHONE));
    let removed = AccountCommand::RemoveDevice { device: second, by, stepped_up: true, now };
    log.account(DAY + HOUR + 5, removed);
    assert_snapshot!(of(&log, id, DAY + HOUR + 6).await);
    let supersede = SignInCommand::Supersede { generation: 1, now: at(DAY + HOUR + 9) };
    log.attempt(id, DAY + HOUR + 9, supersede);
    assert_snapshot!(of(&log, id, DAY + 2 * HOUR).await);
}

#[tokio::test]
async fn nothing_reaches_the_owner_after_a_reset() {
    let mut log = with_a_phone();
    reset(&mut log, HOUR);
    let id = log.sign_in(TABLET, 2 * HOUR);
    assert_snapshot!(of(&log, id, 3 * HOUR).await);
}

#[tokio::test]
async fn nothing_reaches_the_owner_whose_mail_bounces_and_whose_phones_are_tired() {
    let mut log = with_a_phone();
    let message = MessageId::derived(at(5), &[b"bounced"]);
    let because = UndeliverableBecause::Bounced;
    let marked = AccountCommand::MarkUndeliverable { message, asked_at: at(5), because };
    log.account(6, marked);
    let mut guard = AccountGuard::default();
    while PUSHES.left(guard.pushes(), at(HOUR)) > 0 {
        guard.claim_send(Method::App, at(HOUR)).unwrap();
    }
    let id = log.sign_in_with(TABLET, HOUR, &guard);
    assert_snapshot!(of(&log, id, 2 * HOUR).await);
}

#[tokio::test]
async fn a_device_whose_trust_was_taken_away() {
    let mut log = with_a_phone();
    log.trust(TABLET, 10);
    let (now, tablet, by) = (at(2 * DAY), device(TABLET), device(PHONE));
    let removed = AccountCommand::RemoveDevice { device: tablet, by, stepped_up: true, now };
    log.account(2 * DAY, removed);
    let id = log.sign_in(TABLET, 3 * DAY);
    assert_snapshot!(of(&log, id, 3 * DAY + 1).await.sentences[0].text);
}

#[tokio::test]
async fn a_device_that_was_unused_for_a_season() {
    let mut log = with_a_phone();
    log.trust(TABLET, 10);
    log.account(9 * DAY, AccountCommand::SeeDevice { device: device(TABLET), now: at(9 * DAY) });
    let id = log.sign_in(TABLET, 100 * DAY);
    assert_snapshot!(of(&log, id, 100 * DAY + 1).await);
}

#[tokio::test]
async fn code_entry_was_paused_while_the_attempt_was_open() {
    let mut log = with_a_phone();
    let id = log.sign_in(TABLET, HOUR);
    let until = Some(at(HOUR + 20 * MINUTE));
    log.account(HOUR + 30, AccountCommand::PauseCodeEntry { wrong_in_a_row: 10, until });
    assert_snapshot!(of(&log, id, HOUR + 40).await);
}

#[tokio::test]
async fn a_wrong_password_asks_for_no_code() {
    let mut log = Log::of_ada();
    let refuse = |account| SignInCommand::Refuse {
        account,
        platform: Platform::Ios,
        country: None,
        located_by: None,
    };
    let id = attempt(HOUR);
    log.attempt(id, HOUR, refuse(Some(ada())));
    assert_snapshot!(of(&log, id, 2 * HOUR).await);
    let report = Report {
        asked_by: EventId::derived(at(HOUR), &[b"asked"]),
        stream: "sign_in/other".to_owned(),
        at: at(HOUR),
        device: None,
        key: None,
        knew_password: true,
        turned_off: false,
    };
    log.account(2 * HOUR, AccountCommand::Report(report));
    let id = attempt(3 * HOUR);
    log.attempt(id, 3 * HOUR, refuse(Some(ada())));
    assert_snapshot!(of(&log, id, 4 * HOUR).await);
    let id = attempt(5 * HOUR);
    log.attempt(id, 5 * HOUR, refuse(None));
    assert_snapshot!(of(&log, id, 6 * HOUR).await);
}

#[tokio::test]
async fn what_is_missing_is_told_and_not_guessed() {
    let mut log = with_a_phone();
    let id = log.sign_in(TABLET, HOUR);
    assert_snapshot!(of(&log, id, HOUR + 1).await);
    log.lose::<Account>(ada());
    assert_snapshot!(of(&log, id, HOUR + 1).await);
}

async fn of_process(opened: Opened, way: Way) -> Explanation {
    let mut log = Log::of_ada();
    let id = opened.verification;
    let command = VerificationCommand::Open {
        opened: Box::new(opened),
        way,
        material: material(1),
        now: at(HOUR),
    };
    log.decide::<Verification>(id, at(HOUR), "sign-in", command);
    explain(&log, AttemptId::Verification(id), at(HOUR + 1)).await.unwrap()
}

fn opened(purpose: Purpose, account: AccountId) -> Opened {
    Opened {
        verification: process(HOUR),
        purpose,
        account,
        taken_by: None,
        key: key(TABLET),
        device: device(TABLET),
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        country: None,
        located_by: None,
        email: sealed(),
        address_key: address_key(),
        locale: "en".to_owned(),
        attempt_generation: None,
        session: None,
        inputs: None,
        policy: 1,
    }
}

#[tokio::test]
async fn a_process_says_what_it_is_for() {
    let mail = Way::Code(Method::Email);
    let nobody = opened(Purpose::PasswordReset, nobody(address_key()));
    assert_snapshot!(of_process(nobody, mail).await);
    let stranger = AccountId::new(at(HOUR), [12; 10]);
    let taken = Opened { taken_by: Some(ada()), ..opened(Purpose::Registration, stranger) };
    assert_snapshot!(of_process(taken, mail).await);
    let inputs =
        StepUpInputs { settled: false, method: Method::App, reachable: Vec::new(), pushable: 0 };
    let inputs = Some(inputs);
    let step_up = Opened { inputs, attempt_generation: Some(0), ..opened(Purpose::StepUp, ada()) };
    assert_snapshot!(of_process(step_up, Way::Nowhere).await);
}

#[tokio::test]
async fn an_attempt_that_there_is_not_is_an_error() {
    let log = Log::of_ada();
    let id = AttemptId::SignIn(attempt(HOUR));
    let why = explain(&log, id, at(0)).await.unwrap_err();
    assert!(matches!(why, Unexplained::NoAttempt(it) if it == id), "{why}");
    assert_eq!("acc_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<AttemptId>(), Err(NotAnAttempt));
    assert_eq!(id.to_string().parse::<AttemptId>(), Ok(id));
}

#[tokio::test]
async fn an_explanation_from_streams_with_holes_says_so_first() {
    let mut log = with_a_phone();
    log.trust(SECOND, 10);
    let id = log.sign_in(TABLET, HOUR);
    let whole = of(&log, id, HOUR + 1).await;
    assert_eq!(whole.missing, []);
    let commits = log.of::<Account>(ada());
    let lost = commits[commits.len() - 2].version;
    log.lose_commit::<Account>(ada(), lost);
    let told = of(&log, id, HOUR + 1).await;
    let stream = keys::stream::<Account>(ada());
    let before = log.of::<Account>(ada()).last().unwrap().version - 1;
    assert_eq!(told.missing, [Missing { stream, first: lost, last: Some(before) }]);
    let text = told.to_string();
    let lines: Vec<_> = text.lines().skip(1).take(3).collect();
    let due = format!("    {}", told.missing[0]);
    assert_eq!(lines, ["", "Events are missing in what was read, so this may be wrong:", &due]);
}

#[tokio::test]
async fn an_attempt_whose_beginning_is_missing_is_not_called_none() {
    let mut log = with_a_phone();
    let id = log.sign_in(TABLET, HOUR);
    log.type_code(id, TABLET, HOUR + 10, false);
    log.lose_commit::<SignIn>(id, 1);
    let why = explain(&log, AttemptId::SignIn(id), at(2 * HOUR)).await.unwrap_err();
    let Unexplained::Missing(missing) = why else { panic!("{why}") };
    let due = format!("sign_in/{id}: events 1 to 2 can't be told: rows are missing");
    assert_eq!(missing.to_string(), due);
}
