//! Lambda: every call that carries a password.

use postern_http::Api;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    postern_runtime::telemetry::start();
    let api = Api::from_env("sign-in").await?;
    postern_runtime::gateway::serve("sign-in", api.sign_in_router()).await
}
