//! What is true of every log, whatever happened to the processes that wrote it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_domain::account::Account;
use postern_domain::decider::Decider;
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_domain::support::Support;
use postern_domain::verification::Verification;
use postern_events::catalogue::EventSet;
use postern_store::keys;
use postern_store::model::Recorded;
use postern_store::streams::{Commit, CommitParts, verify_chain};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::world::World;

/// One line of the log, with the texts that the chain covers as they were stored.
#[derive(Deserialize)]
struct Line<'a> {
    stream: String,
    version: u64,
    #[serde(borrow)]
    events: &'a RawValue,
    #[serde(borrow)]
    meta: &'a RawValue,
    types: Vec<String>,
    #[serde(borrow)]
    state: &'a RawValue,
    state_schema: u32,
    chain: String,
}

impl Line<'_> {
    fn commit(self) -> Commit {
        let parts = CommitParts {
            stream: self.stream,
            version: self.version,
            events: self.events.get().to_owned(),
            meta: self.meta.get().to_owned(),
            types: self.types,
            state: self.state.get().to_owned(),
            state_schema: self.state_schema,
            chain: STANDARD.decode(self.chain).unwrap(),
        };
        Commit::from_parts(parts).unwrap()
    }
}

/// Reads a whole log and checks it: each stream's chain holds from its first commit on, each
/// commit's state is what folding its events gives, and each commit names its events' types.
pub(crate) fn sound(dump: &str) -> Vec<Commit> {
    let line = |line| serde_json::from_str::<Line<'_>>(line).unwrap();
    let commits: Vec<Commit> = dump.lines().map(|text| line(text).commit()).collect();
    verify_chain(&commits).unwrap();
    let mut streams = BTreeMap::<&str, Vec<&Commit>>::new();
    for commit in &commits {
        let told: Vec<&str> = commit.types.iter().map(String::as_str).collect();
        let mut names: Vec<&str> = commit.events.iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(told, names, "{} #{}", commit.stream, commit.version);
        streams.entry(&commit.stream).or_default().push(commit);
    }
    for (stream, commits) in streams {
        let (aggregate, _) = keys::stream_parts(stream).unwrap();
        match aggregate {
            <Account as Decider>::Event::AGGREGATE => folds::<Account>(&commits),
            <SignIn as Decider>::Event::AGGREGATE => folds::<SignIn>(&commits),
            <Verification as Decider>::Event::AGGREGATE => folds::<Verification>(&commits),
            <Message as Decider>::Event::AGGREGATE => folds::<Message>(&commits),
            <Support as Decider>::Event::AGGREGATE => folds::<Support>(&commits),
            other => panic!("nobody decides for {other}"),
        }
    }
    commits
}

/// Folds one stream's events and compares with the state of every commit on the way.
fn folds<D: Decider>(commits: &[&Commit]) {
    let mut state = D::default();
    for commit in commits {
        for stored in &commit.events {
            let recorded = Recorded::<D::Event>::read(stored).unwrap();
            state.apply(&recorded.event, recorded.stamp);
        }
        let folded = serde_json::to_string(&state).unwrap();
        assert_eq!(commit.state, folded, "{} #{}", commit.stream, commit.version);
        assert_eq!(commit.state_schema, D::STATE_SCHEMA, "{}", commit.stream);
    }
}

/// A check that can't fail proves nothing.
#[tokio::test]
async fn a_log_that_was_changed_anywhere_is_not_sound() {
    let world = World::open().await;
    world.owner().await;
    world.local.drain().await.unwrap();
    let log = world.local.dump(None).await.unwrap();
    assert!(!sound(&log).is_empty());
    let dropped = log.lines().skip(1).collect::<Vec<_>>().join("\n");
    let changes = [
        dropped,
        log.replacen(r#""method":"email""#, r#""method":"app""#, 1),
        log.replacen(r#""function":"account""#, r#""function":"sign-in""#, 1),
        log.replace(r#""two_step":true"#, r#""two_step":false"#),
        log.replacen(r#""account.registered","#, "", 1),
    ];
    for changed in changes {
        assert_ne!(changed, log);
        assert!(std::panic::catch_unwind(|| sound(&changed)).is_err());
    }
}
