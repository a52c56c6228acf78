//! The faults of the tables, as the SDK and the store see them.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use postern_store::StoreError;

use super::*;
use crate::fixtures::faults;

/// How often the SDK of these tests tries a call.
const TRIES: u32 = 3;

/// A client as `function` has it, which repeats calls without a wait between.
async fn client(ground: &Ground, faults: &Faults, function: &str) -> (Client, Meter) {
    let meter = Meter::default();
    let clients = clients(ground, meter.clone(), faults.clone()).await;
    let retries =
        RetryConfig::standard().with_max_attempts(TRIES).with_initial_backoff(Duration::ZERO);
    let config = clients.dynamodb(function).config().to_builder().retry_config(retries).build();
    (Client::from_conf(config), meter)
}

/// The put of a commit, as the store appends it.
fn commit() -> Put {
    Put::builder()
        .table_name("postern-events")
        .item("stream", text("account/acc_1"))
        .item("version", AttributeValue::N("1".to_owned()))
        .item("events", text("[]"))
        .condition_expression("attribute_not_exists(#k)")
        .expression_attribute_names("#k", "stream")
        .return_values_on_condition_check_failure(OnFailure::AllOld)
        .build()
        .unwrap()
}

async fn append(client: &Client) -> Result<(), SdkError<PutItemError>> {
    let Put { table_name, item, condition_expression, expression_attribute_names, .. } = commit();
    client
        .put_item()
        .table_name(table_name)
        .set_item(Some(item))
        .set_condition_expression(condition_expression)
        .set_expression_attribute_names(expression_attribute_names)
        .return_values_on_condition_check_failure(OnFailure::AllOld)
        .send()
        .await
        .map(drop)
}

async fn together(client: &Client) -> Result<(), SdkError<TransactWriteItemsError>> {
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put(1)).build())
        .transact_items(TransactWriteItem::builder().put(commit()).build())
        .client_request_token("one")
        .send()
        .await
        .map(drop)
}

fn commits(ground: &Ground) -> usize {
    ground.database.log(0, None, 10).unwrap().len()
}

#[tokio::test]
async fn a_conflict_strikes_appends_only_and_is_a_race_that_wrote_nothing() {
    let ground = Ground::new();
    let faults = faults(r#"{"store":"conflict","times":2}"#);
    let (client, meter) = client(&ground, &faults, "account").await;
    put_alone(&client, put(1), OnFailure::None).await.unwrap();
    meter.clear();

    let error = append(&client).await.unwrap_err();
    assert_eq!(error.code(), Some("TransactionConflictException"));
    assert!(StoreError::from(error).is_race());
    assert_eq!((commits(&ground), meter.read().is_empty()), (0, true));

    let error = together(&client).await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        unreachable!("{error}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|it| it.code()).collect();
    assert_eq!(codes, [Some("None"), Some("TransactionConflict")]);
    assert_eq!((commits(&ground), meter.read().is_empty()), (0, true));

    append(&client).await.unwrap();
    assert_eq!(commits(&ground), 1);
}

#[tokio::test]
async fn a_throttle_strikes_every_call_and_the_sdk_gets_over_a_short_one() {
    let ground = Ground::new();
    let faults = faults(r#"{"store":"throttle","times":4}"#);
    let (client, meter) = client(&ground, &faults, "sign-in").await;
    let query = || {
        client
            .query()
            .table_name("postern-events")
            .key_condition_expression("#s = :s")
            .expression_attribute_names("#s", "stream")
            .expression_attribute_values(":s", text("account/acc_1"))
            .send()
    };
    let error = query().await.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert!(matches!(
        StoreError::from(error),
        StoreError::Busy { because: postern_store::Busyness::Throttled, .. }
    ));
    assert!(meter.read().is_empty());
    query().await.unwrap();
    assert_eq!(sum(&meter, "events", "Query").requests, 1);
}

#[tokio::test]
async fn tables_that_are_down_do_nothing_until_they_are_up() {
    let ground = Ground::new();
    let faults = faults(r#"{"store":"down"}"#);
    let (client, meter) = client(&ground, &faults, "account").await;
    for _ in 0..2 {
        let error = append(&client).await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
        assert!(matches!(StoreError::from(error), StoreError::Unavailable(_)));
    }
    assert_eq!((commits(&ground), meter.read().is_empty()), (0, true));
    faults.clear();
    append(&client).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_leaves_the_commit_and_its_repeat_finds_it() {
    let ground = Ground::new();
    let faults = faults(r#"{"store":"lost_answer"}"#);
    let (client, meter) = client(&ground, &faults, "account").await;
    put_alone(&client, put(1), OnFailure::None).await.unwrap();
    let error = append(&client).await.unwrap_err().into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = error else {
        unreachable!("{error}")
    };
    assert_eq!(failed.item().unwrap()["events"], text("[]"));
    assert_eq!(commits(&ground), 1);
    let both = Sum { requests: 2, read_units: 0.0, write_units: 2.0 };
    assert_eq!(meter.read()["account"]["events"]["PutItem"], both);
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_repeated_by_its_token_and_done_once() {
    let ground = Ground::new();
    let faults = faults(r#"{"store":"lost_answer","times":1}"#);
    let (client, _meter) = client(&ground, &faults, "sign-in").await;
    together(&client).await.unwrap();
    assert_eq!(commits(&ground), 1);
    assert!(!faults.has(crate::faults::Fault::Store(crate::faults::StoreFault::LostAnswer)));
}

#[tokio::test]
async fn a_refused_append_loses_no_answer() {
    let ground = Ground::new();
    crate::fixtures::append(&ground.database, "account/acc_1", 1, "account.registered");
    let faults = faults(r#"{"store":"lost_answer","times":1}"#);
    let (client, _meter) = client(&ground, &faults, "account").await;
    assert!(
        append(&client)
            .await
            .unwrap_err()
            .into_service_error()
            .is_conditional_check_failed_exception()
    );
    assert!(faults.has(crate::faults::Fault::Store(crate::faults::StoreFault::LostAnswer)));
}

#[tokio::test]
async fn the_functions_on_the_stream_are_spared() {
    let ground = Ground::new();
    for fault in ["conflict", "throttle", "down", "lost_answer"] {
        let faults = faults(&format!(r#"{{"store":"{fault}"}}"#));
        let (client, _meter) = client(&ground, &faults, "notify").await;
        if commits(&ground) == 0 {
            append(&client).await.unwrap();
        } else {
            let error = append(&client).await.unwrap_err().into_service_error();
            assert!(error.is_conditional_check_failed_exception(), "{fault}");
        }
    }
}
