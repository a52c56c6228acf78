//! `postern person`.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use postern_replay::acts::{self, Act, Desk};
use postern_replay::person::disclose;
use postern_runtime::aws;
use postern_runtime::secrets::Secrets;

use super::{Asked, Failed, NOT_WITHOUT_YES};

/// Where the secret's name stands for functions, and for operators of the same deployment.
const SECRET: &str = "POSTERN_SECRET_ID";
/// Standard input, as a file.
const STANDARD_INPUT: &str = "-";

/// See [`super::Operate::Person`].
#[derive(Args)]
#[command(after_help = "\
Examples:
  postern person acc_01J9ZT…                                          say what would happen
  postern person acc_01J9ZT… --yes --secret postern-keys > copy.json
  postern person acc_01J9ZT… --yes --keys .postern/secrets.json       the local stack

For somebody who asks what is stored about them. The copy is one JSON document: the account, its devices,
sessions and login activity, and every event about it. Passwords, codes, tokens and keys are not in it, nor
their hashes. That you were shown it is written into the log first, as account.disclosed. The whole log is read, which takes a
while and costs as much.

Exit codes: 0 shown, 1 failed, 2 nothing was shown without --yes, 3 there is no such account, or it is erased.")]
pub(crate) struct Person {
    #[command(flatten)]
    asked: Asked,
    /// The deployment's keys as `postern keys` writes them; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The secret in Secrets Manager that holds them; else from `POSTERN_SECRET_ID`.
    #[arg(long, value_name = "ID", conflicts_with = "keys")]
    secret: Option<String>,
}

impl Person {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        let Self { asked, .. } = &self;
        let desk = asked.desk().await?;
        let shown = if asked.yes {
            let store = desk.store.clone().with_keys(self.secrets().await?.vault_keys()?);
            disclose(&Desk { store, ..desk.clone() }, asked.account).await.map(Some)
        } else {
            desk.act(asked.account, Act::Disclose, false).await.map(|_| None)
        };
        match shown {
            Ok(Some(copy)) => {
                writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&copy)?)?;
                Ok(ExitCode::SUCCESS)
            }
            Ok(None) => {
                let said = format!(
                    "{}: all that is stored about its owner would be shown, opened, and the log would \
                     say that {} was shown it.",
                    asked.account, desk.operator
                );
                asked.tell(&said, None)?;
                Ok(ExitCode::from(NOT_WITHOUT_YES))
            }
            Err(acts::Failed::Refused(why)) => asked.refuse(why),
            Err(failed) => Err(failed.into()),
        }
    }

    async fn secrets(&self) -> Result<Secrets, Failed> {
        if let Some(path) = &self.keys {
            return Ok(Secrets::parse(&read(path)?)?);
        }
        let named = || std::env::var(SECRET).ok().filter(|it| !it.is_empty());
        let id = self.secret.clone().or_else(named).ok_or(Failed::NoKeys)?;
        Ok(aws::secrets(&aws::operator_config().await, &id).await?)
    }
}

fn read(path: &Path) -> io::Result<String> {
    if path != Path::new(STANDARD_INPUT) {
        return fs::read_to_string(path);
    }
    let mut document = String::new();
    io::stdin().read_to_string(&mut document)?;
    Ok(document)
}
