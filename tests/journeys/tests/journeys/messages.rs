//! What the log tells about messages, in short.

use std::collections::BTreeMap;

use postern_client::log::Event;

use crate::world::World;

/// One message, by its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The event that asked for it.
    pub(crate) by: String,
    /// The stream of that event.
    pub(crate) of: String,
    /// What became of it, such as `claimed`, `deferred unavailable`, `sent`.
    pub(crate) story: Vec<String>,
}

impl World {
    /// Every message so far, in the order in which somebody took them up.
    pub(crate) async fn messages(&self) -> Vec<Told> {
        let commits = self.log(None).await;
        let mut asking = BTreeMap::new();
        let mut told = Vec::<(String, Told)>::new();
        for commit in commits {
            if !commit.stream.starts_with("message/") {
                for event in commit.events {
                    asking.insert(event.id, (event.name, commit.stream.clone()));
                }
                continue;
            }
            let story = commit.events.iter().map(in_short);
            if let Some((_, known)) = told.iter_mut().find(|(stream, _)| *stream == commit.stream) {
                known.story.extend(story);
                continue;
            }
            let (by, of) = asking[commit.meta["request"].as_str().unwrap()].clone();
            let story = story.collect();
            told.push((commit.stream, Told { by, of, story }));
        }
        told.into_iter().map(|(_, told)| told).collect()
    }

    /// What became of the messages that an attempt asked for, without those about its end.
    pub(crate) async fn sends(&self, attempt: &str) -> Vec<Vec<String>> {
        let codes = ["sign_in.code_issued", "sign_in.code_resent"];
        let of = format!("sign_in/{attempt}");
        let asked = |told: &Told| told.of == of && codes.contains(&told.by.as_str());
        self.messages().await.into_iter().filter(asked).map(|told| told.story).collect()
    }
}

fn in_short(event: &Event) -> String {
    let fact = event.name.trim_start_matches("message.");
    match event.data["because"].as_str() {
        Some(because) => format!("{fact} {because}"),
        None => fact.to_owned(),
    }
}
