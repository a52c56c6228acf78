//! The client's one source of chance: keys and the identifiers of proofs come from here.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use crate::trouble::Trouble;

/// The operating system's generator.
pub(crate) fn source() -> SystemRandom {
    SystemRandom::new()
}

/// Bytes that nobody can predict.
///
/// # Errors
/// [`Trouble::Key`] if the system has none.
pub(crate) fn draw<const N: usize>() -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    source().fill(&mut bytes).map_err(|_| Trouble::Key)?;
    Ok(bytes)
}
