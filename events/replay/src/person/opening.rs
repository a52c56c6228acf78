//! Sealed values, opened wherever they stand.

use postern_events::personal::{Personal, Token};
use postern_store::seal::{DataKey, header};
use serde_json::Value;

/// The nonce of a code: with a key of ours it gives the code.
const NONCE: &str = "nonce";

/// Opens what one account's key can open.
pub(super) struct Opener(DataKey);

impl Opener {
    pub(super) fn new(key: DataKey) -> Self {
        Self(key)
    }

    /// The value, whatever its type; `null` where it can't be opened.
    pub(super) fn open<T>(&self, sealed: &Personal<T>) -> Value {
        sealed.token().map_or(Value::Null, |token| self.open_token(token))
    }

    /// The same of a value that may be absent.
    pub(super) fn open_maybe<T>(&self, sealed: Option<&Personal<T>>) -> Value {
        sealed.map_or(Value::Null, |it| self.open(it))
    }

    fn open_token(&self, token: &Token) -> Value {
        self.0.open(&Personal::<Value>::Sealed(token.clone())).unwrap_or_default()
    }

    /// Opens everything sealed in an event's data and takes nonces away. Says where something stays
    /// closed, as JSON pointers (RFC 6901).
    pub(super) fn open_all(&self, data: &mut Value) -> Vec<String> {
        let mut closed = Vec::new();
        self.open_under(data, "", &mut closed);
        closed
    }

    fn open_under(&self, value: &mut Value, at: &str, closed: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members.remove(NONCE);
                for (name, member) in members {
                    self.open_under(member, &format!("{at}/{name}"), closed);
                }
            }
            Value::Array(items) => {
                for (place, item) in items.iter_mut().enumerate() {
                    self.open_under(item, &format!("{at}/{place}"), closed);
                }
            }
            Value::String(text) => {
                // Nothing that anybody writes lies in an event in clear, so what looks like a token is one.
                let token = Token::parse(text).filter(|it| header(it).is_some());
                let Some(token) = token else { return };
                *value = self.open_token(&token);
                if value.is_null() {
                    closed.push(at.to_owned());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use jiff::Timestamp;
    use postern_events::ids::{AccountId, EventId};
    use postern_events::personal::PersonalField;
    use postern_runtime::chance::SystemChance;
    use serde_json::json;

    use super::*;

    fn sealed(key: &DataKey, text: &str) -> String {
        let event = EventId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let sealed = key.seal(event, PersonalField::Email, &text).unwrap();
        sealed.token().unwrap().as_str().to_owned()
    }

    #[test]
    fn what_is_sealed_is_opened_what_is_another_s_stays_closed_and_nonces_are_gone() {
        let account = AccountId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let other = AccountId::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let key = DataKey::throw_away(account, &SystemChance).unwrap();
        let another = DataKey::throw_away(other, &SystemChance).unwrap();
        let mut data = json!({
            "account": account.to_string(),
            "email": sealed(&key, "ada@example.com"),
            "nonce": "AAAA",
            "deeper": [{ "nonce": "AAAA", "email": sealed(&another, "eve@example.com") }, 1],
        });
        let closed = Opener::new(key).open_all(&mut data);
        assert_eq!(closed, ["/deeper/0/email"]);
        let opened = json!({
            "account": account.to_string(),
            "email": "ada@example.com",
            "deeper": [{ "email": null }, 1],
        });
        assert_eq!(data, opened);
    }
}
