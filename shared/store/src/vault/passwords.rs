//! A person's password, replaced by another one or hashed anew.

use postern_events::ids::AccountId;

use super::Vault;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, json, text};
use crate::keys;
use crate::password::PasswordRecord;
use crate::tables::{Condition, Tables, Written};

const WHAT: &str = "a person's password";
const REPLACE: &str = "SET #password = :after";

/// Both records as the vault holds them; hashes are salted, so no two are alike by chance.
struct Replacement {
    before: String,
    after: String,
}

impl Replacement {
    fn new(before: &PasswordRecord, after: &PasswordRecord) -> Result<Self, StoreError> {
        Ok(Self { before: json(WHAT, before)?, after: json(WHAT, after)? })
    }

    /// The person is there, and the password still the one that was seen.
    fn unchanged(&self) -> Condition {
        Condition::new(
            "#password = :before",
            &[("#password", keys::PASSWORD)],
            [(":before", text(&self.before)), (":after", text(&self.after))],
        )
    }

    /// The answer to an earlier try was lost, and the try had succeeded.
    fn is_done(&self, item: &Item) -> bool {
        Reader::new(WHAT, item).maybe_text(keys::PASSWORD) == Some(&*self.after)
    }
}

impl Vault {
    /// Replaces a person's password in one transaction with a commit, which fails where the person
    /// is gone or the password no longer is `before`.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn password_put(
        &self,
        account: AccountId,
        before: &PasswordRecord,
        after: &PasswordRecord,
    ) -> Result<Extra, StoreError> {
        let key = Tables::key(keys::VAULT, &account.to_string(), keys::PERSON);
        let unchanged = Replacement::new(before, after)?.unchanged();
        self.tables.extra_update(keys::VAULT, key, REPLACE, unchanged)
    }

    /// Replaces a person's password by itself; `false` where the person is gone or the password no
    /// longer is `before`.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn replace_password(
        &self,
        account: AccountId,
        before: &PasswordRecord,
        after: &PasswordRecord,
    ) -> Result<bool, StoreError> {
        let replacement = Replacement::new(before, after)?;
        let key = Tables::key(keys::VAULT, &account.to_string(), keys::PERSON);
        let update = replacement.unchanged().on_update(self.tables.update(keys::VAULT, key));
        Ok(match Tables::update_if(update.update_expression(REPLACE)).await? {
            Written::Done => true,
            Written::Refused(item) => item.is_some_and(|it| replacement.is_done(&it)),
        })
    }
}
