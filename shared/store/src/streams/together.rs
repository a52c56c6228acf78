//! Several streams in one decision: one transaction, all or nothing.

use aws_lc_rs::digest;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::EventStore;
use super::append::is_ours;
use super::commit::Commit;
use super::stage::Staged;
use crate::error::{Meaning, StoreError, meaning};
use crate::extra::Extra;
use crate::keys;
use crate::tables::{Condition, METERED};
use crate::tally;

/// Which part of a transaction lost its race, by its place in what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loser {
    /// This stream has a newer commit.
    Stream(usize),
    /// This extra write's condition did not hold.
    Extra(usize),
}

/// Why a transaction wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum TogetherError {
    /// Another writer was first; the first loser is named.
    #[error("another writer was first at {which:?}")]
    Conflict {
        /// Where.
        which: Loser,
    },
    /// Anything else.
    #[error("the transaction did not happen")]
    Store(#[from] StoreError),
}

impl TogetherError {
    /// Whether deciding again from a fresh read may lead to another end.
    #[must_use]
    pub fn is_race(&self) -> bool {
        match self {
            Self::Conflict { which: _ } => true,
            Self::Store(why) => why.is_race(),
        }
    }
}

impl From<TogetherError> for StoreError {
    fn from(error: TogetherError) -> Self {
        match error {
            TogetherError::Conflict { which: _ } => Self::Conflict,
            TogetherError::Store(why) => why,
        }
    }
}

impl EventStore {
    /// Commits to one or two streams and makes the extra writes, all or nothing, in one
    /// transaction. The request token follows from `token` and the first events' identifiers, so
    /// a repeated request is one request, and another decision is another one.
    ///
    /// # Errors
    /// [`TogetherError::Conflict`] when a condition did not hold, [`TogetherError::Store`]
    /// otherwise.
    pub async fn commit_together(
        &self,
        staged: &[Staged],
        extras: Vec<Extra>,
        token: [u8; 16],
    ) -> Result<(), TogetherError> {
        let commits: Vec<(usize, &Commit)> =
            staged.iter().enumerate().filter_map(|(i, it)| Some((i, it.commit()?))).collect();
        let mut writes = Vec::with_capacity(commits.len() + extras.len());
        for (_, commit) in &commits {
            writes.push(self.write(commit)?);
        }
        writes.extend(extras.into_iter().map(|it| it.0));
        if writes.is_empty() {
            return Ok(());
        }
        let call = self.tables.client.transact_write_items().set_transact_items(Some(writes));
        let call = call.client_request_token(request_token(token, &commits));
        if let Err(error) = call.return_consumed_capacity(METERED).send().await {
            judge(error, &commits)?;
        }
        for (_, commit) in commits {
            tally::appended(commit);
        }
        Ok(())
    }

    fn write(&self, commit: &Commit) -> Result<TransactWriteItem, StoreError> {
        let absent = Condition::absent(keys::EVENTS);
        let put = Put::builder()
            .table_name(self.tables.name(keys::EVENTS))
            .set_item(Some(commit.to_item()))
            .condition_expression(absent.expression)
            .set_expression_attribute_names(Some(absent.names))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|why| StoreError::broken("a commit's put", why))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// 22 characters of the 36 that a request token may have.
fn request_token(token: [u8; 16], commits: &[(usize, &Commit)]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(&token);
    for event in commits.iter().filter_map(|(_, it)| it.first_event()) {
        hash.update(&event.to_bytes());
    }
    URL_SAFE_NO_PAD.encode(hash.finish().as_ref().get(..16).unwrap_or_default())
}

/// What a refused transaction means. All or nothing: where one of our commits is already there,
/// so is everything that went with it.
fn judge(
    error: SdkError<TransactWriteItemsError>,
    commits: &[(usize, &Commit)],
) -> Result<(), TogetherError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return Err(StoreError::from(error).into());
    };
    let reasons = cancelled.cancellation_reasons();
    let ours = |(reason, (_, commit)): (&CancellationReason, &(usize, &Commit))| {
        reason.item().is_some_and(|item| is_ours(item, commit))
    };
    if reasons.iter().zip(commits).any(ours) {
        return Ok(());
    }
    let meanings: Vec<Meaning> = reasons
        .iter()
        .filter_map(|it| it.code().filter(|code| *code != "None"))
        .map(|code| meaning(Some(code)))
        .collect();
    let failed = |it: &CancellationReason| meaning(it.code()) == Meaning::Condition;
    if let Some(place) = reasons.iter().position(failed) {
        let which = commits.get(place).map_or_else(
            || Loser::Extra(place - commits.len()),
            |(stream, _)| Loser::Stream(*stream),
        );
        return Err(TogetherError::Conflict { which });
    }
    Err(match meanings.first() {
        Some(Meaning::Busy(because)) => {
            StoreError::Busy { because: *because, source: error.into() }.into()
        }
        Some(Meaning::Request) => StoreError::broken("a transaction", error).into(),
        Some(Meaning::Condition | Meaning::Fault) | None => {
            StoreError::Unavailable(error.into()).into()
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use aws_sdk_dynamodb::config::http::HttpResponse;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::error::Busyness;

    fn cancelled(codes: &[&str]) -> Result<(), TogetherError> {
        let reasons = codes.iter().map(|it| CancellationReason::builder().code(*it).build());
        let cancelled = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(cancelled);
        let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
        judge(SdkError::service_error(error, response), &[])
    }

    #[test]
    fn a_transaction_that_met_another_is_busy_and_worth_deciding_again() {
        let error = cancelled(&["None", "TransactionConflict"]).unwrap_err();
        assert!(error.is_race());
        let TogetherError::Store(StoreError::Busy { because, .. }) = error else {
            panic!("{error:?}")
        };
        assert_eq!(because, Busyness::Contended);
    }

    #[test]
    fn a_throttled_transaction_is_busy_and_not_worth_deciding_again_at_once() {
        let error = cancelled(&["ThrottlingError", "None"]).unwrap_err();
        assert!(!error.is_race());
        assert!(matches!(
            error,
            TogetherError::Store(StoreError::Busy { because: Busyness::Throttled, .. })
        ));
    }

    #[test]
    fn a_failed_condition_outweighs_what_else_went_wrong() {
        let error = cancelled(&["TransactionConflict", "ConditionalCheckFailed"]).unwrap_err();
        assert!(matches!(error, TogetherError::Conflict { which: Loser::Extra(1) }));
    }

    #[test]
    fn a_transaction_the_service_can_not_read_is_broken() {
        let error = cancelled(&["ValidationError"]).unwrap_err();
        assert!(matches!(error, TogetherError::Store(StoreError::Broken { .. })));
    }
}
