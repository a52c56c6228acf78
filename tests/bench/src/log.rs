//! Reading a log: verified, projected, exported, counted, from a file grouped by stream; and from a table.

mod table;

use std::error::Error;
use std::path::Path;

use crate::machine;
use crate::process::{Run, run};

/// Days of the histories.
const DAYS: u64 = 60;
/// Events of an account in these days, about.
const EVENTS_AN_ACCOUNT: u64 = 55;
/// The seed of the histories.
const SEED: &str = "7";
/// Events in the table: a unit of reading costs the same however many there are.
const IN_TABLE: u64 = 20_000;

/// A figure that is aimed at.
struct Goal {
    what: &'static str,
    arguments: &'static [&'static str],
    /// Events a second.
    rate: Option<f64>,
}

/// Events a second of an export in any form.
const EXPORT: Option<f64> = Some(150_000.0);
/// What stands for the folder that everything is made in.
const HERE: char = '@';

const GOALS: [Goal; 9] = [
    Goal { what: "verify", arguments: &["verify"], rate: Some(150_000.0) },
    Goal { what: "replay activity", arguments: &["replay", "activity"], rate: Some(300_000.0) },
    Goal { what: "replay devices", arguments: &["replay", "devices"], rate: Some(300_000.0) },
    Goal { what: "replay accounts", arguments: &["replay", "accounts"], rate: Some(300_000.0) },
    Goal { what: "replay guards", arguments: &["replay", "guards"], rate: Some(300_000.0) },
    Goal { what: "stats", arguments: &["stats"], rate: None },
    Goal { what: "export lines", arguments: &["export", "@lines"], rate: EXPORT },
    Goal {
        what: "export parquet",
        arguments: &["export", "@days", "--format", "parquet"],
        rate: EXPORT,
    },
    Goal { what: "export one parquet", arguments: &["export", "@one.parquet"], rate: EXPORT },
];

/// The same log, as it was exported.
const EXPORTED: [(&str, &str); 3] = [
    ("verify lines", "@lines"),
    ("verify parquet", "@days"),
    ("verify one parquet", "@one.parquet"),
];

/// Measures everything, and prints it.
pub(crate) async fn measure(
    postern: &Path,
    stack: &Path,
    events: u64,
) -> Result<(), Box<dyn Error>> {
    println!("{}", machine::line());
    let folder = std::env::temp_dir().join(format!("postern-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = in_folder(postern, stack, events, &folder).await;
    std::fs::remove_dir_all(&folder)?;
    measured
}

async fn in_folder(
    postern: &Path,
    stack: &Path,
    events: u64,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    println!("{:<18} {:>12} {:>10} {:>14} {:>10}", "log", "events", "seconds", "events/s", "peak");
    let file = generate(postern, events, folder, "log.jsonl")?;
    let here = |it: &str| match it.strip_prefix(HERE) {
        Some(name) => folder.join(name).display().to_string(),
        None => it.to_owned(),
    };
    for Goal { what, arguments, rate } in &GOALS {
        let own = arguments.iter().map(|it| here(it));
        let reading = ["--from", &file.path, "--work", "@work"].map(here);
        let all: Vec<String> = own.chain(reading).collect();
        let made = run(postern, &all, &[])?;
        row(what, file.events, &made, *rate);
    }
    for (what, from) in EXPORTED {
        let made = run(postern, &["verify".to_owned(), "--from".to_owned(), here(from)], &[])?;
        row(what, file.events, &made, None);
    }
    let small = generate(postern, IN_TABLE, folder, "small.jsonl")?;
    table::measure(postern, stack, folder, &small.path).await
}

/// A file of the log.
struct Made {
    path: String,
    events: u64,
}

fn generate(
    postern: &Path,
    events: u64,
    folder: &Path,
    name: &str,
) -> Result<Made, Box<dyn Error>> {
    let path = folder.join(name).display().to_string();
    let accounts = (events / EVENTS_AN_ACCOUNT).max(1).to_string();
    let days = DAYS.to_string();
    let made = run(
        postern,
        &["generate", &path, "--accounts", &accounts, "--days", &days, "--seed", SEED, "--json"],
        &[],
    )?;
    let told: serde_json::Value = serde_json::from_str(&made.said)?;
    let events = told["export"]["events"].as_u64().ok_or("generate doesn't say how many events")?;
    row("generate", events, &made, None);
    Ok(Made { path, events })
}

#[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
fn row(what: &str, events: u64, made: &Run, goal: Option<f64>) {
    let seconds = made.took.as_secs_f64();
    let rate = events as f64 / seconds;
    let missed = goal.filter(|it| rate < *it);
    let missed = missed.map_or(String::new(), |it| format!("  below the goal of {it:.0}"));
    println!(
        "{what:<18} {events:>12} {seconds:>8.2} s {rate:>14.0} {:>7.1} MB{missed}",
        made.peak / 1e6
    );
}
