//! What a table costs to read, in request units.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use aws_sdk_dynamodb::{Client, Config};
use postern_replay::finding::commits_of;
use postern_replay::log::Log;
use postern_replay::source::Source;
use postern_store::keys::{self, DEFAULT_PREFIX};
use postern_store::streams::Commit;

use crate::process::run;

/// Items of one request, which is `DynamoDB`'s limit.
const AT_ONCE: usize = 25;
/// A unit buys so many bytes, where a read need not be consistent.
const BYTES_A_UNIT: f64 = 8_192.0;

type Item = HashMap<String, AttributeValue>;

/// A stack, which ends with this.
struct Stack(Child);

impl Drop for Stack {
    fn drop(&mut self) {
        // It has ended by itself, or ends now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fills a table with the log in a file, exports it, and says what that cost.
pub(crate) async fn measure(
    postern: &Path,
    stack: &Path,
    folder: &Path,
    file: &str,
) -> Result<(), Box<dyn Error>> {
    let (_stack, address) = start(stack, &folder.join("stack"))?;
    let client = client(&address);
    let (events, bytes) = fill(&client, file, folder).await?;
    let out = folder.join("from-table").display().to_string();
    let environment = [
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_REGION", "local"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
    ];
    let made = run(postern, &["export", &out, "--json"], &environment)?;
    let told: serde_json::Value = serde_json::from_str(&made.said)?;
    let exported = told["events"].as_u64().ok_or("export doesn't say how many events")?;
    let units = told["read_units"].as_f64().ok_or("export doesn't say what it cost")?;
    if exported != events {
        return Err(format!("{exported} events came out, and {events} went in").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
    let a_million = |it: f64| it * 1e6 / events as f64;
    #[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
    let least = bytes as f64 / BYTES_A_UNIT;
    println!(
        "table: {events} events in {bytes} bytes cost {units:.1} units of reading, {:.0} a million; \
         the least there can be is {:.0} a million",
        a_million(units),
        a_million(least),
    );
    Ok(())
}

fn start(program: &Path, folder: &Path) -> Result<(Stack, String), Box<dyn Error>> {
    let mut process = Command::new(program)
        .env("POSTERN_PORT", "0")
        .env("POSTERN_DIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|it| format!("{}: {it}", program.display()))?;
    let lines = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
    let stack = Stack(process);
    for line in lines {
        if let Some(address) = line?.strip_prefix("DynamoDB ") {
            return Ok((stack, address.to_owned()));
        }
    }
    Err("the stack doesn't say where its tables are".into())
}

fn client(address: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(address);
    Client::from_conf(config.build())
}

/// Puts every commit of the file into the table; says how many events there are, and how large they are
/// as the table counts bytes.
async fn fill(client: &Client, file: &str, folder: &Path) -> Result<(u64, u64), Box<dyn Error>> {
    let source = Source::named(file)?;
    let log = Log::open(&source, &folder.join("filling"), false).await?;
    let commits = commits_of(&log, None)?;
    let events = commits.iter().map(|it| it.events.len()).sum::<usize>();
    let items: Vec<Item> = commits.iter().map(Commit::to_item).collect();
    let bytes = items.iter().map(size).sum();
    for some in items.chunks(AT_ONCE) {
        put(client, some).await?;
    }
    Ok((u64::try_from(events)?, bytes))
}

async fn put(client: &Client, items: &[Item]) -> Result<(), Box<dyn Error>> {
    let put = |it: &Item| PutRequest::builder().set_item(Some(it.clone())).build();
    let write = |it| put(it).map(|it| WriteRequest::builder().put_request(it).build());
    let writes = items.iter().map(write).collect::<Result<Vec<_>, _>>()?;
    let table = format!("{DEFAULT_PREFIX}{}", keys::EVENTS.name);
    client.batch_write_item().request_items(table, writes).send().await?;
    Ok(())
}

/// The size of an item as DynamoDB counts it: names and text in UTF-8, numbers a byte for each two digits
/// and one more.
fn size(item: &Item) -> u64 {
    let value = |it: &AttributeValue| {
        let text = it.as_s().map(String::len);
        let number = it.as_n().map(|it| it.len().div_ceil(2) + 1);
        let bytes = it.as_b().map(|it| it.as_ref().len());
        let texts = it.as_ss().map(|it| it.iter().map(String::len).sum());
        text.or(number).or(bytes).or(texts).unwrap_or_default()
    };
    let all: usize = item.iter().map(|(name, it)| name.len() + value(it)).sum();
    u64::try_from(all).unwrap_or(u64::MAX)
}
