//! A world of its own for each test: a database, a clock that stands, chance that repeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use jiff::{SignedDuration, Timestamp};
use postern_domain::ports::{Chance, draw};
use postern_events::ids::AccountId;
use postern_store::Store;
use postern_store::keys::{self, Table};
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::streams::Meta;
use postern_store::vault::KeyEncryptionKeys;

use crate::costs::Costs;

/// Chance that never repeats within a test: SHA-256 over a counter.
pub(crate) struct Counter(AtomicU64);

impl Chance for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &n);
            part.copy_from_slice(&digest.as_ref()[..part.len()]);
        }
    }
}

/// A writer that sends one write twice carries one mark twice.
pub(crate) struct Repeating;

impl Chance for Repeating {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) chance: Arc<Counter>,
    /// What the tables charged so far.
    pub(crate) costs: Costs,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tables.db");
        let database = dynoxide::Database::new(file.to_str().unwrap()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let costs = Costs::default();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{address}"))
            .interceptor(costs.clone())
            .build();
        let client = Client::from_conf(config);
        for table in keys::TABLES {
            create(&client, table).await;
        }
        let keys = KeyEncryptionKeys::new("k1", [("k1".to_owned(), [5; 32])]).unwrap();
        let store = Store::new(client.clone(), keys::DEFAULT_PREFIX).with_keys(keys);
        let chance = Arc::new(Counter(AtomicU64::new(0)));
        Self { store, client, chance, costs, _folder: folder }
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId::new(noon(), draw(&*self.chance))
    }

    /// A scribe without a data key.
    pub(crate) fn scribe(&self) -> Scribe {
        Scribe { now: noon(), chance: self.chance.clone(), data_key: None }
    }

    pub(crate) fn scribe_with(&self, key: &DataKey) -> Scribe {
        Scribe { data_key: Some(key.clone()), ..self.scribe() }
    }
}

/// The test's present.
pub(crate) fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

pub(crate) fn meta() -> Meta {
    Meta {
        request: "req-1".to_owned(),
        actor: "test".to_owned(),
        function: "contract".to_owned(),
        policy: 1,
        idempotency: None,
    }
}

async fn create(client: &Client, table: Table) {
    let mut call = client
        .create_table()
        .table_name(format!("{}{}", keys::DEFAULT_PREFIX, table.name))
        .billing_mode(BillingMode::PayPerRequest);
    let range = table.range.map(|(name, kind)| (name, KeyType::Range, kind));
    for (name, role, kind) in
        [Some((table.hash, KeyType::Hash, keys::KeyType::Text)), range].into_iter().flatten()
    {
        let scalar = match kind {
            keys::KeyType::Text => ScalarAttributeType::S,
            keys::KeyType::Number => ScalarAttributeType::N,
        };
        let schema = KeySchemaElement::builder().attribute_name(name).key_type(role);
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(scalar);
        call = call
            .key_schema(schema.build().unwrap())
            .attribute_definitions(attribute.build().unwrap());
    }
    call.send().await.unwrap();
}
