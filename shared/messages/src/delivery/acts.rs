//! Mails about what was done to an account, and what is known of who did it.
//!
//! The name of a device comes from the account's own log, which has it also for a device that is
//! trusted no longer. What can't be found or opened is left out: a notice without it is better than
//! none.

use jiff::Timestamp;
use postern_domain::email::EmailAddress;
use postern_domain::verification::Verification;
use postern_events::account::{AccountEvent, EmailChanged, RevokedBecause};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{DeviceId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{DeviceDescription, Platform};
use postern_store::seal::DataKey;

use super::asked::Asked;
use super::look::{of_opened, of_signed_in};
use super::mails::{Addressed, to_owner};
use super::topic::Deed;
use super::withheld::{ERASED, Withheld};
use super::{Delivery, accounts};
use crate::letters::{Act, Letter, Removal};
use crate::mailer::SendMail;
use crate::push::SendPush;

/// What the log says about a device, sealed.
struct Known {
    platform: Platform,
    description: Personal<DeviceDescription>,
}

impl Known {
    fn name(&self, key: &DataKey) -> Option<String> {
        key.open(&self.description).ok().map(|it| it.name)
    }
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// To the owner; of a changed address, to the former one.
    pub(super) async fn deed(
        &self,
        asked: &Asked,
        deed: &Deed,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let account = self.open_account(asked.account).await?;
        let key = self.data_key(account.id, now).await?.ok_or(ERASED)?;
        let (at, report) = (asked.cause.at, self.report(asked)?);
        let act = match deed.by() {
            Some(by) => self.doer(asked, by, &key).await,
            None => Act::at(at),
        };
        let letter = match deed {
            Deed::CodeEntryPaused(it) => Letter::CodeEntryPaused { until: it.until, act, report },
            Deed::PasswordChanged(it) => {
                let signed_out_others = it.signed_out_others;
                Letter::PasswordChanged { signed_out_others, act, report }
            }
            Deed::PasswordReset(it) => {
                let proven = self.opened(it.verification).await;
                let act = proven.map_or(act, |it| of_opened(&it, Some(&key), at).into());
                Letter::PasswordReset { act, report }
            }
            Deed::EmailChanged(it) => {
                let proven = self.opened(it.verification).await;
                let act = proven.map_or(act, |it| of_signed_in(&it, &key, at).into());
                let new_hint = hint(it, &key)?;
                let letter = Letter::EmailChanged { new_hint, act, report };
                let to = key.open(&it.before).map_err(Withheld::unwritable)?;
                return Ok(Addressed { to, ..to_owner(&account, &key, letter)? });
            }
            Deed::TwoStepDisabled(_) => Letter::TwoStepDisabled { act, report },
            Deed::DeviceRemoved(it) => {
                let removed = self.known(asked, it.device).await;
                let because = match it.because {
                    RevokedBecause::Reported => Removal::Reported,
                    RevokedBecause::Removed | RevokedBecause::Unused => Removal::Asked,
                };
                let platform = removed.as_ref().map(|it| it.platform);
                let name = removed.and_then(|it| it.name(&key));
                Letter::DeviceRemoved { name, platform, because, act, report }
            }
            Deed::RecoveryCodesCreated(_) => Letter::RecoveryCodesCreated { act, report },
        };
        to_owner(&account, &key, letter)
    }

    /// What is known of the device that did something to the account.
    pub(super) async fn doer(&self, asked: &Asked, by: DeviceId, key: &DataKey) -> Act {
        let act = Act::at(asked.cause.at);
        let known = match self.known(asked, by).await {
            Some(known) => Some(known),
            // Signed in without being trusted: no event of the account describes it.
            None => self.signed_in(asked, by).await,
        };
        let Some(known) = known else { return act };
        Act { device: known.name(key), platform: Some(known.platform), ..act }
    }

    /// What the account's log, up to the event that asks, says about a device.
    async fn known(&self, asked: &Asked, device: DeviceId) -> Option<Known> {
        let commits = self.store.streams().load_commits(&asked.cause.stream).await.ok()?;
        let mut known: Option<Known> = None;
        for commit in commits.iter().take_while(|it| it.version <= asked.cause.version) {
            for (_, event) in accounts::events(commit).ok()? {
                if let AccountEvent::DeviceTrusted(it) = &event
                    && it.device == device
                {
                    let (platform, description) = (it.platform, it.description.clone());
                    known = Some(Known { platform, description });
                }
                if let (AccountEvent::DeviceRenamed(it), Some(known)) = (&event, &mut known)
                    && it.device == device
                {
                    known.description = it.description.clone();
                }
            }
        }
        known
    }

    /// What a device said about itself when it signed in.
    async fn signed_in(&self, asked: &Asked, device: DeviceId) -> Option<Known> {
        let sessions = self.store.sessions();
        let all = sessions.of_account(asked.account, self.clock.now()).await.ok()?;
        let session = all.into_iter().find(|it| it.device == device)?;
        Some(Known { platform: session.platform, description: session.description })
    }

    /// How the process began that proved something.
    async fn opened(&self, verification: VerificationId) -> Option<Opened> {
        let first =
            self.store.streams().first_commit::<Verification>(verification).await.ok()??;
        first.events.iter().find_map(|stored| match VerificationEvent::read(stored) {
            Ok(VerificationEvent::Opened(it)) => Some(it),
            Ok(_) | Err(_) => None,
        })
    }
}

/// The new address as the former one may hear of it.
fn hint(changed: &EmailChanged, key: &DataKey) -> Result<String, Withheld> {
    let email: String = key.open(&changed.email).map_err(Withheld::unwritable)?;
    Ok(EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default())
}
