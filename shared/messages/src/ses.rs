//! Amazon SES v2 as the carrier.

use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::error::{BuildError, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use aws_smithy_types::timeout::TimeoutConfig;

use crate::mailer::{Mail, Receipt, SendMail, Undelivered};

/// The tag that SES repeats in what it reports on a mail.
pub const MESSAGE_TAG: &str = "message_id";
/// All tries of one call together: well within the lease, so that no second sender takes the
/// message for abandoned while this one still waits.
const PATIENCE: Duration = Duration::from_secs(20);
/// One try; SES answers in a fraction of a second.
const PATIENCE_PER_TRY: Duration = Duration::from_secs(8);

/// Sends mail over SES.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    configuration_set: Option<String>,
}

impl SesMailer {
    /// Takes a client and, where deliveries and bounces are reported, the configuration set that
    /// says whereto.
    #[must_use]
    pub fn new(client: Client, configuration_set: Option<String>) -> Self {
        Self { client, configuration_set }
    }

    fn request(&self, mail: &Mail) -> Result<SendEmailFluentBuilder, BuildError> {
        let header =
            |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
        let message = Message::builder()
            .subject(utf8(&mail.subject)?)
            .body(Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build())
            .headers(header("Content-Language", mail.language.tag())?)
            // RFC 3834: no holiday notice answers it.
            .headers(header("Auto-Submitted", "auto-generated")?)
            .build();
        let tag =
            MessageTag::builder().name(MESSAGE_TAG).value(mail.message.to_string()).build()?;
        Ok(self
            .client
            .send_email()
            .from_email_address(&mail.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone()))
    }
}

fn utf8(text: &str) -> Result<Content, BuildError> {
    Content::builder().data(text).charset("UTF-8").build()
}

impl SendMail for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<Receipt, Undelivered> {
        let request = self.request(mail).map_err(|error| {
            tracing::error!(id = %mail.message, %error, "a mail could not be put into a request");
            Undelivered::Rejected
        })?;
        let patience = TimeoutConfig::builder()
            .operation_timeout(PATIENCE)
            .operation_attempt_timeout(PATIENCE_PER_TRY)
            .build();
        let patient = Builder::new().timeout_config(patience);
        match request.customize().config_override(patient).send().await {
            Ok(sent) => Ok(Receipt { carrier_id: sent.message_id }),
            Err(error) => {
                let why = judge(&error);
                // Only the code: what SES says in words can repeat the address.
                let code = error.as_service_error().and_then(|it| it.meta().code());
                let code = code.unwrap_or_else(|| stage(&error));
                tracing::warn!(id = %mail.message, code, %why, "SES did not take a mail");
                Err(why)
            }
        }
    }
}

/// What a failed call means for the mail.
fn judge<R>(error: &SdkError<SendEmailError, R>) -> Undelivered {
    match error {
        // Built from the same parts, it would fail the same way.
        SdkError::ConstructionFailure(_) => Undelivered::Rejected,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Undelivered::Unavailable
        }
        SdkError::ServiceError(refused) => judge_refusal(refused.err()),
        _ => Undelivered::Unavailable,
    }
}

/// What SES's answer means. A fault of the whole sender (suspended, paused, its domain not yet
/// verified, its configuration set missing) is somebody's to mend and no fault of the mail: it
/// waits as long as it makes sense.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest has no names to match")]
fn judge_refusal(refused: &SendEmailError) -> Undelivered {
    match refused {
        SendEmailError::TooManyRequestsException(_) | SendEmailError::LimitExceededException(_) => {
            Undelivered::Throttled
        }
        SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_) => {
            Undelivered::Rejected
        }
        SendEmailError::AccountSuspendedException(_)
        | SendEmailError::SendingPausedException(_)
        | SendEmailError::MailFromDomainNotVerifiedException(_)
        | SendEmailError::NotFoundException(_) => Undelivered::Unavailable,
        unnamed => judge_code(unnamed.meta().code()),
    }
}

/// Errors that the operation's model doesn't name. What is unknown is waited for: a mail given up
/// wrongly shuts its reader out, one tried once too often costs a request.
fn judge_code(code: Option<&str>) -> Undelivered {
    match code.unwrap_or_default() {
        "Throttling" | "ThrottlingException" | "RequestThrottled" | "RequestLimitExceeded" => {
            Undelivered::Throttled
        }
        "ValidationException" | "SerializationException" => Undelivered::Rejected,
        _ => Undelivered::Unavailable,
    }
}

/// How far a call came that has no answer to show.
fn stage<R>(error: &SdkError<SendEmailError, R>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "not built",
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "not sent",
        SdkError::ResponseError(_) => "answer unreadable",
        SdkError::ServiceError(_) => "answer without a code",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests;
