//! How far a long piece of work is: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a plain line is written: often enough for whoever waits, seldom enough for a job's log.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often the clock is looked at, in events.
const LOOK_EVERY: u64 = 4_096;

/// What the length of a piece of work is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of files.
    Bytes,
    /// Commits of a table.
    Commits,
}

/// A piece of work that takes a while. It goes to standard error, so that standard output stays clean.
pub struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    quiet: bool,
    begun: Instant,
    told: Instant,
    events: u64,
    done: u64,
    length: u64,
}

impl Progress {
    /// Begins, with its whole length where that is known.
    #[must_use]
    pub fn begin(what: &'static str, length: u64, unit: Unit) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(what, length, unit));
        let begun = Instant::now();
        Self { what, bar, quiet: false, begun, told: begun, events: 0, done: 0, length }
    }

    /// Work that nobody watches.
    #[must_use]
    pub fn unseen() -> Self {
        let begun = Instant::now();
        let (what, length) = ("", 0);
        Self { what, bar: None, quiet: true, begun, told: begun, events: 0, done: 0, length }
    }

    /// So many more events, and so much of the length.
    pub fn add(&mut self, events: u64, done: u64) {
        let before = self.events / LOOK_EVERY;
        self.events += events;
        self.done += done;
        if self.events / LOOK_EVERY != before || events > 1 {
            self.tell();
        }
    }

    /// Events so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    fn tell(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{:.0} events/s", self.rate()));
            bar.set_position(self.done.min(self.length));
        } else if !self.quiet && self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            // Whoever closed standard error doesn't want to read it.
            let _ = writeln!(std::io::stderr(), "{}", self.line());
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
    fn rate(&self) -> f64 {
        self.events as f64 / self.begun.elapsed().as_secs_f64().max(f64::EPSILON)
    }

    #[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
    fn line(&self) -> String {
        let (what, events, rate) = (self.what, self.events, self.rate());
        if self.length == 0 || self.done == 0 {
            return format!("{what}: {events} events, {rate:.0} a second");
        }
        let part = (self.done as f64 / self.length as f64).min(1.0);
        let left = self.begun.elapsed().as_secs_f64() * (1.0 - part) / part;
        let percent = part * 100.0;
        format!("{what}: {events} events, {rate:.0} a second, {percent:.0} %, {left:.0} s left")
    }

    /// It is done; the bar goes, so that what follows stands alone.
    pub fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

fn bar(what: &'static str, length: u64, unit: Unit) -> ProgressBar {
    let count = match unit {
        Unit::Bytes => "{bytes}/{total_bytes}",
        Unit::Commits => "{pos}/{len} commits",
    };
    let shown = format!("{{prefix}} {{wide_bar}} {count}  {{msg}}  ETA {{eta}}");
    let style = ProgressStyle::with_template(&shown);
    let bar = ProgressBar::new(length).with_prefix(what);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
