//! The whole stack: opened first, so that its parts can be built on it, then run.

mod addresses;
mod housekeeping;
mod listen;
mod signals;

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::listen::serve;
pub use self::signals::asked_to_end;
use crate::capture::{Endpoints, Files, Mailbox, Pushes, s3, ses, sns};
use crate::clients::Clients;
use crate::clock::LocalClock;
use crate::database::Database;
use crate::dynamo;
use crate::dynamo::meter::Meter;
use crate::dynamo::rights::Rights;
use crate::faults::Faults;
use crate::folder::Folder;
use crate::local_api::LocalApi;
use crate::loopback;
use crate::poller::{Poller, Progress, Subscription};
use crate::settings::{Settings, StartError};
use crate::state::State;
use crate::timer::{Sweep, Timer};
use crate::topic::{Subscriber, Topic, TopicFunction};
use crate::world::World;

/// How long requests and functions that are under way may take to end with the process.
const GRACE: Duration = Duration::from_secs(3);

/// What runs on the stack: the same routers and functions as in the Lambdas.
#[derive(Default)]
pub struct Application {
    /// The HTTPS API, `/healthz` included.
    pub api: Router,
    /// The functions that read the log's stream.
    pub subscriptions: Vec<Subscription>,
    /// The functions that are invoked every minute.
    pub sweeps: Vec<Sweep>,
    /// The function that hears what SES reports, if there is one.
    pub feedback: Option<TopicFunction>,
}

/// An opened stack: its folder is locked, its ports are taken, and its endpoints answer.
pub struct Stack {
    folder: Folder,
    state: State,
    clock: LocalClock,
    database: Database,
    mailbox: Mailbox,
    pushes: Pushes,
    files: Files,
    topic: Topic,
    meter: Meter,
    faults: Faults,
    world: World,
    clients: Clients,
    geo_database: Option<PathBuf>,
    public: TcpListener,
    url: String,
    inner_url: String,
    buckets_url: String,
    tasks: JoinSet<()>,
}

/// Where it is written down which rights the functions use.
fn rights(path: Option<&Path>) -> Result<Rights, StartError> {
    let Some(path) = path else { return Ok(Rights::default()) };
    Rights::in_file(path).map_err(|source| StartError::Folder { path: path.to_owned(), source })
}

impl Stack {
    /// Opens everything that an application needs before it can be built.
    pub async fn open(settings: &Settings) -> Result<Self, StartError> {
        let folder = Folder::open(&settings.dir)?;
        let (public, url) = listen::bind(settings.port).await?;
        let state = State::open(&folder)?;
        let clock = LocalClock::open(state.clone()).map_err(|error| StartError::Unreadable {
            path: folder.state(),
            source: Box::new(error),
        })?;
        let database = Database::open(&folder.dynamodb())?;
        let (mailbox, meter) = (Mailbox::new(state.clone()), Meter::default());
        let (pushes, phones) = (Pushes::new(state.clone()), Endpoints::new(state.clone()));
        let (faults, world) = (Faults::default(), World::default());
        let topic = Topic::new(clock.clone(), world.clone());
        let files = Files::new(folder.files());

        let (mails, reports) = (mailbox.clone(), topic.clone());
        let sns = sns::router(phones, pushes.clone(), clock.clone(), faults.clone());
        let rights = rights(settings.rights.as_deref())?;
        let tables = dynamo::router(database.clone(), meter.clone(), faults.clone(), rights);
        let endpoints = Router::new()
            .nest("/dynamodb", tables)
            .nest("/ses", ses::router(mails, clock.clone(), faults.clone(), reports))
            // The SDK asks for `/sns/`, which `nest` would not answer.
            .nest_service("/sns", sns)
            .layer(middleware::from_fn(loopback::only));
        let (inner, inner_url) = listen::bind(0).await?;
        // People's phones are sent there, so it has an address of its own.
        let (buckets, buckets_url) = listen::bind(0).await?;
        let clients = Clients::new(inner_url.clone()).with_buckets_at(buckets_url.clone());
        let uploads = s3::router(files.clone(), clock.clone(), clients.s3())
            .layer(middleware::from_fn(loopback::only));
        let mut tasks = JoinSet::new();
        for (listener, router) in [(inner, endpoints), (buckets, uploads)] {
            // Ends last and by being dropped: functions may need it until they end.
            tasks.spawn(async move {
                if let Err(error) = serve(listener, router, std::future::pending()).await {
                    tracing::error!(%error, "the endpoints of the AWS clients failed");
                }
            });
        }
        Ok(Self {
            folder,
            state,
            clock,
            database,
            mailbox,
            pushes,
            files,
            topic,
            meter,
            faults,
            world,
            clients,
            geo_database: settings.geo_database.clone(),
            public,
            url,
            inner_url,
            buckets_url,
            tasks,
        })
    }

    /// The API's public address, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The one clock of all parts.
    #[must_use]
    pub fn clock(&self) -> &LocalClock {
        &self.clock
    }

    /// The AWS clients of all parts.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What is wrong on purpose.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The file with the places of IP addresses, if there is one.
    #[must_use]
    pub fn geo_database(&self) -> Option<&Path> {
        self.geo_database.as_deref()
    }

    /// Where the keys of this stack are kept.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.folder.secrets()
    }

    /// Runs `application` until `end`, and prints the addresses once they answer.
    pub async fn run(
        mut self,
        application: Application,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        let names = application.subscriptions.iter().map(|one| one.name.as_str());
        let progress = Progress::open(self.state.clone(), names).map_err(|error| {
            StartError::Unreadable { path: self.folder.state(), source: Box::new(error) }
        })?;
        let (clock, world) = (self.clock.clone(), self.world.clone());
        let timer = Timer::new(application.sweeps, clock, world, self.faults.clone());
        let mut work = JoinSet::new();
        for subscription in application.subscriptions {
            work.spawn(self.poller(subscription, &progress).run());
        }
        work.spawn(timer.clone().run());
        let subscriber = Subscriber::new(self.topic, application.feedback, progress.clone());
        work.spawn(subscriber.clone().run());
        self.tasks.spawn(housekeeping::run(self.database.clone(), progress.clone()));

        let local = LocalApi {
            clock: self.clock,
            database: self.database,
            mailbox: self.mailbox,
            pushes: self.pushes,
            files: self.files,
            meter: self.meter,
            faults: self.faults,
            progress,
            timer,
            subscriber,
            world: self.world.clone(),
            state: self.state,
        };
        let router = application.api.merge(local.router());
        addresses::print(&self.url, &self.inner_url, &self.buckets_url);
        let world = self.world.clone();
        let ending = async move {
            end.await;
            world.stop();
        };
        let served = tokio::select! {
            served = serve(self.public, router, ending) => served,
            () = after_grace(&self.world) => Ok(()),
        };
        self.world.stop();
        // What does not end in time is begun again with the next start.
        let _ = tokio::time::timeout(GRACE, work.join_all()).await;
        served.map_err(StartError::Serve)
    }

    fn poller(&self, subscription: Subscription, progress: &Progress) -> Poller {
        Poller {
            subscription,
            database: self.database.clone(),
            progress: progress.clone(),
            clock: self.clock.clone(),
            world: self.world.clone(),
            faults: self.faults.clone(),
        }
    }
}

/// Returns when requests had their time to end.
async fn after_grace(world: &World) {
    world.stopped().await;
    tokio::time::sleep(GRACE).await;
}

#[cfg(test)]
mod tests;
