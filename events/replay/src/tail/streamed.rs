//! The stream of a live table: what was appended within the last day, and what is from now on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{AttributeValue as Streamed, Record, ShardIteratorType};
use postern_store::streams::CommitParts;
use tokio::time::Instant;

use super::{LOOK_EVERY, Newest, Stopped, Wanted};
use crate::line::Line;
use crate::row;
use crate::source::table::Table;

/// How often it is looked for new shards: one lives for hours.
const SHARDS_EVERY: Duration = Duration::from_secs(10);
/// How often a shard has to have nothing before it is believed: an empty answer alone says little.
const EMPTY_ANSWERS: u8 = 3;

/// A shard that is being read.
struct Shard {
    iterator: String,
    empty: u8,
}

pub(super) async fn follow(
    table: &Table,
    client: &Client,
    wanted: &Wanted,
    show: &mut impl FnMut(&Line) -> std::io::Result<()>,
) -> Result<(), Stopped> {
    let arn = table.store.streams().arn().await.map_err(|it| Stopped::Source(it.into()))?;
    let arn = arn.ok_or(Stopped::NoStream)?;
    let mut newest = Some(Newest::of(wanted.newest));
    let (mut shards, mut known) = (BTreeMap::new(), BTreeSet::new());
    let mut look_again = Instant::now();
    loop {
        if Instant::now() >= look_again {
            open(client, &arn, &mut known, &mut shards).await?;
            look_again = Instant::now() + SHARDS_EVERY;
        }
        for line in next(client, &mut shards).await?.iter().filter(|it| wanted.wants(it)) {
            match &mut newest {
                Some(newest) => newest.see(line),
                None => show(line)?,
            }
        }
        let caught_up = shards.values().all(|it| it.empty >= EMPTY_ANSWERS);
        if caught_up && let Some(newest) = newest.take() {
            newest.lines().try_for_each(&mut *show)?;
            if !wanted.follow {
                return Ok(());
            }
        }
        if caught_up {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Stopped {
    Stopped::Stream(error.into())
}

/// Begins with every shard that nobody has begun with, at its first record.
async fn open(
    client: &Client,
    arn: &str,
    known: &mut BTreeSet<String>,
    shards: &mut BTreeMap<String, Shard>,
) -> Result<(), Stopped> {
    let mut after = None;
    loop {
        let asked = client.describe_stream().stream_arn(arn);
        let told = asked.set_exclusive_start_shard_id(after).send().await.map_err(failed)?;
        let Some(told) = told.stream_description else { return Ok(()) };
        for id in told.shards().iter().filter_map(|it| it.shard_id()) {
            if !known.insert(id.to_owned()) {
                continue;
            }
            let asked = client.get_shard_iterator().stream_arn(arn).shard_id(id);
            let asked = asked.shard_iterator_type(ShardIteratorType::TrimHorizon);
            if let Some(iterator) = asked.send().await.map_err(failed)?.shard_iterator {
                shards.insert(id.to_owned(), Shard { iterator, empty: 0 });
            }
        }
        after = told.last_evaluated_shard_id;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// What comes next in each shard; one that is closed and read to its end is left.
async fn next(client: &Client, shards: &mut BTreeMap<String, Shard>) -> Result<Vec<Line>, Stopped> {
    let mut lines = Vec::new();
    let mut ended = Vec::new();
    for (id, shard) in shards.iter_mut() {
        let asked = client.get_records().shard_iterator(&shard.iterator);
        let told = asked.send().await.map_err(failed)?;
        shard.empty = if told.records().is_empty() { shard.empty.saturating_add(1) } else { 0 };
        lines.extend(told.records().iter().flat_map(lines_of));
        match told.next_shard_iterator {
            Some(iterator) => shard.iterator = iterator,
            None => ended.push(id.clone()),
        }
    }
    for id in ended {
        shards.remove(&id);
    }
    Ok(lines)
}

/// The rows of a record; one that is no commit is none of ours.
fn lines_of(record: &Record) -> Vec<Line> {
    let image = record.dynamodb().and_then(|it| it.new_image());
    let item: HashMap<String, AttributeValue> = image
        .into_iter()
        .flatten()
        .filter_map(|(name, it)| Some((name.clone(), value(it)?)))
        .collect();
    CommitParts::from_item(&item).map(|it| row::lines(&it)).unwrap_or_default()
}

/// The same value as the table's own client has it; a commit has no other kinds.
fn value(streamed: &Streamed) -> Option<AttributeValue> {
    if let Ok(it) = streamed.as_s() {
        return Some(AttributeValue::S(it.clone()));
    }
    if let Ok(it) = streamed.as_n() {
        return Some(AttributeValue::N(it.clone()));
    }
    if let Ok(it) = streamed.as_ss() {
        return Some(AttributeValue::Ss(it.clone()));
    }
    streamed.as_b().ok().map(|it| AttributeValue::B(Blob::new(it.as_ref())))
}
