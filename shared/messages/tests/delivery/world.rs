//! A world of its own for each test: a database, a clock that is moved, carriers that remember.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use jiff::{SignedDuration, Timestamp};
use postern_domain::codes::CodeKeys;
use postern_domain::guard::AccountGuard;
use postern_domain::message::Message;
use postern_domain::ports::{Chance, Clock};
use postern_events::ids::{AccountId, MessageId};
use postern_messages::delivery::Delivery;
use postern_messages::letters::Letters;
use postern_store::Store;
use postern_store::keys::{self, Table};
use postern_store::outbox::Unsent;
use postern_store::reaction::Reaction as _;
use postern_store::streams::Commit;
use postern_store::uploads::Uploads;
use postern_store::vault::KeyEncryptionKeys;

use crate::bucket::Bucket;
use crate::recorder::{Pushes, Recorder};

pub(crate) type Sender = Delivery<Arc<Recorder>, Arc<Pushes>>;

/// Where support reads what people ask.
pub(crate) const SUPPORT: &str = "support@postern.example";
/// The API as clients reach it.
pub(crate) const PUBLIC_URL: &str = "https://api.postern.example";

/// Bytes that never repeat within a test.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Chance for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            part.copy_from_slice(&n[8 - part.len()..]);
        }
    }
}

/// A clock that stands until it is moved.
pub(crate) struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Hands>,
    pub(crate) chance: Arc<Counter>,
    pub(crate) mailer: Arc<Recorder>,
    pub(crate) pusher: Arc<Pushes>,
    pub(crate) bucket: Arc<Bucket>,
    pub(crate) uploads: Uploads,
    pub(crate) delivery: Arc<Sender>,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tables.db");
        let client = serve(dynoxide::Database::new(file.to_str().unwrap()).unwrap()).await;
        for table in keys::TABLES {
            create(&client, table).await;
        }
        let keys = KeyEncryptionKeys::new("v1", [("v1".to_owned(), [5; 32])]).unwrap();
        let start: Timestamp = "2026-11-24T12:00:00.250Z".parse().unwrap();
        let store = Store::new(client, keys::DEFAULT_PREFIX).with_keys(keys);
        let clock = Arc::new(Hands(AtomicI64::new(start.as_millisecond())));
        let (chance, mailer) = (Arc::new(Counter::default()), Arc::new(Recorder::default()));
        let pusher = Arc::new(Pushes::default());
        let bucket = Arc::new(Bucket::default());
        let uploads = bucket.serve().await;
        let delivery = Delivery {
            store: store.clone(),
            mailer: mailer.clone(),
            pusher: pusher.clone(),
            uploads: uploads.clone(),
            letters: Letters::new().unwrap(),
            code_keys: Arc::new(code_keys("c1")),
            clock: clock.clone(),
            chance: chance.clone(),
            sender: "no-reply@postern.example".to_owned(),
            support: SUPPORT.to_owned(),
            public_url: PUBLIC_URL.to_owned(),
        };
        let delivery = Arc::new(delivery);
        Self { store, clock, chance, mailer, pusher, bucket, uploads, delivery, _folder: folder }
    }

    /// The same world, seen by a sender that has other code keys.
    pub(crate) fn sender_with_keys(&self, kid: &str) -> Sender {
        Delivery {
            store: self.store.clone(),
            mailer: self.mailer.clone(),
            pusher: self.pusher.clone(),
            uploads: self.uploads.clone(),
            letters: Letters::new().unwrap(),
            code_keys: Arc::new(code_keys(kid)),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            sender: "no-reply@postern.example".to_owned(),
            support: SUPPORT.to_owned(),
            public_url: PUBLIC_URL.to_owned(),
        }
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    /// Hands the newest commit of a stream to the sender.
    pub(crate) async fn react(&self, stream: &str) {
        self.react_to(&self.newest(stream).await).await;
    }

    pub(crate) async fn react_to(&self, commit: &Commit) {
        self.delivery.react(commit).await.unwrap();
    }

    /// The same, by a sender that dies over it.
    pub(crate) async fn die_reacting(&self, stream: &str) {
        let commit = self.newest(stream).await;
        let delivery = self.delivery.clone();
        let died = tokio::spawn(async move { delivery.react(&commit).await }).await;
        assert!(died.unwrap_err().is_panic());
    }

    /// The same, where the tables or the bucket are away.
    pub(crate) async fn fail_reacting(&self, commit: &Commit) {
        assert!(self.delivery.react(commit).await.is_err());
    }

    /// How often something was counted about an account that is still known.
    pub(crate) async fn guard(&self, account: AccountId) -> u64 {
        let guard = self.store.guards().load_guard::<AccountGuard>(account).await;
        guard.unwrap().revision
    }

    pub(crate) async fn newest(&self, stream: &str) -> Commit {
        self.store.streams().newest_commit(stream).await.unwrap().unwrap()
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        self.store.streams().load::<Message>(id).await.unwrap().state().clone()
    }

    /// What is noted as unsent, due or not.
    pub(crate) async fn unsent(&self) -> Vec<Unsent> {
        let far = self.clock.now() + SignedDuration::from_hours(48);
        self.store.outbox().due(far, 100).await.unwrap()
    }
}

pub(crate) fn code_keys(kid: &str) -> CodeKeys {
    CodeKeys::new(kid.to_owned(), BTreeMap::from([(kid.to_owned(), [9; 32])])).unwrap()
}

async fn serve(database: dynoxide::Database) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{address}"))
        .build();
    Client::from_conf(config)
}

async fn create(client: &Client, table: Table) {
    let mut call = client
        .create_table()
        .table_name(format!("{}{}", keys::DEFAULT_PREFIX, table.name))
        .billing_mode(BillingMode::PayPerRequest);
    let hash = Some((table.hash, KeyType::Hash, keys::KeyType::Text));
    let range = table.range.map(|(name, kind)| (name, KeyType::Range, kind));
    for (name, role, kind) in hash.into_iter().chain(range) {
        let kind = match kind {
            keys::KeyType::Text => ScalarAttributeType::S,
            keys::KeyType::Number => ScalarAttributeType::N,
        };
        let element = KeySchemaElement::builder().attribute_name(name).key_type(role);
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
        call = call
            .key_schema(element.build().unwrap())
            .attribute_definitions(attribute.build().unwrap());
    }
    call.send().await.unwrap();
}
