//! The server's time, which proofs are dated with.
//!
//! A phone's clock may be wrong by years, so it is never asked: the client remembers what time
//! the server last told and counts on from there with a clock that can't be set.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

/// What the server's clock showed, and how long ago.
#[derive(Debug, Clone, Copy)]
pub struct ServerClock {
    told: i64,
    at: Instant,
}

impl ServerClock {
    /// Learns from an answer that tells the time in `server_time`.
    #[must_use]
    pub fn learn(answer: &Value) -> Option<Self> {
        let told: Timestamp = answer.get("server_time")?.as_str()?.parse().ok()?;
        Some(Self { told: told.as_second(), at: Instant::now() })
    }

    /// The server's time now, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        let passed = i64::try_from(self.at.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.told.saturating_add(passed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use serde_json::json;

    use super::*;

    #[test]
    fn the_servers_word_counts_whatever_the_phone_believes() {
        let clock = ServerClock::learn(&json!({ "server_time": "2001-09-09T01:46:40Z" })).unwrap();
        assert!((1_000_000_000..1_000_000_005).contains(&clock.now()));
    }

    #[test]
    fn an_answer_that_tells_no_time_teaches_nothing() {
        assert!(ServerClock::learn(&json!({ "code": "invalid_token" })).is_none());
        assert!(ServerClock::learn(&json!({ "server_time": "noon" })).is_none());
    }
}
