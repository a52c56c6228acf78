//! What a refusal of SNS means. Its operations share their error codes, but not what they mean.

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};

use crate::push::PushFailed;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Publish,
    Create,
    Renew,
    Delete,
}

/// How SNS begins to say that another endpoint has the token; the endpoint's ARN follows.
const HOLDER: &str = "Endpoint arn:";
/// How it goes on. The whole sentence is part of AWS's documentation of how to register a phone.
const HOLDS: &str = " already exists with the same Token";
/// What SNS answers to a push by the name of an endpoint that was deleted, as a wrong parameter.
const NO_ENDPOINT: &str = "No endpoint found";

/// What a failed call means.
pub(super) fn judge<E: ProvideErrorMetadata, R>(call: Call, error: &SdkError<E, R>) -> PushFailed {
    // A call that could not even be built says no more about the phone than one that was not
    // answered.
    let SdkError::ServiceError(refused) = error else { return PushFailed::Unavailable };
    let meta = refused.err().meta();
    judge_code(call, meta.code().unwrap_or_default(), meta.message().unwrap_or_default())
}

/// A fault of the whole sender (no permission, expired credentials at the platform, its platform
/// application missing or disabled) is somebody's to mend and no fault of the phone: it waits as
/// long as it makes sense. So does whatever is unknown.
fn judge_code(call: Call, code: &str, message: &str) -> PushFailed {
    match (code, call) {
        ("EndpointDisabled" | "EndpointDisabledException", _) => PushFailed::Disabled,
        // What a creation does not find is the platform application.
        ("NotFound" | "NotFoundException", Call::Publish | Call::Renew | Call::Delete) => {
            PushFailed::Gone
        }
        ("InvalidParameter", Call::Publish) if message.contains(NO_ENDPOINT) => PushFailed::Gone,
        (
            "InvalidParameter"
            | "InvalidParameterException"
            | "ParameterValueInvalid"
            | "ValidationError"
            | "ValidationException",
            _,
        ) => PushFailed::Rejected,
        (
            "Throttled"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "KMSThrottling",
            _,
        ) => PushFailed::Throttled,
        _ => PushFailed::Unavailable,
    }
}

/// The endpoint that has a token, where SNS refuses it for that reason.
pub(super) fn holder_of_token(message: &str) -> Option<String> {
    let begin = message.find(HOLDER)? + HOLDER.len() - "arn:".len();
    let (arn, _) = message.get(begin..)?.split_once(HOLDS)?;
    (!arn.contains(char::is_whitespace)).then(|| arn.to_owned())
}

/// The code of a refusal, or how far a call came that has no answer to show.
pub(super) fn told<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    match error {
        SdkError::ConstructionFailure(_) => "not built",
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "not sent",
        SdkError::ResponseError(_) => "answer unreadable",
        SdkError::ServiceError(it) => it.err().meta().code().unwrap_or("answer without a code"),
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sns::error::{ConnectorError, ErrorMetadata};
    use aws_sdk_sns::operation::publish::PublishError;

    use super::*;

    type Publish = SdkError<PublishError, ()>;

    const ARN: &str = "arn:aws:sns:eu-central-1:1:endpoint/GCM/app/5e3e9847";

    #[test]
    fn no_answer_a_broken_one_and_no_question_mean_unavailable() {
        let failed = |error: Publish| judge(Call::Publish, &error);
        let no_connection = ConnectorError::io("refused".into());
        assert_eq!(failed(Publish::timeout_error("late")), PushFailed::Unavailable);
        assert_eq!(failed(Publish::dispatch_failure(no_connection)), PushFailed::Unavailable);
        assert_eq!(failed(Publish::response_error("garbage", ())), PushFailed::Unavailable);
        assert_eq!(failed(Publish::construction_failure("no")), PushFailed::Unavailable);
        let nameless = PublishError::generic(ErrorMetadata::builder().build());
        assert_eq!(failed(Publish::service_error(nameless, ())), PushFailed::Unavailable);
        for code in ["InternalError", "AuthorizationError", "PlatformApplicationDisabled", "New"] {
            assert_eq!(judge_code(Call::Publish, code, ""), PushFailed::Unavailable, "{code}");
        }
    }

    #[test]
    fn a_missing_endpoint_is_gone_and_a_missing_application_is_somebodys_to_mend() {
        let none = "Invalid parameter: TargetArn Reason: No endpoint found for the target arn";
        for call in [Call::Publish, Call::Renew, Call::Delete] {
            assert_eq!(judge_code(call, "NotFound", ""), PushFailed::Gone, "{call:?}");
        }
        assert_eq!(judge_code(Call::Create, "NotFound", ""), PushFailed::Unavailable);
        assert_eq!(judge_code(Call::Publish, "InvalidParameter", none), PushFailed::Gone);
        assert_eq!(judge_code(Call::Renew, "InvalidParameter", none), PushFailed::Rejected);
    }

    #[test]
    fn the_holder_of_a_token_is_read_from_the_refusal() {
        let said = format!(
            "Invalid parameter: Token Reason: Endpoint {ARN} already exists with the same Token, \
             but different attributes."
        );
        assert_eq!(holder_of_token(&said).as_deref(), Some(ARN));
        for other in ["", "Invalid parameter: Token Reason: too long", "Endpoint arn:x is disabled"]
        {
            assert_eq!(holder_of_token(other), None, "{other}");
        }
    }
}
