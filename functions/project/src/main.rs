//! Lambda: from the log's stream to what is only shown.

use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use postern_project::Project;
use postern_runtime::config::Config;
use postern_runtime::{aws, telemetry};
use postern_store::Store;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let config = Config::from_env()?;
    let store = Store::new(Client::new(&aws::function_config()), &config.table_prefix);
    let project = &Project::new(&store);
    let handle = |event: LambdaEvent<_>| async move { Ok::<_, Error>(project.invoke(event).await) };
    lambda_runtime::run(service_fn(handle)).await
}
