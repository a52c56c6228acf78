//! What a session does to its account, call by call.

use postern_domain::account::{AccountCommand, Acting, NewEndpoint, Settings};
use postern_domain::channels::Channels;
use postern_events::account::{AccountEvent, PushRemovedBecause};
use postern_events::ids::DeviceId;
use postern_events::personal::Personal;
use postern_events::vocabulary::{Alerts, DeviceDescription};
use postern_store::model::Recorded;

use super::life::{ACCOUNT, Life, SIGN_IN, Step, Stop};
use super::people::device_name;

impl Life<'_> {
    /// Has a session do something to the account.
    fn act(
        &mut self,
        function: &'static str,
        phone: usize,
        command: impl FnOnce(Acting) -> AccountCommand,
    ) -> Step<Vec<Recorded<AccountEvent>>> {
        self.call(function);
        let acting = self.acting(phone)?;
        let meta = self.meta(&acting.device.to_string());
        self.on_account(command(acting), &meta)
    }

    /// The same, where open attempts may die of it.
    fn act_on_attempts(
        &mut self,
        function: &'static str,
        phone: usize,
        command: impl FnOnce(Acting) -> AccountCommand,
    ) -> Step<()> {
        let device = self.acting(phone)?.device;
        self.act(function, phone, command)?;
        self.renew(phone);
        let meta = self.meta(&device.to_string());
        self.tell_attempts(&meta)
    }

    /// Opens the app: the day's first use of a trusted device is noted.
    pub(super) fn refresh(&mut self, phone: usize) -> Step<()> {
        let device = self.acting(phone)?.device;
        if self.is_trusted(phone) {
            let see = |acting: Acting| AccountCommand::SeeDevice { device, now: acting.now };
            self.act(ACCOUNT, phone, see)?;
        }
        Ok(())
    }

    /// Says how a phone can be pushed to. Of one that isn't trusted nothing is kept.
    pub(super) fn register_push(&mut self, phone: usize, alerts: Alerts) -> Step<()> {
        let it = &self.owner.phones[phone];
        let (Some(platform), token) = (it.push_platform(), it.token) else { return Ok(()) };
        if !self.is_trusted(phone) {
            return Ok(());
        }
        self.act(ACCOUNT, phone, |acting| {
            let (device, now) = (acting.device, acting.now);
            let endpoint = NewEndpoint { device, platform, token, alerts };
            AccountCommand::RegisterPush { endpoint, moved_from: None, now }
        })?;
        Ok(())
    }

    pub(super) fn remove_push(&mut self, phone: usize) -> Step<()> {
        let because = PushRemovedBecause::Asked;
        self.act(ACCOUNT, phone, |it| AccountCommand::RemovePush { device: it.device, because })?;
        Ok(())
    }

    /// Ends a phone's session; it stays trusted and is not pushed to.
    pub(super) fn sign_out(&mut self, phone: usize) -> Step<()> {
        self.remove_push(phone)?;
        self.owner.phones[phone].signed_in = None;
        Ok(())
    }

    pub(super) fn sign_out_everywhere(&mut self, phone: usize) -> Step<()> {
        self.act_on_attempts(ACCOUNT, phone, |acting| {
            let Acting { device: by, session, stepped_up, now } = acting;
            AccountCommand::SignOutEverywhere { by, session, stepped_up, now }
        })?;
        self.owner.phones.iter_mut().for_each(|it| it.signed_in = None);
        Ok(())
    }

    /// Switches two-step verification, or chooses a method.
    pub(super) fn set(&mut self, phone: usize, settings: Settings) -> Step<()> {
        let key = self.owner.phones[phone].caller.key;
        let channels = Channels::of(self.open()?, key, &self.counts.guard, self.now);
        let channels = Box::new(channels);
        let long_enough = self.owner.long_password;
        self.act_on_attempts(ACCOUNT, phone, |acting| AccountCommand::Settle {
            settings,
            acting,
            channels,
            long_enough,
        })?;
        self.forget_removed();
        Ok(())
    }

    pub(super) fn choose_locale(&mut self, phone: usize, locale: &str) -> Step<()> {
        let locale = locale.to_owned();
        self.act(ACCOUNT, phone, |it| AccountCommand::ChooseLocale { locale, by: it.device })?;
        Ok(())
    }

    pub(super) fn rename(&mut self, phone: usize, named: usize) -> Step<()> {
        let device = self.owner.phones[named].signed_in.as_ref().ok_or(Stop::Refused)?.device;
        let description = &self.owner.phones[named].caller.description;
        let name = device_name(&description.model, &self.chance);
        let description = DeviceDescription { name, ..description.clone() };
        self.owner.phones[named].caller.description = description.clone();
        let description = Personal::Clear(description);
        self.act(ACCOUNT, phone, |acting| AccountCommand::RenameDevice {
            device,
            description,
            acting,
        })?;
        Ok(())
    }

    pub(super) fn remove_device(&mut self, phone: usize, device: DeviceId) -> Step<()> {
        self.act_on_attempts(ACCOUNT, phone, |acting| {
            let Acting { device: by, stepped_up, now, .. } = acting;
            AccountCommand::RemoveDevice { device, by, stepped_up, now }
        })?;
        self.forget_removed();
        Ok(())
    }

    pub(super) fn create_recovery_codes(&mut self, phone: usize) -> Step<()> {
        self.act(ACCOUNT, phone, |acting| AccountCommand::CreateRecoveryCodes { acting })?;
        self.owner.recovery_codes = postern_domain::policy::RECOVERY_CODES;
        Ok(())
    }

    /// Changes the password, which is asked for once more.
    pub(super) fn change_password(&mut self, phone: usize, sign_out_others: bool) -> Step<()> {
        let caller = self.owner.phones[phone].caller.clone();
        self.settle(&caller, true)?;
        let trusted = self.is_trusted(phone);
        self.act_on_attempts(SIGN_IN, phone, |acting| AccountCommand::ChangePassword {
            acting,
            sign_out_others,
        })?;
        if trusted {
            self.counts.guard.forgive(true);
        }
        self.forget_removed();
        Ok(())
    }

    pub(super) fn erase(&mut self, phone: usize) -> Step<()> {
        self.act(ACCOUNT, phone, |acting| AccountCommand::Erase { acting })?;
        Ok(())
    }
}
