//! What trusted devices are, and where they were last seen.

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::stored::StoredEvent;
use postern_store::keys;
use postern_store::views::{DeviceFact, DeviceReplay, device_facts};
use serde::{Deserialize, Serialize};

use super::{Emit, NotProjected, Projection, fact, of_fact, unreadable};
use crate::line::Line;
use crate::row::Row;

/// A fact about a device, with whose it is.
#[derive(Serialize, Deserialize)]
struct Fact {
    account: AccountId,
    device: DeviceId,
    what: DeviceFact,
}

#[derive(Default)]
pub(super) struct Devices {
    commit: Vec<StoredEvent>,
    /// Whether the rest of the stream says nothing about devices.
    over: bool,
}

impl Projection for Devices {
    fn wants(&self, stream: &str) -> bool {
        ["account/", "sign_in/", "verification/"].iter().any(|it| stream.starts_with(it))
    }

    fn row(&mut self, row: &Row<'_>, emit: &mut Emit<'_>) -> Result<(), NotProjected> {
        self.commit.push(row.stored().map_err(|it| unreadable(&row.stream, row.sequence, it))?);
        if !row.is_last() {
            return Ok(());
        }
        let facts = device_facts(&row.stream, row.commit, &self.commit)?;
        for (number, (account, device, what)) in facts.into_iter().enumerate() {
            let key = format!("{}#{device}", keys::devices(account));
            // No two facts are alike: each has its own place, told from where it stands in the log.
            let place = format!("{key}|{}|{:012}|{number:03}", row.stream, row.commit);
            emit(fact(&place, 0, &Fact { account, device, what })?)?;
        }
        self.commit.clear();
        // Of other streams only the first commit says something about devices.
        self.over = !row.stream.starts_with("account/");
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.over
    }

    fn end(&mut self, _: &mut Emit<'_>) -> Result<(), NotProjected> {
        self.commit.clear();
        self.over = false;
        Ok(())
    }

    fn key<'a>(&self, fact: &'a Line) -> &'a str {
        fact.stream().split_once('|').map_or(fact.stream(), |(key, _)| key)
    }

    fn item(&self, facts: &[Line], as_of: Timestamp) -> Result<Option<String>, NotProjected> {
        let mut replay = DeviceReplay::default();
        let mut whose = None;
        for line in facts {
            let Fact { account, device, what } = of_fact(line)?;
            whose = Some((account, device));
            replay.add(what);
        }
        let Some((account, device)) = whose else { return Ok(None) };
        let item = replay.item(account, device)?.filter(|it| !it.is_over(as_of));
        Ok(item.map(|it| serde_json::to_string(&it)).transpose()?)
    }
}
