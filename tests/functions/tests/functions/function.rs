//! One function as a process, in a Lambda of its own.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use postern_runtime::chance::SystemChance;
use postern_runtime::secrets::Secrets;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::gateway::Answer;
use crate::lambda::{self, Ends, Invocation, LASTS_MS, Outcome};
use crate::program;
use crate::services::{SECRET_ID, Services, Tables};

/// How long anything may take before the test gives up; a busy computer needs some of it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The API as clients reach it, as the functions are told.
pub(crate) const PUBLIC_URL: &str = "https://api.postern.example";

/// The secret half of the credentials that a function has; it must never be seen anywhere.
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI-never-to-be-printed";

/// What every function of a deployment is configured with.
pub(crate) const CONFIGURED: [(&str, &str); 10] = [
    ("POSTERN_TABLE_PREFIX", "postern-test-"),
    ("POSTERN_SECRET_ID", SECRET_ID),
    ("POSTERN_PUBLIC_URL", PUBLIC_URL),
    ("POSTERN_EMAIL_SENDER", "no-reply@postern.example"),
    ("POSTERN_MINIMUM_VERSION", "2.3"),
    ("POSTERN_LATEST_VERSION", "2.10.1"),
    ("POSTERN_SUPPORT_URL", "https://postern.example/help"),
    ("POSTERN_SUPPORT_EMAIL", "support@postern.example"),
    ("POSTERN_UPLOADS_BUCKET", "postern-test-uploads"),
    ("POSTERN_UPLOADS_URL", "https://postern-test-uploads.s3.example"),
];

/// A Lambda with its neighbours, and the environment that it gives to a function.
pub(crate) struct Lambda {
    pub(crate) services: Services,
    pub(crate) environment: BTreeMap<&'static str, String>,
    ends: Ends,
    server: JoinHandle<()>,
}

impl Lambda {
    /// With fresh secrets.
    pub(crate) async fn with(tables: Tables) -> Self {
        let secrets = Secrets::generate(&SystemChance).unwrap().to_json().unwrap();
        Self::holding(tables, Some(&secrets)).await
    }

    /// With this secret, or none that may be read.
    pub(crate) async fn holding(tables: Tables, secret: Option<&str>) -> Self {
        let services = Services::new(tables, secret);
        let (runtime_api, ends) = lambda::routes();
        let router = runtime_api.merge(services.routes());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { services, environment: environment(&address), ends, server }
    }

    /// Starts the function of this package with nothing but the environment.
    pub(crate) fn start(self, package: &str) -> Function {
        let mut process = Command::new(program::of(package))
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (out, err) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        let (written, report) = (Arc::clone(&said), self.ends.report.clone());
        thread::spawn(move || {
            thread::scope(|both| {
                both.spawn(|| hear(out, &written));
                both.spawn(|| hear(err, &written));
            });
            // Both are closed only when the process is gone. A test that is over doesn't listen.
            let _ = report.send(Outcome::Ended);
        });
        Function { lambda: self, process, said, invocations: 0 }
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What Lambda sets, then what the deployment sets.
fn environment(address: &str) -> BTreeMap<&'static str, String> {
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "postern-test"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/postern-test"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/24/[$LATEST]0"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_SESSION_TOKEN", "session-token"),
    ];
    let mut all: BTreeMap<_, _> = lambda
        .into_iter()
        .chain(CONFIGURED)
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    all.insert("AWS_ENDPOINT_URL", format!("http://{address}"));
    all
}

/// Keeps all that a process prints, so that it never has to wait for a reader.
fn hear(mut output: impl Read, said: &Mutex<Vec<u8>>) {
    let mut some = [0; 4_096];
    while let Ok(read @ 1..) = output.read(&mut some) {
        said.lock().unwrap().extend(&some[..read]);
    }
}

/// A running function; its process ends with the value.
pub(crate) struct Function {
    lambda: Lambda,
    process: Child,
    said: Arc<Mutex<Vec<u8>>>,
    invocations: u32,
}

impl Function {
    /// Hands over an event; what the function answers, or the error that it reports.
    pub(crate) async fn invoke(&mut self, event: Value) -> Result<Value, Value> {
        self.invoke_for(LASTS_MS, event).await
    }

    /// The same, where the function is told that it may take so many milliseconds.
    pub(crate) async fn invoke_for(&mut self, lasts: i64, event: Value) -> Result<Value, Value> {
        self.invocations += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.invocations);
        self.lambda.ends.work.send(Invocation { id: id.clone(), event, lasts }).unwrap();
        match self.outcome().await {
            Outcome::Answered(of, answer) if of == id => Ok(answer),
            Outcome::Failed(of, error) if of == id => Err(error),
            other @ (Outcome::Answered(..)
            | Outcome::Failed(..)
            | Outcome::NotStarted(_)
            | Outcome::Ended) => panic!("{id} led to {other:?}"),
        }
    }

    /// Hands over an HTTP call.
    pub(crate) async fn call(&mut self, event: Value) -> Answer {
        Answer::read(&self.invoke(event).await.unwrap())
    }

    /// The neighbours of the function.
    pub(crate) fn services(&self) -> &Services {
        &self.lambda.services
    }

    /// Waits until the process ends by itself, having done nothing else: how, and all that it
    /// printed.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        assert_eq!(self.outcome().await, Outcome::Ended);
        let status = self.process.wait().unwrap();
        (status, self.said())
    }

    /// Ends the process: all that it printed.
    pub(crate) async fn close(mut self) -> String {
        self.process.kill().unwrap();
        assert_eq!(self.outcome().await, Outcome::Ended);
        self.said()
    }

    async fn outcome(&mut self) -> Outcome {
        timeout(PATIENCE, self.lambda.ends.outcomes.recv()).await.unwrap().unwrap()
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Nothing is left to do if the process has already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the function said:\n{}", self.said());
        }
    }
}

/// A batch of a table's stream.
pub(crate) fn batch(records: &[Value]) -> Value {
    json!({ "Records": records })
}
