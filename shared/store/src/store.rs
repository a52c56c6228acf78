//! All tables of one deployment.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::guards::Guards;
use crate::outbox::Outbox;
use crate::sessions::Sessions;
use crate::streams::EventStore;
use crate::tables::Tables;
use crate::tally::Costs;
use crate::vault::{KeyEncryptionKeys, Vault};
use crate::views::Views;

/// The tables whose names begin with one prefix; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    tables: Tables,
    keys: Option<Arc<KeyEncryptionKeys>>,
}

impl Store {
    /// The tables of a deployment, see [`crate::keys::DEFAULT_PREFIX`].
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it goes on as one that is metered")]
    pub fn new(client: Client, prefix: &str) -> Self {
        let metered = client.config().to_builder().interceptor(Costs).build();
        Self { tables: Tables::new(Client::from_conf(metered), prefix), keys: None }
    }

    /// The same with the keys that open the vault; a function that opens nothing needs none.
    #[must_use]
    pub fn with_keys(self, keys: KeyEncryptionKeys) -> Self {
        Self { keys: Some(Arc::new(keys)), ..self }
    }

    /// The log.
    #[must_use]
    pub fn streams(&self) -> EventStore {
        EventStore::new(self.tables.clone())
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(self.tables.clone(), self.keys.clone())
    }

    /// Claims, counters, windows, used proofs.
    #[must_use]
    pub fn guards(&self) -> Guards {
        Guards::new(self.tables.clone())
    }

    /// Who is signed in.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.tables.clone())
    }

    /// Unsent messages.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.tables.clone())
    }

    /// What is only shown.
    #[must_use]
    pub fn views(&self) -> Views {
        Views::new(self.tables.clone())
    }
}
