//! The signals that end the process in good order.

use tokio::signal::unix::{SignalKind, signal};

use crate::settings::StartError;

/// Listens for SIGINT and SIGTERM from now on; the future ends with the first of them.
pub fn asked_to_end() -> Result<impl Future<Output = ()> + Send + 'static, StartError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(StartError::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(StartError::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
