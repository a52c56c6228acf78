//! The log in a live table, read in several segments at once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use postern_store::streams::{Asked, Found, Page, Position};
use postern_store::{Store, StoreError};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Lost, Marks, Part, Parts, done};
use crate::line::Line;
use crate::row;

/// How often a page is asked for again that the table is too busy for.
const TRIES: u32 = 8;
/// The first wait for a busy table; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Items of the first page where there is a limit: few, since nobody knows yet what they cost.
const FIRST_ITEMS: u16 = 100;

/// A live table.
#[derive(Clone)]
pub struct Table {
    /// The tables of the deployment.
    pub store: Store,
    /// What their names begin with.
    pub prefix: String,
    /// What tells the log's table from others of its name.
    pub id: String,
    /// How many segments are read at once.
    pub segments: u16,
    /// Units of reading a second, if there is a limit.
    pub rate: Option<u32>,
    /// Whether what was just committed has to be there.
    pub consistent: bool,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, id, segments, consistent, .. } = self;
        let how = if *consistent { ", consistently" } else { "" };
        write!(f, "table {prefix}events ({id}) in {segments} segments{how}")
    }
}

/// Lets so many units pass a second, whoever asks.
#[derive(Clone)]
struct Rate {
    units: Option<f64>,
    free: Arc<Mutex<Instant>>,
}

impl Rate {
    fn new(units: Option<u32>) -> Self {
        Self { units: units.map(f64::from), free: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Waits until what was read before is paid for.
    async fn wait(&self) {
        if self.units.is_some() {
            let free = *self.free.lock().await;
            sleep_until(free).await;
        }
    }

    async fn spend(&self, units: f64) {
        if let Some(rate) = self.units {
            let mut free = self.free.lock().await;
            *free = (*free).max(Instant::now()) + Duration::from_secs_f64(units / rate);
        }
    }
}

/// Reads every segment from where it stood.
///
/// # Errors
/// When the table can't be read; what came before was handed over.
pub async fn read(table: &Table, marks: &Marks, parts: Parts) -> Result<(), Lost> {
    let rate = Rate::new(table.rate);
    let mut readers = JoinSet::new();
    for segment in 0..table.segments {
        let mark = marks.get(&usize::from(segment)).cloned();
        if mark.as_ref() == Some(&done()) {
            continue;
        }
        let after = mark.and_then(|it| serde_json::from_value::<Position>(it).ok());
        let asked = Asked {
            segment,
            segments: table.segments,
            after,
            limit: table.rate.map(|_| FIRST_ITEMS),
            consistent: table.consistent,
        };
        readers.spawn(segment_of(table.clone(), asked, rate.clone(), parts.clone()));
    }
    drop(parts);
    while let Some(ended) = readers.join_next().await {
        ended??;
    }
    Ok(())
}

async fn segment_of(table: Table, mut asked: Asked, rate: Rate, parts: Parts) -> Result<(), Lost> {
    loop {
        rate.wait().await;
        let page = patiently(&table.store, &asked).await?;
        rate.spend(page.read_units).await;
        if let Some(units) = rate.units {
            asked.limit = Some(items_a_second(&page, units));
        }
        let mark = match &page.next {
            Some(next) => serde_json::to_value(next).unwrap_or_default(),
            None => done(),
        };
        let part = Part {
            reader: usize::from(asked.segment),
            length: u64::try_from(page.found.len()).unwrap_or_default(),
            lines: page.found.iter().flat_map(lines_of).collect(),
            mark,
            read_units: page.read_units,
        };
        // Nobody takes it: whoever gathers has failed, and says why.
        if parts.send(part).await.is_err() {
            return Ok(());
        }
        asked.after = page.next;
        if asked.after.is_none() {
            return Ok(());
        }
    }
}

/// The rows of an item.
#[must_use]
pub fn lines_of(found: &Found) -> Vec<Line> {
    match found {
        Found::Commit(parts) => row::lines(parts),
        Found::Broken { stream, version, why } => vec![row::broken(stream, *version, why)],
    }
}

/// How many items a page may have so that it is about what a second may cost.
fn items_a_second(page: &Page, units: f64) -> u16 {
    let items = page.found.len();
    if items == 0 || page.read_units <= 0.0 {
        return FIRST_ITEMS;
    }
    #[expect(clippy::cast_precision_loss, reason = "a page has some thousand items")]
    let a_second = units * items as f64 / page.read_units;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    let items = a_second.clamp(1.0, f64::from(u16::MAX)) as u16;
    items
}

async fn patiently(store: &Store, asked: &Asked) -> Result<Page, StoreError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match store.streams().page(asked).await {
            Err(StoreError::Busy { .. }) => sleep(wait).await,
            ended => return ended,
        }
        wait *= 2;
    }
    store.streams().page(asked).await
}
