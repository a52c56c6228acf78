//! The end of an account: its owner and its phones are told, then everything that is kept about
//! the person is deleted.
//!
//! Each step is safe to repeat, and the last of them deletes the key to the person's values: until
//! then the chore stands in the outbox. A carrier that is away holds it up for
//! [`policy::ERASURE_DEADLINE`] and no longer. All of it is done once more when no upload that was
//! granted before can arrive any more.

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::nobody;
use postern_domain::policy;
use postern_events::account::{AccountEvent, Erased};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::AddressKey;
use postern_store::StoreError;
use postern_store::reaction::Failure;

use super::asked::{Asked, Telling, What};
use super::chores::Chore;
use super::send::Became;
use super::topic::Topic;
use super::{Delivery, accounts};
use crate::mailer::SendMail;
use crate::push::SendPush;

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Says goodbye, and erases.
    pub(super) async fn erase(
        &self,
        chore: &Chore,
        erased: &Arc<Erased>,
    ) -> Result<Became, Failure> {
        let (account, until) = (chore.account, deadline(chore));
        let outbox = self.store.outbox();
        outbox.put(&chore.undone(self.clock.now() + policy::MESSAGE_LEASE)).await?;
        let mut waits = false;
        for asked in self.last_words(chore, erased, None).await? {
            waits |= self.say(&asked).await?;
        }
        // Those whose goodbye is still on its way are forgotten after it.
        if waits || !self.forget_all(account, until).await? {
            return self.put_off(chore, self.clock.now() + policy::SWEEP_EVERY).await;
        }
        self.uploads.forget(account).await?;
        for address in self.addresses_of(&chore.cause.stream).await? {
            // What came from somebody who only named an address that the account had.
            self.uploads.forget(nobody(address)).await?;
        }
        self.store.sessions().forget(account).await?;
        self.store.guards().account_forget(account).await?;
        self.store.vault().erase(account).await?;
        // What was granted a moment before may still be on its way up.
        let uploaded_by = chore.cause.at + policy::UPLOAD_LIFE + policy::LONGEST_UPLOAD;
        if self.clock.now() < uploaded_by {
            return self.put_off(chore, uploaded_by).await;
        }
        self.done(chore).await
    }

    /// What is still said: to the owner, to each phone that is pushed to, and to `device`, which may
    /// be forgotten already.
    pub(super) async fn last_words(
        &self,
        chore: &Chore,
        erased: &Arc<Erased>,
        device: Option<DeviceId>,
    ) -> Result<Vec<Asked>, StoreError> {
        let asked = |what| Asked {
            cause: chore.cause.clone(),
            account: chore.account,
            what,
            deadline: deadline(chore),
        };
        let endpoints = self.store.vault().push_endpoints(chore.account).await?;
        let devices = endpoints.into_iter().map(|it| it.device).chain(device);
        let goodbyes = devices.map(|it| asked(What::Push(Telling::SignedOut, it)));
        let mail = asked(What::Mail(Topic::Erased(Arc::clone(erased))));
        Ok(std::iter::once(mail).chain(goodbyes).collect())
    }

    /// Whether it has to be waited for. What can never be said holds up nothing.
    async fn say(&self, asked: &Asked) -> Result<bool, Failure> {
        match self.deliver(asked).await {
            Ok(became) => Ok(became == Became::Pending && self.clock.now() < asked.deadline),
            Err(Failure::GiveUp(error)) => {
                tracing::error!(id = %asked.message(), %error, "a last message can't be sent");
                Ok(false)
            }
            Err(again @ Failure::Retry(_)) => Err(again),
        }
    }

    /// Forgets how the account's phones were pushed to. `false` where the push service has to be
    /// asked again.
    async fn forget_all(&self, account: AccountId, until: Timestamp) -> Result<bool, Failure> {
        let mut done = true;
        for endpoint in self.store.vault().push_endpoints(account).await? {
            done &= self.forget(account, endpoint.device, until).await?;
        }
        Ok(done)
    }

    /// Every address that an account had, under the lookup key.
    async fn addresses_of(&self, stream: &str) -> Result<Vec<AddressKey>, StoreError> {
        let mut addresses = Vec::new();
        for commit in self.store.streams().load_commits(stream).await? {
            for (_, event) in accounts::events(&commit)? {
                if let AccountEvent::Registered(it) = &event {
                    addresses.push(it.address_key);
                }
                if let AccountEvent::EmailChanged(it) = &event {
                    addresses.push(it.address_key);
                }
            }
        }
        Ok(addresses)
    }

    /// The language that the owner of an account read: the log knows it for ever.
    pub(super) async fn locale_of(&self, stream: &str) -> Result<String, StoreError> {
        let mut locale = String::new();
        for commit in self.store.streams().load_commits(stream).await? {
            for (_, event) in accounts::events(&commit)? {
                if let AccountEvent::Registered(it) = &event {
                    locale.clone_from(&it.locale);
                }
                if let AccountEvent::LocaleChosen(it) = &event {
                    locale.clone_from(&it.locale);
                }
            }
        }
        Ok(locale)
    }
}

/// When nobody is waited for any more.
fn deadline(chore: &Chore) -> Timestamp {
    chore.cause.at + policy::ERASURE_DEADLINE
}
