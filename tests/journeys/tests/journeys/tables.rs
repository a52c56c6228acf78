//! The tables themselves, by `DynamoDB`'s protocol: for what no call shows, and for what no part
//! of Postern would ever write.

use serde_json::{Value, json};

use crate::world::World;

/// `DynamoDB`'s media type.
const PROTOCOL: &str = "application/x-amz-json-1.0";

impl World {
    /// Every item of a table, with `DynamoDB`'s type tags.
    pub(crate) async fn rows(&self, table: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut request = json!({ "TableName": format!("postern-{table}") });
        loop {
            let mut page = self.dynamodb("Scan", &request).await;
            rows.append(page["Items"].as_array_mut().unwrap());
            let last = page["LastEvaluatedKey"].take();
            if last.is_null() {
                return rows;
            }
            request["ExclusiveStartKey"] = last;
        }
    }

    /// Puts an item into the log behind everybody's back.
    pub(crate) async fn slip_into_the_log(&self, item: &Value) {
        let request = json!({ "TableName": "postern-events", "Item": item });
        self.dynamodb("PutItem", &request).await;
    }

    /// Takes every item of a table away, as a mistake of somebody with too many rights would.
    pub(crate) async fn lose(&self, table: &str) {
        for row in self.rows(table).await {
            let key = json!({ "key": row["key"], "item": row["item"] });
            let request = json!({ "TableName": format!("postern-{table}"), "Key": key });
            self.dynamodb("DeleteItem", &request).await;
        }
    }

    async fn dynamodb(&self, operation: &str, request: &Value) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let call = client
            .post(self.stack.dynamodb())
            .header("content-type", PROTOCOL)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .body(request.to_string());
        let answer = call.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{operation}: {status}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}
