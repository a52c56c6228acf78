//! One run of a program: how long it took, and the most that it held in memory.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the process's memory is looked at; the kernel keeps the most by itself until then.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a run was like.
pub(crate) struct Run {
    pub(crate) took: Duration,
    /// The most that was in memory, in bytes.
    pub(crate) peak: f64,
    pub(crate) said: String,
}

/// Runs a program to its end, which has to be a good one.
pub(crate) fn run(
    program: &Path,
    arguments: &[impl AsRef<OsStr> + fmt::Debug],
    environment: &[(&str, &str)],
) -> Result<Run, Box<dyn Error>> {
    let began = Instant::now();
    let mut process = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|it| format!("{}: {it}", program.display()))?;
    let mut output = process.stdout.take().ok_or("no standard output")?;
    // Read beside, or a process that says much would wait for ever.
    let reading = std::thread::spawn(move || {
        let mut said = String::new();
        output.read_to_string(&mut said).map(|_| said)
    });
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0.0;
    let ended = loop {
        if let Some(held) = most(&status) {
            peak = held;
        }
        if let Some(ended) = process.try_wait()? {
            break ended;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let took = began.elapsed();
    let said = reading.join().map_err(|_| "standard output was lost")??;
    if !ended.success() {
        let mut complained = String::new();
        if let Some(mut it) = process.stderr.take() {
            it.read_to_string(&mut complained)?;
        }
        return Err(format!("postern {arguments:?} ended with {ended}: {complained}").into());
    }
    Ok(Run { took, peak, said })
}

/// The most that a living process ever had in memory, in bytes.
fn most(status: &str) -> Option<f64> {
    let told = std::fs::read_to_string(status).ok()?;
    let line = told.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1_024.0)
}
