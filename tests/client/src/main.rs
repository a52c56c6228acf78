//! `cargo run -p postern-client -- http://127.0.0.1:8080` tours a running local stack.

use std::io::stdout;
use std::process::ExitCode;

use postern_client::tour;

/// Where the local stack listens unless it is told otherwise.
const DEFAULT_BASE: &str = "http://127.0.0.1:8080";

#[tokio::main]
async fn main() -> ExitCode {
    let base = std::env::args().nth(1).unwrap_or(DEFAULT_BASE.to_owned());
    match tour::play(&base, &mut stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("postern-client: {}", trouble.in_full());
            ExitCode::FAILURE
        }
    }
}
