//! Amazon SNS as the carrier to phones.

mod errors;
mod payload;

use std::time::Duration;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_types::timeout::TimeoutConfig;
use postern_events::vocabulary::PushPlatform;

use self::errors::{Call, holder_of_token, judge, told};
use self::payload::Parcel;
use crate::mailer::Receipt;
use crate::push::{Push, PushFailed, Registration, SendPush};

/// All tries of one call together. A sending that finds its phone unknown twice makes up to six
/// calls to have it known, and three tries to push: 6 × 6 s and 3 × 3 s are 45 s, and the lease
/// lasts 60 s.
const PATIENCE: Duration = Duration::from_secs(6);
/// One try, and so all of a push; SNS answers in a fraction of a second.
const PATIENCE_PER_TRY: Duration = Duration::from_secs(3);

/// The attribute of an endpoint that holds the platform's token.
const TOKEN: &str = "Token";
/// The attribute that says whether SNS pushes to it.
const ENABLED: &str = "Enabled";
/// The attribute that is ours to fill: with the device's name, so that whoever looks into SNS can
/// tell whose an endpoint is.
const USER_DATA: &str = "CustomUserData";

/// The platform applications through which SNS reaches the platforms, by ARN. A platform without
/// one can't be pushed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushApplications {
    /// Apple's push service.
    pub apns: Option<String>,
    /// Apple's push service for builds in development.
    pub apns_sandbox: Option<String>,
    /// Firebase Cloud Messaging.
    pub fcm: Option<String>,
}

impl PushApplications {
    fn of(&self, platform: PushPlatform) -> Option<&str> {
        match platform {
            PushPlatform::Apns => self.apns.as_deref(),
            PushPlatform::ApnsSandbox => self.apns_sandbox.as_deref(),
            PushPlatform::Fcm => self.fcm.as_deref(),
        }
    }
}

/// Pushes over SNS.
#[derive(Debug, Clone)]
pub struct SnsPush {
    client: Client,
    applications: PushApplications,
}

impl SnsPush {
    /// Takes a client and the platforms' applications.
    #[must_use]
    pub fn new(client: Client, applications: PushApplications) -> Self {
        Self { client, applications }
    }

    fn publish(&self, push: &Push) -> Result<PublishFluentBuilder, BuildError> {
        let Parcel { message, attributes } = Parcel::of(push);
        let mut request = self
            .client
            .publish()
            .target_arn(&push.arn)
            .message_structure("json")
            .message(message.to_string());
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value);
            request = request.message_attributes(name, value.build()?);
        }
        Ok(request)
    }

    async fn create(&self, application: &str, phone: &Registration) -> Result<String, Refusal> {
        let created = self
            .client
            .create_platform_endpoint()
            .platform_application_arn(application)
            .token(&phone.token)
            .custom_user_data(phone.device.to_string())
            // Without it SNS would hand out an endpoint that is disabled as if all were well.
            .attributes(ENABLED, "true")
            .customize()
            .config_override(patient())
            .send()
            .await
            .map_err(|error| Refusal::of(Call::Create, &error))?;
        created.endpoint_arn.ok_or_else(|| PushFailed::Unavailable.into())
    }

    async fn renew(&self, arn: &str, phone: &Registration) -> Result<(), Refusal> {
        self.client
            .set_endpoint_attributes()
            .endpoint_arn(arn)
            .attributes(TOKEN, &phone.token)
            .attributes(ENABLED, "true")
            .attributes(USER_DATA, phone.device.to_string())
            .customize()
            .config_override(patient())
            .send()
            .await
            .map(drop)
            .map_err(|error| Refusal::of(Call::Renew, &error))
    }

    async fn make_known(&self, phone: &Registration) -> Result<String, Refusal> {
        let application = self.applications.of(phone.platform).ok_or_else(|| {
            tracing::error!(platform = ?phone.platform, "no platform application is configured");
            // Somebody's to mend, and no fault of the phone.
            PushFailed::Unavailable
        })?;
        let asked = match &phone.arn {
            Some(arn) => match self.renew(arn, phone).await {
                Ok(()) => return Ok(arn.clone()),
                Err(gone) if gone.why == PushFailed::Gone => self.create(application, phone).await,
                Err(refusal) => Err(refusal),
            },
            None => self.create(application, phone).await,
        };
        match asked {
            // Another endpoint has the token: of this phone's earlier device, or of whoever used
            // the phone before. It becomes this device's.
            Err(Refusal { holder: Some(holder), .. }) => {
                self.renew(&holder, phone).await.map(|()| holder)
            }
            asked => asked,
        }
    }
}

impl SendPush for SnsPush {
    async fn send(&self, push: &Push) -> Result<Receipt, PushFailed> {
        let request = self.publish(push).map_err(|error| {
            tracing::error!(id = %push.message, %error, "a push could not be put into a request");
            // What can't be built says nothing about the phone.
            PushFailed::Unavailable
        })?;
        // The client's own retries would repeat what was true at the first try.
        let once = patient().retry_config(RetryConfig::disabled());
        match request.customize().config_override(once).send().await {
            Ok(sent) => Ok(Receipt { carrier_id: sent.message_id }),
            Err(error) => {
                let why = judge(Call::Publish, &error);
                // Only the code: what SNS says in words can repeat the token.
                tracing::warn!(id = %push.message, code = told(&error), %why, "SNS did not take a push");
                Err(why)
            }
        }
    }

    /// AWS's documented way: what is known of a phone is set right if it is still there, else made,
    /// else taken over from whoever has the token.
    async fn register(&self, phone: &Registration) -> Result<String, PushFailed> {
        let known = self.make_known(phone).await;
        known.map_err(|refusal| {
            // It was there a moment ago: somebody takes it away right now.
            if refusal.why == PushFailed::Gone { PushFailed::Unavailable } else { refusal.why }
        })
    }

    async fn remove(&self, arn: &str) -> Result<(), PushFailed> {
        let deleted = self
            .client
            .delete_endpoint()
            .endpoint_arn(arn)
            .customize()
            .config_override(patient())
            .send()
            .await;
        let Err(error) = deleted else { return Ok(()) };
        let why = judge(Call::Delete, &error);
        if why == PushFailed::Gone {
            return Ok(());
        }
        tracing::warn!(code = told(&error), %why, "SNS did not forget a phone");
        Err(why)
    }
}

/// Why a phone is not known yet, and who has its token, where that is why.
struct Refusal {
    why: PushFailed,
    holder: Option<String>,
}

impl From<PushFailed> for Refusal {
    fn from(why: PushFailed) -> Self {
        Self { why, holder: None }
    }
}

impl Refusal {
    fn of<E: ProvideErrorMetadata, R>(call: Call, error: &SdkError<E, R>) -> Self {
        let holder = error.as_service_error().and_then(|it| holder_of_token(it.meta().message()?));
        let why = judge(call, error);
        if holder.is_none() && why != PushFailed::Gone {
            tracing::warn!(code = told(error), %why, "SNS did not register a phone");
        }
        Self { why, holder }
    }
}

fn patient() -> Builder {
    let patience = TimeoutConfig::builder()
        .operation_timeout(PATIENCE)
        .operation_attempt_timeout(PATIENCE_PER_TRY)
        .build();
    Builder::new().timeout_config(patience)
}

#[cfg(test)]
mod tests;
