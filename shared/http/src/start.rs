//! The API of a function, from its environment.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use postern_domain::ports::{Chance, Clock};
use postern_runtime::aws::{function_config, secrets};
use postern_runtime::chance::SystemChance;
use postern_runtime::clock::SystemClock;
use postern_runtime::config::Config;
use postern_runtime::places::{BadDatabase, Places};
use postern_runtime::secrets::{BadSecrets, Secrets};
use postern_store::Store;
use postern_store::uploads::Grants;
use postern_words::words::Words;

use crate::app_version::NotAVersion;
use crate::token::{BadTokenKey, TokenKeys};
use crate::{Api, Parts, Settings};

/// Why the API can't start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The environment lacks something.
    #[error(transparent)]
    Config(#[from] postern_runtime::config::Unconfigured),
    /// The secrets can't be had.
    #[error(transparent)]
    Secrets(#[from] postern_runtime::aws::NoSecrets),
    /// The secrets can't be used.
    #[error(transparent)]
    Keys(#[from] BadSecrets),
    /// A token key can't be used.
    #[error(transparent)]
    TokenKeys(#[from] BadTokenKey),
    /// The database of places can't be used.
    #[error(transparent)]
    Places(#[from] BadDatabase),
    /// A configured app version is none.
    #[error("a configured app version is {0}")]
    Version(#[from] NotAVersion),
}

impl Settings {
    /// What the environment says about the API.
    ///
    /// # Errors
    /// When a version in it is none.
    pub fn new(function: &'static str, config: &Config) -> Result<Self, NotAVersion> {
        Ok(Self {
            function,
            public_url: config.public_url.clone(),
            minimum_version: config.minimum_version.parse()?,
            latest_version: config.latest_version.parse()?,
            email_sender: config.email_sender.clone(),
            support_url: config.support_url.clone(),
        })
    }
}

/// What the API finds around it.
pub struct Surroundings {
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub chance: Arc<dyn Chance>,
    /// Where addresses are.
    pub places: Places,
    /// Where files for support are uploaded to.
    pub uploads: Grants,
}

impl Api {
    /// The API of the function of this name, on AWS.
    ///
    /// # Errors
    /// When something it needs is missing; which, it says.
    pub async fn from_env(function: &'static str) -> Result<Self, NotStarted> {
        let config = Config::from_env()?;
        let sdk = function_config();
        let secrets = secrets(&sdk, &config.secret_id);
        let store = Store::new(Client::new(&sdk), &config.table_prefix);
        let settings = Settings::new(function, &config)?;
        let around = Surroundings {
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
            places: Places::from_config(&config)?,
            uploads: Grants {
                bucket: config.uploads_url,
                region: sdk.region().map(ToString::to_string).unwrap_or_default(),
                credentials: sdk.credentials_provider(),
            },
        };
        Self::assemble(store, &secrets.await?, settings, around)
    }

    /// The API on these tables, with these secrets, in these surroundings.
    ///
    /// # Errors
    /// When a secret can't be used.
    pub fn assemble(
        store: Store,
        secrets: &Secrets,
        settings: Settings,
        around: Surroundings,
    ) -> Result<Self, NotStarted> {
        let (current, token_keys) = secrets.token_keys()?;
        Ok(Self::new(Parts {
            store: store.with_keys(secrets.vault_keys()?),
            clock: around.clock,
            chance: around.chance,
            places: around.places,
            uploads: around.uploads,
            words: Arc::new(Words::new()),
            code_keys: Arc::new(secrets.code_keys()?),
            peppers: Arc::new(secrets.peppers()?),
            lookup: secrets.lookup_keys()?,
            token_keys: TokenKeys::new(current, &token_keys)?,
            settings,
        }))
    }
}
