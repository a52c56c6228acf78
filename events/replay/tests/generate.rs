//! Histories that are made up: the same ones again, and such as production could have written.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::SignedDuration;
use postern_domain::account::Account;
use postern_domain::decider::{Decider, Stamp};
use postern_domain::message::Message;
use postern_domain::policy;
use postern_domain::sign_in::SignIn;
use postern_domain::support::Support;
use postern_domain::verification::Verification;
use postern_events::catalogue::{EventSet as _, catalogue};
use postern_replay::generate::{Label, Labelled, Told, Wanted, generate, stories};
use postern_store::StoreError;
use postern_store::keys::stream_parts;
use postern_store::streams::{Commit, verify_chain};
use sha2::{Digest as _, Sha256};

/// A history in memory.
struct History {
    commits: Vec<Commit>,
    labels: Vec<Label>,
    told: Told,
}

fn history(accounts: u32, days: u16, seed: u64) -> History {
    let (mut commits, mut labels) = (Vec::new(), Vec::new());
    let wanted = Wanted { accounts, days, seed, begin: Wanted::BEGIN };
    let told = generate::<StoreError>(&wanted, &mut |it| {
        match it {
            Labelled::Commit(commit) => commits.push(commit),
            Labelled::Label(label) => labels.push(label),
        }
        Ok(())
    });
    History { commits, labels, told: told.unwrap() }
}

/// Enough for everything to happen that can.
static LARGE: LazyLock<History> = LazyLock::new(|| history(300, 60, 7));

/// Every byte that is stored.
fn digest<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for it in commits {
        let types: Vec<&str> = it.types.iter().map(String::as_str).collect();
        let parts = [&it.stream, &it.meta_json, &it.events_json, &it.state, &types.join(",")];
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.update(it.version.to_be_bytes());
        hash.update(it.chain);
    }
    hash.finalize().into()
}

/// The commits of each stream, in the order in which they came.
fn by_stream(commits: &[Commit]) -> BTreeMap<&str, Vec<&Commit>> {
    let mut streams: BTreeMap<&str, Vec<&Commit>> = BTreeMap::new();
    for it in commits {
        streams.entry(&it.stream).or_default().push(it);
    }
    streams
}

#[test]
fn the_same_arguments_give_the_same_bytes_on_every_machine() {
    let first = digest(&history(12, 20, 7).commits);
    assert_eq!(first, digest(&history(12, 20, 7).commits));
    assert_ne!(first, digest(&history(12, 20, 8).commits));
    assert_ne!(first, digest(&history(12, 21, 7).commits));
}

#[test]
fn an_account_is_the_same_however_many_others_there_are() {
    let (few, many) = (history(4, 20, 7), history(9, 20, 7));
    assert!(few.commits.len() < many.commits.len());
    assert_eq!(digest(&few.commits), digest(&many.commits[..few.commits.len()]));
    assert_eq!(few.labels, many.labels[..few.labels.len()]);
}

#[test]
fn every_stream_verifies_and_its_versions_follow_one_another() {
    verify_chain(&LARGE.commits).unwrap();
    let begin = Wanted::BEGIN;
    let end = begin + SignedDuration::from_hours(24 * 60);
    for (stream, commits) in by_stream(&LARGE.commits) {
        let mut last = begin;
        for commit in commits {
            for event in &commit.events {
                assert!(event.time >= last && event.time < end, "{stream} {}", event.time);
                assert_eq!(event.time, event.id.time(), "{stream}");
                last = event.time;
            }
        }
    }
}

#[test]
fn every_stream_folds_to_its_stored_states() {
    for (stream, commits) in by_stream(&LARGE.commits) {
        match stream_parts(stream).unwrap().0 {
            "account" => folds::<Account>(&commits),
            "sign_in" => folds::<SignIn>(&commits),
            "verification" => folds::<Verification>(&commits),
            "message" => folds::<Message>(&commits),
            "support" => folds::<Support>(&commits),
            other => panic!("{other}"),
        }
    }
}

fn folds<D: Decider>(commits: &[&Commit]) {
    let mut state = D::default();
    for commit in commits {
        for stored in &commit.events {
            let event = D::Event::read(stored).unwrap();
            state.apply(&event, Stamp { id: stored.id, time: stored.time });
        }
        assert_eq!(serde_json::to_string(&state).unwrap(), commit.state, "{}", commit.stream);
        assert_eq!(commit.state_schema, D::STATE_SCHEMA);
    }
}

#[test]
fn a_commit_names_its_types_and_who_asked_for_it() {
    for commit in &LARGE.commits {
        let named: BTreeSet<String> = commit.events.iter().map(|it| it.name.clone()).collect();
        assert_eq!(named, commit.types);
        let meta = &commit.meta;
        assert_eq!(meta.policy, policy::VERSION);
        let functions = ["sign-in", "account", "notify", "feedback"];
        assert!(functions.contains(&meta.function.as_str()), "{}", meta.function);
        let known = ["anonymous", "system", "report"].contains(&meta.actor.as_str());
        assert!(known || meta.actor.starts_with("dev_"), "{}", meta.actor);
        assert!(!meta.request.is_empty());
    }
}

#[test]
fn everything_happens_that_can() {
    let happened: BTreeSet<&str> =
        LARGE.commits.iter().flat_map(|it| &it.types).map(String::as_str).collect();
    let never: Vec<&str> =
        catalogue().iter().map(|it| it.name).filter(|it| !happened.contains(it)).collect();
    // What operators do is no part of anybody's days.
    let operators =
        ["account.disclosed", "account.code_entry_resumed", "account.signed_out_by_operator"];
    assert_eq!(never, operators);
}

#[test]
fn every_story_is_told_and_every_label_names_a_stream() {
    let streams = by_stream(&LARGE.commits);
    for label in &LARGE.labels {
        assert!(streams.contains_key(label.stream.as_str()), "{label:?}");
    }
    let told: BTreeSet<(&str, bool)> =
        LARGE.labels.iter().map(|it| (it.story, it.attack)).collect();
    assert_eq!(told, stories().collect::<BTreeSet<_>>());
    assert_eq!(LARGE.told.labels.values().sum::<u64>(), LARGE.labels.len() as u64);
}

#[test]
fn a_message_is_part_of_what_asked_for_it() {
    let labelled: BTreeSet<&str> = LARGE.labels.iter().map(|it| it.stream.as_str()).collect();
    let mut part_of_attacks = 0;
    for commit in LARGE.commits.iter().filter(|it| it.stream.starts_with("message/")) {
        let data: serde_json::Value = serde_json::from_str(commit.events[0].data.get()).unwrap();
        let Some(asking) = data.get("stream").and_then(|it| it.as_str()) else { continue };
        let told = labelled.contains(commit.stream.as_str());
        assert_eq!(told, labelled.contains(asking), "{} of {asking}", commit.stream);
        part_of_attacks += u32::from(told);
    }
    assert!(part_of_attacks > 100);
}

#[test]
fn an_account_has_about_one_event_a_day() {
    let History { commits, told, .. } = &*LARGE;
    assert_eq!(told.commits, commits.len() as u64);
    assert_eq!(told.events, commits.iter().map(|it| it.events.len() as u64).sum::<u64>());
    assert!(told.accounts > 290);
    let a_day = told.events / 60 * 100 / u64::from(told.accounts);
    assert!((50..300).contains(&a_day), "{a_day} events in 100 days of an account");
}

#[test]
fn messages_are_those_that_their_events_ask_for() {
    let streams = by_stream(&LARGE.commits);
    let events: BTreeSet<_> =
        LARGE.commits.iter().flat_map(|it| &it.events).map(|it| it.id.to_string()).collect();
    let messages = streams.iter().filter(|(stream, _)| stream.starts_with("message/"));
    let mut claimed = 0;
    for (stream, commits) in messages {
        let first: serde_json::Value =
            serde_json::from_str(commits[0].events[0].data.get()).unwrap();
        let Some(asked_by) = first.get("asked_by").and_then(|it| it.as_str()) else { continue };
        assert!(events.contains(asked_by), "{stream}");
        assert!(streams.contains_key(first["stream"].as_str().unwrap()), "{stream}");
        claimed += 1;
    }
    assert!(claimed > 1_000);
}

#[test]
fn nothing_personal_is_there_to_read() {
    let personal = ["@", "iPhone", "Pixel", "Prague", "Amsterdam", "The code does not arrive"];
    for commit in &LARGE.commits {
        for text in [&commit.events_json, &commit.state, &commit.meta_json] {
            for it in personal {
                assert!(!text.contains(it), "{it} in {}", commit.stream);
            }
        }
    }
}
