//! Streams whose figures are not all, since events of theirs are missing.

use crate::row::Row;

/// Counts them while rows come, each stream's together and in order.
#[derive(Default)]
pub(super) struct Holes {
    stream: String,
    /// The sequence that comes next where nothing is missing.
    due: u64,
    /// Whether the stream's last row so far ends its commit.
    ended: bool,
    lacks: bool,
    streams: u64,
}

impl Holes {
    pub(super) fn see(&mut self, row: &Row<'_>) {
        if self.stream != row.stream {
            self.end();
            row.stream.as_ref().clone_into(&mut self.stream);
            (self.due, self.lacks) = (1, false);
        }
        self.lacks |= row.sequence != self.due;
        self.due = row.sequence.saturating_add(1);
        self.ended = row.is_last();
    }

    fn end(&mut self) {
        let cut_off = !self.stream.is_empty() && !self.ended;
        self.streams += u64::from(self.lacks || cut_off);
    }

    /// How many there were.
    pub(super) fn streams(mut self) -> u64 {
        self.end();
        self.streams
    }
}
