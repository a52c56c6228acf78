//! Wires the function `feedback` to Lambda.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use postern_feedback::FeedbackFunction;
use postern_messages::feedback::Listener;
use postern_runtime::{aws, chance::SystemChance, clock::SystemClock, config::Config, telemetry};
use postern_store::Store;

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let config = Config::from_env()?;
    let listener = Listener {
        store: Store::new(Client::new(&aws::function_config()), &config.table_prefix),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
    };
    let feedback = &FeedbackFunction::new(listener, config.feedback_topic);
    let handle =
        |event: LambdaEvent<_>| async move { feedback.invoke(event).await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
