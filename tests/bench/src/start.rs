//! Starting one function, again and again.

use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postern_runtime::chance::SystemChance;
use postern_runtime::secrets::Secrets;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::lambda;

/// How often each function is started; an odd number has a median.
const STARTS: usize = 21;
/// Whoever hasn't asked for work by then never will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whom functions believe to be AWS, as they are deployed.
const ROOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/roots/roots.pem");

/// What a function's starts were like.
pub(crate) struct Figures {
    pub(crate) median: Duration,
    pub(crate) slowest: Duration,
    /// Bytes in memory at the median start.
    pub(crate) resident: f64,
}

/// Starts the program again and again.
pub(crate) async fn measure(program: &Path) -> Result<Figures, Box<dyn Error>> {
    let secret = Secrets::generate(&SystemChance)?.to_json()?;
    let (router, mut asks) = lambda::routes(secret);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut process = start(program, &address)?;
        let asked = timeout(PATIENCE, asks.recv()).await;
        let took = began.elapsed();
        let resident = resident(&process);
        process.kill()?;
        process.wait()?;
        if asked.is_err() {
            return Err("it never asked for work".into());
        }
        starts.push((took, resident?));
    }
    server.abort();
    starts.sort_by_key(|it| it.0);
    let (median, resident) = starts.get(STARTS / 2).copied().ok_or("no start")?;
    let slowest = starts.last().map_or(median, |it| it.0);
    Ok(Figures { median, slowest, resident })
}

fn start(program: &Path, address: &str) -> std::io::Result<Child> {
    let set = [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "postern-bench"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "postern-bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "postern-bench"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("POSTERN_TABLE_PREFIX", "postern-"),
        ("POSTERN_SECRET_ID", "postern/bench"),
        ("POSTERN_PUBLIC_URL", "https://api.postern.example"),
        ("POSTERN_EMAIL_SENDER", "no-reply@postern.example"),
        ("POSTERN_MINIMUM_VERSION", "2.3"),
        ("POSTERN_LATEST_VERSION", "2.3"),
        ("POSTERN_SUPPORT_URL", "https://postern.example/support"),
        ("POSTERN_SUPPORT_EMAIL", "support@postern.example"),
        ("POSTERN_UPLOADS_BUCKET", "postern-uploads"),
        ("POSTERN_UPLOADS_URL", "https://postern-uploads.s3.example"),
        ("SSL_CERT_FILE", ROOTS),
    ];
    Command::new(program)
        .env_clear()
        .envs(set)
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Bytes of the process that are in memory.
fn resident(process: &Child) -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1_024.0)
}
