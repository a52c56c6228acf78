//! Login activity, as its owner's app shows it.

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId, SignInId};
use postern_events::vocabulary::{Method, Platform};
use postern_store::views::{Activity, Outcome};
use postern_store::{Store, StoreError};
use serde::Serialize;
use serde_json::Value;

use super::opening::Opener;

/// How many attempts are read at a time.
const PAGE: u16 = 100;

/// An attempt to sign in, opened.
#[derive(Debug, Serialize)]
pub(super) struct Attempt {
    id: SignInId,
    at: Timestamp,
    outcome: Outcome,
    changed_at: Timestamp,
    method: Option<Method>,
    platform: Platform,
    device: Option<DeviceId>,
    description: Value,
    origin: Value,
    country: Option<String>,
}

/// All that is shown, newest first.
pub(super) async fn of(
    store: &Store,
    account: AccountId,
    opener: &Opener,
    now: Timestamp,
) -> Result<Vec<Attempt>, StoreError> {
    let (mut attempts, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.views().activity(account, now, PAGE, cursor).await?;
        attempts.extend(page.items.into_iter().map(|it| opened(it, opener)));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(attempts);
        }
    }
}

fn opened(it: Activity, opener: &Opener) -> Attempt {
    Attempt {
        id: it.id,
        at: it.at,
        outcome: it.outcome,
        changed_at: it.changed_at,
        method: it.method,
        platform: it.platform,
        device: it.device,
        description: opener.open_maybe(it.description.as_ref()),
        origin: opener.open_maybe(it.origin.as_ref()),
        country: it.country,
    }
}
