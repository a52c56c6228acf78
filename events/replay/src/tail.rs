//! The newest events, and those that come.

mod streamed;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::Log;
use crate::merge::Order;
use crate::row::Row;
use crate::source::{Lost, Marks, Source, stack};

/// How often it is looked whether something has come: a person doesn't notice, the table hardly does.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Why there is nothing more to show.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// The source.
    #[error(transparent)]
    Source(#[from] Lost),
    /// The table has no stream.
    #[error("the table has no stream to follow")]
    NoStream,
    /// The stream.
    #[error("the table's stream can't be read")]
    Stream(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Files don't grow.
    #[error("only a table and a local stack can be followed")]
    Files,
    /// Where the lines go.
    #[error("the lines can't be written")]
    Output(#[from] std::io::Error),
}

/// What to show.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How many of those there are.
    pub newest: usize,
    /// Whether to wait for more.
    pub follow: bool,
    /// Those of one stream, if one is meant.
    pub stream: Option<String>,
}

impl Wanted {
    fn wants(&self, line: &Line) -> bool {
        self.stream.as_ref().is_none_or(|it| it == line.stream())
    }
}

/// Shows the newest events of a source, in the order of their times, and those that come after them.
///
/// # Errors
/// When the source can't be read, or `show` fails.
pub async fn tail(
    source: &Source,
    streams: impl FnOnce() -> aws_sdk_dynamodbstreams::Client,
    wanted: &Wanted,
    mut show: impl FnMut(&Line) -> std::io::Result<()>,
) -> Result<(), Stopped> {
    match source {
        Source::Stack(address) => of_stack(address, wanted, show).await,
        Source::Table(table) => streamed::follow(table, &streams(), wanted, &mut show).await,
        Source::Exported(_) | Source::Files(_) => {
            if wanted.follow {
                return Err(Stopped::Files);
            }
            let folder = crate::work::usual_folder(&source.to_string());
            let log = Log::open(source, &folder, false).await?;
            let mut newest = Newest::of(wanted.newest);
            log.read("reading", Order::Sequence, |merge, _| {
                while let Some(line) = merge.next_line()? {
                    if wanted.wants(line) {
                        newest.see(line);
                    }
                }
                Ok::<_, NotGathered>(())
            })?;
            log.finish().map_err(NotGathered::from)?;
            newest.lines().try_for_each(show).map_err(Into::into)
        }
    }
}

/// The newest of all lines that were seen.
#[derive(Default)]
struct Newest {
    most: usize,
    /// By time, and then by their places: the events of a commit are of one time.
    lines: BTreeMap<(Timestamp, String, u64), Line>,
}

impl Newest {
    fn of(most: usize) -> Self {
        Self { most, lines: BTreeMap::new() }
    }

    fn see(&mut self, line: &Line) {
        let Ok(row) = Row::read(line) else { return };
        let time = row.time.parse().unwrap_or(Timestamp::MIN);
        let key = (time, row.stream.into_owned(), row.sequence);
        if self.lines.len() == self.most && self.lines.keys().next().is_none_or(|it| *it >= key) {
            return;
        }
        self.lines.insert(key, line.clone());
        if self.lines.len() > self.most {
            self.lines.pop_first();
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.values()
    }
}

async fn of_stack(
    address: &str,
    wanted: &Wanted,
    mut show: impl FnMut(&Line) -> std::io::Result<()>,
) -> Result<(), Stopped> {
    let mut marks = Marks::new();
    let mut newest = VecDeque::new();
    let mut first = true;
    loop {
        let (sender, mut parts) = tokio::sync::mpsc::channel(1);
        let reading = stack::read(address, &marks, sender);
        let taking = async {
            let mut seen = Vec::new();
            while let Some(part) = parts.recv().await {
                seen.push(part);
            }
            seen
        };
        let (read, seen) = tokio::join!(reading, taking);
        read?;
        for part in seen {
            marks.insert(part.reader, part.mark);
            for line in part.lines.into_iter().filter(|it| wanted.wants(it)) {
                if first {
                    newest.push_back(line);
                    if newest.len() > wanted.newest {
                        newest.pop_front();
                    }
                } else {
                    show(&line)?;
                }
            }
        }
        newest.drain(..).try_for_each(|it| show(&it))?;
        first = false;
        if !wanted.follow {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
