//! The newest events, and those that come.

mod entry;
mod newest;
mod streamed;

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

pub use self::entry::{Tampered, Tampering};
use self::newest::Newest;
use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::Log;
use crate::merge::Order;
use crate::source::{Lost, Marks, Source, stack};

/// How often a local stack is asked whether something has come: a person doesn't notice.
const LOOK_EVERY: Duration = Duration::from_millis(500);

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
    Output(#[from] io::Error),
}

/// What there is to tell.
#[derive(Debug)]
pub enum Told<'a> {
    /// An event.
    Event(&'a Line),
    /// A commit that was changed or removed.
    Tampered(&'a Tampered),
    /// The table's stream had deleted what this shard of it held before that was read.
    Trimmed(&'a str),
    /// The table's stream gives no answer for a while, and is asked again; why.
    Waiting(&'a (dyn std::error::Error + 'static)),
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
    fn wants(&self, stream: &str) -> bool {
        self.stream.as_ref().is_none_or(|it| it == stream)
    }

    /// Whether only what comes is asked for.
    fn only_what_comes(&self) -> bool {
        self.follow && self.newest == 0
    }
}

/// Shows the newest events of a source, in the order of their times, and those that come after them.
///
/// # Errors
/// When the source can't be read, or `tell` fails.
pub async fn tail(
    source: &Source,
    streams: impl FnOnce() -> aws_sdk_dynamodbstreams::Client,
    wanted: &Wanted,
    mut tell: impl FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), Stopped> {
    match source {
        Source::Stack(address) => of_stack(address, wanted, tell).await,
        Source::Table(table) => streamed::follow(table, &streams(), wanted, &mut tell).await,
        Source::Exported(_) | Source::Files(_) => {
            if wanted.follow {
                return Err(Stopped::Files);
            }
            let folder = crate::work::usual_folder(&source.to_string());
            let log = Log::open(source, &folder, false).await?;
            let mut newest = Newest::of(wanted.newest);
            log.read("reading", Order::Sequence, |merge, _| {
                while let Some(line) = merge.next_line()? {
                    if wanted.wants(line.stream()) {
                        newest.see(line, None);
                    }
                }
                Ok::<_, NotGathered>(())
            })?;
            log.finish().map_err(NotGathered::from)?;
            newest.entries().iter().try_for_each(|it| tell(it.told())).map_err(Into::into)
        }
    }
}

async fn of_stack(
    address: &str,
    wanted: &Wanted,
    mut tell: impl FnMut(Told<'_>) -> io::Result<()>,
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
            for line in part.lines.into_iter().filter(|it| wanted.wants(it.stream())) {
                if first {
                    newest.push_back(line);
                    if newest.len() > wanted.newest {
                        newest.pop_front();
                    }
                } else {
                    tell(Told::Event(&line))?;
                }
            }
        }
        newest.drain(..).try_for_each(|it| tell(Told::Event(&it)))?;
        first = false;
        if !wanted.follow {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
