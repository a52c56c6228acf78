//! Whose account a request for help is about, and how that is known.

use postern_domain::budget::{DAY, Exhausted, SUPPORT_REQUESTS, Spent};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::AddressKey;
use postern_store::guards::UpdateError;
use postern_store::seal::DataKey;

use super::super::given;
use super::Help;
use crate::Api;
use crate::call::{Call, MaybeSignedIn};
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
use postern_domain::account::nobody;

/// What says whose account it is.
pub(super) enum About {
    /// The caller's session.
    Session {
        /// The account.
        account: AccountId,
        /// The device that is signed in.
        device: DeviceId,
    },
    /// An address that the caller names, and nothing more.
    Address(AddressKey),
}

/// The windows' names in the guards. Strangers who know an address can use up what is counted for
/// it; they don't shut out its owner, who is signed in.
const OF_ADDRESS: &str = "support-address";
const OF_ACCOUNT: &str = "support-account";

/// Who asks, as far as is known.
pub(super) struct Author {
    /// The account, if there is one.
    pub(super) known: Option<Known>,
    /// The device that is signed in, if one is.
    pub(super) device: Option<DeviceId>,
}

/// An account that exists.
pub(super) struct Known {
    pub(super) account: AccountId,
    pub(super) data_key: DataKey,
}

impl Author {
    /// As commits name who acts.
    pub(super) fn actor(&self) -> String {
        self.device.map_or_else(|| "anonymous".to_owned(), |it| it.to_string())
    }
}

impl About {
    /// Somebody who is signed in can't ask about another account, and somebody who isn't has to say
    /// about which.
    pub(super) fn of(
        api: &Api,
        caller: &MaybeSignedIn,
        email: Option<&str>,
    ) -> Result<Self, Problem> {
        let bad = |why: &str| Err(Problem::invalid("/email", why));
        match (caller, email) {
            (MaybeSignedIn::SignedIn(caller), None) => {
                let (account, device) = (caller.account.id, caller.session.device);
                Ok(Self::Session { account, device })
            }
            (MaybeSignedIn::SignedIn(_), Some(_)) => bad("is known of a caller with a token"),
            (MaybeSignedIn::Proven(_), None) => bad("is needed from a caller without a token"),
            (MaybeSignedIn::Proven(_), Some(text)) => {
                let address = given::email(text)?;
                Ok(Self::Address(api.parts().lookup.address(&address.normalised())))
            }
        }
    }

    /// Takes one request from the budget of the account or the address, whatever becomes of it.
    pub(super) async fn count(&self, call: &Call<MaybeSignedIn, Help>) -> Result<(), Problem> {
        let (window, subject) = match self {
            Self::Session { account, .. } => (OF_ACCOUNT, account.to_string()),
            Self::Address(address) => (OF_ADDRESS, address.to_string()),
        };
        let (now, guards) = (call.now, call.api.parts().store.guards());
        let take = |spent: &mut Spent| SUPPORT_REQUESTS.take(spent, now);
        let chance = call.api.chance();
        match guards.update_window(window, &subject, now, now + DAY, chance, take).await {
            Ok(_) => Ok(()),
            Err(UpdateError::Refused(Exhausted { until })) => {
                Err(Problem::new(Code::RateLimited).retry_at(until, now))
            }
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    /// Whose files the request's are: the account's, where somebody is signed in on it. The address
    /// of an upload shows it, so whoever only names an e-mail address gets one under an identifier
    /// that follows from that address, whether it has an account or not.
    pub(super) fn folder(&self) -> AccountId {
        match self {
            Self::Session { account, .. } => *account,
            Self::Address(address) => nobody(*address),
        }
    }

    /// Looks the account up. An address without one is looked up all the same, under an identifier
    /// that nobody has.
    pub(super) async fn author(&self, call: &Call<MaybeSignedIn, Help>) -> Result<Author, Problem> {
        let store = &call.api.parts().store;
        let (account, device) = match self {
            Self::Session { account, device } => (*account, Some(*device)),
            Self::Address(address) => {
                let claim =
                    store.guards().claim(*address).await.map_err(|error| of_store(&error))?;
                (claim.unwrap_or_else(|| nobody(*address)), None)
            }
        };
        let person = store.vault().load(account, call.now).await;
        let person = person.map_err(|error| of_store(&error))?;
        if person.is_none() && device.is_some() {
            return Err(Problem::new(Code::InvalidToken));
        }
        let known = person.map(|it| Known { account, data_key: it.data_key });
        Ok(Author { known, device })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_strangers_lie_where_the_address_says_and_never_the_account() {
        let (account, device) = (AccountId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
        assert_eq!(About::Session { account, device }.folder(), account);
        let of = |byte| About::Address(AddressKey::from_bytes([byte; 16])).folder();
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
        assert_eq!(of(3), nobody(AddressKey::from_bytes([3; 16])));
    }
}
