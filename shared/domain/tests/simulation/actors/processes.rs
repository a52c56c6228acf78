//! Processes beside sign-ins: resets of the password, changes of the address, step-ups. Each is
//! opened, and then guessed at as sign-ins are.

mod beginning;
mod effect;
mod proving;

pub(crate) use self::beginning::Beginning;
pub(crate) use self::proving::Proving;
