//! Several keys by name, one of them current: how a key is replaced without losing what it made.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// A key that is not in the ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no key is named {kid:?}")]
pub struct NoSuchKey {
    /// The name that was asked for.
    pub kid: String,
}

/// 256-bit keys by `kid`.
#[derive(Clone)]
pub(crate) struct Ring {
    current: String,
    keys: BTreeMap<String, Zeroizing<[u8; 32]>>,
}

impl Ring {
    /// Fails when the current key is not among the keys.
    pub(crate) fn new(
        current: &str,
        keys: impl IntoIterator<Item = (String, [u8; 32])>,
    ) -> Result<Self, NoSuchKey> {
        let keys: BTreeMap<_, _> =
            keys.into_iter().map(|(kid, key)| (kid, Zeroizing::new(key))).collect();
        if !keys.contains_key(current) {
            return Err(NoSuchKey { kid: current.to_owned() });
        }
        Ok(Self { current: current.to_owned(), keys })
    }

    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    pub(crate) fn get(&self, kid: &str) -> Result<&[u8; 32], NoSuchKey> {
        self.keys.get(kid).map(|it| &**it).ok_or_else(|| NoSuchKey { kid: kid.to_owned() })
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.keys()).finish()
    }
}
