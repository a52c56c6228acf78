//! What figures were measured on: without it they say nothing.

use std::process::Command;

/// The machine and the versions, in one line.
pub(crate) fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = memory_gib().map_or(String::new(), |it| format!(", {it:.0} GiB"));
    let compiler = Command::new("rustc").arg("--version").output().ok();
    let compiler = compiler.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    format!(
        "{}, {cores} cores{memory}, {}, postern {}",
        processor().unwrap_or_else(|| "unknown processor".to_owned()),
        compiler.unwrap_or_else(|| "unknown compiler".to_owned()),
        env!("CARGO_PKG_VERSION"),
    )
}

fn processor() -> Option<String> {
    let told = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = told.lines().find_map(|it| it.strip_prefix("model name"))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}

fn memory_gib() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|it| it.strip_prefix("MemTotal:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024.0 / 1024.0)
}
