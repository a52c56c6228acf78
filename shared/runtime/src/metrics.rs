//! What each invocation came to, as `CloudWatch` metrics: one line of the embedded metric format each,
//! written to the log, from which `CloudWatch` reads the figures.
//!
//! Dimensions are bounded: the function, the call by its method and the pattern of its path, the outcome
//! by its stable code. Facts that were appended are counted by function alone: each pair of a figure and
//! its dimensions is a metric that is paid for. Identifiers are properties of the line, never dimensions,
//! and no line holds anything personal.

use std::borrow::Cow;
use std::time::Instant;

use lambda_http::Context;
use postern_domain::ports::Clock as _;
use postern_store::tally::{Tally, tallied};
use serde_json::{Map, Value, json};

use crate::clock::SystemClock;

/// Where the metrics are found.
pub const NAMESPACE: &str = "Postern";
/// What the lines are logged as; [`crate::telemetry`] writes them as they are.
pub const TARGET: &str = "postern::metrics";
/// The outcome of work that did what was asked.
pub const OK: &str = "ok";

/// The outcome of a batch of which a part is brought again.
pub const RETRIED: &str = "retried";
/// The outcome of an invocation that came to nothing and is repeated.
pub const FAILED: &str = "failed";

/// What came of a call, in one word: [`OK`], or a stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome(pub Cow<'static, str>);

impl Outcome {
    /// It did what was asked.
    #[must_use]
    pub fn ok() -> Self {
        Self(Cow::Borrowed(OK))
    }
}

/// A piece of work that is measured.
#[derive(Debug, Clone)]
pub struct Work {
    /// The function that does it.
    pub function: &'static str,
    /// What it is: a call's method and path pattern, or what woke the function up.
    pub call: String,
    /// The invocation's identifier, where there is one.
    pub request: Option<String>,
    /// The trace that it belongs to, where there is one.
    pub trace: Option<String>,
}

impl Work {
    /// What an invocation is about that is no call of a client.
    #[must_use]
    pub fn woken(function: &'static str, by: &str, context: &Context) -> Self {
        Self {
            function,
            call: by.to_owned(),
            request: Some(context.request_id.clone()),
            trace: context.xray_trace_id.clone(),
        }
    }

    /// Does the work, and writes a line about it.
    pub async fn measure<T>(
        self,
        work: impl Future<Output = T>,
        outcome: impl FnOnce(&T) -> Outcome,
    ) -> T {
        self.measure_as(work, |done, work| (outcome(done), work)).await
    }

    /// The same where only its end tells what the work was.
    pub async fn measure_as<T>(
        self,
        work: impl Future<Output = T>,
        end: impl FnOnce(&T, Self) -> (Outcome, Self),
    ) -> T {
        let began = Instant::now();
        let (done, tally) = tallied(work).await;
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        let (outcome, work) = end(&done, self);
        tracing::info!(target: TARGET, line = work.line(&outcome, took, &tally).to_string());
        done
    }

    /// The line: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
    fn line(&self, outcome: &Outcome, took: f64, tally: &Tally) -> Value {
        let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
        let figures = [
            metric("calls", "Count"),
            metric("latency", "Milliseconds"),
            metric("read_units", "Count"),
            metric("write_units", "Count"),
        ];
        let facts = tally.facts.keys().take(MOST_FACTS).map(|it| metric(it, "Count"));
        let facts: Vec<_> = facts.collect();
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
        put("function", json!(self.function));
        put("call", json!(self.call));
        put("outcome", json!(outcome.0));
        put("request", json!(self.request));
        put("trace", json!(self.trace));
        put("calls", json!(1));
        put("latency", json!(took));
        put("read_units", json!(tally.read_units));
        put("write_units", json!(tally.write_units));
        for (fact, times) in tally.facts.iter().take(MOST_FACTS) {
            put(fact, json!(times));
        }
        let metrics = |dimensions: Value, metrics: &[Value]| json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics });
        let each = json!([["function"], ["function", "call"], ["function", "outcome"]]);
        let mut about = vec![metrics(each, &figures)];
        if !facts.is_empty() {
            about.push(metrics(json!([["function"]]), &facts));
        }
        let now = SystemClock.now().as_millisecond();
        put("_aws", json!({ "Timestamp": now, "CloudWatchMetrics": about }));
        Value::Object(line)
    }
}

/// A directive may name 100 metrics at most.
const MOST_FACTS: usize = 100;

#[cfg(test)]
mod tests {
    use postern_store::tally::note;

    use super::*;

    fn work() -> Work {
        Work {
            function: "sign-in",
            call: "POST /v1/sign-ins".to_owned(),
            request: Some("r-1".to_owned()),
            trace: Some("Root=1-2".to_owned()),
        }
    }

    #[tokio::test]
    async fn a_line_names_every_figure_that_it_holds() {
        let facts = async {
            note("sign_in.attempted");
            note("sign_in.code_issued");
            note("sign_in.code_issued");
        };
        let ((), tally) = tallied(facts).await;
        let line = work().line(&Outcome::ok(), 12.5, &tally);
        let about = line["_aws"]["CloudWatchMetrics"].as_array().expect("a list");
        let [figures, facts] = about.as_slice() else { panic!("{about:?}") };
        assert_eq!(
            figures["Dimensions"],
            json!([["function"], ["function", "call"], ["function", "outcome"]])
        );
        assert_eq!(facts["Dimensions"], json!([["function"]]));
        for (directive, metrics) in [(figures, 4), (facts, 2)] {
            assert_eq!(directive["Namespace"], "Postern");
            let names = directive["Metrics"].as_array().expect("a list");
            assert_eq!(names.len(), metrics);
            for metric in names {
                assert!(line[metric["Name"].as_str().expect("a name")].is_number(), "{metric}");
            }
        }
        for dimension in ["function", "call", "outcome"] {
            assert!(line[dimension].is_string(), "{dimension}");
        }
        assert_eq!(line["latency"], 12.5);
        assert_eq!(line["sign_in.code_issued"], 2);
        assert_eq!(line["outcome"], "ok");
    }

    #[tokio::test]
    async fn work_is_done_and_its_facts_stay_its_own() {
        let inner = work().measure(async { note("inner") }, |()| Outcome::ok());
        let ((), tally) = tallied(async {
            note("outer");
            inner.await;
        })
        .await;
        assert_eq!(tally.facts.keys().collect::<Vec<_>>(), ["outer"]);
    }

    #[tokio::test]
    async fn work_that_appended_nothing_names_no_facts() {
        let ((), tally) = tallied(async {}).await;
        let line = work().line(&Outcome::ok(), 1.0, &tally);
        assert_eq!(line["_aws"]["CloudWatchMetrics"].as_array().map(Vec::len), Some(1));
    }

    #[tokio::test]
    async fn a_line_never_names_more_than_a_hundred_facts() {
        let many = async { (0..200).for_each(|it| note(&format!("fact.{it}"))) };
        let ((), tally) = tallied(many).await;
        let line = work().line(&Outcome::ok(), 1.0, &tally);
        let metrics = line["_aws"]["CloudWatchMetrics"][1]["Metrics"].as_array().expect("a list");
        assert_eq!(metrics.len(), 100);
    }
}
