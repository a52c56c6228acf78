//! The log, ready to be read in order, wherever it lies.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::gather::{Gathered, NotGathered, gather};
use crate::line::Line;
use crate::merge::{FileLines, Lines, Merge, Order, Unread};
use crate::parquet::ParquetLines;
use crate::progress::{Progress, Unit};
use crate::sort::{MERGED_AT_ONCE, Sorted, Sorter};
use crate::source::Source;
use crate::work::{Reached, Work, remove_locked};

/// The log.
pub struct Log {
    lies: Lies,
    /// Bytes of the rows, as far as they are known.
    length: u64,
    seen: bool,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Lies {
    /// It was gathered.
    Gathered(Gathered),
    /// It was sorted by somebody else.
    Sorted(Sorted),
    /// It lies in files, which are in order as long as nothing else shows.
    Files { paths: Vec<PathBuf>, folder: PathBuf, of: String },
}

impl Log {
    /// Opens a source; what has to be sorted for it is sorted in `folder`. With `seen`, whoever waits is
    /// told how far it is.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn open(source: &Source, folder: &Path, seen: bool) -> Result<Self, NotGathered> {
        if let Source::Files(paths) = source {
            let length = paths.iter().filter_map(|it| it.metadata().ok()).map(|it| it.len()).sum();
            let (paths, folder) = (paths.clone(), folder.to_owned());
            let lies = Lies::Files { paths, folder, of: source.to_string() };
            return Ok(Self { lies, length, seen });
        }
        let gathered = gather(source, folder, seen).await?;
        Ok(Self { length: 0, lies: Lies::Gathered(gathered), seen })
    }

    /// A log that is sorted already.
    #[must_use]
    pub fn sorted(sorted: Sorted) -> Self {
        Self { lies: Lies::Sorted(sorted), length: 0, seen: true }
    }

    /// What reading it cost, in units of reading, where it was a table.
    #[must_use]
    pub fn read_units(&self) -> Option<f64> {
        match &self.lies {
            Lies::Gathered(it) => Some(it.read_units).filter(|it| *it > 0.0),
            Lies::Sorted(_) | Lies::Files { .. } => None,
        }
    }

    /// Rows that were read before this process began.
    #[must_use]
    pub fn resumed(&self) -> u64 {
        match &self.lies {
            Lies::Gathered(it) => it.resumed,
            Lies::Sorted(_) | Lies::Files { .. } => 0,
        }
    }

    /// When the reading of these began, where that is known.
    #[must_use]
    pub fn begun(&self) -> Option<Timestamp> {
        match &self.lies {
            Lies::Gathered(it) => it.begun,
            Lies::Sorted(_) | Lies::Files { .. } => None,
        }
    }

    /// What was read before, and is too old to go on with.
    #[must_use]
    pub fn outdated(&self) -> Option<&Reached> {
        match &self.lies {
            Lies::Gathered(it) => it.work.outdated.as_ref(),
            Lies::Sorted(_) | Lies::Files { .. } => None,
        }
    }

    /// Hands all rows to `read`, each stream's together and in order. Where files turn out not to be so,
    /// they are sorted, and it begins anew: what it did until then must not matter.
    ///
    /// # Errors
    /// What `read` says, or when the rows can't be read.
    pub fn read<T, E>(
        &self,
        what: &'static str,
        order: Order,
        mut read: impl FnMut(&mut Merge, &mut Progress) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<NotGathered> + Unordered,
    {
        let mut progress = self.progress(what);
        let (paths, folder, of) = match &self.lies {
            Lies::Gathered(it) => {
                let mut merge = it.sorted.merge().map_err(NotGathered::from)?;
                return read(&mut merge, &mut progress);
            }
            Lies::Sorted(it) => {
                let mut merge = it.merge().map_err(NotGathered::from)?;
                return read(&mut merge, &mut progress);
            }
            Lies::Files { paths, folder, of } => (paths, folder, of),
        };
        if paths.len() <= MERGED_AT_ONCE {
            let lists = paths.iter().map(|it| open(it)).collect::<Result<_, _>>();
            let mut merge =
                lists.and_then(|it| Merge::new(it, order)).map_err(NotGathered::from)?;
            match read(&mut merge, &mut progress) {
                Err(error) if error.is_unordered() => {}
                ended => return ended,
            }
        }
        // Two may sort one file at once: neither goes on with what the other did.
        let sorted_in = format!("{}-{}", name_of(order), std::process::id());
        let work = Work::take(&folder.join(sorted_in), of, None);
        let work = work.map_err(NotGathered::from)?;
        // Those that were killed on the way.
        remove_locked(folder);
        let mut again = || {
            let sorted = sort(paths, work.folder(), order).map_err(NotGathered::from)?;
            let mut merge = sorted.merge().map_err(NotGathered::from)?;
            read(&mut merge, &mut self.progress(what))
        };
        let done = again();
        // Nobody goes on with it, however it ended.
        work.finish().map_err(NotGathered::from)?;
        // Only if nothing else lies in it.
        let _ = fs::remove_dir(folder);
        done
    }

    fn progress(&self, what: &'static str) -> Progress {
        if self.seen { Progress::begin(what, self.length, Unit::Bytes) } else { Progress::unseen() }
    }

    /// Removes what was kept to go on with.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn finish(self) -> Result<(), Unread> {
        match self.lies {
            Lies::Gathered(it) => it.work.finish(),
            Lies::Files { folder, .. } if folder.is_dir() => {
                // Only if nothing else lies in it.
                let _ = fs::remove_dir(&folder);
                Ok(())
            }
            Lies::Sorted(_) | Lies::Files { .. } => Ok(()),
        }
    }
}

/// An error that may say that rows are not in order.
pub trait Unordered {
    /// Whether sorting helps.
    fn is_unordered(&self) -> bool;
}

impl Unordered for Unread {
    fn is_unordered(&self) -> bool {
        matches!(self, Self::Unsorted { .. })
    }
}

impl Unordered for NotGathered {
    fn is_unordered(&self) -> bool {
        matches!(self, Self::File(it) if it.is_unordered())
    }
}

fn name_of(order: Order) -> &'static str {
    match order {
        Order::Sequence => "by-sequence",
        Order::Arrival | Order::Lists => "by-stream",
    }
}

/// Opens a file of ours.
///
/// # Errors
/// When it can't be opened.
pub fn open(path: &Path) -> Result<Box<dyn Lines>, Unread> {
    if path.extension().is_some_and(|it| it == "parquet") {
        return Ok(Box::new(ParquetLines::open(path)?));
    }
    Ok(Box::new(FileLines::open(path)?))
}

fn sort(paths: &[PathBuf], folder: &Path, order: Order) -> Result<Sorted, Unread> {
    let mut sorter = Sorter::new(folder, order);
    let mut line = Line::default();
    for path in paths {
        let mut lines = open(path)?;
        while lines.next(&mut line)? {
            sorter.push(&line)?;
        }
    }
    sorter.finish()
}
