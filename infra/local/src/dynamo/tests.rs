#![allow(clippy::unwrap_used, reason = "a test may")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};

use super::meter::{Meter, Sum};
use crate::clients::Clients;
use crate::faults::Faults;
use crate::fixtures::{Ground, served};

mod strikes;

/// The endpoint on a port of its own, and a client that calls as `sign-in`.
async fn endpoint(ground: &Ground) -> (Client, Meter) {
    let meter = Meter::default();
    let clients = clients(ground, meter.clone(), Faults::default()).await;
    (clients.dynamodb("sign-in"), meter)
}

/// The clients of an endpoint on a port of its own.
async fn clients(ground: &Ground, meter: Meter, faults: Faults) -> Clients {
    let rights = super::rights::Rights::default();
    let endpoint = super::router(ground.database.clone(), meter, faults, rights);
    Clients::new(served(axum::Router::new().nest("/dynamodb", endpoint)).await)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn put(bytes: usize) -> Put {
    Put::builder()
        .table_name("postern-guards")
        .item("key", text("k"))
        .item("item", text("i"))
        .item("body", text("x".repeat(bytes)))
        .condition_expression("attribute_not_exists(#k)")
        .expression_attribute_names("#k", "key")
        .return_values_on_condition_check_failure(OnFailure::AllOld)
        .build()
        .unwrap()
}

async fn put_alone(
    client: &Client,
    put: Put,
    on_failure: OnFailure,
) -> Result<(), SdkError<aws_sdk_dynamodb::operation::put_item::PutItemError>> {
    client
        .put_item()
        .table_name(put.table_name())
        .set_item(Some(put.item().clone()))
        .condition_expression(put.condition_expression().unwrap())
        .expression_attribute_names("#k", "key")
        .return_values_on_condition_check_failure(on_failure)
        .send()
        .await
        .map(|output| assert!(output.consumed_capacity.is_none()))
}

fn sum(meter: &Meter, table: &str, operation: &str) -> Sum {
    meter.read()["sign-in"][table][operation]
}

#[tokio::test]
async fn what_the_sdk_puts_it_gets_and_both_are_metered_exactly() {
    let ground = Ground::new();
    let (client, meter) = endpoint(&ground).await;
    put_alone(&client, put(2_100), OnFailure::None).await.unwrap();
    let got = client
        .get_item()
        .table_name("postern-guards")
        .key("key", text("k"))
        .key("item", text("i"))
        .consistent_read(true)
        .send()
        .await
        .unwrap();
    assert_eq!(got.item().unwrap()["body"].as_s().unwrap().len(), 2_100);
    let written = Sum { requests: 1, read_units: 0.0, write_units: 3.0 };
    assert_eq!(sum(&meter, "guards", "PutItem"), written);
    assert_eq!(
        sum(&meter, "guards", "GetItem"),
        Sum { requests: 1, read_units: 1.0, write_units: 0.0 }
    );

    meter.clear();
    assert!(meter.read().is_empty());
}

#[tokio::test]
async fn a_failed_condition_gives_the_old_item_to_whoever_asked_and_costs_the_larger_one() {
    let ground = Ground::new();
    let (client, meter) = endpoint(&ground).await;
    put_alone(&client, put(3_000), OnFailure::None).await.unwrap();
    meter.clear();

    for (on_failure, shown) in [(OnFailure::AllOld, true), (OnFailure::None, false)] {
        let error = put_alone(&client, put(1), on_failure).await.unwrap_err().into_service_error();
        assert!(error.is_conditional_check_failed_exception());
        let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
            failed,
        ) = error
        else {
            unreachable!()
        };
        assert_eq!(failed.item().is_some(), shown);
    }
    let failed = Sum { requests: 2, read_units: 0.0, write_units: 6.0 };
    assert_eq!(sum(&meter, "guards", "PutItem"), failed);
}

#[tokio::test]
async fn a_cancelled_transaction_gives_its_reasons_and_costs_double() {
    let ground = Ground::new();
    let (client, meter) = endpoint(&ground).await;
    let vault = Put::builder()
        .table_name("postern-vault")
        .item("account", text("acc_1"))
        .item("item", text("key"))
        .build()
        .unwrap();
    let write = || {
        client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(vault.clone()).build())
            .transact_items(TransactWriteItem::builder().put(put(1_500)).build())
            .send()
    };
    write().await.unwrap();
    let (small, large) = (
        Sum { requests: 1, read_units: 0.0, write_units: 2.0 },
        Sum { requests: 1, read_units: 0.0, write_units: 4.0 },
    );
    assert_eq!(sum(&meter, "vault", "TransactWriteItems"), small);
    assert_eq!(sum(&meter, "guards", "TransactWriteItems"), large);

    meter.clear();
    let error = write().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        unreachable!("{error}")
    };
    let reasons = cancelled.cancellation_reasons();
    assert_eq!(reasons[0].code(), Some("None"));
    assert_eq!(reasons[1].code(), Some("ConditionalCheckFailed"));
    assert!(reasons[1].item().is_some());
    assert_eq!(sum(&meter, "vault", "TransactWriteItems"), small);
    assert_eq!(sum(&meter, "guards", "TransactWriteItems"), large);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_an_error_and_costs_nothing() {
    let ground = Ground::new();
    let (client, meter) = endpoint(&ground).await;
    let query = client
        .query()
        .table_name("nowhere-at-all")
        .key_condition_expression("k = :k")
        .expression_attribute_values(":k", text("k"));
    let error = query.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert!(meter.read().is_empty());
}
