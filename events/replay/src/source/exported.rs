//! What DynamoDB exports to S3 by itself: full and incremental, JSON lines in gzip.
//!
//! The format is that of the page "DynamoDB table export output format" of its developer guide. An
//! incremental export says what became of an item: in a log that only grows, nothing but new ones.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use postern_store::keys;
use postern_store::streams::CommitParts;
use serde::Deserialize;

use super::{Lost, Marks, Part, Parts, done, stack};
use crate::line::Line;
use crate::row;

/// Says which files there are.
pub(super) const MANIFEST: &str = "manifest-files.json";
/// Says what all of them come to.
const ABOUT: &str = "manifest-summary.json";
/// Bytes that tell what a file holds.
const BEGIN: u64 = 64;
/// How lines of a local stack begin.
const SHOWN: &[u8] = b"{\"cursor\":";
/// Bytes of lines that are handed over at once.
const PART: usize = 1024 * 1024;

/// A line of the manifest.
#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "itemCount")]
    items: u64,
    #[serde(rename = "dataFileS3Key")]
    key: String,
}

/// What the summary says of all data files.
#[derive(Deserialize)]
struct About {
    #[serde(rename = "itemCount")]
    items: Option<u64>,
}

/// A data file, and how many items it must have where that is known.
struct Data {
    path: PathBuf,
    items: Option<u64>,
}

/// An attribute with its type.
#[derive(Deserialize, Default)]
struct Attribute {
    #[serde(rename = "S")]
    text: Option<String>,
    #[serde(rename = "N")]
    number: Option<String>,
    #[serde(rename = "B")]
    bytes: Option<String>,
    #[serde(rename = "SS")]
    texts: Option<Vec<String>>,
}

type Item = HashMap<String, Attribute>;

/// A line of a data file: of a full export, or of an incremental one.
#[derive(Deserialize)]
struct Exported {
    #[serde(rename = "Item")]
    item: Option<Item>,
    #[serde(rename = "Keys")]
    keys: Option<Item>,
    #[serde(rename = "OldImage")]
    old: Option<Item>,
    #[serde(rename = "NewImage")]
    new: Option<Item>,
}

/// Whether a file is a list of data files.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|it| it == MANIFEST)
}

/// Whether a file may be one of the data.
pub(super) fn is_data(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let about = name.starts_with("manifest-") || name.starts_with('_');
    let data = [".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson"];
    !about && data.iter().any(|it| name.ends_with(it))
}

/// Whether a file says what an export comes to.
pub(super) fn is_summary(path: &Path) -> bool {
    path.file_name().is_some_and(|it| it == ABOUT)
}

/// What a file of lines holds that are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// Lines of DynamoDB's export.
    Exported,
    /// What a local stack showed.
    Shown,
}

/// What a file begins with; nothing where it is neither.
///
/// # Errors
/// When it can't be read so far.
pub(super) fn begins(path: &Path) -> std::io::Result<Option<Begins>> {
    let mut begin = Vec::new();
    let read = open(path)?.take(BEGIN).read_to_end(&mut begin);
    let exported = ["{\"Item\":", "{\"Metadata\":", "{\"Keys\":"];
    // Also of a file that is cut off the beginning is there.
    if exported.iter().any(|it| begin.starts_with(it.as_bytes())) {
        return Ok(Some(Begins::Exported));
    }
    if begin.starts_with(SHOWN) {
        return Ok(Some(Begins::Shown));
    }
    read.map(|_| None)
}

/// The first of these data files that no manifest names.
pub(super) fn unlisted<'a>(manifests: &[PathBuf], data: &'a [PathBuf]) -> Option<&'a PathBuf> {
    // What is wrong with a manifest is said when it is read.
    let listed = data_of(manifests).ok()?;
    let whole = |it: &PathBuf| it.canonicalize().unwrap_or_else(|_| it.clone());
    let listed: HashSet<PathBuf> = listed.iter().map(|it| whole(&it.path)).collect();
    data.iter().find(|it| !listed.contains(&whole(it)))
}

/// Reads every data file that wasn't read before.
///
/// # Errors
/// When one is missing, cut off, or not of the format.
pub async fn read(paths: &[PathBuf], marks: &Marks, parts: Parts) -> Result<(), Lost> {
    let (paths, marks) = (paths.to_vec(), marks.clone());
    let work = move || {
        for (reader, data) in data_of(&paths)?.iter().enumerate() {
            if !marks.contains_key(&reader) && !file(reader, data, &parts)? {
                return Ok(());
            }
        }
        Ok(())
    };
    tokio::task::spawn_blocking(work).await?
}

fn data_of(paths: &[PathBuf]) -> Result<Vec<Data>, Lost> {
    let mut all = Vec::new();
    for path in paths {
        if !is_manifest(path) {
            all.push(Data { path: path.clone(), items: None });
            continue;
        }
        let broken = |why: String| Lost::Exported { path: path.clone(), why };
        let text = std::fs::read_to_string(path).map_err(|it| broken(it.to_string()))?;
        let mut items = 0;
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            let listed: Listed = serde_json::from_str(line).map_err(|it| broken(it.to_string()))?;
            let found = find(path, &listed.key)
                .ok_or_else(|| broken(format!("its data file {} is missing", listed.key)))?;
            items += listed.items;
            all.push(Data { path: found, items: Some(listed.items) });
        }
        let due = items_of(path)?.unwrap_or(items);
        if due != items {
            return Err(broken(format!("it lists {items} items, and {ABOUT} says {due}")));
        }
    }
    Ok(all)
}

/// How many items an export has, where a summary beside its manifest says so.
fn items_of(manifest: &Path) -> Result<Option<u64>, Lost> {
    let path = manifest.with_file_name(ABOUT);
    let broken = |why: String| Lost::Exported { path: path.clone(), why };
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|it| broken(it.to_string()))?,
    };
    let about: About = serde_json::from_slice(&text).map_err(|it| broken(it.to_string()))?;
    Ok(about.items)
}

/// The data file that a manifest names by its key in S3, wherever the folder was copied to.
fn find(manifest: &Path, key: &str) -> Option<PathBuf> {
    let name = Path::new(key).file_name()?;
    let above = manifest.ancestors().skip(1).map(|it| it.join(key));
    let beside = manifest.ancestors().skip(1).take(2).map(|it| it.join("data").join(name));
    above.chain(beside).find(|it| it.is_file())
}

/// Reads one data file; false when nobody wants it any more.
fn file(reader: usize, data: &Data, parts: &Parts) -> Result<bool, Lost> {
    let broken = |why: String| Lost::Exported { path: data.path.clone(), why };
    let mut lines = open(&data.path).map_err(|it| broken(it.to_string()))?;
    let (mut held, mut bytes, mut items) = (Vec::new(), 0, 0);
    let mut text = Vec::new();
    loop {
        text.clear();
        let read = lines.read_until(b'\n', &mut text).map_err(|it| broken(it.to_string()))?;
        let ended = read == 0;
        if !text.trim_ascii().is_empty() {
            items += 1;
            held.extend(rows(&text).map_err(|why| broken(format!("line {items}: {why}")))?);
            bytes += text.len();
        }
        if ended && data.items.is_some_and(|it| it != items) {
            let due = data.items.unwrap_or_default();
            return Err(broken(format!("it has {items} items, and the manifest says {due}")));
        }
        if bytes >= PART || ended {
            // A file is done with when all of it was read.
            let mark = if ended { done() } else { serde_json::Value::Null };
            let lines = std::mem::take(&mut held);
            let length = u64::try_from(bytes).unwrap_or_default();
            bytes = 0;
            let part = Part { reader, lines, mark, read_units: 0.0, length };
            if parts.blocking_send(part).is_err() {
                return Ok(false);
            }
        }
        if ended {
            return Ok(true);
        }
    }
}

fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let file = File::open(path)?;
    let zipped = path.extension().is_some_and(|it| it == "gz");
    Ok(if zipped {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    })
}

/// The rows of a line.
fn rows(text: &[u8]) -> Result<Vec<Line>, String> {
    if text.starts_with(SHOWN) {
        let (commit, _) = stack::commit(text).map_err(|it| it.to_string())?;
        return Ok(row::lines(&commit));
    }
    let line: Exported = serde_json::from_slice(text).map_err(|it| it.to_string())?;
    if let Some(item) = line.item {
        return of_item(&item);
    }
    let keys = line.keys.ok_or("it has neither an item nor the keys of one")?;
    let (stream, version) = key_of(&keys)?;
    match (line.old, line.new) {
        (None, Some(item)) => of_item(&item),
        (Some(_), Some(_)) => Ok(vec![row::broken(&stream, version, "the item was changed")]),
        (_, None) => Ok(vec![row::broken(&stream, version, "the item was deleted")]),
    }
}

fn of_item(item: &Item) -> Result<Vec<Line>, String> {
    let (stream, version) = key_of(item)?;
    let parts = parts_of(item, &stream, version);
    Ok(parts.map_or_else(|why| vec![row::broken(&stream, version, &why)], |it| row::lines(&it)))
}

fn key_of(item: &Item) -> Result<(String, u64), String> {
    let stream = item.get(keys::STREAM).and_then(|it| it.text.clone());
    let version = item.get(keys::VERSION).and_then(|it| it.number.as_ref()?.parse().ok());
    stream.zip(version).ok_or_else(|| "it has no key of the log".to_owned())
}

fn parts_of(item: &Item, stream: &str, version: u64) -> Result<CommitParts, String> {
    let missing = |name: &str| format!("attribute {name} is missing or of another type");
    let text =
        |name: &str| item.get(name).and_then(|it| it.text.clone()).ok_or_else(|| missing(name));
    let schema = item.get(keys::STATE_SCHEMA).and_then(|it| it.number.as_ref()?.parse().ok());
    let chain = item.get(keys::CHAIN).and_then(|it| STANDARD.decode(it.bytes.as_ref()?).ok());
    let types = item.get(keys::TYPES).and_then(|it| it.texts.clone());
    Ok(CommitParts {
        stream: stream.to_owned(),
        version,
        events: text(keys::EVENTS_JSON)?,
        meta: text(keys::META)?,
        types: types.ok_or_else(|| missing(keys::TYPES))?,
        state: text(keys::STATE)?,
        state_schema: schema.ok_or_else(|| missing(keys::STATE_SCHEMA))?,
        chain: chain.ok_or_else(|| missing(keys::CHAIN))?,
    })
}
