//! Which parts run on the stack: the ones of the Lambdas, over this stack's clients and clock.

mod reactions;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use postern_http::{Api, Settings as ApiSettings, Surroundings, carries_password};
use postern_runtime::chance::SystemChance;
use postern_runtime::config::Config;
use postern_runtime::gateway::SourceAddress;
use postern_runtime::places::Places;
use postern_runtime::secrets::Secrets;
use postern_store::Store;
use postern_store::keys::DEFAULT_PREFIX;
use postern_store::uploads::Uploads;
use tower::ServiceExt as _;

use crate::settings::StartError;
use crate::stack::{Application, Stack};
use crate::topic;

/// What a deployment would find in its environment.
fn config(stack: &Stack) -> Config {
    Config {
        table_prefix: DEFAULT_PREFIX.to_owned(),
        secret_id: "local".to_owned(),
        public_url: stack.url().to_owned(),
        email_sender: "no-reply@postern.example".to_owned(),
        email_configuration_set: Some("postern".to_owned()),
        feedback_topic: Some(topic::ARN.to_owned()),
        push_apns: Some(platform_application("APNS")),
        push_apns_sandbox: Some(platform_application("APNS_SANDBOX")),
        push_fcm: Some(platform_application("GCM")),
        minimum_version: "2.3".to_owned(),
        latest_version: "2.3".to_owned(),
        support_url: "https://postern.example/support".to_owned(),
        support_email: "support@postern.example".to_owned(),
        uploads_bucket: "postern-uploads".to_owned(),
        uploads_url: stack.clients().grants("postern-uploads").bucket,
        geo_database: stack.geo_database().map(Path::to_owned),
        // Clients come here directly, and could send them themselves.
        viewer_headers: false,
    }
}

/// The name of a platform application, as SNS would give it.
fn platform_application(platform: &str) -> String {
    format!("arn:aws:sns:local:000000000000:app/{platform}/postern")
}

/// Puts the parts together.
pub fn application(stack: &Stack) -> Result<Application, StartError> {
    let secrets = secrets(stack)?;
    let config = config(stack);
    let places = Places::from_config(&config).map_err(|error| StartError::Compose(error.into()))?;
    let sign_in = api(stack, "sign-in", &secrets, &config, &places)?.sign_in_router();
    let account = api(stack, "account", &secrets, &config, &places)?.account_router();
    let notify = reactions::notify(stack, &secrets, &config)?;
    let subscriptions = vec![reactions::project(stack), reactions::messages(Arc::clone(&notify))];
    let sweeps = vec![reactions::unsent(notify)];
    let feedback = Some(reactions::feedback(stack, &config));
    Ok(Application { api: gateway(sign_in, account), subscriptions, sweeps, feedback })
}

/// The stack's secrets; made at its first start.
fn secrets(stack: &Stack) -> Result<Secrets, StartError> {
    let path = stack.secrets();
    let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| StartError::Unreadable {
        path: path.clone(),
        source,
    };
    if path.exists() {
        let json = fs::read_to_string(&path).map_err(|error| unreadable(error.into()))?;
        return Secrets::parse(&json).map_err(|error| unreadable(error.into()));
    }
    let secrets = Secrets::generate(&SystemChance).map_err(|error| unreadable(error.into()))?;
    let json = secrets.to_json().map_err(|error| unreadable(error.into()))?;
    write_private(&path, &json).map_err(|error| unreadable(error.into()))?;
    Ok(secrets)
}

/// Writes a file that only its owner reads, whole or not at all.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn api(
    stack: &Stack,
    function: &'static str,
    secrets: &Secrets,
    config: &Config,
    places: &Places,
) -> Result<Api, StartError> {
    let store = Store::new(stack.clients().dynamodb(function), DEFAULT_PREFIX);
    let broken = |error: postern_http::NotStarted| StartError::Unreadable {
        path: stack.secrets(),
        source: error.into(),
    };
    let settings = ApiSettings::new(function, config).map_err(|error| broken(error.into()))?;
    let around = Surroundings {
        clock: Arc::new(stack.clock().clone()),
        chance: Arc::new(SystemChance),
        places: places.clone(),
        uploads: stack.clients().grants(&config.uploads_bucket),
    };
    Api::assemble(store, secrets, settings, around).map_err(broken)
}

/// What people attach to their requests for help.
fn uploads(stack: &Stack, config: &Config) -> Uploads {
    Uploads::new(stack.clients().s3(), config.uploads_bucket.clone())
}

/// Plays API Gateway: sends each call to its function, and says where it came from.
fn gateway(sign_in: Router, account: Router) -> Router {
    let dispatch = move |request: Request| {
        let router = if carries_password(request.method(), request.uri().path()) {
            sign_in.clone()
        } else {
            account.clone()
        };
        router.oneshot(request)
    };
    Router::new().fallback(dispatch).layer(from_fn(note_source))
}

/// The TCP peer is the source; no header says otherwise.
async fn note_source(mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip());
    request.extensions_mut().insert(SourceAddress(peer));
    next.run(request).await
}
