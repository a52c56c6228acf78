//! Lambda: every call without a password.

use postern_http::Api;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    postern_runtime::telemetry::start();
    let api = Api::from_env("account").await?;
    postern_runtime::gateway::serve("account", api.account_router()).await
}
