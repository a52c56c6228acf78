//! One running local stack: a world of its own that ends with the value. Or a deployment that somebody
//! else has started, which is emptied instead.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use postern_client::local::Local;
use postern_client::trouble::Trouble;
use tempfile::TempDir;

use crate::program::{self, NotBuilt};

/// How long a stack may take to be ready. It takes a fraction of a second; a busy computer
/// that builds something else at the same time needs more.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a starting stack is asked whether it is ready.
const GLANCE: Duration = Duration::from_millis(10);

/// How the stack's line with the API's address starts.
const API_LINE: &str = "API ";
/// How its line with the embedded `DynamoDB`'s address starts.
const DYNAMODB_LINE: &str = "DynamoDB ";

/// Why there is no running stack.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// There is no program.
    #[error(transparent)]
    NotBuilt(#[from] NotBuilt),
    /// The operating system refused something.
    #[error("the stack's process can't be run")]
    Process(#[from] io::Error),
    /// The process ended, or said nothing for too long.
    #[error("the stack did not tell its address; it said: {0}")]
    Silent(String),
    /// The process told an address at which nothing answers.
    #[error("the stack is not ready at {0}")]
    NotReady(String),
    /// The process told an address that is none, or a deployment can't be emptied.
    #[error(transparent)]
    Address(#[from] Trouble),
    /// A deployment can't do this.
    #[error("a deployment is neither started with settings nor killed by a journey")]
    Deployed,
}

/// Names a deployment to play against in place of a local stack: the address of its API and, after a
/// space, the address at which its inbox, its log and its clock are to be had.
const DEPLOYED: &str = "POSTERN_DEPLOYED";

/// Where a stack keeps its state, in its folder.
const STATE: &str = "state";

/// A local stack with a folder and a free port of its own, or a deployment.
#[derive(Debug)]
pub struct Stack {
    settings: BTreeMap<&'static str, OsString>,
    own: Option<Own>,
    at: Addresses,
}

/// What a stack has that was started here.
#[derive(Debug)]
struct Own {
    folder: TempDir,
    process: Child,
}

/// Where a running stack listens.
#[derive(Debug, Clone)]
struct Addresses {
    api: String,
    local: String,
    dynamodb: String,
}

impl Addresses {
    /// Those of the deployment that the environment names.
    fn deployed() -> Option<Self> {
        let named = std::env::var(DEPLOYED).ok()?;
        let (api, local) = named.split_once(' ')?;
        Some(Self { api: api.to_owned(), local: local.to_owned(), dynamodb: String::new() })
    }
}

impl Stack {
    /// Starts a stack with an empty world.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub async fn start() -> Result<Self, NotStarted> {
        Self::start_with(BTreeMap::new()).await
    }

    /// The same with some of the program's environment variables set.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub async fn start_with(
        settings: BTreeMap<&'static str, OsString>,
    ) -> Result<Self, NotStarted> {
        if let Some(at) = Addresses::deployed() {
            if !settings.is_empty() {
                return Err(NotStarted::Deployed);
            }
            Local::new(&at.local)?.reset().await?;
            return Ok(Self { settings, own: None, at });
        }
        let folder = TempDir::new()?;
        let (process, at) = run(&folder, "0", &settings).await?;
        Ok(Self { settings, own: Some(Own { folder, process }), at })
    }

    /// The environment variables that the program is started with the next time, beside those that
    /// every stack is.
    pub fn settings(&mut self) -> &mut BTreeMap<&'static str, OsString> {
        &mut self.settings
    }

    /// Kills the stack in the middle of whatever it does, as a power cut would, and starts it
    /// again in the same folder and at the same address.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub async fn restart(&mut self) -> Result<(), NotStarted> {
        self.kill()?;
        let own = self.own.as_mut().ok_or(NotStarted::Deployed)?;
        let port = self.at.api.rsplit(':').next().unwrap_or("0");
        (own.process, self.at) = run(&own.folder, port, &self.settings).await?;
        Ok(())
    }

    /// Kills the stack; [`Self::restart`] starts it again.
    ///
    /// # Errors
    /// What the operating system refused.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(own) = &mut self.own else { return Ok(()) };
        own.process.kill()?;
        own.process.wait().map(drop)
    }

    /// The API's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.at.api
    }

    /// The address of the inbox, the log and the clock.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.at.local
    }

    /// The embedded `DynamoDB`'s address: another one after each start.
    #[must_use]
    pub fn dynamodb(&self) -> &str {
        &self.at.dynamodb
    }

    /// The folder that the stack keeps its state in, its keys included; nowhere for a deployment.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.own.as_ref().map(|own| own.folder.path().join(STATE)).unwrap_or_default()
    }

    /// What the stack has logged since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        self.own.as_ref().map(|own| said(&own.folder)).unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Nothing is left to do if the process has already gone.
        let _ = self.kill();
        if std::thread::panicking() {
            eprintln!("the stack at {} logged:\n{}", self.at.api, self.log());
        }
    }
}

/// Starts the program and waits until it is ready at the address that it tells.
async fn run(
    folder: &TempDir,
    port: &str,
    settings: &BTreeMap<&'static str, OsString>,
) -> Result<(Child, Addresses), NotStarted> {
    let mut process = Command::new(program::local_stack()?)
        .envs(settings)
        .env("POSTERN_DIR", folder.path().join(STATE))
        .env("POSTERN_PORT", port)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(folder.path().join("stack.log"))?)
        .spawn()?;
    let ready = match process.stdout.take() {
        Some(output) => ready(output, folder).await,
        None => Err(NotStarted::Silent(String::new())),
    };
    match ready {
        Ok(at) => Ok((process, at)),
        Err(error) => {
            let _ = process.kill();
            let _ = process.wait();
            Err(error)
        }
    }
}

async fn ready(output: ChildStdout, folder: &TempDir) -> Result<Addresses, NotStarted> {
    let since = Instant::now();
    let lines = lines(output);
    let told =
        |start| address(&lines, start, since).ok_or_else(|| NotStarted::Silent(said(folder)));
    let api = told(API_LINE)?;
    let at = Addresses { local: api.clone(), api, dynamodb: told(DYNAMODB_LINE)? };
    let local = Local::new(&at.api)?;
    while !local.healthy().await {
        if since.elapsed() > PATIENCE {
            return Err(NotStarted::NotReady(at.api));
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(at)
}

/// The address in the first line that starts so; lines before it are passed over.
fn address(lines: &Receiver<String>, start: &str, since: Instant) -> Option<String> {
    loop {
        let left = PATIENCE.saturating_sub(since.elapsed());
        match lines.recv_timeout(left) {
            Ok(line) => {
                if let Some(address) = line.trim().strip_prefix(start) {
                    return Some(address.trim().to_owned());
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        }
    }
}

/// Reads all that a process prints, so that it never has to wait for a reader.
fn lines(output: ChildStdout) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // After the address nobody listens any more, and that is all right.
            let _ = send.send(line);
        }
    });
    receive
}

fn said(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join("stack.log")).unwrap_or_default()
}
