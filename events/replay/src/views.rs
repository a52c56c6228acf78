//! The views held against the log, and what they lack put there.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use postern_events::ids::{DeviceId, SignInId};
use postern_store::views::{Attribute, Projected as Shown, ViewItem};
use postern_store::{Store, StoreError, keys};
use serde::Serialize;

use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::Log;
use crate::merge::{Order, Unread};
use crate::projection::{NotProjected, View, project};
use crate::sort::{Sorted, Sorter};

/// How many differences are named: whoever has more has one cause.
pub const NAMED: usize = 20;
/// Items that are written at once.
const WRITTEN_AT_ONCE: usize = 32;

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The log.
    #[error(transparent)]
    Projection(#[from] NotProjected),
    /// The views.
    #[error("the views can't be read or written")]
    Table(#[from] StoreError),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A write came to a sudden end.
    #[error("a write came to a sudden end")]
    Ended(#[from] tokio::task::JoinError),
    /// What was written down can't be read again.
    #[error("an item can't be read again")]
    Item(#[from] serde_json::Error),
}

impl From<NotGathered> for Failed {
    fn from(error: NotGathered) -> Self {
        Self::Projection(error.into())
    }
}

/// How an item of the views is not what the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The views lack it.
    Missing,
    /// The log tells nothing of it.
    Surplus,
    /// It shows something else.
    Different,
}

/// An item that is not what the log tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How.
    pub how: How,
    /// The item's key.
    pub key: String,
    /// And the rest of its key.
    pub item: String,
    /// What the log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<ViewItem>,
    /// What the views show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewItem>,
}

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Compared {
    /// Items that the log tells of.
    pub items: u64,
    /// Those that the views lack.
    pub missing: u64,
    /// Those that show something else.
    pub different: u64,
    /// Items of the views that the log tells nothing of. Nothing is done about these.
    pub surplus: u64,
    /// Those that show something newer than the log that was read.
    pub ahead: u64,
    /// Those that were put right.
    pub restored: u64,
    /// The first of those that differ.
    pub differences: Vec<Difference>,
    /// What reading the views cost, in units of reading.
    pub read_units: f64,
}

impl Compared {
    /// Whether log and views tell the same.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.missing + self.different + self.surplus == 0
    }
}

/// What the log tells of the views, and what they show, in the order of their keys.
pub struct Both {
    items: Sorted,
    as_of: Timestamp,
    newest: Timestamp,
    read_units: f64,
    folder: PathBuf,
}

impl Both {
    /// Projects the log and reads the views, as they are at `now`.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub async fn of(
        log: &Log,
        store: &Store,
        now: Timestamp,
        folder: &Path,
    ) -> Result<Self, Failed> {
        // Two may compare at once.
        let folder = folder.join(format!("views-{}", std::process::id()));
        let mut sorter = Sorter::new(&folder, Order::Sequence);
        let mut newest = Timestamp::UNIX_EPOCH;
        for view in [View::Activity, View::Devices] {
            let told = project(log, view, None, &folder)?;
            newest = newest.max(told.as_of);
            told.items(now.max(newest), |key, item| {
                sorter.push(&line(key, Side::Log, item)).map_err(NotProjected::from)
            })?;
        }
        let mut after = None;
        let mut read_units = 0.0;
        loop {
            let page = store.views().page(after.as_ref()).await?;
            read_units += page.read_units;
            for it in &page.items {
                let key = format!("{}#{}", it.key, it.item);
                sorter.push(&line(&key, Side::View, &serde_json::to_string(it)?))?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let items = sorter.finish()?;
        Ok(Self { items, as_of: now.max(newest), newest, read_units, folder })
    }

    /// Compares them. What differs goes to `each`.
    ///
    /// # Errors
    /// When what was read can't be read again.
    pub fn compare(&self, mut each: impl FnMut(Difference)) -> Result<Compared, Failed> {
        let mut compared = Compared { read_units: self.read_units, ..Compared::default() };
        let mut merge = self.items.merge()?;
        let mut log: Option<(String, ViewItem)> = None;
        loop {
            let next = merge.next_line()?;
            let key = next.map(Line::stream);
            if let Some((_, told)) = log.take_if(|(told, _)| Some(told.as_str()) != key) {
                self.differ(Some(told), None, &mut compared, &mut each);
            }
            let Some(line) = next else { return Ok(compared) };
            let item: ViewItem = serde_json::from_slice::<Kept>(line.bytes())?.fact;
            if line.sequence() == Side::Log as u64 {
                compared.items += 1;
                log = Some((line.stream().to_owned(), item));
            } else {
                let told = log.take().map(|(_, it)| it);
                self.differ(told, Some(item), &mut compared, &mut each);
            }
        }
    }

    fn differ(
        &self,
        log: Option<ViewItem>,
        view: Option<ViewItem>,
        compared: &mut Compared,
        each: &mut impl FnMut(Difference),
    ) {
        let how = match (&log, &view) {
            (Some(_), None) => How::Missing,
            (None, Some(it)) if it.is_over(self.as_of) => return,
            (None, Some(it)) if begun(it).is_some_and(|at| at > self.newest) => {
                compared.ahead += 1;
                return;
            }
            (None, Some(_)) => How::Surplus,
            (Some(log), Some(view)) if view == log => return,
            (Some(log), Some(view)) if view.is_ahead_of(log) => {
                compared.ahead += 1;
                return;
            }
            (Some(_), Some(_)) => How::Different,
            (None, None) => return,
        };
        match how {
            How::Missing => compared.missing += 1,
            How::Surplus => compared.surplus += 1,
            How::Different => compared.different += 1,
        }
        let Some((key, item)) =
            log.as_ref().or(view.as_ref()).map(|it| (it.key.clone(), it.item.clone()))
        else {
            return;
        };
        let difference = Difference { how, key, item, log, view };
        if compared.differences.len() < NAMED {
            compared.differences.push(difference.clone());
        }
        each(difference);
    }

    /// Puts there what the views lack. Nothing that is newer gives way, so the API and its projection may
    /// go on meanwhile; killed, it goes on with what is still missing.
    ///
    /// # Errors
    /// When the views can't be written.
    pub async fn restore(&self, store: &Store) -> Result<Compared, Failed> {
        let mut lacking = Sorter::new(self.folder.join("lacking"), Order::Arrival);
        let mut failed = Ok(());
        let mut compared = self.compare(|it| {
            if let (Some(log), Ok(())) = (it.log, &failed) {
                failed = keep(&mut lacking, &log);
            }
        })?;
        failed?;
        let lacking = lacking.finish()?;
        let mut merge = lacking.merge()?;
        loop {
            let mut writing = tokio::task::JoinSet::new();
            while writing.len() < WRITTEN_AT_ONCE
                && let Some(line) = merge.next_line()?
            {
                let item: ViewItem = serde_json::from_slice::<Kept>(line.bytes())?.fact;
                let views = store.views();
                writing.spawn(async move { views.restore(&item).await });
            }
            if writing.is_empty() {
                return Ok(compared);
            }
            while let Some(written) = writing.join_next().await {
                match written?? {
                    Shown::Shown => compared.restored += 1,
                    Shown::Known | Shown::Nothing => compared.ahead += 1,
                }
            }
        }
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        // It is made anew each time; what can't be removed is only in the way.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where an item was found.
#[derive(Clone, Copy)]
enum Side {
    Log = 0,
    View = 1,
}

#[derive(serde::Deserialize)]
struct Kept {
    fact: ViewItem,
}

fn line(key: &str, side: Side, item: &str) -> Line {
    Line::begin(key, side as u64).member("fact", item).end()
}

fn keep(lacking: &mut Sorter, item: &ViewItem) -> Result<(), Failed> {
    let key = format!("{}#{}", item.key, item.item);
    Ok(lacking.push(&line(&key, Side::Log, &serde_json::to_string(item)?))?)
}

/// When what an item shows began. An attempt's name says it; a device's says only when it asked to be let
/// in, which may have been long before it was.
fn begun(item: &ViewItem) -> Option<Timestamp> {
    let time = |name| match item.attributes.get(name)? {
        Attribute::Number(it) => Timestamp::from_millisecond(*it).ok(),
        Attribute::Text(_) => None,
    };
    let attempt = item.item.parse().map(SignInId::time).ok();
    let device = || time(keys::SEEN).or_else(|| time(keys::REVOKED));
    attempt.or_else(device).or_else(|| item.item.parse().map(DeviceId::time).ok())
}
