//! All views read, in several segments at once, no faster than somebody asked for.

use postern_store::views::{Place, ViewItem, ViewPage};
use postern_store::{PartAsked, Store, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Failed, Reach};
use crate::pace::{Pace, patiently};

/// Pages that wait to be sorted; a page is up to a megabyte.
const WAITING: usize = 4;

/// Hands over every item there is, in no order, and tells what reading them cost.
pub(super) async fn all(
    store: &Store,
    reach: &Reach,
    mut each: impl FnMut(&ViewItem) -> Result<(), Failed>,
) -> Result<f64, Failed> {
    let (sender, mut pages) = mpsc::channel(WAITING);
    let mut readers = JoinSet::new();
    for segment in 0..reach.segments {
        let asked = PartAsked {
            segment,
            segments: reach.segments,
            after: None,
            limit: reach.pace.limit::<ViewItem, Place>(None),
            consistent: true,
        };
        readers.spawn(segment_of(store.clone(), asked, reach.pace.clone(), sender.clone()));
    }
    drop(sender);
    let mut read_units = 0.0;
    while let Some(ViewPage { found, read_units: cost, .. }) = pages.recv().await {
        read_units += cost;
        found.iter().try_for_each(&mut each)?;
    }
    while let Some(ended) = readers.join_next().await {
        ended??;
    }
    Ok(read_units)
}

async fn segment_of(
    store: Store,
    mut asked: PartAsked<Place>,
    pace: Pace,
    pages: mpsc::Sender<ViewPage>,
) -> Result<(), StoreError> {
    let views = store.views();
    loop {
        pace.wait().await;
        let read = patiently(|| views.page(&asked)).await?;
        pace.spend(read.read_units).await;
        asked.limit = pace.limit(Some(&read));
        asked.after = read.next.clone();
        // Nobody takes it: whoever sorts has failed, and says why.
        if pages.send(read).await.is_err() || asked.after.is_none() {
            return Ok(());
        }
    }
}
