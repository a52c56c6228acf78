//! The secrets of a deployment: one JSON document, from Secrets Manager or a file.

use std::collections::BTreeMap;
use std::str::FromStr;

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

/// A kind of keys of which there can be several at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Codes are derived with these.
    Code,
    /// Data keys are wrapped with these.
    Vault,
    /// Password hashes are keyed with these.
    Pepper,
    /// Access tokens are signed with these.
    Token,
}

impl FromStr for Kind {
    type Err = BadSecrets;

    fn from_str(name: &str) -> Result<Self, BadSecrets> {
        match name {
            "code" => Ok(Self::Code),
            "vault" => Ok(Self::Vault),
            "pepper" => Ok(Self::Pepper),
            "token" => Ok(Self::Token),
            _ => Err(BadSecrets::Kind),
        }
    }
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
    /// There is no such kind of keys.
    #[error("keys that can be replaced are code, vault, pepper and token")]
    Kind,
    /// A new key can't have the name of one that is there.
    #[error("there is a key {name} already")]
    Taken {
        /// Its name.
        name: String,
    },
    /// There is no key of this name.
    #[error("there is no key {name}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The current key can't be removed.
    #[error("{name} is the current key")]
    InUse {
        /// Its name.
        name: String,
    },
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
        Ok(Self {
            code: one("code-1", new_symmetric(chance)),
            vault: one("vault-1", new_symmetric(chance)),
            pepper: one("pepper-1", new_symmetric(chance)),
            token: one("token-1", new_signing()?),
            lookup: new_symmetric(chance),
        })
    }

    /// The same with a further key, which nothing uses yet. Only where every function knows it can it
    /// become the current one.
    ///
    /// # Errors
    /// When there is one of this name, or none can be made.
    pub fn with(mut self, kind: Kind, name: &str, chance: &dyn Chance) -> Result<Self, BadSecrets> {
        let key = if kind == Kind::Token { new_signing()? } else { new_symmetric(chance) };
        let keys = &mut self.set(kind).keys;
        if keys.contains_key(name) {
            return Err(BadSecrets::Taken { name: name.to_owned() });
        }
        keys.insert(name.to_owned(), key);
        Ok(self)
    }

    /// The same with another current key.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn using(mut self, kind: Kind, name: &str) -> Result<Self, BadSecrets> {
        let set = self.set(kind);
        if !set.keys.contains_key(name) {
            return Err(BadSecrets::Unknown { name: name.to_owned() });
        }
        name.clone_into(&mut set.current);
        Ok(self)
    }

    /// The same without a key that nothing alive was made with any more.
    ///
    /// # Errors
    /// When there is none of this name, or it is the current one.
    pub fn without(mut self, kind: Kind, name: &str) -> Result<Self, BadSecrets> {
        let set = self.set(kind);
        if set.current == name {
            return Err(BadSecrets::InUse { name: name.to_owned() });
        }
        let removed = set.keys.remove(name);
        removed.map(|_| self).ok_or_else(|| BadSecrets::Unknown { name: name.to_owned() })
    }

    fn set(&mut self, kind: Kind) -> &mut KeySet {
        match kind {
            Kind::Code => &mut self.code,
            Kind::Vault => &mut self.vault,
            Kind::Pepper => &mut self.pepper,
            Kind::Token => &mut self.token,
        }
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

fn new_symmetric(chance: &dyn Chance) -> String {
    STANDARD.encode(draw::<32>(chance))
}

fn new_signing() -> Result<String, BadSecrets> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let document = pair.and_then(|pair| pair.to_pkcs8v1()).map_err(|_| BadSecrets::Generation)?;
    Ok(STANDARD.encode(document.as_ref()))
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
    fn a_key_is_added_then_used_then_the_former_removed() {
        let secrets = Secrets::generate(&SystemChance).expect("generated");
        for kind in [Kind::Code, Kind::Vault, Kind::Pepper, Kind::Token] {
            let former = secrets.clone().set(kind).current.clone();
            let added = secrets.clone().with(kind, "second", &SystemChance).expect("added");
            assert_eq!(added.clone().set(kind).current, former);
            let used = added.using(kind, "second").expect("used");
            let mut left = used.without(kind, &former).expect("removed");
            assert_eq!(left.set(kind).keys.keys().collect::<Vec<_>>(), ["second"]);
            assert!(
                left.code_keys().is_ok() && left.vault_keys().is_ok() && left.peppers().is_ok()
            );
            assert_eq!(left.token_keys().expect("token keys").1.len(), 1);
        }
    }

    #[test]
    fn no_key_is_replaced_unseen_and_the_current_one_is_not_removed() {
        let secrets = || Secrets::generate(&SystemChance).expect("generated");
        let said = |result: Result<Secrets, BadSecrets>| {
            result.err().map(|it| it.to_string()).unwrap_or_default()
        };
        let taken = said(secrets().with(Kind::Code, "code-1", &SystemChance));
        assert_eq!(taken, "there is a key code-1 already");
        assert_eq!(said(secrets().using(Kind::Code, "code-9")), "there is no key code-9");
        assert_eq!(said(secrets().without(Kind::Code, "code-1")), "code-1 is the current key");
        assert_eq!(said(secrets().without(Kind::Code, "code-9")), "there is no key code-9");
    }

    #[test]
    fn a_broken_document_is_told_without_repeating_it() {
        let error = Secrets::parse(r#"{"code": "hunter2"}"#).err().expect("an error");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
