//! Rows become facts: read by one thread, projected by as many as there are cores.
//!
//! What a projection makes of a stream depends on no other stream, and facts are sorted afterwards: so it
//! doesn't matter which thread comes first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use postern_events::ids::EventId;

use super::{NotProjected, Projection, View, begin, unreadable};
use crate::line::Line;
use crate::log::Unordered as _;
use crate::merge::Merge;
use crate::progress::Progress;
use crate::row::{NoEvent, Row};
use crate::sort::Sorter;

/// Bytes of rows that are handed on at once, and the rest of the last stream: enough that the threads
/// seldom wait for each other.
const BATCH: usize = 256 * 1024;
/// Batches that wait for each thread.
const WAITING: usize = 2;

/// Whole streams, and the how manieth batch they are.
type Batch = (usize, Vec<Line>);

/// Puts the facts of all rows into the sorter, and tells the time of the newest event.
pub(super) fn facts(
    view: View,
    merge: &mut Merge,
    progress: &mut Progress,
    until: Option<Timestamp>,
    sorter: &mut Sorter,
) -> Result<Timestamp, NotProjected> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (sender, batches) = sync_channel(WAITING * threads);
    let (work, batches) = (
        Work { view, until, failed: AtomicBool::new(false), sorter: Mutex::new(sorter) },
        Arc::new(Mutex::new(batches)),
    );
    thread::scope(|scope| {
        let worker = |_| {
            let (work, batches) = (&work, Arc::clone(&batches));
            scope.spawn(move || work.all(&batches))
        };
        let workers: Vec<_> = (0..threads).map(worker).collect();
        // Were all threads to end, there would be nobody to wait for.
        drop(batches);
        let read = work.hand_out(merge, progress, &sender);
        drop(sender);
        let ended = |it: thread::ScopedJoinHandle<'_, Result<(), Failed>>| {
            it.join().unwrap_or(Err(Failed { batch: 0, why: NotProjected::Ended }))
        };
        let failed = workers.into_iter().filter_map(|it| ended(it).err());
        // All batches before the first that failed are done: it is the same one each time.
        let first = failed.min_by_key(|it| it.batch);
        match (read, first) {
            (Err(error), _) if error.is_unordered() => Err(error),
            (_, Some(Failed { why, .. })) => Err(why),
            (read, None) => read,
        }
    })
}

/// What the threads have in common.
struct Work<'a> {
    view: View,
    until: Option<Timestamp>,
    /// Whether a thread has failed: no further batch matters then.
    failed: AtomicBool,
    sorter: Mutex<&'a mut Sorter>,
}

/// Why a thread came to no end.
struct Failed {
    batch: usize,
    why: NotProjected,
}

impl Work<'_> {
    /// Hands out all streams that matter, and tells the time of the newest event.
    fn hand_out(
        &self,
        merge: &mut Merge,
        progress: &mut Progress,
        sender: &SyncSender<Batch>,
    ) -> Result<Timestamp, NotProjected> {
        let (projection, mut newest) = (begin(self.view), Newest::default());
        let (mut stream, mut due, mut wanted) = (String::new(), 1, false);
        let (mut number, mut batch, mut bytes) = (0, Vec::new(), 0);
        while let Some(line) = merge.next_line()? {
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
            newest.see(line.bytes());
            if line.stream() != stream {
                if bytes >= BATCH {
                    let sent = sender.send((number, std::mem::take(&mut batch)));
                    if sent.is_err() || self.failed.load(Ordering::Relaxed) {
                        // A thread has failed, and says why.
                        return Ok(newest.time());
                    }
                    (number, bytes) = (number + 1, 0);
                }
                line.stream().clone_into(&mut stream);
                (due, wanted) = (1, projection.wants(&stream));
            }
            if line.sequence() != due {
                return Err(NotProjected::Gap { stream, due });
            }
            due += 1;
            if wanted {
                bytes += line.bytes().len();
                batch.push(line.clone());
            }
        }
        // As above, where nobody takes it.
        let _ = sender.send((number, batch));
        Ok(newest.time())
    }

    /// Projects batches until there are no more. What comes after a failure is only taken away, so that
    /// whoever hands it out doesn't wait for ever.
    fn all(&self, batches: &Mutex<Receiver<Batch>>) -> Result<(), Failed> {
        let (mut projection, mut failure) = (begin(self.view), None);
        loop {
            // Asked before a batch is taken: those before the first that fails are never left out.
            let over = self.failed.load(Ordering::Relaxed);
            // Whoever holds it only waits; there is nothing to leave half done.
            let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((batch, lines)) = next else { break };
            if over {
                continue;
            }
            if let Err(why) = self.one(&mut *projection, &lines) {
                self.failed.store(true, Ordering::Relaxed);
                failure = Some(Failed { batch, why });
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn one(&self, projection: &mut dyn Projection, lines: &[Line]) -> Result<(), NotProjected> {
        let mut facts = Vec::new();
        for stream in lines.chunk_by(|one, other| one.stream_bytes() == other.stream_bytes()) {
            of_stream(projection, stream, self.until, &mut facts)?;
        }
        let mut sorter = self.sorter.lock().map_err(|_| NotProjected::Ended)?;
        facts.iter().try_for_each(|it| sorter.push(it)).map_err(Into::into)
    }
}

fn of_stream(
    projection: &mut dyn Projection,
    lines: &[Line],
    until: Option<Timestamp>,
    facts: &mut Vec<Line>,
) -> Result<(), NotProjected> {
    let mut emit = |it: Line| {
        facts.push(it);
        Ok(())
    };
    for line in lines {
        if projection.is_over() {
            break;
        }
        let place = (line.stream(), line.sequence());
        let row = Row::read(line).map_err(|it| unreadable(place.0, place.1, it))?;
        if let Some(until) = until {
            let time: Timestamp =
                row.time.parse().map_err(|_| unreadable(place.0, place.1, NoEvent))?;
            if time > until {
                break;
            }
        }
        projection.row(&row, &mut emit)?;
    }
    projection.end(&mut emit)
}

/// The time of the newest event, told from the identifiers: those of events begin with their times.
#[derive(Default)]
struct Newest([u8; 10]);

impl Newest {
    fn see(&mut self, line: &[u8]) {
        const BEFORE: &[u8] = b"\"id\":\"evt_";
        // It is among the first members, unless somebody has moved it: then the row is ours again.
        let Some(place) = memchr::memmem::find(line.get(..192).unwrap_or(line), BEFORE) else {
            return;
        };
        let from = place + BEFORE.len();
        if let Some(time) = line.get(from..from + self.0.len())
            && time > self.0.as_slice()
        {
            self.0.copy_from_slice(time);
        }
    }

    fn time(&self) -> Timestamp {
        // The rest of the identifier is chance, and may be anything.
        let id = format!("evt_{}{}", str::from_utf8(&self.0).unwrap_or_default(), "0".repeat(16));
        id.parse::<EventId>().map_or(Timestamp::UNIX_EPOCH, EventId::time)
    }
}
