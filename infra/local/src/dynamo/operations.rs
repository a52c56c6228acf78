//! One operation of `DynamoDB`: read, executed in process, answered, and priced.
//!
//! The engine is always asked for consumed capacity and, where a condition fails, for the item
//! that was there, because both are needed for the price; a caller gets only what it asked for.

mod conditional;
mod transaction;

pub(super) use self::transaction::table_of;

use dynoxide::actions::{
    batch_get_item, batch_write_item, get_item, query, scan, transact_get_items,
};
use dynoxide::types::{ConsumedCapacity, capacity_wanted};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::meter::Cost;

/// The mode that says what each table was charged.
const TOTAL: &str = "TOTAL";

/// How the engine marks the class of an error that it found while reading a request.
const MARKERS: [&str; 3] = ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"];

/// What a call leads to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) cost: Vec<Cost>,
    pub(super) wrote: bool,
}

impl Outcome {
    /// The answer to something that is no operation.
    pub(super) fn unknown() -> Self {
        Self::bare(400, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#)
    }

    /// The answer when the engine itself gave up.
    pub(super) fn broken() -> Self {
        Self::bare(500, r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#)
    }

    /// The answer to a call too many.
    pub(super) fn throttled() -> Self {
        Self::bare(
            400,
            r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate of requests exceeds the allowed throughput."}"#,
        )
    }

    /// The answer to a write of one item that a transaction holds.
    pub(super) fn contended() -> Self {
        Self::bare(
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"Transaction is ongoing for the item"}"#,
        )
    }

    /// The answer that carries an error; nothing was done and nothing is charged.
    pub(super) fn failed(error: &DynoxideError) -> Self {
        Self::bare(error.status_code(), &error.to_json())
    }

    /// The same with a fault as its answer: what was done and charged stays so.
    pub(super) fn with_its_answer_lost(self) -> Self {
        let Self { status, body, .. } = Self::broken();
        Self { status, body, ..self }
    }

    fn bare(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned(), cost: Vec::new(), wrote: false }
    }
}

/// Whether a charge without a named kind is for reading or writing.
#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
}

/// An error with what it cost all the same.
struct Failed {
    error: DynoxideError,
    cost: Vec<Cost>,
}

impl From<DynoxideError> for Failed {
    fn from(error: DynoxideError) -> Self {
        Self { error, cost: Vec::new() }
    }
}

/// An answer's JSON with what it cost.
type Answered = Result<(String, Vec<Cost>), Failed>;

/// Reads, executes and prices an operation that can't fail on a condition.
macro_rules! unconditional {
    ($engine:ident . $method:ident, $request:ty, $body:ident, $kind:expr) => {{
        let mut request: $request = read($body)?;
        let asked = request.return_consumed_capacity.replace(TOTAL.to_owned());
        let mut response = $engine.$method(request)?;
        let cost = charged(response.consumed_capacity.iter(), $kind);
        if !capacity_wanted(asked.as_deref()) {
            response.consumed_capacity = None;
        }
        Ok((written(&response)?, cost))
    }};
    ($engine:ident . $method:ident, $request:ty, $body:ident, $kind:expr, many) => {{
        let mut request: $request = read($body)?;
        let asked = request.return_consumed_capacity.replace(TOTAL.to_owned());
        let mut response = $engine.$method(request)?;
        let cost = charged(response.consumed_capacity.iter().flatten(), $kind);
        if !capacity_wanted(asked.as_deref()) {
            response.consumed_capacity = None;
        }
        Ok((written(&response)?, cost))
    }};
}

/// Executes one operation. It blocks.
pub(super) fn execute(engine: &Database, operation: &str, body: &str) -> Outcome {
    let writes = matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
    );
    let Some(answered) = dispatch(engine, operation, body) else {
        return Outcome::unknown();
    };
    match answered {
        Ok((body, cost)) => Outcome { status: 200, body, cost, wrote: writes },
        Err(Failed { error, cost }) => {
            Outcome { status: error.status_code(), body: error.to_json(), cost, wrote: false }
        }
    }
}

fn dispatch(engine: &Database, operation: &str, body: &str) -> Option<Answered> {
    Some(match operation {
        "GetItem" => get(engine, body),
        "Query" => queried(engine, body),
        "Scan" => scanned(engine, body),
        "BatchGetItem" => batch_get(engine, body),
        "TransactGetItems" => transact_get(engine, body),
        "BatchWriteItem" => batch_write(engine, body),
        "PutItem" => conditional::put(engine, body),
        "UpdateItem" => conditional::update(engine, body),
        "DeleteItem" => conditional::delete(engine, body),
        "TransactWriteItems" => transaction::write(engine, body),
        "DescribeTable" => free(body, |it| engine.describe_table(it)),
        "DescribeStream" => free(body, |it| engine.describe_stream(it)),
        "GetShardIterator" => free(body, |it| engine.get_shard_iterator(it)),
        "GetRecords" => free(body, |it| engine.get_records(it)),
        _ => return None,
    })
}

/// An operation that no table is charged for.
fn free<Asked: DeserializeOwned, Told: Serialize>(
    body: &str,
    execute: impl FnOnce(Asked) -> Result<Told, DynoxideError>,
) -> Answered {
    Ok((written(&execute(read(body)?)?)?, Vec::new()))
}

fn get(engine: &Database, body: &str) -> Answered {
    unconditional!(engine.get_item, get_item::GetItemRequest, body, Kind::Read)
}

fn queried(engine: &Database, body: &str) -> Answered {
    unconditional!(engine.query, query::QueryRequest, body, Kind::Read)
}

fn scanned(engine: &Database, body: &str) -> Answered {
    unconditional!(engine.scan, scan::ScanRequest, body, Kind::Read)
}

fn batch_get(engine: &Database, body: &str) -> Answered {
    unconditional!(
        engine.batch_get_item,
        batch_get_item::BatchGetItemRequest,
        body,
        Kind::Read,
        many
    )
}

fn transact_get(engine: &Database, body: &str) -> Answered {
    use transact_get_items::TransactGetItemsRequest;
    unconditional!(engine.transact_get_items, TransactGetItemsRequest, body, Kind::Read, many)
}

fn batch_write(engine: &Database, body: &str) -> Answered {
    use batch_write_item::BatchWriteItemRequest;
    unconditional!(engine.batch_write_item, BatchWriteItemRequest, body, Kind::Write, many)
}

/// Reads a request. The SDK writes none that can't be read, so the wording hardly matters.
pub(super) fn read<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| {
        let text = error.to_string();
        MARKERS.iter().find_map(|marker| text.strip_prefix(marker)).map_or_else(
            || DynoxideError::SerializationException(text.clone()),
            |told| DynoxideError::ValidationException(told.to_owned()),
        )
    })
}

fn written(response: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn charged<'a>(all: impl Iterator<Item = &'a ConsumedCapacity>, kind: Kind) -> Vec<Cost> {
    all.map(|capacity| {
        let ConsumedCapacity { table_name, capacity_units, .. } = capacity;
        let (read, write) = match (capacity.read_capacity_units, capacity.write_capacity_units) {
            (None, None) => match kind {
                Kind::Read => (*capacity_units, 0.0),
                Kind::Write => (0.0, *capacity_units),
            },
            (read, write) => (read.unwrap_or(0.0), write.unwrap_or(0.0)),
        };
        Cost { table: table_name.clone(), read, write }
    })
    .collect()
}
