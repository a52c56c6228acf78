//! AWS clients for a function, and the secrets they start with.

use aws_config::{BehaviorVersion, SdkConfig};
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

/// The configuration of every client: credentials and region from the environment, one TLS stack.
pub async fn sdk_config() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

/// Fetches the secrets of the deployment.
///
/// # Errors
/// When they can't be fetched or read. Their content is in no error.
pub async fn secrets(sdk: &SdkConfig, id: &str) -> Result<Secrets, NoSecrets> {
    let client = aws_sdk_secretsmanager::Client::new(sdk);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| NoSecrets::Fetch(error.into()))?;
    Ok(Secrets::parse(answer.secret_string().unwrap_or_default())?)
}
