//! AWS clients for a function, and the secrets they start with.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::secrets::{BadSecrets, Secrets};

/// Why a function can't start.
#[derive(Debug, thiserror::Error)]
pub enum NoSecrets {
    /// Secrets Manager did not answer with them.
    #[error("the secrets can't be fetched")]
    Fetch(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// They are not of their form.
    #[error(transparent)]
    Form(#[from] BadSecrets),
}

/// How long a connection may take to open: within a region it takes a few milliseconds.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
/// How long one try may take. A transaction or a mail takes tens of milliseconds; whoever hasn't
/// answered by then is not going to.
const TRY_WITHIN: Duration = Duration::from_secs(2);
/// How long all tries of one operation may take. A caller is told that something is away while they
/// still wait, and long before a function is ended by Lambda, which would tell them nothing.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The configuration of a function's clients. Region, credentials and endpoint come from the environment
/// that Lambda makes, and from nowhere else: no file, no metadata service is asked.
#[must_use]
pub fn function_config() -> SdkConfig {
    let text = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(text("AWS_REGION").map(Region::new))
        .http_client(http_client())
        .timeout_config(timeouts());
    config.set_endpoint_url(text("AWS_ENDPOINT_URL"));
    config.build()
}

/// The configuration of an operator's clients: found as every tool of AWS finds it.
pub async fn operator_config() -> SdkConfig {
    let defaults = aws_config::defaults(BehaviorVersion::latest());
    defaults.http_client(http_client()).timeout_config(timeouts()).load().await
}

/// One TLS stack.
fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https()
}

/// An end to all waiting.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_WITHIN)
        .operation_attempt_timeout(TRY_WITHIN)
        .operation_timeout(ANSWER_WITHIN)
        .build()
}

/// Begins to fetch the secrets of the deployment, at once: whoever starts builds the rest meanwhile,
/// and then waits for them.
///
/// # Errors
/// When they can't be fetched or read. Their content is in no error.
pub fn secrets(
    sdk: &SdkConfig,
    id: &str,
) -> impl Future<Output = Result<Secrets, NoSecrets>> + use<> {
    let asked = aws_sdk_secretsmanager::Client::new(sdk).get_secret_value().secret_id(id);
    let answer = tokio::spawn(asked.send());
    async {
        let answer = answer.await.map_err(|error| NoSecrets::Fetch(error.into()))?;
        let answer = answer.map_err(|error| NoSecrets::Fetch(error.into()))?;
        Ok(Secrets::parse(answer.secret_string().unwrap_or_default())?)
    }
}
