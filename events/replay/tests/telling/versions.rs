//! One commit in full.

use insta::assert_snapshot;
use postern_domain::account::Account;
use postern_domain::sign_in::SignIn;
use postern_events::vocabulary::Method;
use postern_replay::finding::Found;
use postern_replay::story::{Agreement, NoStory, tell_version};
use postern_store::streams::Commit;

use crate::ada::*;
use crate::log::Log;

fn an_attempt() -> Vec<Commit> {
    let mut log = Log::of_ada();
    let id = log.sign_in(TABLET, HOUR);
    log.send_again(id, TABLET, HOUR + 40, Method::Email);
    log.of::<SignIn>(id).to_vec()
}

#[test]
fn a_commit_is_told_with_its_data_its_meta_and_its_state() {
    assert_snapshot!(tell_version(&Found::of(an_attempt()), 3).unwrap());
}

#[test]
fn an_event_within_a_commit_brings_the_whole_commit() {
    let told = tell_version(&Found::of(an_attempt()), 2).unwrap();
    assert_eq!((told.version, told.events.len()), (1, 2));
    assert_eq!(told.stored_state, Agreement::Same);
}

#[test]
fn every_commit_s_stored_state_is_the_one_that_its_events_lead_to() {
    let mut log = Log::of_ada();
    log.push_to(PHONE, 1);
    log.trust(SECOND, DAY);
    for commit in log.of::<Account>(ada()) {
        let told = tell_version(&log.found::<Account>(ada()), commit.version).unwrap();
        assert_eq!(told.stored_state, Agreement::Same, "{}", commit.version);
    }
}

#[test]
fn a_state_that_differs_or_that_nobody_can_compare_is_called_so() {
    let mut commits = an_attempt();
    commits[1].state = commits[0].state.clone();
    assert_eq!(
        tell_version(&Found::of(commits.clone()), 3).unwrap().stored_state,
        Agreement::Differs
    );
    commits[1].state_schema = 1;
    let other = Agreement::OtherSchema { stored: 1, current: 3 };
    assert_eq!(tell_version(&Found::of(commits.clone()), 3).unwrap().stored_state, other);
    commits.remove(0);
    assert_eq!(
        tell_version(&Found::of(commits.clone()), 3).unwrap().stored_state,
        Agreement::Incomplete
    );
}

#[test]
fn a_version_that_there_is_not_is_an_error() {
    let why = tell_version(&Found::of(an_attempt()), 9).unwrap_err();
    assert!(matches!(why, NoStory::NoVersion { version: 9, .. }), "{why}");
    assert!(matches!(tell_version(&Found::default(), 1), Err(NoStory::NoStream)));
}

#[test]
fn a_version_that_is_missing_is_called_so() {
    let mut commits = an_attempt();
    commits.remove(0);
    let why = tell_version(&Found::of(commits), 2).unwrap_err();
    let due = "events 1 to 2 can't be told: rows are missing";
    assert!(why.to_string().starts_with("sign_in/sin_"), "{why}");
    assert!(why.to_string().ends_with(&format!(": {due}")), "{why}");
}
