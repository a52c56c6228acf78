//! Where a command reads the log from.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, MessageId, SignInId, SupportId, VerificationId};
use postern_events::message::MessageEvent;
use postern_events::sign_in::SignInEvent;
use postern_events::support::SupportEvent;
use postern_events::verification::VerificationEvent;
use postern_replay::gather::NotGathered;
use postern_replay::log::Log;
use postern_replay::source::{Lost, Source, TABLE, table::Table};
use postern_replay::work::{KEPT, NoWork, forget_old, usual_folder, usual_is_ours};
use postern_runtime::aws;
use postern_store::Store;
use postern_store::keys::DEFAULT_PREFIX;

use super::Failed;

const SECONDS_PER_HOUR: u64 = 60 * 60;

/// Where the log is read from.
#[derive(Args, Debug, Clone)]
pub(crate) struct Reading {
    /// `table` (the live one, reached as by every tool of AWS), the address of a local stack
    /// (`http://127.0.0.1:8080`), or a file or folder: of this tool, or of DynamoDB's export to S3.
    #[arg(long, value_name = "SOURCE", default_value = TABLE)]
    pub(crate) from: String,
    /// What the deployment's tables start with.
    #[arg(long, default_value = DEFAULT_PREFIX)]
    pub(crate) prefix: String,
    /// How many segments of the table are read at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) segments: u16,
    /// Units of reading a second at most; as fast as it goes if absent.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    /// Where to keep what has been read, to go on there after a kill; a folder in the user's cache if
    /// absent. One that isn't there, is empty, or holds earlier work.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) work: Option<PathBuf>,
}

impl Reading {
    /// The tables, as an operator's tools reach them.
    pub(crate) async fn store(&self) -> Store {
        let client = aws_sdk_dynamodb::Client::new(&aws::operator_config().await);
        Store::new(client, &self.prefix)
    }

    /// The source that is named.
    pub(crate) async fn source(&self, consistent: bool) -> Result<Source, Failed> {
        if self.from != TABLE {
            let source = Source::named(&self.from)?;
            if let Some(doubt) = source.doubt() {
                eprintln!("postern: {doubt}");
            }
            return Ok(source);
        }
        let store = self.store().await;
        let id = store.streams().table_id().await.map_err(Lost::from)?;
        Ok(Source::Table(Table {
            store,
            prefix: self.prefix.clone(),
            id,
            segments: self.segments,
            rate: self.rate,
            consistent,
        }))
    }

    /// The folder to work in.
    fn folder(&self, source: &Source) -> Result<PathBuf, NoWork> {
        if let Some(named) = &self.work {
            return Ok(named.clone());
        }
        let folder = usual_folder(&source.to_string());
        usual_is_ours(&folder)?;
        forget_old(&folder);
        Ok(folder)
    }

    /// The log, and the folder to work in.
    pub(crate) async fn log(&self, consistent: bool) -> Result<(Log, PathBuf), Failed> {
        let source = self.source(consistent).await?;
        self.open(&source).await
    }

    /// A source's log, and the folder to work in. What of it was read before is said.
    pub(crate) async fn open(&self, source: &Source) -> Result<(Log, PathBuf), Failed> {
        let folder = self.folder(source)?;
        match Log::open(source, &folder, true).await {
            // Two may read one log at once; what the second one reads is not kept for a third.
            Err(NotGathered::Work(NoWork::Busy(_))) if self.work.is_none() => {
                let folder = folder.with_extension(std::process::id().to_string());
                Ok((Log::open(source, &folder, true).await?, folder))
            }
            opened => {
                let log = opened?;
                say_what_was_read(&log);
                Ok((log, folder))
            }
        }
    }
}

/// Says of how much of the log an earlier process read: it is a log of then. Also where that is too old.
pub(crate) fn say_what_was_read(log: &Log) {
    let at =
        |begun: Option<Timestamp>| begun.map_or(String::new(), |it| format!(" (begun at {it})"));
    if let Some(outdated) = log.outdated() {
        let (rows, begun) = (outdated.events, at(outdated.begun));
        let hours = KEPT.as_secs() / SECONDS_PER_HOUR;
        eprintln!(
            "postern: {rows} rows that were read before{begun} are older than {hours} hours: all is \
             read anew"
        );
    }
    let rows = log.resumed();
    if rows > 0 {
        let begun = at(log.begun());
        eprintln!("postern: going on after {rows} rows that were read before{begun}");
    }
}

/// A stream's name: as it is, or told from the identifier in it.
pub(crate) fn stream_of(text: &str) -> Result<String, String> {
    if text.contains('/') {
        return Ok(text.to_owned());
    }
    let aggregate = match text.split_once('_').map(|(kind, _)| kind) {
        Some(AccountId::PREFIX) => AccountEvent::AGGREGATE,
        Some(SignInId::PREFIX) => SignInEvent::AGGREGATE,
        Some(VerificationId::PREFIX) => VerificationEvent::AGGREGATE,
        Some(MessageId::PREFIX) => MessageEvent::AGGREGATE,
        Some(SupportId::PREFIX) => SupportEvent::AGGREGATE,
        Some(_) | None => return Err("no stream is called so: account/acc_…, or acc_…".to_owned()),
    };
    Ok(format!("{aggregate}/{text}"))
}

/// The runtime of a command.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(work)
}
