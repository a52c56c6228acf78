//! A small history that is the same each time, and the forms in which it may lie.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use postern_replay::generate::{Labelled, Wanted, generate};
use postern_replay::row;
use postern_store::StoreError;
use postern_store::streams::CommitParts;
use serde_json::{Value, json};

/// What the command line makes of the same.
pub(crate) const ASKED: [&str; 6] = ["--accounts", "12", "--days", "20", "--seed", "7"];

/// All commits, account by account.
pub(crate) static COMMITS: LazyLock<Vec<CommitParts>> = LazyLock::new(|| {
    let mut commits = Vec::new();
    let wanted = Wanted { accounts: 12, days: 20, seed: 7, begin: Wanted::BEGIN };
    let told = generate::<StoreError>(&wanted, &mut |it| {
        if let Labelled::Commit(it) = it {
            commits.push(CommitParts {
                stream: it.stream,
                version: it.version,
                events: it.events_json,
                meta: it.meta_json,
                types: it.types.into_iter().collect(),
                state: it.state,
                state_schema: it.state_schema,
                chain: it.chain.to_vec(),
            });
        }
        Ok(())
    });
    assert_eq!(told.unwrap().commits, commits.len() as u64);
    commits
});

/// A row as a line of text, with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) stream: String,
    pub(crate) sequence: u64,
    pub(crate) text: String,
}

impl Entry {
    /// A member that is text; those of the event stand before its data.
    pub(crate) fn member(&self, name: &str) -> String {
        let rest = self.text.split_once(&format!("\"{name}\":\"")).map(|it| it.1);
        rest.and_then(|it| it.split('"').next()).unwrap_or_default().to_owned()
    }

    pub(crate) fn day(&self) -> String {
        self.member("time").get(..10).unwrap_or("none").to_owned()
    }

    /// Puts one text into another's place, which must be there.
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        assert!(self.text.contains(old), "{old} is not in {}", self.text);
        self.text = self.text.replacen(old, new, 1);
    }
}

/// The rows of some commits, in order.
pub(crate) fn rows_of<'a>(commits: impl IntoIterator<Item = &'a CommitParts>) -> Vec<Entry> {
    let lines = commits.into_iter().flat_map(row::lines);
    let mut entries: Vec<_> = lines
        .map(|it| Entry {
            stream: it.stream().to_owned(),
            sequence: it.sequence(),
            text: String::from_utf8(it.bytes().to_vec()).unwrap(),
        })
        .collect();
    entries.sort();
    entries
}

/// All rows, in order.
pub(crate) fn rows() -> Vec<Entry> {
    static ROWS: LazyLock<Vec<Entry>> = LazyLock::new(|| rows_of(&*COMMITS));
    ROWS.clone()
}

/// Writes lines as they come.
pub(crate) fn write_lines<T: AsRef<str>>(path: &Path, lines: impl IntoIterator<Item = T>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let lines = lines.into_iter().fold(String::new(), |all, it| all + it.as_ref() + "\n");
    fs::write(path, lines).unwrap();
}

/// Writes rows into a folder a day, as they come.
pub(crate) fn write_days(folder: &Path, rows: &[Entry]) {
    let mut days: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for it in rows {
        days.entry(it.day()).or_default().push(&it.text);
    }
    for (day, rows) in days {
        write_lines(&folder.join(format!("date={day}/events.jsonl")), rows);
    }
}

/// Rows in one file, as they come.
pub(crate) fn write_file(path: &Path, rows: &[Entry]) {
    write_lines(path, rows.iter().map(|it| &it.text));
}

/// A commit as the local stack shows it.
pub(crate) fn shown(cursor: usize, commit: &CommitParts) -> String {
    let CommitParts { stream, version, events, meta, state, state_schema, .. } = commit;
    let (types, chain) = (json!(commit.types), STANDARD.encode(&commit.chain));
    format!(
        "{{\"cursor\":{cursor},\"stream\":\"{stream}\",\"version\":{version},\"events\":{events},\
         \"meta\":{meta},\"types\":{types},\"state\":{state},\"state_schema\":{state_schema},\
         \"chain\":\"{chain}\"}}"
    )
}

/// A commit as DynamoDB writes its item.
pub(crate) fn item(commit: &CommitParts) -> Value {
    json!({
        "stream": { "S": commit.stream },
        "version": { "N": commit.version.to_string() },
        "events": { "S": commit.events },
        "meta": { "S": commit.meta },
        "types": { "SS": commit.types },
        "state": { "S": commit.state },
        "state_schema": { "N": commit.state_schema.to_string() },
        "chain": { "B": STANDARD.encode(&commit.chain) },
    })
}

/// A line of a full export.
pub(crate) fn full(commit: &CommitParts) -> String {
    json!({ "Item": item(commit) }).to_string()
}

/// A line of an incremental export, with what else it says.
pub(crate) fn incremental(commit: &CommitParts, more: &Value) -> String {
    let keys = json!({
        "stream": { "S": commit.stream },
        "version": { "N": commit.version.to_string() },
    });
    let mut line = json!({ "Keys": keys });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    // DynamoDB begins with the metadata.
    let metadata = r#"{"Metadata":{"WriteTimestampMicros":{"N":"1768000000000000"}},"#;
    format!("{metadata}{}", line.to_string().strip_prefix('{').unwrap())
}

/// A line of an incremental export for a new item.
pub(crate) fn added(commit: &CommitParts) -> String {
    incremental(commit, &json!({ "NewImage": item(commit) }))
}

/// An export of DynamoDB in a folder: its data files by their keys, zipped where the key says so.
/// Gives the folder of its manifest.
pub(crate) fn write_export(folder: &Path, id: &str, files: &[(&str, Vec<String>)]) -> PathBuf {
    let of_export = folder.join("AWSDynamoDB").join(id);
    fs::create_dir_all(&of_export).unwrap();
    let mut manifest = Vec::new();
    for (key, lines) in files {
        let path = folder.join(key);
        if path.extension().is_some_and(|it| it == "gz") {
            zip(&path, lines);
        } else {
            write_lines(&path, lines);
        }
        let listed = json!({
            "itemCount": lines.len(), "md5Checksum": "x==", "etag": "x-1", "dataFileS3Key": key,
        });
        manifest.push(listed.to_string());
    }
    write_lines(&of_export.join("manifest-files.json"), manifest);
    fs::write(of_export.join("manifest-summary.json"), "{\"version\":\"2023-08-01\"}").unwrap();
    fs::write(of_export.join("_started"), "").unwrap();
    of_export
}

/// A zipped file of lines.
pub(crate) fn zip(path: &Path, lines: &[String]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    file.finish().unwrap();
}

/// A full export of all commits, in two zipped data files.
pub(crate) fn write_full(folder: &Path) -> PathBuf {
    let (one, other): (Vec<_>, Vec<_>) =
        COMMITS.iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let lines = |commits: Vec<(usize, &CommitParts)>| commits.iter().map(|it| full(it.1)).collect();
    let files = [
        ("AWSDynamoDB/01-full/data/one.json.gz", lines(one)),
        ("AWSDynamoDB/01-full/data/two.json.gz", lines(other)),
    ];
    write_export(folder, "01-full", &files)
}

/// Writes the log in every form that a file or a folder has, in no order where that is allowed, and names
/// what was written.
pub(crate) fn write_everywhere(folder: &Path) -> [&'static str; 4] {
    let [days, by_time, copied, dump] = ["days", "by-time.jsonl", "copied", "dump.jsonl"];
    write_days(&folder.join(days), &rows());
    let mut rows = rows();
    rows.sort_by_cached_key(|it| it.member("time"));
    write_file(&folder.join(by_time), &rows);
    write_full(&folder.join(copied));
    let lines = COMMITS.iter().enumerate().map(|(it, commit)| shown(it, commit));
    write_lines(&folder.join(dump), lines);
    [days, by_time, copied, dump]
}
