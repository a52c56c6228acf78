//! Lambda: from the log's stream to what is only shown.

// The SDK's futures nest deeper than the compiler looks by itself.
#![recursion_limit = "256"]

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use postern_project::Project;
use postern_runtime::config::Config;
use postern_runtime::{aws, feed, telemetry};
use postern_store::Store;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let config = Config::from_env()?;
    let store = Store::new(Client::new(&aws::sdk_config().await), &config.table_prefix);
    let project = &Project::new(&store);
    let handle = |event: LambdaEvent<Event>| async move {
        Ok::<_, Error>(feed::handle(project, event.payload).await)
    };
    lambda_runtime::run(service_fn(handle)).await
}
