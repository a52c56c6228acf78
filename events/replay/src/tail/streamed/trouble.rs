//! Why the stream gave no answer, and what helps.

use std::error::Error;

use aws_sdk_dynamodbstreams::error::{ProvideErrorMetadata, SdkError};

/// What lies behind it.
pub(super) type Source = Box<dyn Error + Send + Sync>;

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Waiting helps: too many calls, or nobody answers.
    Busy,
    /// The iterator is of no use any more; a new one is.
    Expired,
    /// Where the iterator stands, nothing is any more.
    Trimmed,
    /// There is no such shard, or no such stream.
    Gone,
    /// Nothing helps.
    Refused,
}

/// A call that came to nothing.
#[derive(Debug)]
pub(super) struct Trouble {
    /// What helps.
    pub(super) kind: Kind,
    /// What the service said.
    pub(super) source: Source,
}

impl Trouble {
    /// An answer that says less than it has to.
    pub(super) fn lacks(what: &str) -> Self {
        Self { kind: Kind::Refused, source: format!("an answer lacks {what}").into() }
    }
}

impl<E> From<SdkError<E>> for Trouble
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let kind = match error.code() {
            Some(
                "LimitExceededException"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "Throttling"
                | "ThrottlingException",
            ) => Kind::Busy,
            Some("ExpiredIteratorException") => Kind::Expired,
            Some("TrimmedDataAccessException") => Kind::Trimmed,
            Some("ResourceNotFoundException") => Kind::Gone,
            Some(_) | None if is_away(&error) => Kind::Busy,
            Some(_) | None => Kind::Refused,
        };
        Self { kind, source: error.into() }
    }
}

/// Whether nobody answered, or somebody who can't just now.
fn is_away<E>(error: &SdkError<E>) -> bool {
    if let SdkError::DispatchFailure(it) = error {
        return it.is_io() || it.is_timeout();
    }
    let half = matches!(error, SdkError::TimeoutError(_) | SdkError::ResponseError(_));
    half || error.raw_response().is_some_and(|it| it.status().is_server_error())
}
