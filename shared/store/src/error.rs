//! Why the tables did not do what was asked.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What lies behind an error.
pub type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why the tables have no capacity just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busyness {
    /// They ask for fewer requests.
    Throttled,
    /// A transaction holds an item of this request.
    Contended,
}

/// Why a read or a write did not happen, or is not known to have happened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote first; deciding again may help.
    #[error("another writer was first")]
    Conflict,
    /// Waiting helps.
    #[error("the tables are busy")]
    Busy {
        /// With what.
        because: Busyness,
        /// What the service said.
        source: Source,
    },
    /// No answer, or a fault of the service; a write may have happened all the same.
    #[error("the tables can't be reached")]
    Unavailable(#[source] Source),
    /// Something stored, or about to be stored, is not what it must be; repeating is useless.
    #[error("{what} is broken")]
    Broken {
        /// What it is.
        what: String,
        /// Why.
        source: Source,
    },
}

impl StoreError {
    /// Something is not what it must be.
    pub(crate) fn broken(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::Broken { what: what.into(), source: source.into() }
    }

    /// Whether deciding again from a fresh read may lead to another end.
    #[must_use]
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Conflict | Self::Busy { because: Busyness::Contended, .. })
    }
}

/// What an error code of the service means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Condition,
    Busy(Busyness),
    Request,
    Fault,
}

/// Reads an error code or a transaction's cancellation code.
pub(crate) fn meaning(code: Option<&str>) -> Meaning {
    match code.unwrap_or_default() {
        "ConditionalCheckFailedException" | "ConditionalCheckFailed" => Meaning::Condition,
        "TransactionConflictException"
        | "TransactionConflict"
        | "TransactionInProgressException" => Meaning::Busy(Busyness::Contended),
        "ThrottlingException"
        | "ThrottlingError"
        | "Throttling"
        | "ProvisionedThroughputExceededException"
        | "ProvisionedThroughputExceeded"
        | "RequestLimitExceeded"
        | "LimitExceededException" => Meaning::Busy(Busyness::Throttled),
        "ValidationException"
        | "ValidationError"
        | "SerializationException"
        | "IdempotentParameterMismatchException"
        | "ItemCollectionSizeLimitExceededException"
        | "ItemCollectionSizeLimitExceeded" => Meaning::Request,
        _ => Meaning::Fault,
    }
}

impl<E> From<SdkError<E>> for StoreError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        match meaning(error.as_service_error().and_then(ProvideErrorMetadata::code)) {
            Meaning::Condition => Self::Conflict,
            Meaning::Busy(because) => Self::Busy { because, source: error.into() },
            Meaning::Request => Self::broken("a request to the tables", error),
            Meaning::Fault => Self::Unavailable(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_race_a_throttle_and_an_outage_are_three_things() {
        assert_eq!(meaning(Some("ConditionalCheckFailed")), Meaning::Condition);
        assert_eq!(meaning(Some("TransactionConflict")), Meaning::Busy(Busyness::Contended));
        assert_eq!(meaning(Some("ThrottlingException")), Meaning::Busy(Busyness::Throttled));
        assert_eq!(meaning(Some("InternalServerError")), Meaning::Fault);
        assert_eq!(meaning(None), Meaning::Fault);
    }
}
