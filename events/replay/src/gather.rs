//! Reading a source that is in no order into one that is, with checkpoints.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::merge::{Order, Unread};
use crate::progress::{Progress, Unit};
use crate::sort::{Sorted, Sorter};
use crate::source::{Lost, Part, Source, exported, stack, table};
use crate::work::{NoWork, Reached, Work};

/// How much is lost at most when the process is killed.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);
/// Parts that wait to be sorted; a part of a table is up to some megabytes of rows.
const WAITING: usize = 4;

/// Why the log could not be gathered.
#[derive(Debug, thiserror::Error)]
pub enum NotGathered {
    /// The source.
    #[error("the log can't be read to its end; what was read is kept, run it again to go on")]
    Source(#[from] Lost),
    /// The folder to work in.
    #[error(transparent)]
    Work(#[from] NoWork),
    /// A file in it.
    #[error(transparent)]
    File(#[from] Unread),
}

/// What was gathered.
pub struct Gathered {
    /// All rows in order.
    pub sorted: Sorted,
    /// How many there are, those that came twice included.
    pub events: u64,
    /// What reading cost, in units of reading; over all runs of it, where it was begun anew.
    pub read_units: f64,
    /// Bytes or commits that were read.
    pub length: u64,
    /// Rows that were read before this process began.
    pub resumed: u64,
    /// When the reading began, if it is known.
    pub begun: Option<Timestamp>,
    /// The folder that holds what doesn't fit into memory.
    pub work: Work,
}

/// Reads the whole source, and sorts it in this folder.
///
/// # Errors
/// When the source can't be read to its end: what was read is kept, and the next run goes on there.
pub async fn gather(source: &Source, folder: &Path, seen: bool) -> Result<Gathered, NotGathered> {
    let work = Work::take(folder, &format!("{source}"), source.kept())?;
    let mut reached = work.reached.clone();
    let resumed = reached.events;
    let mut sorter = Sorter::resume(work.folder(), Order::Sequence, work.runs());
    if !reached.done {
        let length = length_of(source).await;
        let mut progress = if seen {
            let unit = if matches!(source, Source::Table(_)) { Unit::Commits } else { Unit::Bytes };
            Progress::begin("reading", length, unit)
        } else {
            Progress::unseen()
        };
        progress.add(reached.events, reached.length);
        take_all(source, &work, &mut sorter, &mut reached, &mut progress).await?;
    }
    let Reached { events, read_units, length, begun, .. } = reached;
    Ok(Gathered { sorted: sorter.finish()?, events, read_units, length, resumed, begun, work })
}

async fn take_all(
    source: &Source,
    work: &Work,
    sorter: &mut Sorter,
    reached: &mut Reached,
    progress: &mut Progress,
) -> Result<(), NotGathered> {
    let (sender, mut parts) = mpsc::channel(WAITING);
    let (of, marks) = (source.clone(), reached.marks.clone());
    let reader = tokio::spawn(async move {
        match &of {
            Source::Table(it) => table::read(it, &marks, sender).await,
            Source::Stack(it) => stack::read(it, &marks, sender).await,
            Source::Exported(it) => exported::read(it, &marks, sender).await,
            Source::Files(_) => Ok(()),
        }
    });
    let mut noted = Instant::now();
    while let Some(part) = parts.recv().await {
        let Part { reader, lines, mark, read_units, length } = part;
        for line in &lines {
            sorter.hold(line);
        }
        let events = u64::try_from(lines.len()).unwrap_or_default();
        reached.events += events;
        reached.read_units += read_units;
        reached.length += length;
        if !mark.is_null() {
            reached.marks.insert(reader, mark);
        }
        progress.add(events, length);
        if sorter.is_full() || noted.elapsed() >= CHECKPOINT_EVERY {
            checkpoint(work, sorter, reached)?;
            noted = Instant::now();
        }
    }
    let read = reader.await.map_err(Lost::from).and_then(|it| it);
    reached.done = read.is_ok();
    if read.is_err() || !sorter.runs().is_empty() {
        checkpoint(work, sorter, reached)?;
    }
    Ok(read?)
}

/// What was read is kept; then it is noted that it was.
fn checkpoint(work: &Work, sorter: &mut Sorter, reached: &mut Reached) -> Result<(), Unread> {
    sorter.spill()?;
    let name = |it: &std::path::PathBuf| Some(it.file_name()?.to_str()?.to_owned());
    reached.runs = sorter.runs().iter().filter_map(name).collect();
    work.note(reached)
}

async fn length_of(source: &Source) -> u64 {
    match source {
        // Nobody has to know how long it takes.
        Source::Table(it) => it.store.streams().roughly().await.unwrap_or_default(),
        Source::Stack(_) => 0,
        Source::Exported(paths) | Source::Files(paths) => {
            paths.iter().filter_map(|it| it.metadata().ok()).map(|it| it.len()).sum()
        }
    }
}
