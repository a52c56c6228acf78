//! Sorting more lines than fit into memory: sorted runs in files, merged in the end.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::line::{HEAD, Line};
use crate::merge::{FileLines, Lines, Merge, Order, Unread};

/// Bytes of lines that are sorted in memory at once.
const IN_MEMORY: usize = 48 * 1024 * 1024;
/// Runs that are merged at once: each is an open file and its buffer.
pub(crate) const MERGED_AT_ONCE: usize = 192;

/// Where a line lies among those in memory.
#[derive(Debug, Clone, Copy)]
struct Held {
    start: usize,
    end: usize,
    stream_start: usize,
    stream_end: usize,
    sequence: u64,
}

/// Lines in memory, in order once they are sorted.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    held: Vec<Held>,
}

impl Batch {
    fn push(&mut self, line: &Line) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(line.bytes());
        let stream_start = start + HEAD.len();
        self.held.push(Held {
            start,
            end: self.bytes.len(),
            stream_start,
            stream_end: stream_start + line.stream_bytes().len(),
            sequence: line.sequence(),
        });
    }

    fn sort(&mut self, order: Order) {
        let bytes = &self.bytes;
        let stream = |it: &Held| bytes.get(it.stream_start..it.stream_end);
        self.held.sort_by(|one, other| {
            let streams = stream(one).cmp(&stream(other));
            match order {
                Order::Sequence => streams.then(one.sequence.cmp(&other.sequence)),
                Order::Arrival | Order::Lists => streams,
            }
        });
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.held.iter().filter_map(|it| self.bytes.get(it.start..it.end))
    }
}

/// The lines of a batch as a list.
struct BatchLines {
    batch: Arc<Batch>,
    next: usize,
}

impl Lines for BatchLines {
    fn next(&mut self, line: &mut Line) -> Result<bool, Unread> {
        let Some(held) = self.batch.held.get(self.next) else { return Ok(false) };
        self.next += 1;
        let bytes = self.batch.bytes.get(held.start..held.end).unwrap_or_default();
        let source = |source| Unread::Line { path: PathBuf::new(), line: 0, source };
        line.take(bytes).map(|()| true).map_err(source)
    }

    fn place(&self) -> (PathBuf, u64) {
        (PathBuf::new(), u64::try_from(self.next).unwrap_or(u64::MAX))
    }
}

/// Lines in order, to be read as often as one likes.
#[derive(Clone)]
pub struct Sorted {
    order: Order,
    runs: Vec<PathBuf>,
    batch: Arc<Batch>,
}

impl Sorted {
    /// All of them from the first.
    ///
    /// # Errors
    /// When a run can't be read.
    pub fn merge(&self) -> Result<Merge, Unread> {
        let mut lists = open(&self.runs)?;
        lists.push(Box::new(BatchLines { batch: Arc::clone(&self.batch), next: 0 }));
        Merge::new(lists, self.order)
    }
}

/// Takes lines in any order and gives them back in theirs.
pub struct Sorter {
    folder: PathBuf,
    order: Order,
    batch: Batch,
    runs: Vec<PathBuf>,
    made: usize,
    /// Bytes of lines that are sorted in memory at once.
    in_memory: usize,
    /// Whether somebody goes on with its runs, whatever ends this machine.
    lasting: bool,
}

impl Sorter {
    /// Sorts in this folder, which is made when it is needed.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, order: Order) -> Self {
        Self { lasting: false, ..Self::resume(folder, order, Vec::new()) }
    }

    /// Goes on with runs that were written before, and writes such as others may go on with.
    #[must_use]
    pub fn resume(folder: impl Into<PathBuf>, order: Order, runs: Vec<PathBuf>) -> Self {
        let made = runs.iter().filter_map(|it| number_of(it)).max().map_or(0, |it| it + 1);
        let (folder, batch) = (folder.into(), Batch::default());
        Self { folder, order, batch, runs, made, in_memory: IN_MEMORY, lasting: true }
    }

    /// Takes a line.
    ///
    /// # Errors
    /// When a run can't be written.
    pub fn push(&mut self, line: &Line) -> Result<(), Unread> {
        self.batch.push(line);
        if self.is_full() { self.spill() } else { Ok(()) }
    }

    /// Takes a line, and leaves it to the caller when a run is written.
    pub fn hold(&mut self, line: &Line) {
        self.batch.push(line);
    }

    /// Whether it is time to write a run.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.batch.bytes.len() >= self.in_memory
    }

    /// The runs so far.
    #[must_use]
    pub fn runs(&self) -> &[PathBuf] {
        &self.runs
    }

    /// Writes what is in memory as a run; it is there as a whole or not at all.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn spill(&mut self) -> Result<(), Unread> {
        if self.batch.held.is_empty() {
            return Ok(());
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.sort(self.order);
        let path = self.next_run()?;
        self.write_run(&path, |file| {
            batch.lines().try_for_each(|it| file.write_all(it).and_then(|()| file.write_all(b"\n")))
        })?;
        self.runs.push(path);
        batch.bytes.clear();
        batch.held.clear();
        self.batch = batch;
        Ok(())
    }

    fn write_run(
        &self,
        path: &Path,
        write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> Result<(), Unread> {
        if self.lasting { write_whole(path, write) } else { write_file(path, write).map(drop) }
    }

    fn next_run(&mut self) -> Result<PathBuf, Unread> {
        fs::create_dir_all(&self.folder).map_err(Unread::file(&self.folder))?;
        let path = self.folder.join(format!("{:06}.run", self.made));
        self.made += 1;
        Ok(path)
    }

    /// No more lines come.
    ///
    /// # Errors
    /// When a run can't be read or written.
    pub fn finish(mut self) -> Result<Sorted, Unread> {
        self.compact()?;
        self.batch.sort(self.order);
        Ok(Sorted { order: self.order, runs: self.runs, batch: Arc::new(self.batch) })
    }

    /// Merges runs until there are few enough to be read at once. They stay where they are, for whoever
    /// begins again after this process was killed.
    fn compact(&mut self) -> Result<(), Unread> {
        while self.runs.len() > MERGED_AT_ONCE {
            let rest = self.runs.split_off(MERGED_AT_ONCE);
            let few = std::mem::replace(&mut self.runs, rest);
            let mut merge = Merge::new(open(&few)?, self.order)?;
            let path = self.next_run()?;
            self.write_run(&path, |file| {
                loop {
                    match merge.next_line() {
                        // Whoever reads the last merge has to hear of both lines of a fork.
                        Ok(Some(_)) | Err(Unread::Fork { .. }) => {}
                        Ok(None) => return Ok(()),
                        Err(error) => return Err(std::io::Error::other(error)),
                    }
                    file.write_all(merge.current().map(Line::bytes).unwrap_or_default())?;
                    file.write_all(b"\n")?;
                }
            })?;
            // What was merged came first, and stays first where lines are equal.
            self.runs.insert(0, path);
        }
        Ok(())
    }
}

fn open(runs: &[PathBuf]) -> Result<Vec<Box<dyn Lines>>, Unread> {
    let open = |it: &PathBuf| FileLines::open(it).map(|it| Box::new(it) as Box<dyn Lines>);
    runs.iter().map(open).collect()
}

fn number_of(run: &Path) -> Option<usize> {
    run.file_stem()?.to_str()?.parse().ok()
}

/// Writes a file that is there as a whole or not at all, whatever happens meanwhile.
///
/// # Errors
/// When it can't be written.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Unread> {
    let part = path.with_extension("part");
    let file = write_file(&part, write)?;
    file.sync_all().and_then(|()| fs::rename(&part, path)).map_err(Unread::file(path))
}

/// Writes a file that nobody goes on with.
fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<File, Unread> {
    let written = File::create(path).and_then(|file| {
        let mut file = BufWriter::with_capacity(256 * 1024, file);
        write(&mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)
    });
    written.map_err(Unread::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of some thirty bytes.
    fn line(stream: &str, sequence: u64, fact: &str) -> Line {
        Line::begin(stream, sequence).member("fact", &format!("\"{fact}\"")).end()
    }

    fn limited(folder: &Path, order: Order, in_memory: usize) -> Sorter {
        Sorter { in_memory, ..Sorter::new(folder, order) }
    }

    fn all(sorted: &Sorted) -> Result<Vec<String>, Unread> {
        let (mut merge, mut all) = (sorted.merge()?, Vec::new());
        while let Some(line) = merge.next_line()? {
            all.push(String::from_utf8_lossy(line.bytes()).into_owned());
        }
        Ok(all)
    }

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    /// Eleven streams of nine lines each, in no order.
    fn mixed() -> Vec<Line> {
        let places = (0..99_u64).map(|it| it * 31 % 99);
        places.map(|it| line(&format!("s{:02}", it / 9), it % 9, "x")).collect()
    }

    #[test]
    fn what_does_not_fit_into_memory_is_sorted_as_what_does() {
        let folder = tempfile::tempdir().unwrap();
        let (small, large) = (folder.path().join("small"), folder.path().join("large"));
        let mut spilling = limited(&small, Order::Sequence, 400);
        let mut keeping = limited(&large, Order::Sequence, usize::MAX);
        for it in mixed() {
            spilling.push(&it).unwrap();
            keeping.push(&it).unwrap();
        }
        assert!(spilling.runs().len() > 5, "{:?}", spilling.runs());
        let (spilled, kept) = (spilling.finish().unwrap(), keeping.finish().unwrap());
        let due = all(&kept).unwrap();
        assert_eq!((due.len(), due.is_sorted()), (99, true));
        assert_eq!(all(&spilled).unwrap(), due);
        assert_eq!(all(&spilled).unwrap(), due, "as often as one likes");
        assert!(!large.exists(), "nothing was written that fits");
    }

    #[test]
    fn equal_lines_are_one_by_sequence_and_stay_by_arrival() {
        for (order, due) in [(Order::Sequence, 99), (Order::Arrival, 198)] {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = limited(folder.path(), order, 400);
            for it in mixed().iter().chain(&mixed()) {
                sorter.push(it).unwrap();
            }
            assert_eq!(all(&sorter.finish().unwrap()).unwrap().len(), due, "{order:?}");
        }
    }

    #[test]
    fn by_arrival_a_stream_stays_as_it_came_through_all_runs() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = limited(folder.path(), Order::Arrival, 100);
        let came = [("b", 3), ("a", 2), ("b", 1), ("b", 3), ("a", 9), ("a", 1), ("b", 2)];
        for (stream, it) in came {
            sorter.push(&line(stream, it, "x")).unwrap();
        }
        assert!(sorter.runs().len() > 1);
        let due = [("a", 2), ("a", 9), ("a", 1), ("b", 3), ("b", 1), ("b", 3), ("b", 2)];
        let due = due
            .map(|(stream, it)| String::from_utf8(line(stream, it, "x").bytes().to_vec()).unwrap());
        assert_eq!(all(&sorter.finish().unwrap()).unwrap(), due);
    }

    #[test]
    fn more_runs_than_are_merged_at_once_become_fewer_and_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = limited(folder.path(), Order::Arrival, 1);
        let runs = MERGED_AT_ONCE + 3;
        for it in 0..runs {
            sorter.push(&line("s", u64::try_from(it).unwrap(), "x")).unwrap();
        }
        assert_eq!(sorter.runs().len(), runs);
        let merged = sorter.finish().unwrap();
        assert_eq!(merged.runs.len(), 4);
        assert_eq!(files(folder.path()), runs + 1, "those that are noted somewhere stay");
        let found = all(&merged).unwrap();
        let due = |it| String::from_utf8(line("s", it, "x").bytes().to_vec()).unwrap();
        assert_eq!(found, (0..u64::try_from(runs).unwrap()).map(due).collect::<Vec<_>>());
    }

    #[test]
    fn a_fork_is_found_also_where_runs_were_merged_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = limited(folder.path(), Order::Sequence, 1);
        for it in 0..=MERGED_AT_ONCE {
            let fact = if it == 0 { "other" } else { "x" };
            sorter.push(&line("s", 7, fact)).unwrap();
        }
        let merged = sorter.finish().unwrap();
        assert!(merged.runs.len() < MERGED_AT_ONCE);
        let mut merge = merged.merge().unwrap();
        assert!(merge.next_line().unwrap().is_some());
        assert!(matches!(merge.next_line(), Err(Unread::Fork { sequence: 7, .. })));
        assert!(merge.next_line().unwrap().is_none());
    }

    #[test]
    fn whoever_goes_on_with_runs_writes_over_none_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = limited(folder.path(), Order::Sequence, 1);
        first.push(&line("s", 1, "x")).unwrap();
        first.push(&line("s", 2, "x")).unwrap();
        let mut second = Sorter::resume(folder.path(), Order::Sequence, first.runs().to_vec());
        second.hold(&line("s", 3, "x"));
        second.spill().unwrap();
        second.spill().unwrap();
        assert_eq!(second.runs().len(), 3, "nothing is no run");
        assert_eq!(all(&second.finish().unwrap()).unwrap().len(), 3);
    }
}
