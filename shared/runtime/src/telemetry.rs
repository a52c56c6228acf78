//! Logs: one JSON object a line.

use tracing_subscriber::EnvFilter;

/// The variable that says what is logged; `info` where it is missing or not understood.
const FILTER: &str = "POSTERN_LOG";

/// Sends the process's logs to standard output, where Lambda collects them.
///
/// A second call changes nothing: the first subscriber stays.
pub fn start() {
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter)
        .try_init();
    if let Err(error) = started {
        tracing::debug!(%error, "logs were started before");
    }
}
