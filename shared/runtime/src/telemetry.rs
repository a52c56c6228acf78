//! Logs and metrics: one JSON object a line, on standard output, where Lambda collects them.

use std::fmt;
use std::io::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::metrics;

/// The variable that says what is logged, by target and level (`info,postern_http=debug`); `info` where it
/// is missing or not understood.
const FILTER: &str = "POSTERN_LOG";

/// Sends the process's logs and metrics to standard output. A log line bears the spans that it was
/// written in: the invocation's identifier and trace, and the request's own name.
///
/// A second call changes nothing: the first subscriber stays.
pub fn start() {
    let asked = std::env::var(FILTER).ok().and_then(|it| it.parse::<Targets>().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let logs = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_filter(filter)
        .with_filter(filter_fn(|of| of.target() != metrics::TARGET));
    let lines = Lines.with_filter(filter_fn(|of| of.target() == metrics::TARGET));
    if let Err(error) = tracing_subscriber::registry().with(logs).with(lines).try_init() {
        tracing::debug!(%error, "logs were started before");
    }
}

/// Writes the lines of metrics as they are: `CloudWatch` reads no line with anything around it.
struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(None);
        event.record(&mut line);
        let Some(text) = line.0 else { return };
        let mut out = io::stdout().lock();
        // Where nobody reads, there is nobody to tell that either.
        let _ = writeln!(out, "{text}");
    }
}

struct Line(Option<String>);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "line" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
