//! Which rights on tables each function uses, written down for whoever compares them with those that its
//! role has on AWS.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use postern_store::keys;
use serde_json::Value;

/// Writes a line for each right the first time that it is used; clones write into the same file. Where
/// nobody asked for it, nothing is written.
#[derive(Debug, Clone, Default)]
pub struct Rights(Option<Arc<Mutex<Seen>>>);

#[derive(Debug)]
struct Seen {
    lines: BTreeSet<String>,
    file: File,
}

impl Rights {
    /// Appends to a file, which several stacks may share.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Some(Arc::new(Mutex::new(Seen { lines: BTreeSet::new(), file })))))
    }

    /// Notes what a call needs.
    pub(super) fn note(&self, function: &str, operation: &str, body: &str) {
        let Some(seen) = &self.0 else { return };
        let Ok(body) = serde_json::from_str(body) else { return };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (action, table, key) in used(operation, &body) {
            let line = format!("{function} {action} {table} {key}\n");
            if seen.lines.insert(line.clone())
                && let Err(error) = seen.file.write_all(line.as_bytes())
            {
                tracing::error!(%error, "a right that was used can't be written down");
            }
        }
    }
}

/// The actions that a call needs, each with its table and the kind of key.
fn used(operation: &str, body: &Value) -> Vec<(String, String, String)> {
    let one = |action: &str, of: &Value| {
        let (table, hash) = table(of)?;
        let key = of["Item"].get(hash).or_else(|| of["Key"].get(hash));
        let key = key.or_else(|| of["ExpressionAttributeValues"].get(":hash"));
        let key = key.and_then(|it| it["S"].as_str()).unwrap_or_default();
        Some((action.to_owned(), table.to_owned(), kind(table, key)))
    };
    if operation != "TransactWriteItems" {
        return one(operation, body).into_iter().collect();
    }
    let parts = body["TransactItems"].as_array().into_iter().flatten();
    let parts = parts.filter_map(|it| it.as_object()).flatten();
    parts
        .filter_map(|(part, of)| match part.as_str() {
            "ConditionCheck" => one("ConditionCheckItem", of),
            part => one(&format!("{part}Item"), of),
        })
        .collect()
}

/// A table of ours without its prefix, and its hash key.
fn table(of: &Value) -> Option<(&'static str, &'static str)> {
    let name = of["TableName"].as_str()?.strip_prefix(keys::DEFAULT_PREFIX)?;
    keys::TABLES.iter().find(|it| it.name == name).map(|it| (it.name, it.hash))
}

/// What a key begins with, as a role's condition names it; tables whose keys are accounts have no kinds.
fn kind(table: &str, key: &str) -> String {
    if [keys::VAULT.name, keys::SESSIONS.name].contains(&table) {
        return "-".to_owned();
    }
    key.split_once('/').map_or_else(|| key.to_owned(), |(kind, _)| format!("{kind}/*"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use serde_json::json;

    use super::*;

    fn lines(path: &Path) -> Vec<String> {
        std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_right_is_written_down_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rights");
        let rights = Rights::in_file(&path).unwrap();
        let get = json!({ "TableName": "postern-vault", "Key": { "account": { "S": "acc_1" } } });
        let query = json!({
            "TableName": "postern-guards",
            "ExpressionAttributeValues": { ":hash": { "S": "outbox" } },
        });
        let together = json!({ "TransactItems": [
            { "Put": { "TableName": "postern-events", "Item": { "stream": { "S": "account/acc_1" } } } },
            { "ConditionCheck": {
                "TableName": "postern-events", "Key": { "stream": { "S": "sign_in/sin_1" } } } },
            { "Delete": { "TableName": "postern-sessions", "Key": { "account": { "S": "acc_1" } } } },
        ] });
        for _ in 0..2 {
            rights.note("account", "GetItem", &get.to_string());
            rights.note("notify", "Query", &query.to_string());
            rights.note("account", "TransactWriteItems", &together.to_string());
            rights.note("account", "ListTables", "{}");
        }
        let expected = [
            "account GetItem vault -",
            "notify Query guards outbox",
            "account PutItem events account/*",
            "account ConditionCheckItem events sign_in/*",
            "account DeleteItem sessions -",
        ];
        assert_eq!(lines(&path), expected);
    }
}
