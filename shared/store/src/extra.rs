//! A write that rides along with a commit.

use std::fmt;

use aws_sdk_dynamodb::types::TransactWriteItem;

/// A prepared write of the vault, the guards or the sessions, to be made in one transaction with
/// a commit; only this crate can build one.
#[derive(Clone)]
pub struct Extra(pub(crate) TransactWriteItem);

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extra(..)")
    }
}
