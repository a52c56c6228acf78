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

use super::private_file::PrivateFile;
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
  postern person acc_01J9ZT… --yes --secret postern-keys --out copy.json
  postern person acc_01J9ZT… --yes --keys .postern/secrets.json       the local stack, onto the terminal

For somebody who asks what is stored about them. The copy is one JSON document: the account, its devices,
sessions and login activity, and every event about it. Passwords, codes, tokens and keys are not in it, nor
their hashes. That you were shown it is written into the log first, as account.disclosed. The whole log is read, which takes a
while and costs as much.

Prefer --out to a redirection: the shell makes its file before this starts, readable by whomever your umask
lets, over whatever lay there. FILE is new, whole or not there, and yours alone to read (mode 0600). If no
such file can be made, nothing is shown and nothing recorded.

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
    /// Where the copy goes, as a new file that you alone may read; else to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Person {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        let desk = self.asked.desk().await?;
        let done = if self.asked.yes { self.show(&desk).await } else { self.announce(&desk).await };
        match done {
            Err(Failed::Act(acts::Failed::Refused(why))) => self.asked.refuse(why),
            done => done,
        }
    }

    /// Says what would happen.
    async fn announce(&self, desk: &Desk) -> Result<ExitCode, Failed> {
        let Self { asked, .. } = self;
        desk.act(asked.account, Act::Disclose, false).await?;
        let said = format!(
            "{}: all that is stored about its owner would be shown, opened, and the log would \
             say that {} was shown it.",
            asked.account, desk.operator
        );
        asked.tell(&said, None)?;
        Ok(ExitCode::from(NOT_WITHOUT_YES))
    }

    /// Shows it. Whatever can be known to fail does so before the log says that it was shown.
    async fn show(&self, desk: &Desk) -> Result<ExitCode, Failed> {
        let Self { asked, .. } = self;
        let file = self.out.as_deref().map(PrivateFile::begin).transpose()?;
        let store = desk.store.clone().with_keys(self.secrets().await?.vault_keys()?);
        let (copy, events) = disclose(&Desk { store, ..desk.clone() }, asked.account).await?;
        let text = serde_json::to_string_pretty(&copy)? + "\n";
        let Some(file) = file else {
            io::stdout().write_all(text.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        };
        let said = format!(
            "{}: all that is stored about its owner lies in {}, for you alone to read.",
            asked.account,
            file.finish(&text)?.display()
        );
        eprintln!("postern: {said}");
        if asked.json {
            asked.tell(&said, events.first())?;
        }
        Ok(ExitCode::SUCCESS)
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
