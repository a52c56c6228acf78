//! Every event has a sentence, and none shows what is sealed or what a code is derived from.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use postern_events::stored::StoredEvent;
use postern_replay::finding::Found;
use postern_replay::story::{NoStory, tell};
use postern_store::streams::{Commit, CommitParts};
use serde_json::Value;

use crate::ada::at;

/// A golden event as the only one of its stream.
fn alone(stored: &StoredEvent) -> Commit {
    let aggregate = stored.name.split('.').next().unwrap();
    Commit::from_parts(CommitParts {
        stream: format!("{aggregate}/golden"),
        version: 1,
        events: serde_json::to_string(&[stored]).unwrap(),
        meta: r#"{"request":"req-1","actor":"system","function":"account","policy":1}"#.to_owned(),
        types: vec![stored.name.clone()],
        state: "{}".to_owned(),
        state_schema: 0,
        chain: vec![0; 32],
    })
    .unwrap()
}

fn golden() -> Vec<(String, StoredEvent)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.iter().map(read).collect()
}

/// What no sentence may show: long texts are sealed or say whose key it is, a nonce makes a code.
fn secrets(data: &Value) -> Vec<String> {
    let secret = |(name, value): (&String, &Value)| {
        let hidden = [
            "nonce",
            "email",
            "before",
            "description",
            "origin",
            "plea",
            "key",
            "token",
            "address_key",
        ];
        let text = value.as_str()?.to_owned();
        hidden.contains(&name.as_str()).then_some(text)
    };
    data.as_object().unwrap().iter().filter_map(secret).collect()
}

#[test]
fn every_event_has_a_sentence_and_none_tells_a_secret() {
    let mut all = String::new();
    for (file, stored) in golden() {
        let story = tell(&Found::of(vec![alone(&stored)]), at(0))
            .unwrap_or_else(|why| panic!("{file}: {why}"));
        let text = story.to_string() + &serde_json::to_string(&story).unwrap();
        let data: Value = serde_json::from_str(stored.data.get()).unwrap();
        for secret in secrets(&data) {
            assert!(!text.contains(&secret), "{file} tells {secret}");
        }
        let line = &story.lines[0];
        assert!(line.sentence.ends_with('.'), "{file}: {}", line.sentence);
        let from = line.from.as_deref().unwrap_or("–");
        writeln!(all, "{file}\n  {}\n  from: {from}", line.sentence).unwrap();
    }
    assert_snapshot!(all);
}

#[test]
fn an_event_that_can_t_be_read_is_named() {
    let (_, stored) = golden().swap_remove(0);
    let newer = alone(&StoredEvent { version: 99, ..stored.clone() });
    let Err(NoStory::Event(why)) = tell(&Found::of(vec![newer]), at(0)) else {
        panic!("it can't be read")
    };
    assert_eq!(why.to_string(), "event 1 of stream account/golden can't be read");
    let mut unknown = alone(&stored);
    unknown.stream = "horse/golden".to_owned();
    assert!(matches!(tell(&Found::of(vec![unknown]), at(0)), Err(NoStory::Event(_))));
    assert!(matches!(tell(&Found::default(), at(0)), Err(NoStory::NoStream)));
}
