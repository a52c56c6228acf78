//! What an owner may set: the second step, its method, the language, the names of devices, recovery
//! codes.

use postern_events::account::{
    AccountEvent, DeviceRenamed, LocaleChosen, MethodChosen, RecoveryCodesCreated, TwoStepDisabled,
    TwoStepEnabled,
};
use postern_events::ids::DeviceId;
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Method};

use super::{AccountRefusal, Acting, OpenAccount};
use crate::channels::{Channels, Unavailable};
use crate::policy;

/// What is wished for; what is absent stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Whether new devices need a code.
    pub two_step: Option<bool>,
    /// How codes travel, if it can be helped.
    pub method: Option<Method>,
}

impl OpenAccount {
    /// All of it, or nothing. Sensitive, so behind a step-up, also where nothing would change.
    pub(super) fn settle(
        &self,
        settings: Settings,
        acting: Acting,
        channels: &Channels,
        long_enough: bool,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        if !acting.stepped_up {
            return Err(AccountRefusal::StepUpRequired);
        }
        let switched = settings.two_step.filter(|it| *it != self.two_step);
        let mut events = Vec::new();
        match switched {
            Some(true) => events.push(enabled(Some(acting.device))),
            Some(false) if !long_enough => return Err(AccountRefusal::WeakAlone),
            Some(false) => events.push(AccountEvent::TwoStepDisabled(TwoStepDisabled {
                by: acting.device,
                session: acting.session,
                revoked: self.others(acting.device),
                policy: policy::VERSION,
            })),
            None => {}
        }
        if let Some(method) = settings.method {
            Self::may_choose(method, channels, switched == Some(false))?;
            if method != self.method {
                events.push(AccountEvent::MethodChosen(MethodChosen {
                    method,
                    by: acting.device,
                    reachable: channels.available(),
                    policy: policy::VERSION,
                }));
            }
        }
        Ok(events)
    }

    /// A method that can serve nobody is refused, also where it is the present one. What passes by
    /// itself, such as a budget, is no reason.
    fn may_choose(
        method: Method,
        channels: &Channels,
        trust_ends: bool,
    ) -> Result<(), Unavailable> {
        if method == Method::App && trust_ends {
            return Err(Unavailable::NoDevice);
        }
        match channels.without(method) {
            Some(why @ (Unavailable::NoDevice | Unavailable::Undeliverable)) => Err(why),
            Some(Unavailable::TooManyPushes { .. } | Unavailable::RecentlyReset { .. }) | None => {
                Ok(())
            }
        }
    }

    /// Every device but this one.
    pub(super) fn others(&self, but: DeviceId) -> Vec<DeviceId> {
        self.devices.iter().map(|it| it.id).filter(|it| *it != but).collect()
    }

    pub(super) fn choose_locale(&self, locale: String, by: DeviceId) -> Vec<AccountEvent> {
        if locale == self.locale {
            return Vec::new();
        }
        vec![AccountEvent::LocaleChosen(LocaleChosen { locale, by })]
    }

    /// Who may remove a device may rename it: a name is what its owner knows it by.
    pub(super) fn rename(
        &self,
        device: DeviceId,
        description: Personal<DeviceDescription>,
        acting: Acting,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let target = self.device(device, acting.now).ok_or(AccountRefusal::NoDevice)?;
        if !self.may_remove(target, acting.device, acting.stepped_up, acting.now) {
            return Err(AccountRefusal::TooYoung);
        }
        let by = acting.device;
        Ok(vec![AccountEvent::DeviceRenamed(DeviceRenamed { device, description, by })])
    }

    pub(super) fn create_recovery_codes(
        acting: Acting,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        if !acting.stepped_up {
            return Err(AccountRefusal::StepUpRequired);
        }
        Ok(vec![AccountEvent::RecoveryCodesCreated(RecoveryCodesCreated {
            count: policy::RECOVERY_CODES,
            by: acting.device,
            policy: policy::VERSION,
        })])
    }

    pub(super) fn apply_setting(&mut self, event: &AccountEvent) {
        if let AccountEvent::TwoStepEnabled(_) = event {
            self.two_step = true;
            self.end_attempts();
        }
        if let AccountEvent::TwoStepDisabled(it) = event {
            self.two_step = false;
            self.end_trust(&it.revoked);
        }
        if let AccountEvent::MethodChosen(it) = event {
            self.method = it.method;
            self.end_attempts();
        }
        if let AccountEvent::LocaleChosen(it) = event {
            self.locale.clone_from(&it.locale);
        }
    }
}

pub(super) fn enabled(by: Option<DeviceId>) -> AccountEvent {
    AccountEvent::TwoStepEnabled(TwoStepEnabled { by, policy: policy::VERSION })
}
