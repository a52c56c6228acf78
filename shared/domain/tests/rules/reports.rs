//! "It wasn't me": what a link proves, and what is undone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, OpenAccount, Report};
use postern_domain::codes::{CodeKeys, KeyMissing};
use postern_domain::policy;
use postern_domain::report::{ReportToken, Reported};
use postern_domain::sign_in::{Ending, SignIn, SignInCommand};
use postern_domain::verification::{self, Verification, VerificationCommand};
use postern_events::account::{
    AccountEvent, DeviceRevoked, PasswordCompromised, RevokedBecause, TwoStepEnabled,
};
use postern_events::ids::{AccountId, EventId};
use postern_events::sign_in::{self, SignInEvent};
use postern_events::verification::{Fulfilled, VerificationEvent};
use postern_events::vocabulary::{Method, Purpose};

use crate::fixtures::*;
use crate::passwords_and_resets::reset;
use crate::sign_in::{attempted, awaiting_mailed_code, completed, tablet, verify_right};
use crate::stream::{Stream, given};
use crate::trust::open;
use crate::verifications::awaiting;

const WEEK: i64 = 7 * DAY;

fn token() -> ReportToken {
    ReportToken::new(&keys(), ada(), Reported::SignIn(attempt()), asked_at(0)).unwrap()
}

fn read(text: &str) -> ReportToken {
    text.parse().unwrap()
}

#[test]
fn a_token_comes_back_from_a_link_as_it_went() {
    for about in [
        Reported::SignIn(attempt()),
        Reported::Verification(registration()),
        Reported::Account(ada()),
    ] {
        let token = ReportToken::new(&keys(), ada(), about, asked_at(0)).unwrap();
        let back = read(&token.reveal());
        assert!(back == token && back.about == about && back.event == asked_at(0));
        assert_eq!(back.is_genuine(&keys(), ada()), Ok(true));
    }
}

#[test]
fn a_tokens_debug_shows_no_tag() {
    assert_eq!(format!("{:?}", token()), format!("ReportToken({})", attempt()));
}

#[test]
fn each_forged_bit_of_a_tag_is_noticed() {
    let text = token().reveal();
    let (rest, tag) = text.rsplit_once('.').unwrap();
    let other = if tag.starts_with('A') { "B" } else { "A" };
    let forged = read(&format!("{rest}.{other}{}", &tag[1..]));
    assert_eq!(forged.is_genuine(&keys(), ada()), Ok(false));
    let blank = read(&format!("{rest}.AAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(blank.is_genuine(&keys(), ada()), Ok(false));
}

#[test]
fn a_token_is_good_for_its_account_its_stream_and_its_event_only() {
    let stranger = AccountId::new(at(0), [99; 10]);
    assert_eq!(token().is_genuine(&keys(), stranger), Ok(false));
    let text = token().reveal();
    let sign_in = attempt().to_string();
    let other_stream = read(&text.replace(&sign_in, &registration().to_string()));
    assert_eq!(other_stream.is_genuine(&keys(), ada()), Ok(false));
    let other_event = read(&text.replace(&asked_at(0).to_string(), &asked_at(1).to_string()));
    assert_eq!(other_event.is_genuine(&keys(), ada()), Ok(false));
}

#[test]
fn a_token_of_a_former_key_works_while_that_key_is_kept() {
    let ring = |names: &[&str]| {
        let keys: BTreeMap<_, _> = names.iter().map(|it| ((*it).to_owned(), [9; 32])).collect();
        CodeKeys::new(names[0].to_owned(), keys).unwrap()
    };
    assert_eq!(token().is_genuine(&ring(&["k2", "k1"]), ada()), Ok(true));
    let missing = KeyMissing { kid: "k1".to_owned() };
    assert_eq!(token().is_genuine(&ring(&["k2"]), ada()), Err(missing));
}

#[test]
fn a_token_works_for_seven_days_from_its_event() {
    let token = token();
    assert_eq!(token.expires_at(), at(WEEK));
    assert!(!token.has_expired(at(WEEK - 1)));
    assert!(token.has_expired(at(WEEK)) && token.has_expired(at(WEEK + 1)));
}

#[test]
fn a_made_up_event_at_the_end_of_time_is_no_crash() {
    let end = EventId::from_bytes([0xFF; 16]);
    let text = token().reveal().replace(&asked_at(0).to_string(), &end.to_string());
    let made_up = read(&text);
    assert_eq!(made_up.is_genuine(&keys(), ada()), Ok(false));
    assert_eq!(made_up.expires_at(), Timestamp::MAX);
}

#[test]
fn other_texts_are_no_tokens() {
    let text = token().reveal();
    let short = text[..text.len() - 1].to_owned();
    let long = format!("{text}A");
    let huge = text.replace(".k1.", &format!(".{}.", "k".repeat(300)));
    let device = text.replace(&attempt().to_string(), &device(PHONE).to_string());
    for wrong in ["", ".", "...", &short, &long, &huge, &device, &text.to_lowercase()] {
        assert!(wrong.parse::<ReportToken>().is_err(), "{wrong}");
    }
}

/// Somebody with the password did something through the tablet at second 10.
fn by_tablet() -> Report {
    Report {
        asked_by: asked_at(10),
        stream: "sign_in/sin".to_owned(),
        at: at(10),
        device: Some(device(TABLET)),
        key: None,
        knew_password: true,
        turned_off: false,
    }
}

fn revoked() -> AccountEvent {
    AccountEvent::DeviceRevoked(DeviceRevoked {
        device: device(TABLET),
        key: key(TABLET),
        because: RevokedBecause::Reported,
        by: None,
        policy: policy::VERSION,
    })
}

fn compromised() -> AccountEvent {
    AccountEvent::PasswordCompromised(PasswordCompromised {
        asked_by: asked_at(10),
        stream: "sign_in/sin".to_owned(),
        policy: policy::VERSION,
    })
}

fn on_again() -> AccountEvent {
    AccountEvent::TwoStepEnabled(TwoStepEnabled { by: None, policy: policy::VERSION })
}

fn with_tablet() -> OpenAccount {
    account_with(vec![trusted_device(PHONE, 0), trusted_device(TABLET, 5)])
}

fn told(account: OpenAccount, report: Report) -> Vec<AccountEvent> {
    open(account).when(AccountCommand::Report(report)).unwrap()
}

#[test]
fn a_report_revokes_the_device_and_marks_the_password() {
    let mut account: Stream<Account> = open(with_tablet());
    let events = account.ask(at(20), AccountCommand::Report(by_tablet()));
    assert_eq!(events, Ok(vec![revoked(), compromised()]));
    let open = account.state.open().unwrap();
    assert!(open.trusted(key(TABLET), at(21)).is_none() && open.password_compromised);
    assert!(open.trusted(key(PHONE), at(21)).is_some(), "nobody else");
    assert_eq!((open.attempt_generation, open.trust_generation), (2, 0));
}

#[test]
fn a_report_that_comes_again_does_nothing_more() {
    let mut account = open(with_tablet());
    account.ask(at(20), AccountCommand::Report(by_tablet())).unwrap();
    assert_eq!(account.when(AccountCommand::Report(by_tablet())), Ok(vec![]));
}

#[test]
fn what_nobody_let_in_is_not_revoked() {
    assert_eq!(told(account(), by_tablet()), [compromised()]);
    let nobody = Report { device: None, ..by_tablet() };
    assert_eq!(told(with_tablet(), nobody), [compromised()]);
}

#[test]
fn who_needed_no_password_compromises_none() {
    let by_mailbox = Report { knew_password: false, ..by_tablet() };
    assert_eq!(told(with_tablet(), by_mailbox), [revoked()]);
}

#[test]
fn a_password_that_is_newer_than_the_act_is_not_the_one_that_was_known() {
    for (since, is_known) in [(9, true), (10, true), (11, false)] {
        let account = OpenAccount { password_since: at(since), ..account() };
        let marked = told(account, by_tablet()).contains(&compromised());
        assert_eq!(marked, is_known, "a password of second {since}");
    }
    let gone_on_with = Report { at: at(11), ..by_tablet() };
    let account = OpenAccount { password_since: at(11), ..account() };
    assert_eq!(told(account, gone_on_with), [compromised()], "the act, not its first message");
}

#[test]
fn two_step_that_was_turned_off_is_on_again_and_one_that_is_on_stays() {
    let turned_off = || Report { turned_off: true, device: None, ..by_tablet() };
    let off = OpenAccount { two_step: false, ..account() };
    assert_eq!(told(off.clone(), turned_off()), [on_again(), compromised()]);
    assert_eq!(told(account(), turned_off()), [compromised()]);
    assert_eq!(told(off, Report { device: None, ..by_tablet() }), [compromised()]);
}

#[test]
fn a_reset_makes_a_compromised_password_a_former_one() {
    let mut account = open(with_tablet());
    account.ask(at(20), AccountCommand::Report(by_tablet())).unwrap();
    account.ask(at(30), reset(30)).unwrap();
    assert!(!account.state.open().unwrap().password_compromised);
    assert_eq!(account.when(AccountCommand::Report(by_tablet())), Ok(vec![]));
}

#[test]
fn a_reported_attempt_is_closed_and_one_that_is_over_keeps_its_end() {
    let report = || SignInCommand::Report { asked_by: asked_at(0) };
    let reported = SignInEvent::Reported(sign_in::Reported { asked_by: asked_at(0) });
    let unreachable: Stream<SignIn> = given(at(0), vec![attempted(&[])]);
    for mut attempt in [awaiting_mailed_code(), unreachable] {
        assert_eq!(attempt.ask(at(1), report()), Ok(vec![reported.clone()]));
        let how = Ending::Reported;
        assert_eq!(attempt.state, SignIn::Closed { account: ada(), key: key(TABLET), how });
        assert!(attempt.when(verify_right(tablet(2))).is_err());
        assert_eq!(attempt.when(report()), Ok(vec![]));
    }
    let done = awaiting_mailed_code().and(at(1), vec![completed(true)]);
    assert_eq!(done.when(report()), Ok(vec![]));
    assert_eq!(Stream::<SignIn>::default().when(report()), Ok(vec![]));
}

#[test]
fn a_reported_process_is_closed_and_one_that_is_over_keeps_its_end() {
    let report = || VerificationCommand::Report { asked_by: asked_at(0) };
    let mut process = awaiting(Purpose::PasswordReset, Method::Email);
    assert_eq!(process.ask(at(1), report()).map(|it| it.len()), Ok(1));
    let how = verification::Ending::Reported;
    let closed = Verification::Closed { account: ada(), key: key(TABLET), how };
    assert_eq!(process.state, closed);
    assert_eq!(process.when(report()), Ok(vec![]));
    let done = VerificationEvent::Fulfilled(Fulfilled {});
    let done = awaiting(Purpose::PasswordReset, Method::Email).and(at(1), vec![done]);
    assert_eq!(done.when(report()), Ok(vec![]));
    assert_eq!(Stream::<Verification>::default().when(report()), Ok(vec![]));
}
