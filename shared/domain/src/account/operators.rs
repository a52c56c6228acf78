//! What operators may do to an account without its owner: each is a fact, and none lets anybody in.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, CodeEntryResumed, Disclosed, Erased, SignedOutByOperator,
};

use super::OpenAccount;
use crate::policy;

/// What an operator orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Note that an operator is shown what is stored about the owner.
    Disclose,
    /// Note that a pause of code entry is lifted.
    ResumeCodeEntry {
        /// When it would have ended.
        until: Timestamp,
        /// Wrong codes in a row, which stay counted.
        wrong_in_a_row: u16,
    },
    /// End all sessions and all trust.
    SignOut,
    /// Erase the account.
    Erase,
}

impl OpenAccount {
    /// No device has asked, so none is spared, and no session has to be stepped up.
    pub(super) fn operate(&self, order: Order) -> AccountEvent {
        let policy = policy::VERSION;
        match order {
            Order::Disclose => AccountEvent::Disclosed(Disclosed { policy }),
            Order::ResumeCodeEntry { until, wrong_in_a_row } => {
                AccountEvent::CodeEntryResumed(CodeEntryResumed { until, wrong_in_a_row, policy })
            }
            Order::SignOut => AccountEvent::SignedOutByOperator(SignedOutByOperator {
                revoked: self.devices.iter().map(|it| it.id).collect(),
                policy,
            }),
            Order::Erase => AccountEvent::Erased(Erased { by: None, email: self.email.clone() }),
        }
    }
}
