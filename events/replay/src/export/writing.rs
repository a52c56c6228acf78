//! Rows on their way from the log to their files: read by one thread, written by another.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use jiff::Timestamp;

use super::days::{Days, day_of};
use super::{NotExported, Place};
use crate::columns::Stream;
use crate::line::Line;
use crate::merge::Merge;
use crate::progress::Progress;
use crate::row::Row;

/// Bytes of rows that are handed on at once: enough that the threads seldom wait for each other.
const BATCH: usize = 256 * 1024;
/// Batches that wait to be written.
const WAITING: usize = 4;

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) streams: u64,
    pub(super) days: BTreeSet<String>,
    pub(super) newest: Option<Timestamp>,
    /// The files' names in the folder that they are made in.
    pub(super) files: Vec<String>,
}

/// Writes every row into a file of its day, in a folder which is emptied.
pub(super) fn write(
    merge: &mut Merge,
    progress: &mut Progress,
    place: &Place,
    making: &Path,
) -> Result<Written, NotExported> {
    let days = Days::begin(place, making)?;
    thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<Line>>(WAITING);
        let writer = scope.spawn(|| write_all(batches, days));
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(line) = merge.next_line()? {
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
            bytes += line.bytes().len();
            batch.push(line.clone());
            if bytes >= BATCH {
                bytes = 0;
                if sender.send(std::mem::take(&mut batch)).is_err() {
                    // The writer has failed, and says why.
                    break;
                }
            }
        }
        // Nobody takes it if the writer has failed.
        let _ = sender.send(batch);
        drop(sender);
        writer.join().unwrap_or(Err(NotExported::Ended))
    })
}

fn write_all(batches: Receiver<Vec<Line>>, mut days: Days) -> Result<Written, NotExported> {
    let (mut written, mut stream) = (Written::default(), Stream::default());
    for line in batches.into_iter().flatten() {
        let row = Row::read(&line).map_err(|source| NotExported::Row {
            stream: line.stream().to_owned(),
            sequence: line.sequence(),
            source,
        })?;
        written.streams += u64::from(!stream.is_of(&row));
        let time = row.time.parse().ok();
        written.newest = written.newest.max(time);
        let day = day_of(&row.time, time);
        if !written.days.contains(&*day) {
            written.days.insert(day.clone().into_owned());
        }
        days.write(&day, &row, &stream.columns(&row))?;
    }
    written.files = days.close()?;
    Ok(written)
}
