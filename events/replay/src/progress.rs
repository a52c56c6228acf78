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
    /// Items of a view.
    Items,
    /// Accounts.
    Accounts,
}

impl Unit {
    /// What is counted on the way.
    fn counted(self) -> &'static str {
        match self {
            Self::Bytes | Self::Commits => "events",
            Self::Items => "items",
            Self::Accounts => "accounts",
        }
    }
}

/// A piece of work that takes a while. It goes to standard error, so that standard output stays clean.
pub struct Progress {
    what: &'static str,
    unit: Unit,
    bar: Option<ProgressBar>,
    quiet: bool,
    begun: Instant,
    told: Instant,
    events: u64,
    done: u64,
    length: u64,
}

impl Progress {
    /// Begins, with its whole length where that is known, else 0.
    #[must_use]
    pub fn begin(what: &'static str, length: u64, unit: Unit) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(what, length, unit));
        let begun = Instant::now();
        Self { what, unit, bar, quiet: false, begun, told: begun, events: 0, done: 0, length }
    }

    /// Work that nobody watches.
    #[must_use]
    pub fn unseen() -> Self {
        let begun = Instant::now();
        let (what, unit, length) = ("", Unit::Bytes, 0);
        Self { what, unit, bar: None, quiet: true, begun, told: begun, events: 0, done: 0, length }
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

    /// One more of what takes a while each.
    pub fn step(&mut self) {
        self.events += 1;
        self.done += 1;
        self.tell();
    }

    /// Events so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    fn tell(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{:.0} {}/s", self.rate(), self.unit.counted()));
            bar.set_position(if self.length == 0 { self.done } else { self.done.min(self.length) });
        } else if !self.quiet && self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            // Whoever closed standard error doesn't want to read it.
            let _ = writeln!(std::io::stderr(), "{}", self.line(self.begun.elapsed()));
        }
    }

    fn rate(&self) -> f64 {
        rate(self.events, self.begun.elapsed())
    }

    #[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
    fn line(&self, took: Duration) -> String {
        let (what, events, counted) = (self.what, self.events, self.unit.counted());
        let line = format!("{what}: {events} {counted}, {:.0} a second", rate(events, took));
        if self.length == 0 || self.done == 0 {
            return line;
        }
        let part = (self.done as f64 / self.length as f64).min(1.0);
        let left = took.as_secs_f64() * (1.0 - part) / part;
        format!("{line}, {:.0} %, {left:.0} s left", part * 100.0)
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

#[expect(clippy::cast_precision_loss, reason = "it is shown, and rounded")]
fn rate(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64().max(f64::EPSILON)
}

fn bar(what: &'static str, length: u64, unit: Unit) -> ProgressBar {
    let (done, all, of) = match unit {
        Unit::Bytes => ("{bytes}", "{total_bytes}", ""),
        Unit::Commits => ("{pos}", "{len}", " commits"),
        Unit::Items => ("{pos}", "{len}", " items"),
        Unit::Accounts => ("{pos}", "{len}", " accounts"),
    };
    let shown = if length == 0 {
        // Nobody knows how much is to come.
        format!("{{prefix}} {done}{of}  {{msg}}")
    } else {
        format!("{{prefix}} {{wide_bar}} {done}/{all}{of}  {{msg}}  ETA {{eta}}")
    };
    let style = ProgressStyle::with_template(&shown);
    let bar = ProgressBar::new(length).with_prefix(what);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit: Unit, length: u64, events: u64, done: u64) -> String {
        let mut progress = Progress::unseen();
        (progress.what, progress.unit, progress.length) = ("comparing", unit, length);
        progress.add(events, done);
        progress.line(Duration::from_secs(4))
    }

    #[test]
    fn a_line_says_how_much_is_done_and_how_long_the_rest_takes() {
        let of_items = line(Unit::Items, 400, 100, 100);
        assert_eq!(of_items, "comparing: 100 items, 25 a second, 25 %, 12 s left");
        let of_bytes = line(Unit::Bytes, 1_000, 100, 500);
        assert_eq!(of_bytes, "comparing: 100 events, 25 a second, 50 %, 4 s left");
    }

    #[test]
    fn what_nobody_knows_the_length_of_has_no_end() {
        assert_eq!(line(Unit::Accounts, 0, 8, 8), "comparing: 8 accounts, 2 a second");
    }

    #[test]
    fn each_step_is_one_more() {
        let mut progress = Progress::unseen();
        progress.step();
        progress.step();
        assert_eq!((progress.events(), progress.done), (2, 2));
    }
}
