//! `cargo run`: the local stack, until it is told to stop.

use std::process::ExitCode;

use postern_local::compose;
use postern_local::settings::{Settings, StartError};
use postern_local::stack::{Stack, asked_to_end};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postern: {}", error.line());
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), StartError> {
    let settings = Settings::read(|name| std::env::var_os(name))?;
    let end = asked_to_end()?;
    let stack = Stack::open(&settings).await?;
    let application = compose::application(&stack)?;
    stack.run(application, end).await
}
