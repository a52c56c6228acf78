//! `cargo run --release -p postern-bench -- FOLDER`: how each function in the folder starts.
//!
//! A start is measured from the process's beginning to its first question for work: by then its
//! secrets are fetched (from loopback), its clients built, its keys read. Memory is what the process
//! holds at that moment.

mod lambda;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use start::Figures;

/// The functions, by the name of their binary.
const FUNCTIONS: [&str; 5] =
    ["postern-sign-in", "postern-account", "postern-project", "postern-notify", "postern-feedback"];

#[tokio::main]
async fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: postern-bench FOLDER, the one with the functions' binaries");
        return ExitCode::FAILURE;
    };
    println!("{:<18} {:>11} {:>11} {:>11}", "start", "median", "slowest", "resident");
    for function in FUNCTIONS {
        match start::measure(&folder.join(function)).await {
            Ok(Figures { median, slowest, resident }) => {
                let ms = |time: std::time::Duration| time.as_secs_f64() * 1_000.0;
                println!(
                    "{function:<18} {:>8.1} ms {:>8.1} ms {:>8.1} MB",
                    ms(median),
                    ms(slowest),
                    resident / 1e6
                );
            }
            Err(error) => {
                eprintln!("postern-bench: {function}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
