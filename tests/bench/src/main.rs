//! How fast Postern is, and how much memory it takes.
//!
//! - `postern-bench starts FOLDER`: how each function in the folder starts.
//! - `postern-bench log POSTERN STACK [EVENTS]`: how fast the command line reads a log, and in how much
//!   memory; and what a table costs to read.
//!
//! Build what is measured for release, and this with it.

mod lambda;
mod log;
mod machine;
mod process;
mod start;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use start::Figures;

/// The functions, by the name of their binary.
const FUNCTIONS: [&str; 5] =
    ["postern-sign-in", "postern-account", "postern-project", "postern-notify", "postern-feedback"];

/// Events in a log, unless another number is asked for: seconds for each figure.
const EVENTS: u64 = 1_000_000;

const USAGE: &str = "usage: postern-bench starts FOLDER | log POSTERN STACK [EVENTS]";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["starts", folder] => starts(Path::new(folder)).await,
        ["log", postern, stack] => of_log(postern, stack, EVENTS).await,
        ["log", postern, stack, events] => match events.parse() {
            Ok(events) => of_log(postern, stack, events).await,
            Err(_) => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postern-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A start is measured from the process's beginning to its first question for work: by then its secrets
/// are fetched (from loopback), its clients built, its keys read. Memory is what the process holds at that
/// moment.
async fn starts(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("{:<18} {:>11} {:>11} {:>11}", "start", "median", "slowest", "resident");
    for function in FUNCTIONS {
        let Figures { median, slowest, resident } = start::measure(&folder.join(function))
            .await
            .map_err(|it| format!("{function}: {it}"))?;
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1_000.0;
        println!(
            "{function:<18} {:>8.1} ms {:>8.1} ms {:>8.1} MB",
            ms(median),
            ms(slowest),
            resident / 1e6
        );
    }
    Ok(())
}

async fn of_log(postern: &str, stack: &str, events: u64) -> Result<(), Box<dyn Error>> {
    log::measure(&PathBuf::from(postern), &PathBuf::from(stack), events).await
}
