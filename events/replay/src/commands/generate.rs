//! `postern generate`.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use postern_replay::export::{self, Place};
use postern_replay::generate::{Label, Labelled, Wanted, generate};
use postern_replay::log::Log;
use postern_replay::merge::{Order, Unread};
use postern_replay::progress::{Progress, Unit};
use postern_replay::row;
use postern_replay::sort::Sorter;
use postern_store::StoreError;
use postern_store::streams::{Commit, CommitParts};
use serde::Serialize;

use super::{Failed, answer};

const EXAMPLES: &str = "\
Examples:
  postern generate made --accounts 1000 --days 60 --seed 7
  postern generate made --accounts 1000 --days 60 --seed 7 --format parquet
  postern verify --from made && postern stats --from made

Histories of owners and of attackers, decided by the rules that decide in earnest. The same arguments
give the same bytes. _labels.jsonl says which streams belong to which story, and which of those are
attacks. Nobody holds a key for what is sealed in them.";

/// The form of the files.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// JSON Lines.
    Jsonl,
    /// Parquet, compressed with Snappy.
    Parquet,
}

/// Make histories that never happened, attacks included and labelled, to try things on.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Generate {
    /// The folder to write to, a new or an empty one; or a file, by its ending.
    out: PathBuf,
    /// How many accounts.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    accounts: u32,
    /// How many days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// What chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form of the files.
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// A label as it is written down.
#[derive(Serialize)]
struct Written<'a> {
    stream: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    story: &'a str,
    attack: bool,
}

/// Why a history can't be written down.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("a commit can't be made")]
    Commit(#[from] StoreError),
    #[error(transparent)]
    File(#[from] Unread),
    #[error("a label can't be written")]
    Label(#[from] std::io::Error),
}

/// Where labels are written down. What begins with an underscore is no file of the log.
const LABELS: &str = "_labels.jsonl";

impl Generate {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let format = match self.format {
            Format::Jsonl => export::Format::Jsonl,
            Format::Parquet => export::Format::Parquet,
        };
        let place = Place::take(&self.out, format)?;
        // Nothing of an earlier try is of use.
        place.finish()?;
        let Self { accounts, days, seed, .. } = self;
        let wanted = Wanted { accounts, days, seed, begin: Wanted::BEGIN };
        let mut sorter = Sorter::new(&place.unfinished, Order::Sequence);
        let mut labels = BufWriter::new(File::create(labels_of(&self.out))?);
        let mut progress = Progress::begin("generating", 0, Unit::Bytes);
        let told = generate(&wanted, &mut |it| {
            match it {
                Labelled::Commit(commit) => {
                    let lines = row::lines(&parts(commit));
                    lines.iter().try_for_each(|it| sorter.push(it))?;
                    progress.add(u64::try_from(lines.len()).unwrap_or_default(), 0);
                }
                Labelled::Label(label) => write(&mut labels, &label)?,
            }
            Ok::<_, NotWritten>(())
        })?;
        labels.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        progress.end();
        let source = format!("generated: {accounts} accounts, {days} days, seed {seed}");
        let log = Log::sorted(sorter.finish()?);
        let exported = export::export(&log, &source, &place)?;
        place.finish()?;
        let stories: u64 = told.labels.values().sum();
        let text = format!(
            "{} events of {} streams on {} days; {stories} streams labelled",
            exported.events, exported.streams, exported.days
        );
        let figures = serde_json::json!({ "export": exported, "labels": told.labels });
        answer(self.json, &figures, text)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where the labels of an export go: into its folder, or beside its file.
fn labels_of(out: &Path) -> PathBuf {
    if out.is_dir() { out.join(LABELS) } else { out.with_extension("labels.jsonl") }
}

fn write(labels: &mut impl std::io::Write, label: &Label) -> std::io::Result<()> {
    let Label { stream, account, story, attack } = label;
    let account = account.map(|it| it.to_string());
    serde_json::to_writer(&mut *labels, &Written { stream, account, story, attack: *attack })?;
    labels.write_all(b"\n")
}

fn parts(commit: Commit) -> CommitParts {
    CommitParts {
        stream: commit.stream,
        version: commit.version,
        events: commit.events_json,
        meta: commit.meta_json,
        types: commit.types.into_iter().collect(),
        state: commit.state,
        state_schema: commit.state_schema,
        chain: commit.chain.to_vec(),
    }
}
