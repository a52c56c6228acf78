//! The stream of a live table: what was appended within the last day, and what is from now on.

mod asking;
mod record;
mod shards;
mod trouble;
mod turn;

use std::io;
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use self::asking::Asking;
use self::record::Seen;
use self::shards::{Begin, Shard, Shards};
use self::trouble::{Kind, Source, Trouble};
use self::turn::Turn;
use super::entry::{Entry, Tampered};
use super::{Newest, Stopped, Told, Wanted};
use crate::at_once::AT_ONCE;
use crate::progress::{Progress, Unit};
use crate::source::table::Table;

/// How often it is looked for new shards: one lives for hours.
const SHARDS_EVERY: Duration = Duration::from_secs(10);
/// How soon it is looked for what continues a shard that ended: it is listed with it, or just after it.
const CONTINUED_WITHIN: Duration = Duration::from_secs(1);
/// How soon after the shards began to be listed their ends have to be found: what comes in between is not shown,
/// and nobody who has just begun to follow misses so little. It takes a fraction of it.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// How long whoever doesn't follow waits for an answer; whoever follows waits for as long as it takes.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) async fn follow(
    table: &Table,
    client: &Client,
    wanted: &Wanted,
    tell: &mut impl FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), Stopped> {
    let arn = table.store.streams().arn().await.map_err(|it| Stopped::Source(it.into()))?;
    let arn = arn.ok_or(Stopped::NoStream)?;
    let following = Following {
        asking: Asking::new(client, arn),
        wanted,
        shards: Shards::default(),
        looking: Turn::now(),
        began: None,
        behind: Some(Behind::new(wanted)),
        tell,
    };
    following.run().await
}

/// What has been read of the backlog.
struct Behind {
    newest: Newest,
    /// What came meanwhile, and is shown after it: not much, as a shard where something did is read no further
    /// until the backlog is passed.
    later: Vec<Entry>,
    progress: Progress,
}

impl Behind {
    fn new(wanted: &Wanted) -> Self {
        let progress = Progress::begin("reading the stream", 0, Unit::Commits);
        Self { newest: Newest::of(wanted.newest), later: Vec::new(), progress }
    }

    /// Keeps it, or gives back what there is no room for.
    fn see(&mut self, seen: Seen, later: bool) -> Option<Tampered> {
        self.progress.add(1, 0);
        match seen.entry {
            entry if later => self.later.push(entry),
            Entry::Row(line) => self.newest.see(&line, seen.at),
            Entry::Tampered(it) => return self.newest.see_tampered(it),
        }
        None
    }
}

/// Somebody who follows a stream.
struct Following<'a, Tell> {
    asking: Asking,
    wanted: &'a Wanted,
    shards: Shards,
    looking: Turn,
    /// The second in which the shards were listed first: what is not after it is backlog.
    began: Option<Timestamp>,
    /// Nothing once the backlog is passed.
    behind: Option<Behind>,
    tell: &'a mut Tell,
}

impl<Tell: FnMut(Told<'_>) -> io::Result<()>> Following<'_, Tell> {
    async fn run(mut self) -> Result<(), Stopped> {
        loop {
            if self.looking.has_come() {
                self.look().await?;
            }
            if let Some(began) = self.began {
                self.read(began).await?;
                if self.shards.have_passed()
                    && let Some(behind) = self.behind.take()
                {
                    self.show(behind)?;
                    if !self.wanted.follow {
                        return Ok(());
                    }
                }
            }
            let shard = self.shards.next_due(self.behind.is_none());
            let next = self.looking.due();
            sleep_until(shard.map_or(next, |it| it.min(next))).await;
        }
    }

    /// Looks for shards that nobody knew.
    async fn look(&mut self) -> Result<(), Stopped> {
        let mut turn = self.looking.clone();
        match self.asking.shards().await {
            Ok(listing) => {
                let from = match self.began {
                    Some(_) => Begin::Later,
                    None if self.wanted.only_what_comes() => Begin::Coming,
                    None => Begin::Backlog,
                };
                let began = *self.began.get_or_insert(listing.at);
                self.shards.learn(&listing.shards, from);
                self.find_ends(listing.asked + ENDS_WITHIN, began).await?;
                turn.again_in(SHARDS_EVERY);
            }
            Err(Trouble { kind: Kind::Busy, source }) => self.wait(&mut turn, source)?,
            Err(Trouble { source, .. }) => return Err(Stopped::Stream(source)),
        }
        self.looking = turn;
        Ok(())
    }

    /// Finds where each shard ends that begins with what comes, before any is read: a shard whose end is found
    /// too late, or not at all, is read from the oldest on, so that nothing is missed.
    async fn find_ends(&mut self, by: Instant, began: Timestamp) -> Result<(), Stopped> {
        let coming = self.shards.coming();
        let asking = &self.asking;
        let ends = stream::iter(coming)
            .map(|id| async move { (asking.end(&id, by).await, id) })
            .buffer_unordered(AT_ONCE);
        let ends: Vec<_> = ends.collect().await;
        for (end, id) in ends {
            let Some(mut shard) = self.shards.take(&id) else { continue };
            match end {
                Ok(Some(iterator)) => shard.begin_at(iterator),
                Ok(None) => shard.begin_anew(began),
                Err(trouble) => {
                    self.meet(id, shard, trouble, began)?;
                    continue;
                }
            }
            self.shards.put(id, shard);
        }
        Ok(())
    }

    /// Reads on in each shard whose turn it is.
    async fn read(&mut self, began: Timestamp) -> Result<(), Stopped> {
        for id in self.shards.due(self.behind.is_none()) {
            let Some(mut shard) = self.shards.take(&id) else { continue };
            match shard.ask(&id, &self.asking).await {
                Ok(page) => {
                    shard.pass(&page, began);
                    self.pass(&shard, page.seen, began)?;
                    if page.next.is_some() {
                        self.shards.put(id, shard);
                    } else {
                        self.end(id);
                    }
                }
                Err(trouble) => self.meet(id, shard, trouble, began)?,
            }
        }
        Ok(())
    }

    /// Shows what was read, or keeps it until the backlog is passed.
    fn pass(&mut self, shard: &Shard, seen: Vec<Seen>, began: Timestamp) -> io::Result<()> {
        for it in seen {
            if !shard.shows(&it) || !self.wanted.wants(it.entry.stream()) {
                continue;
            }
            let later = self.wanted.follow && it.at > Some(began);
            match &mut self.behind {
                Some(behind) => {
                    if let Some(it) = behind.see(it, later) {
                        (self.tell)(Told::Tampered(&it))?;
                    }
                }
                None => (self.tell)(it.entry.told())?,
            }
        }
        Ok(())
    }

    fn end(&mut self, id: String) {
        if !self.shards.end(id) {
            self.looking.at_latest_in(CONTINUED_WITHIN);
        }
    }

    /// Does what helps a shard.
    fn meet(
        &mut self,
        id: String,
        mut shard: Shard,
        trouble: Trouble,
        began: Timestamp,
    ) -> Result<(), Stopped> {
        match trouble.kind {
            Kind::Busy => shard.go_on(began),
            Kind::Expired => shard.resume(began),
            Kind::Trimmed => {
                (self.tell)(Told::Trimmed(&id))?;
                shard.begin_anew(began);
            }
            Kind::Gone => {
                (self.tell)(Told::Trimmed(&id))?;
                self.end(id);
                return Ok(());
            }
            Kind::Refused => return Err(Stopped::Stream(trouble.source)),
        }
        self.wait(&mut shard.turn, trouble.source)?;
        self.shards.put(id, shard);
        Ok(())
    }

    fn wait(&mut self, turn: &mut Turn, why: Source) -> Result<(), Stopped> {
        let pause = turn.put_off();
        if !self.wanted.follow && pause.lasts >= PATIENCE {
            return Err(Stopped::Stream(why));
        }
        if pause.is_first_long {
            (self.tell)(Told::Waiting(why.as_ref()))?;
        }
        Ok(())
    }

    /// Shows the newest of the backlog, and what came after it.
    fn show(&mut self, behind: Behind) -> io::Result<()> {
        let Behind { newest, later, mut progress } = behind;
        progress.end();
        newest.entries().iter().chain(&later).try_for_each(|it| (self.tell)(it.told()))
    }
}

#[cfg(test)]
mod tests;
