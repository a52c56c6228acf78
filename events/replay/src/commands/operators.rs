//! What operators do to single accounts: each an event that names who it was, and nothing without `--yes`.

mod erase;
mod person;
mod private_file;
mod sign_out;
mod unpause;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use postern_events::account::AccountEvent;
use postern_events::ids::AccountId;
use postern_replay::acts::{self, Act, Desk, NotAName, Operator, Refused};
use postern_runtime::aws;
use postern_runtime::aws::NoSecrets;
use postern_runtime::chance::SystemChance;
use postern_runtime::clock::SystemClock;
use postern_runtime::secrets::BadSecrets;
use postern_store::keys::DEFAULT_PREFIX;
use postern_store::model::Recorded;
use postern_store::{Store, StoreError};
use serde_json::{Value, json};

/// The exit code where nothing was done because nobody said `--yes`.
const NOT_WITHOUT_YES: u8 = 2;
/// The exit code where the account is none, or there is nothing to do.
const REFUSED: u8 = super::FOUND;

/// Where an operator's name is looked for, in this order, if it isn't given.
const NAMES: [&str; 3] = ["POSTERN_OPERATOR", "USER", "LOGNAME"];

/// What operators do to an account.
#[derive(Subcommand)]
pub(crate) enum Operate {
    /// All that is stored about somebody, opened, for their own copy.
    Person(person::Person),
    /// Erase an account as its owner could.
    Erase(erase::Erase),
    /// Lift a pause of code entry.
    Unpause(unpause::Unpause),
    /// End all sessions and all trust of an account.
    SignOut(sign_out::SignOut),
}

/// What every act is told.
#[derive(Args)]
struct Asked {
    /// The account: `acc_` and 26 characters.
    account: AccountId,
    /// Do it. Without this it is only said what would happen, and the exit code is 2.
    #[arg(long)]
    yes: bool,
    /// Who acts, as the log will say on your word; else from `POSTERN_OPERATOR`, USER, LOGNAME, or the
    /// system's user.
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// What the deployment's tables start with.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    prefix: String,
    /// Say what came of it as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// Nobody acts.
    #[error("nobody is named who acts: give --operator NAME, or set POSTERN_OPERATOR")]
    Nobody,
    /// The name can't stand in the log.
    #[error("give another --operator NAME")]
    Name(#[from] NotAName),
    /// The account, or the tables.
    #[error("nothing is shown, and nothing was done as far as is known; look before you try again")]
    Act(#[from] acts::Failed),
    /// There are no keys to open anything with.
    #[error("there are no keys: give --keys FILE, --secret ID, or set POSTERN_SECRET_ID")]
    NoKeys,
    /// The keys can't be fetched.
    #[error("the keys can't be had")]
    Fetch(#[from] NoSecrets),
    /// The keys are not of their form.
    #[error("the keys can't be used")]
    Keys(#[from] BadSecrets),
    /// The file that is asked for.
    #[error(transparent)]
    File(#[from] private_file::NotWritten),
    /// What is to be said can't be written as JSON.
    #[error("the answer can't be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The process itself.
    #[error("the system refused something")]
    System(#[from] io::Error),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Act(error.into())
    }
}

impl Operate {
    /// Does it, and says what came of it.
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match self {
                Self::Person(it) => it.run().await,
                Self::Erase(it) => it.run().await,
                Self::Unpause(it) => it.run().await,
                Self::SignOut(it) => it.run().await,
            }
        })
    }
}

/// The user that this process belongs to, as the system calls them.
fn user() -> Option<String> {
    let uid =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").ok()?).to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().map(|it| it.split(':'));
    fields.find_map(|mut it| {
        let name = it.next()?;
        (it.nth(1)? == uid).then(|| name.to_owned())
    })
}

impl Asked {
    /// Where it is done.
    async fn desk(&self) -> Result<Desk, Failed> {
        let named = |name: &&str| std::env::var(name).ok().filter(|it| !it.is_empty());
        let name = self.operator.clone().or_else(|| NAMES.iter().find_map(named)).or_else(user);
        let operator: Operator = name.ok_or(Failed::Nobody)?.parse()?;
        let client = aws_sdk_dynamodb::Client::new(&aws::operator_config().await);
        let store = Store::new(client, &self.prefix);
        Ok(Desk { store, chance: Arc::new(SystemChance), clock: Arc::new(SystemClock), operator })
    }

    /// Does it if that was asked for, and says what it is: `say` is given the account and the event.
    async fn carry_out(
        &self,
        act: Act,
        say: impl Fn(AccountId, &AccountEvent) -> Said,
    ) -> Result<ExitCode, Failed> {
        let desk = self.desk().await?;
        match desk.act(self.account, act, self.yes).await {
            Ok(events) => {
                for recorded in &events {
                    let said = say(self.account, &recorded.event);
                    self.tell(if self.yes { &said.done } else { &said.would }, Some(recorded))?;
                }
                Ok(if self.yes { ExitCode::SUCCESS } else { ExitCode::from(NOT_WITHOUT_YES) })
            }
            Err(acts::Failed::Refused(why)) => self.refuse(why),
            Err(failed) => Err(failed.into()),
        }
    }

    fn tell(&self, said: &str, event: Option<&Recorded<AccountEvent>>) -> Result<(), Failed> {
        if !self.json {
            let hint = if self.yes { "" } else { "\nNothing was done: say --yes to do it." };
            writeln!(io::stdout(), "{said}{hint}")?;
            return Ok(());
        }
        // What was only decided has no event yet.
        let event = event.filter(|_| self.yes).map(Recorded::stored).transpose()?;
        let outcome = if self.yes { "done" } else { "not_without_yes" };
        self.write(&json!({
            "account": self.account, "outcome": outcome, "said": said, "event": event,
        }))
    }

    /// Says why there is nothing to do.
    fn refuse(&self, why: Refused) -> Result<ExitCode, Failed> {
        if self.json {
            let (account, said) = (self.account, why.to_string());
            self.write(&json!({ "account": account, "outcome": "refused", "said": said }))?;
        } else {
            eprintln!("postern: {}: {why}", self.account);
        }
        Ok(ExitCode::from(REFUSED))
    }

    #[expect(clippy::unused_self, reason = "whoever was asked answers")]
    fn write(&self, answer: &Value) -> Result<(), Failed> {
        writeln!(io::stdout(), "{answer}")?;
        Ok(())
    }
}

/// What is said about an act.
struct Said {
    /// Before it is done.
    would: String,
    /// Afterwards.
    done: String,
}
