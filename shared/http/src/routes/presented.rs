//! A password that somebody presents for an account: looked up, compared, counted.

use std::net::IpAddr;

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount, nobody};
use postern_domain::budget::DAY;
use postern_domain::password::Password;
use postern_domain::tries::{AddressTries, KeyTries, TooManyTries};
use postern_events::ids::AccountId;
use postern_events::vocabulary::{AddressKey, DeviceKey, SourceKey};
use postern_runtime::feed::chain_of;
use postern_store::guards::{Guarded, UpdateError};
use postern_store::streams::StreamContext;
use postern_store::vault::Person;

use crate::Api;
use crate::hashing;
use crate::problem::Problem;
use crate::refusal::{of_store, of_tries};

/// What is known of an address: three reads, whether it has an account or not.
pub(super) struct Presented {
    pub(super) id: AccountId,
    pub(super) account: StreamContext<Account>,
    pub(super) person: Option<Person>,
    pub(super) key: DeviceKey,
    address: AddressKey,
    of_address: Guarded<AddressTries>,
    source: SourceKey,
    now: Timestamp,
}

impl Presented {
    /// An address without an account is looked up all the same, under an identifier that nobody
    /// has.
    pub(super) async fn look_up(
        api: &Api,
        address: AddressKey,
        thumbprint: &[u8; 32],
        source: IpAddr,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let key = |account| api.parts().lookup.device(account, thumbprint);
        Self::read(api, address, key, source, now).await
    }

    /// The same for a key that is known on the account.
    pub(super) async fn look_up_for(
        api: &Api,
        address: AddressKey,
        key: DeviceKey,
        source: IpAddr,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        Self::read(api, address, |_| key, source, now).await
    }

    async fn read(
        api: &Api,
        address: AddressKey,
        key: impl Fn(AccountId) -> DeviceKey + Send,
        source: IpAddr,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let parts = api.parts();
        let record = parts.store.guards().address::<AddressTries>(address, now).await;
        let record = record.map_err(|error| of_store(&error))?;
        let id = record.account.unwrap_or_else(|| nobody(address));
        // The account before its password: what is decided on this state is dead as soon as the password
        // is another one, and a former password is never compared for a later state.
        let account = parts.store.streams().load::<Account>(id).await;
        let account = account.map_err(|error| of_store(&error))?;
        let person = parts.store.vault().load(id, now).await.map_err(|error| of_store(&error))?;
        Ok(Self {
            id,
            address,
            of_address: record.passwords,
            source: parts.lookup.source(source),
            account,
            person,
            key: key(id),
            now,
        })
    }

    pub(super) fn open(&self) -> Option<&OpenAccount> {
        self.account.state().open()
    }

    /// Whether the key is trusted on the account.
    pub(super) fn is_trusted(&self) -> bool {
        self.open().is_some_and(|it| it.trusted(self.key, self.now).is_some())
    }

    /// Whether a password is compared now. A key that is trusted on the account has counts of its
    /// own, which nobody else touches.
    pub(super) fn may_try(&self) -> Result<(), Problem> {
        let may = if self.is_trusted() {
            self.tries_of_keys()?.may_try(self.key, self.now)
        } else {
            self.of_address.value.may_try(self.source, self.now)
        };
        may.map_err(|it| of_tries(it, self.now))
    }

    /// Compares, and settles what came of it before anything is answered. A password that somebody
    /// else is known to have is right on trusted keys only.
    pub(super) async fn is_right(&self, api: &Api, password: Password) -> Result<bool, Problem> {
        let record = self.person.as_ref().map(|it| it.password.clone());
        let right = hashing::is_right(api, record, password.clone()).await?;
        let compromised = self.open().is_some_and(|it| it.password_compromised);
        let right = right
            && self.person.is_some()
            && self.open().is_some()
            && (self.is_trusted() || !compromised);
        self.settle(api, right).await?;
        if right {
            self.renew(api, password).await;
        }
        Ok(right)
    }

    fn tries_of_keys(&self) -> Result<KeyTries, Problem> {
        let tries = self.person.as_ref().map(|it| it.tries.read()).transpose();
        Ok(tries.map_err(|error| of_store(&error))?.unwrap_or_default())
    }

    /// Puts this password in its order among all others that are compared at the same time: one
    /// write on the count it was judged from, for a right one as for a wrong one. Whatever comes
    /// after the last allowed one is answered as if it had never been compared.
    async fn settle(&self, api: &Api, right: bool) -> Result<(), Problem> {
        let settled = match self.person.as_ref().filter(|_| self.is_trusted()) {
            Some(person) => self.settle_on_key(api, person, right).await,
            None => self.settle_on_address(api, right).await,
        };
        match settled {
            Ok(()) => Ok(()),
            Err(UpdateError::Refused(tries)) => Err(of_tries(tries, self.now)),
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    async fn settle_on_key(
        &self,
        api: &Api,
        person: &Person,
        right: bool,
    ) -> Result<(), UpdateError<TooManyTries>> {
        let (now, key, vault) = (self.now, self.key, api.parts().store.vault());
        let settle = |tries: &mut KeyTries| {
            if right { tries.right(key, now) } else { tries.wrong(key, now) }
        };
        vault.settle_tries(self.id, &person.tries, api.chance(), settle).await
    }

    async fn settle_on_address(
        &self,
        api: &Api,
        right: bool,
    ) -> Result<(), UpdateError<TooManyTries>> {
        let (now, source, guards) = (self.now, self.source, api.parts().store.guards());
        let settle = |tries: &mut AddressTries| {
            if right { tries.right(source, now) } else { tries.wrong(source, now) }
        };
        let (of_address, until, chance) = (self.of_address.clone(), now + DAY, api.chance());
        let settled =
            guards.settle_passwords(self.address, of_address, now, until, chance, settle).await;
        settled.map(drop)
    }

    /// Hashes a right password anew where the figures or the pepper have changed since it was set:
    /// only now is it there in clear. Whatever fails is only logged; the next sign-in tries again.
    async fn renew(&self, api: &Api, password: Password) {
        let Some(person) = &self.person else { return };
        if person.password.is_current(&api.parts().peppers) {
            return;
        }
        let Ok(fresh) = hashing::unjudged(api, password).await else { return };
        let vault = api.parts().store.vault();
        if let Err(error) = vault.replace_password(self.id, &person.password, &fresh).await {
            tracing::warn!(account = %self.id, error = chain_of(&error), "a password was not hashed anew");
        }
    }
}
