//! What keeps the database small while nobody looks.

use std::time::Duration;

use crate::database::Database;
use crate::poller::Progress;

/// How often handled stream records are trimmed: at a hundred writes a second, a few thousand.
const TRIM_EVERY: Duration = Duration::from_secs(20);
/// After how many trims expired items are deleted.
const SWEEP_EVERY: u32 = 30;

/// Tidies up for ever.
pub(super) async fn run(database: Database, progress: Progress) {
    let mut trimmed = 0;
    for round in 1_u32.. {
        tokio::time::sleep(TRIM_EVERY).await;
        let handled = progress.lowest().unwrap_or(0);
        let (trim, sweep) = (handled > trimmed, round.is_multiple_of(SWEEP_EVERY));
        if !trim && !sweep {
            continue;
        }
        trimmed = handled;
        let database = database.clone();
        let tidied = tokio::task::spawn_blocking(move || {
            if trim {
                database.trim(handled)?;
            }
            if sweep {
                database.sweep_expired()?;
            }
            Ok::<_, crate::database::DatabaseError>(())
        });
        if let Ok(Err(error)) = tidied.await {
            tracing::warn!(%error, "the database could not be tidied");
        }
    }
}
