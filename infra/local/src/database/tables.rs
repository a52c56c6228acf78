//! Which tables there are, and how `DynamoDB` is asked for them.

use dynoxide::actions::create_table::{CreateTableRequest, StreamSpecification};
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::types::{AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType};
use postern_store::keys::{self, TABLES, Table};

use super::DatabaseError;

/// A table's name in the database.
pub(super) fn full_name(name: &str) -> String {
    format!("{}{name}", keys::DEFAULT_PREFIX)
}

/// The names of all tables in the database.
pub(super) fn full_names() -> impl Iterator<Item = String> {
    TABLES.iter().map(|table| full_name(table.name))
}

/// Creates the tables that are missing, with their streams and times to live.
pub(super) fn create_missing(engine: &dynoxide::Database) -> Result<(), DatabaseError> {
    for table in &TABLES {
        let name = full_name(table.name);
        if engine.get_table_metadata(&name)?.is_none() {
            engine.create_table(creation(table, &name))?;
        }
        let ttl_missing = engine
            .get_table_metadata(&name)?
            .is_some_and(|metadata| metadata.ttl_attribute.is_none());
        if let (Some(attribute), true) = (table.ttl, ttl_missing) {
            engine.update_time_to_live(UpdateTimeToLiveRequest {
                table_name: name,
                time_to_live_specification: TimeToLiveSpecification {
                    attribute_name: attribute.to_owned(),
                    enabled: true,
                },
            })?;
        }
    }
    Ok(())
}

fn creation(table: &Table, name: &str) -> CreateTableRequest {
    let mut schema = vec![element(table.hash, KeyType::HASH)];
    let mut attributes = vec![attribute(table.hash, ScalarAttributeType::S)];
    if let Some((range, kind)) = table.range {
        schema.push(element(range, KeyType::RANGE));
        attributes.push(attribute(
            range,
            match kind {
                keys::KeyType::Text => ScalarAttributeType::S,
                keys::KeyType::Number => ScalarAttributeType::N,
            },
        ));
    }
    CreateTableRequest {
        table_name: name.to_owned(),
        key_schema: schema,
        attribute_definitions: attributes,
        billing_mode: Some("PAY_PER_REQUEST".to_owned()),
        stream_specification: table.streamed.then(|| StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some("NEW_IMAGE".to_owned()),
        }),
        ..CreateTableRequest::default()
    }
}

fn element(name: &str, key_type: KeyType) -> KeySchemaElement {
    KeySchemaElement { attribute_name: name.to_owned(), key_type }
}

fn attribute(name: &str, attribute_type: ScalarAttributeType) -> AttributeDefinition {
    AttributeDefinition { attribute_name: name.to_owned(), attribute_type }
}
