//! A log in memory, written by deciders.

use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::Timestamp;
use postern_domain::decider::{Decider, Stamp};
use postern_events::catalogue::EventSet;
use postern_events::ids::EventId;
use postern_replay::explain::Streams;
use postern_replay::finding::Found;
use postern_store::keys;
use postern_store::model::Recorded;
use postern_store::streams::{Commit, CommitParts, Meta, chain};

#[derive(Default)]
pub(crate) struct Log {
    streams: BTreeMap<String, Vec<Commit>>,
}

impl Log {
    /// Decides, and commits what comes of it; the names of the events follow from their places.
    pub(crate) fn decide<D: Decider>(
        &mut self,
        id: D::Id,
        now: Timestamp,
        function: &str,
        command: D::Command,
    ) -> Vec<Recorded<D::Event>> {
        let events = self.state::<D>(id).decide(command).expect("not refused");
        self.commit::<D>(id, now, function, events)
    }

    /// Commits events as if they had been decided.
    pub(crate) fn commit<D: Decider>(
        &mut self,
        id: D::Id,
        now: Timestamp,
        function: &str,
        events: Vec<D::Event>,
    ) -> Vec<Recorded<D::Event>> {
        let stream = keys::stream::<D>(id);
        let mut state = self.state::<D>(id);
        let commits = self.streams.entry(stream.clone()).or_default();
        let (version, previous) =
            commits.last().map_or((1, [0; 32]), |it| (it.next_version(), it.chain));
        let record = |(sequence, event): (u64, D::Event)| {
            let id = EventId::derived(now, &[stream.as_bytes(), &sequence.to_be_bytes()]);
            Recorded { stamp: Stamp { id, time: now }, event }
        };
        let recorded: Vec<_> = (version..).zip(events).map(record).collect();
        for it in &recorded {
            state.apply(&it.event, it.stamp);
        }
        let meta = Meta {
            request: format!("req-{version}"),
            actor: "system".to_owned(),
            function: function.to_owned(),
            policy: 1,
            idempotency: None,
        };
        let events = serde_json::to_string(&recorded).unwrap();
        let meta = serde_json::to_string(&meta).unwrap();
        if recorded.is_empty() {
            return recorded;
        }
        let parts = CommitParts {
            chain: chain(&previous, &stream, version, &meta, &events).to_vec(),
            types: recorded.iter().map(|it| it.event.name().to_owned()).collect(),
            state: serde_json::to_string(&state).unwrap(),
            state_schema: D::STATE_SCHEMA,
            stream,
            version,
            events,
            meta,
        };
        commits.push(Commit::from_parts(parts).unwrap());
        recorded
    }

    /// A stream's state.
    pub(crate) fn state<D: Decider>(&self, id: D::Id) -> D {
        let commits = self.commits_of(&keys::stream::<D>(id));
        commits.last().map(|it| serde_json::from_str(&it.state).unwrap()).unwrap_or_default()
    }

    pub(crate) fn commits_of(&self, stream: &str) -> &[Commit] {
        self.streams.get(stream).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn of<D: Decider>(&self, id: D::Id) -> &[Commit] {
        self.commits_of(&keys::stream::<D>(id))
    }

    pub(crate) fn found<D: Decider>(&self, id: D::Id) -> Found {
        Found::of(self.of::<D>(id).to_vec())
    }

    /// As after an export that lacks a commit of a stream.
    pub(crate) fn lose_commit<D: Decider>(&mut self, id: D::Id, version: u64) {
        let commits = self.streams.get_mut(&keys::stream::<D>(id)).expect("there is the stream");
        let before = commits.len();
        commits.retain(|it| it.version != version);
        assert_eq!(commits.len() + 1, before, "there is the commit");
    }

    /// As after an export that lacks a stream.
    pub(crate) fn lose<D: Decider>(&mut self, id: D::Id) {
        self.streams.remove(&keys::stream::<D>(id));
    }
}

impl Streams for Log {
    type Error = Infallible;

    async fn commits(&self, stream: &str) -> Result<Found, Infallible> {
        Ok(Found::of(self.commits_of(stream).to_vec()))
    }
}
