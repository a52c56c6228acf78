//! A window read and written by itself, so that its write can ride along with a commit.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Guards;
use super::revisions::{Guarded, Place};
use crate::error::StoreError;
use crate::extra::Extra;
use crate::keys;

impl Guards {
    /// A window as it is now; the default where it was forgotten.
    ///
    /// # Errors
    /// When the table can't be read, or the window is broken.
    pub async fn load_window<T>(
        &self,
        name: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<Guarded<T>, StoreError>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
    {
        self.load_place(&place(name, subject, now, now)).await
    }

    /// Saves a window in one transaction with a commit, on the condition that nobody has saved it
    /// since it was loaded; it is forgotten at `expires_at`.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the window can't be written as JSON.
    pub fn window_put<T: Serialize>(
        &self,
        name: &str,
        subject: &str,
        now: Timestamp,
        expires_at: Timestamp,
        guarded: &Guarded<T>,
    ) -> Result<Extra, StoreError> {
        self.extra_place(&place(name, subject, now, expires_at), guarded)
    }
}

fn place(name: &str, subject: &str, now: Timestamp, expires_at: Timestamp) -> Place {
    let life = Some((now, expires_at));
    Place { key: keys::window(name, subject), item: keys::WINDOW, life }
}
