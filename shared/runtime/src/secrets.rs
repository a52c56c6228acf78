//! The secrets of a deployment: one JSON document, from Secrets Manager or a file.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_domain::codes::{CodeKeys, KeyMissing};
use postern_domain::ports::{Chance, draw};
use postern_store::NoSuchKey;
use postern_store::lookup::LookupKeys;
use postern_store::password::Peppers;
use postern_store::vault::KeyEncryptionKeys;
use serde::{Deserialize, Serialize};

/// Several keys of one kind by name, one of them current.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySet {
    current: String,
    keys: BTreeMap<String, String>,
}

/// All secrets: keys in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Codes are derived with these.
    code: KeySet,
    /// Data keys are wrapped with these.
    vault: KeySet,
    /// Password hashes are keyed with these.
    pepper: KeySet,
    /// Access tokens are signed with these (P-256, PKCS#8).
    token: KeySet,
    /// Addresses and devices are looked up with this; changing it would lose every claim.
    lookup: String,
}

/// Why secrets can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BadSecrets {
    /// The document is not of its form. What it holds is not repeated.
    #[error("the secrets are not of the expected form (line {line}, column {column})")]
    Form {
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// A key is not base64 of the right length.
    #[error("key {name} is not base64 of 32 bytes")]
    Key {
        /// Its name.
        name: String,
    },
    /// A set names a current key that it doesn't hold.
    #[error("a current key is missing")]
    Current(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// New keys could not be made.
    #[error("no new key could be made")]
    Generation,
}

impl From<KeyMissing> for BadSecrets {
    fn from(error: KeyMissing) -> Self {
        Self::Current(error.into())
    }
}

impl From<NoSuchKey> for BadSecrets {
    fn from(error: NoSuchKey) -> Self {
        Self::Current(error.into())
    }
}

impl Secrets {
    /// Reads the document.
    ///
    /// # Errors
    /// When it is not of its form.
    pub fn parse(json: &str) -> Result<Self, BadSecrets> {
        serde_json::from_str(json)
            .map_err(|error| BadSecrets::Form { line: error.line(), column: error.column() })
    }

    /// Makes a fresh set: one key of each kind.
    ///
    /// # Errors
    /// When a signing key can't be made.
    pub fn generate(chance: &dyn Chance) -> Result<Self, BadSecrets> {
        let one = |name: &str, key: String| KeySet {
            current: name.to_owned(),
            keys: BTreeMap::from([(name.to_owned(), key)]),
        };
        let symmetric = || STANDARD.encode(draw::<32>(chance));
        let signing = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| BadSecrets::Generation)?;
        Ok(Self {
            code: one("code-1", symmetric()),
            vault: one("vault-1", symmetric()),
            pepper: one("pepper-1", symmetric()),
            token: one("token-1", STANDARD.encode(signing.as_ref())),
            lookup: symmetric(),
        })
    }

    /// The document.
    ///
    /// # Errors
    /// Never in practice: every member is text.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The keys that codes are derived with.
    ///
    /// # Errors
    /// When a key is malformed or the current one missing.
    pub fn code_keys(&self) -> Result<CodeKeys, BadSecrets> {
        Ok(CodeKeys::new(self.code.current.clone(), self.code.symmetric()?)?)
    }

    /// The keys that data keys are wrapped with.
    ///
    /// # Errors
    /// When a key is malformed or the current one missing.
    pub fn vault_keys(&self) -> Result<KeyEncryptionKeys, BadSecrets> {
        Ok(KeyEncryptionKeys::new(&self.vault.current, self.vault.symmetric()?)?)
    }

    /// The keys that password hashes are keyed with.
    ///
    /// # Errors
    /// When a key is malformed or the current one missing.
    pub fn peppers(&self) -> Result<Peppers, BadSecrets> {
        Ok(Peppers::new(&self.pepper.current, self.pepper.symmetric()?)?)
    }

    /// The key that addresses and devices are looked up with.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn lookup_keys(&self) -> Result<LookupKeys, BadSecrets> {
        Ok(LookupKeys::new(&symmetric("lookup", &self.lookup)?))
    }

    /// The keys that sign access tokens: which is current, and each in PKCS#8.
    ///
    /// # Errors
    /// When a key is not base64.
    pub fn token_keys(&self) -> Result<(String, BTreeMap<String, Vec<u8>>), BadSecrets> {
        let decode = |(kid, text): (&String, &String)| {
            let bytes = STANDARD.decode(text);
            Ok((kid.clone(), bytes.map_err(|_| BadSecrets::Key { name: kid.clone() })?))
        };
        let keys = self.token.keys.iter().map(decode).collect::<Result<_, BadSecrets>>()?;
        Ok((self.token.current.clone(), keys))
    }
}

impl KeySet {
    fn symmetric(&self) -> Result<BTreeMap<String, [u8; 32]>, BadSecrets> {
        self.keys.iter().map(|(kid, text)| Ok((kid.clone(), symmetric(kid, text)?))).collect()
    }
}

fn symmetric(name: &str, text: &str) -> Result<[u8; 32], BadSecrets> {
    let bytes = STANDARD.decode(text).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| BadSecrets::Key { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemChance;

    #[test]
    fn generated_secrets_read_back_and_give_every_key() {
        let json = Secrets::generate(&SystemChance)
            .and_then(|it| it.to_json().map_err(|_| BadSecrets::Generation));
        let secrets = Secrets::parse(&json.expect("generated")).expect("read back");
        assert_eq!(secrets.code_keys().expect("code keys").current(), "code-1");
        assert!(secrets.vault_keys().is_ok());
        assert!(secrets.peppers().is_ok());
        assert!(secrets.lookup_keys().is_ok());
        assert_eq!(secrets.token_keys().expect("token keys").0, "token-1");
    }

    #[test]
    fn a_broken_document_is_told_without_repeating_it() {
        let error = Secrets::parse(r#"{"code": "hunter2"}"#).err().expect("an error");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
