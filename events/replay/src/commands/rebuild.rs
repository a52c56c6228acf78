//! Making a table anew from the log.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Subcommand;
use postern_domain::ports::Clock as _;
use postern_replay::guards::{self, Compared};
use postern_runtime::aws;
use postern_runtime::chance::SystemChance;
use postern_runtime::clock::SystemClock;
use postern_store::Store;
use postern_store::keys::DEFAULT_PREFIX;

/// The exit code where something is missing, or an account was too busy to tell.
const DIFFERS: u8 = 2;
/// The exit code where somebody has to look.
const CONTRADICTS: u8 = 3;

/// What can be made anew.
#[derive(Subcommand)]
pub(crate) enum Rebuild {
    /// Counts of wrong codes, open attempts, budgets, and whose each address is. Never lowers a count.
    /// Exit code 2: something is missing still. 3: an address is somebody else's.
    Guards {
        /// What the deployment's tables start with.
        #[arg(long, default_value = DEFAULT_PREFIX)]
        prefix: String,
        /// Write what is missing.
        #[arg(long)]
        yes: bool,
    },
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The log or the guards.
    #[error("the guards are as they were, or were made anew in part; run it again")]
    Guards(#[from] guards::Failed),
    /// The process itself.
    #[error("the system refused something")]
    System(#[from] io::Error),
}

impl Rebuild {
    /// Does it, and says what was found.
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let Self::Guards { prefix, yes } = self;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let compared = runtime.block_on(async {
            let client = aws_sdk_dynamodb::Client::new(&aws::operator_config().await);
            let store = Store::new(client, &prefix);
            guards::recount(&store, &SystemChance, SystemClock.now(), yes).await
        })?;
        let Compared { accounts, guards, stricter, addresses, contradictions, unsettled } =
            compared;
        let did = if yes { "written" } else { "missing" };
        let mut out = io::stdout();
        writeln!(out, "accounts                        {accounts}")?;
        writeln!(out, "guards {did}                  {guards}")?;
        writeln!(out, "guards that count more          {stricter}")?;
        writeln!(out, "addresses {did}               {addresses}")?;
        writeln!(out, "addresses of somebody else      {contradictions}")?;
        writeln!(out, "accounts too busy to compare    {unsettled}")?;
        Ok(if contradictions > 0 {
            ExitCode::from(CONTRADICTS)
        } else if unsettled > 0 || (!yes && guards + addresses > 0) {
            ExitCode::from(DIFFERS)
        } else {
            ExitCode::SUCCESS
        })
    }
}
