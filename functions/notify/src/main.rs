//! Wires the function `notify` to Lambda.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use postern_messages::delivery::Delivery;
use postern_messages::letters::Letters;
use postern_messages::ses::SesMailer;
use postern_messages::sns::{PushApplications, SnsPush};
use postern_notify::Notify;
use postern_runtime::{aws, chance::SystemChance, clock::SystemClock, config::Config, telemetry};
use postern_store::{Store, uploads::Uploads};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let config = Config::from_env()?;
    let sdk = aws::function_config();
    let secrets = aws::secrets(&sdk, &config.secret_id);
    let tables = Store::new(aws_sdk_dynamodb::Client::new(&sdk), &config.table_prefix);
    let (apns, apns_sandbox) = (config.push_apns, config.push_apns_sandbox);
    let applications = PushApplications { apns, apns_sandbox, fcm: config.push_fcm };
    let (letters, secrets) = (Letters::new()?, secrets.await?);
    let notify = &Notify::new(Delivery {
        store: tables.with_keys(secrets.vault_keys()?),
        mailer: SesMailer::new(aws_sdk_sesv2::Client::new(&sdk), config.email_configuration_set),
        pusher: SnsPush::new(aws_sdk_sns::Client::new(&sdk), applications),
        uploads: Uploads::new(aws_sdk_s3::Client::new(&sdk), config.uploads_bucket),
        letters,
        code_keys: Arc::new(secrets.code_keys()?),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
        sender: config.email_sender,
        support: config.support_email,
        public_url: config.public_url,
    });
    let handle =
        |event: LambdaEvent<_>| async move { notify.invoke(event).await.map_err(Error::from) };
    lambda_runtime::run(service_fn(handle)).await
}
