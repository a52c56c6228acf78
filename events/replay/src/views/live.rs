//! Looking again, at the log and the view as they are by now.

use std::time::Duration;

use jiff::Timestamp;
use postern_store::views::{Place, Projected, ViewItem, Views};
use postern_store::{Store, StoreError, keys};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::{Difference, Doubt, Failed, How};
use crate::pace::{Pace, patiently};

/// How long something that was committed may be under way to the views, while nothing holds it up: a function
/// that has to start first is called within a second and starts in another.
pub(super) const UNDER_WAY: Duration = Duration::from_secs(3);
/// How often an item is looked at that shows something else each time.
const LOOKS: u32 = 5;
/// What a look costs about, in units of reading: the item, its stream or its account's. What it costs is known
/// only then.
const LOOK_COSTS: f64 = 3.0;
/// What a look at the view alone costs, in units of reading.
const GLANCE_COSTS: f64 = 1.0;

/// The tables as they are.
pub(super) struct Live {
    views: Views,
    pace: Pace,
    /// As of when items were told and read.
    pub(super) as_of: Timestamp,
    since: Instant,
}

/// What both were when it was looked: the log was looked at last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Look {
    /// What was doubtful.
    doubt: Doubt,
    view: Option<ViewItem>,
    log: Option<ViewItem>,
}

/// What a look came to.
pub(super) enum Looked {
    Ended(Ended),
    /// They still don't agree: perhaps because something is under way.
    Doubtful(Box<Look>),
}

/// What became of a doubt.
pub(super) enum Ended {
    /// What the log told is what the view shows.
    Same,
    /// The view shows something newer that the log tells of by now.
    Ahead,
    /// It moves on each time it is looked at: the next run finds it at rest.
    Unsettled,
    /// It is not so.
    Differs {
        found: Box<Difference>,
        /// Whether it was put right.
        restored: bool,
    },
}

impl Look {
    pub(super) fn place(&self) -> &Place {
        &self.doubt.place
    }

    /// The view shows what the log told here.
    fn agreed(&self) -> Ended {
        if self.log.is_none() || self.log == self.doubt.log { Ended::Same } else { Ended::Ahead }
    }

    /// They differ.
    fn differs(&self, restored: bool) -> Ended {
        let how = match (&self.log, &self.view) {
            (_, None) => How::Missing,
            (None, Some(_)) => How::Surplus,
            (Some(_), Some(_)) => How::Different,
        };
        let Place { key, item } = self.doubt.place.clone();
        let (log, view) = (self.log.clone(), self.view.clone());
        Ended::Differs { found: Box::new(Difference { how, key, item, log, view }), restored }
    }
}

impl Live {
    pub(super) fn new(store: &Store, pace: &Pace, as_of: Timestamp) -> Self {
        Self { views: store.views(), pace: pace.clone(), as_of, since: Instant::now() }
    }

    /// Looks at what is doubtful.
    pub(super) async fn look(&self, doubt: Doubt) -> Result<Looked, Failed> {
        if !keys::is_of_views(&doubt.place.key) {
            // No log tells of it, and who may look at the views may not look there.
            let view = self.present(doubt.view.clone());
            let shows = view.is_some();
            let look = Look { doubt, view, log: None };
            return Ok(Looked::Ended(if shows { look.differs(false) } else { look.agreed() }));
        }
        let look = self.both(doubt).await?;
        Ok(if look.view == look.log {
            Looked::Ended(look.agreed())
        } else {
            Looked::Doubtful(Box::new(look))
        })
    }

    /// Looks again after a while. What the view shows all the time, and the log tells at no time, differs;
    /// with `write` it is put right from what the log tells.
    pub(super) async fn insist(&self, mut look: Look, write: bool) -> Result<Ended, Failed> {
        for _ in 0..LOOKS {
            let view = self.view(look.place()).await?;
            if view == look.log {
                return Ok(look.agreed());
            }
            let stays = view == look.view;
            let right = if write && stays { look.log.as_ref() } else { None };
            if let Some(right) = right
                && self.restore(right).await?
            {
                return Ok(look.differs(true));
            }
            if stays && right.is_none() {
                return Ok(look.differs(false));
            }
            // It moved on, or says that it is newer than what should take its place.
            let again = self.both(look.doubt).await?;
            if again.view == again.log {
                return Ok(again.agreed());
            }
            if stays && again.view == look.view {
                return Ok(again.differs(false));
            }
            look = again;
            sleep(UNDER_WAY).await;
        }
        Ok(Ended::Unsettled)
    }

    /// The view, and then the log.
    async fn both(&self, doubt: Doubt) -> Result<Look, Failed> {
        self.pace.reserve(LOOK_COSTS).await;
        let look = patiently(|| async {
            let place = &doubt.place;
            let view = self.present(self.views.at(place).await?);
            let log = self.views.told(place, doubt.log.as_ref(), view.as_ref()).await?;
            Ok::<_, StoreError>((view, self.present(log)))
        });
        let (view, log) = Box::pin(look).await?;
        self.pace.settle(self.views.spent(), LOOK_COSTS).await;
        Ok(Look { doubt, view, log })
    }

    async fn view(&self, place: &Place) -> Result<Option<ViewItem>, Failed> {
        self.pace.reserve(GLANCE_COSTS).await;
        let view = patiently(|| self.views.at(place)).await?;
        self.pace.settle(self.views.spent(), GLANCE_COSTS).await;
        Ok(self.present(view))
    }

    async fn restore(&self, item: &ViewItem) -> Result<bool, Failed> {
        Ok(match patiently(|| self.views.restore(item)).await? {
            Projected::Shown => true,
            Projected::Known | Projected::Nothing => false,
        })
    }

    /// An item whose time is over is none: the table may have it still, or not any more.
    fn present(&self, item: Option<ViewItem>) -> Option<ViewItem> {
        let now = self.as_of.checked_add(self.since.elapsed()).unwrap_or(Timestamp::MAX);
        item.filter(|it| !it.is_over(now))
    }
}
