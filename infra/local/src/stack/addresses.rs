//! What a person reads who started the stack: one address a line, most wanted first.

use std::io::Write as _;

/// Prints the addresses. Standard output may be closed; the stack runs all the same.
pub(super) fn print(api: &str, endpoints: &str, buckets: &str) {
    let _ = std::io::stdout().lock().write_all(lines(api, endpoints, buckets).as_bytes());
}

fn lines(api: &str, endpoints: &str, buckets: &str) -> String {
    format!(
        "API {api}\n\
         Inbox {api}/_local/emails\n\
         Pushes {api}/_local/pushes\n\
         Events {api}/_local/events\n\
         Clock {api}/_local/clock\n\
         Meter {api}/_local/meter\n\
         DynamoDB {endpoints}/dynamodb/you\n\
         SES {endpoints}/ses\n\
         SNS {endpoints}/sns\n\
         S3 {buckets}\n"
    )
}
