//! A table's stream that answers as it was told to, and remembers what it was asked and when.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use postern_store::Store;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::source::table::Table;

/// When the shards are first listed, as the endpoint's own clock has it.
pub(super) const BEGAN: i64 = 1_795_514_400;
const BEGAN_AS_DATE: &str = "Tue, 24 Nov 2026 10:00:00 GMT";

/// What a shard answers.
pub(super) enum Answer {
    /// These records.
    Records(Vec<Value>),
    /// These records, which are its last.
    End(Vec<Value>),
    /// An error of this status and code.
    Fails(u16, &'static str),
    /// None: the connection breaks.
    Breaks,
    /// This, so much later.
    Late(Duration, Value),
}

/// A shard: what it answers one time after the other, and then with no records.
#[derive(Default)]
pub(super) struct Shard {
    parent: Option<&'static str>,
    /// How many listings know nothing of it.
    hidden: usize,
    answers: VecDeque<Answer>,
    /// Whether there is a new record each time that nothing else was told.
    busy: bool,
    /// What it answers whoever wants an iterator, before it gives one.
    refusals: VecDeque<Answer>,
}

impl Shard {
    pub(super) fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn after(self, parent: &'static str) -> Self {
        Self { parent: Some(parent), ..self }
    }

    pub(super) fn hidden(self, listings: usize) -> Self {
        Self { hidden: listings, ..self }
    }

    pub(super) fn busy(self) -> Self {
        Self { busy: true, ..self }
    }

    pub(super) fn refusing(self, refusals: impl IntoIterator<Item = Answer>) -> Self {
        Self { refusals: refusals.into_iter().collect(), ..self }
    }
}

struct State {
    begun: Instant,
    shards: BTreeMap<&'static str, Shard>,
    /// What listings fail of, before they succeed.
    listings: VecDeque<Answer>,
    asked: Vec<String>,
    made: u64,
}

/// The endpoint. Clones are the same one.
#[derive(Clone)]
pub(super) struct Endpoint(Arc<Mutex<State>>);

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Endpoint {
    pub(super) fn of(shards: impl IntoIterator<Item = (&'static str, Shard)>) -> Self {
        Self(Arc::new(Mutex::new(State {
            begun: Instant::now(),
            shards: shards.into_iter().collect(),
            listings: VecDeque::new(),
            asked: Vec::new(),
            made: 0,
        })))
    }

    pub(super) fn whose_listings_fail(self, failures: impl IntoIterator<Item = Answer>) -> Self {
        self.0.lock().unwrap().listings.extend(failures);
        self
    }

    /// What it was asked, each with its time in milliseconds; not how the shards were listed.
    pub(super) fn asked(&self) -> Vec<String> {
        let asked = self.0.lock().unwrap().asked.clone();
        asked.into_iter().filter(|it| !it.ends_with("DescribeStream")).collect()
    }

    /// When the shards were listed, in milliseconds.
    pub(super) fn listed(&self) -> Vec<u64> {
        let asked = self.0.lock().unwrap().asked.clone();
        let times = asked.iter().filter_map(|it| it.strip_suffix(" DescribeStream"));
        times.map(|it| it.parse().unwrap()).collect()
    }

    pub(super) fn table(&self) -> Table {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .http_client(self.http())
            .build();
        Table {
            store: Store::new(aws_sdk_dynamodb::Client::from_conf(config), "t-"),
            prefix: "t-".to_owned(),
            id: String::new(),
            segments: 1,
            rate: None,
            consistent: false,
        }
    }

    pub(super) fn streams(&self) -> aws_sdk_dynamodbstreams::Client {
        let config = aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .http_client(self.http())
            .build();
        aws_sdk_dynamodbstreams::Client::from_conf(config)
    }

    fn http(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

impl HttpConnector for Endpoint {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let answer = self.0.lock().unwrap().answer(&operation, &body);
        HttpConnectorFuture::new(async move {
            let (status, told) = match answer {
                Ok(told) => (200, told),
                Err(Answer::Late(wait, told)) => {
                    sleep(wait).await;
                    (200, told)
                }
                Err(Answer::Fails(status, code)) => {
                    (status, json!({ "__type": format!("x#{code}") }))
                }
                Err(Answer::Breaks | Answer::Records(_) | Answer::End(_)) => {
                    return Err(ConnectorError::io("the connection broke".into()));
                }
            };
            let status = StatusCode::try_from(status).unwrap();
            let mut response = HttpResponse::new(status, SdkBody::from(told.to_string()));
            response.headers_mut().insert("date", BEGAN_AS_DATE);
            Ok(response)
        })
    }
}

impl State {
    fn answer(&mut self, operation: &str, asked: &Value) -> Result<Value, Answer> {
        if operation == "DescribeTable" {
            return Ok(json!({ "Table": { "LatestStreamArn": "the-stream" } }));
        }
        let time = self.begun.elapsed().as_millis();
        if operation == "DescribeStream" {
            assert_eq!(asked["StreamArn"], "the-stream");
            self.asked.push(format!("{time} DescribeStream"));
            return self.list(asked);
        }
        let (shard, what) = match operation {
            "GetShardIterator" => {
                let kind = asked["ShardIteratorType"].as_str().unwrap();
                let number = asked["SequenceNumber"].as_str().map(|it| format!(" {it}"));
                let what = format!("{kind}{}", number.unwrap_or_default());
                (asked["ShardId"].as_str().unwrap(), what)
            }
            "GetRecords" => (asked["ShardIterator"].as_str().unwrap(), "GetRecords".to_owned()),
            other => panic!("nobody asks for {other}"),
        };
        self.asked.push(format!("{time} {shard} {what}"));
        let shard = shard.to_owned();
        if operation == "GetRecords" { self.records(&shard) } else { self.iterator(&shard) }
    }

    /// A shard a page.
    fn list(&mut self, asked: &Value) -> Result<Value, Answer> {
        if let Some(failure) = self.listings.pop_front() {
            return Err(failure);
        }
        let after = asked["ExclusiveStartShardId"].as_str();
        let listed = self.shards.iter_mut().filter(|(id, _)| after.is_none_or(|it| **id > it));
        let mut listed = listed.filter_map(|(id, shard)| {
            let shown = shard.hidden == 0;
            shard.hidden = shard.hidden.saturating_sub(1);
            shown.then_some((*id, shard.parent))
        });
        let Some((id, parent)) = listed.next() else {
            return Ok(json!({ "StreamDescription": { "Shards": [] } }));
        };
        let mut shard = json!({ "ShardId": id });
        if let Some(parent) = parent {
            shard["ParentShardId"] = json!(parent);
        }
        Ok(json!({ "StreamDescription": { "Shards": [shard], "LastEvaluatedShardId": id } }))
    }

    fn iterator(&mut self, id: &str) -> Result<Value, Answer> {
        match self.shards.get_mut(id).unwrap().refusals.pop_front() {
            Some(failure @ (Answer::Fails(..) | Answer::Breaks | Answer::Late(..))) => Err(failure),
            Some(Answer::Records(_) | Answer::End(_)) | None => Ok(json!({ "ShardIterator": id })),
        }
    }

    fn records(&mut self, id: &str) -> Result<Value, Answer> {
        let seconds = i64::try_from(self.begun.elapsed().as_secs()).unwrap();
        let shard = self.shards.get_mut(id).unwrap();
        match shard.answers.pop_front() {
            Some(failure @ (Answer::Fails(..) | Answer::Breaks | Answer::Late(..))) => Err(failure),
            Some(Answer::Records(it)) => Ok(json!({ "Records": it, "NextShardIterator": id })),
            Some(Answer::End(it)) => Ok(json!({ "Records": it })),
            None if shard.busy => {
                self.made += 1;
                let made = super::appended(&format!("busy/{id}"), self.made, seconds);
                Ok(json!({ "Records": [made], "NextShardIterator": id }))
            }
            None => Ok(json!({ "Records": [], "NextShardIterator": id })),
        }
    }
}
