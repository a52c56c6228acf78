//! Cells become columns in a thread of its own, while further rows are read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::NotExported;
use crate::merge::Unread;
use crate::parquet::{Cells, ParquetWriter, take_cells, write_cells};

/// Bytes of cells that are handed on at once.
const BATCH: usize = 256 * 1024;
/// Batches that wait.
const WAITING: usize = 4;

/// Writes one file of columns.
pub(super) struct Encoder {
    bytes: Vec<u8>,
    batches: SyncSender<Vec<u8>>,
    /// Until it is waited for.
    thread: Option<JoinHandle<Result<(), Unread>>>,
}

impl Encoder {
    /// Begins a file.
    pub(super) fn create(path: &Path) -> Result<Self, Unread> {
        let writer = ParquetWriter::create(path)?;
        let (batches, received) = sync_channel(WAITING);
        let path = path.to_owned();
        let thread = thread::spawn(move || encode(writer, &received, path));
        Ok(Self { bytes: Vec::new(), batches, thread: Some(thread) })
    }

    /// Adds a row.
    pub(super) fn add(&mut self, cells: &Cells<'_>) -> Result<(), NotExported> {
        write_cells(cells, &mut self.bytes);
        if self.bytes.len() < BATCH {
            return Ok(());
        }
        match self.batches.send(std::mem::take(&mut self.bytes)) {
            Ok(()) => Ok(()),
            // The file can't be written: the thread says why.
            Err(_) => self.end().and(Err(NotExported::Ended)),
        }
    }

    /// Ends the file.
    pub(super) fn close(mut self) -> Result<(), NotExported> {
        // Nobody takes it where the file can't be written.
        let _ = self.batches.send(std::mem::take(&mut self.bytes));
        // No more batches come.
        self.batches = sync_channel(0).0;
        self.end()
    }

    fn end(&mut self) -> Result<(), NotExported> {
        let thread = self.thread.take().ok_or(NotExported::Ended)?;
        Ok(thread.join().map_err(|_| NotExported::Ended)??)
    }
}

fn encode(
    mut writer: ParquetWriter,
    batches: &Receiver<Vec<u8>>,
    path: PathBuf,
) -> Result<(), Unread> {
    for batch in batches {
        let mut rest = batch.as_slice();
        while !rest.is_empty() {
            let Some(cells) = take_cells(&mut rest) else {
                return Err(Unread::File { path, source: ErrorKind::InvalidData.into() });
            };
            writer.add_cells(&cells)?;
        }
    }
    writer.close()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::columns::Columns;
    use crate::parquet::cells;
    use crate::row::Row;

    /// A file on a disk that is full.
    fn full(folder: &Path) -> Encoder {
        let path = folder.join("whole");
        symlink("/dev/full", &path).unwrap();
        Encoder::create(&path).unwrap()
    }

    fn is_file(failed: &Result<(), NotExported>) -> bool {
        matches!(failed, Err(NotExported::File(Unread::File { .. } | Unread::Parquet { .. })))
    }

    #[test]
    fn a_disk_that_is_full_is_told_when_the_file_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let mut encoder = full(folder.path());
        let row = Row { stream: "account/1".into(), ..Row::default() };
        encoder.add(&cells(&row, &Columns::default())).unwrap();
        assert!(is_file(&encoder.close()));
    }

    #[test]
    fn a_disk_that_is_full_ends_a_long_export_before_all_rows_were_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut encoder = full(folder.path());
        let row = Row { stream: "account/1".into(), id: "x".repeat(100).into(), ..Row::default() };
        // Far more than groups of rows and all batches that wait.
        let mut added = (0..1_000_000).map(|_| encoder.add(&cells(&row, &Columns::default())));
        assert!(is_file(&added.find(Result::is_err).unwrap()));
    }
}
