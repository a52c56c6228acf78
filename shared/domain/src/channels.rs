//! How a code can reach the owner of an account now, and which way is taken.

use jiff::Timestamp;
use postern_events::vocabulary::{DeviceKey, Method};

use crate::account::{OpenAccount, TrustedDevice};
use crate::budget::{CODE_MAILS, PUSHES};
use crate::guard::AccountGuard;

/// Why a method can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// No other trusted device could show the code.
    #[error("no other device is trusted")]
    NoDevice,
    /// The devices were asked too often without a right code.
    #[error("the devices were asked too often")]
    TooManyPushes {
        /// When they can be asked again.
        until: Timestamp,
    },
    /// Mail to the account's address doesn't arrive.
    #[error("mail to the address doesn't arrive")]
    Undeliverable,
    /// The mailbox has just set a new password, and is no second factor for now.
    #[error("the password was reset by mail a short time ago")]
    RecentlyReset {
        /// When it is one again.
        until: Timestamp,
    },
}

/// What is true of an account's channels for one who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// Other trusted devices, each of which can open the app and look.
    pub showing: usize,
    /// Those among them that a push reaches.
    pub pushable: usize,
    /// Sends by app that are left.
    pub pushes_left: u8,
    /// When there is one again.
    pub pushes_again_at: Timestamp,
    /// Sends by mail that are left.
    pub mails_left: u8,
    /// When there is one again.
    pub mails_again_at: Timestamp,
    /// Why no code can be mailed, if none can.
    pub without_mail: Option<Unavailable>,
}

impl Channels {
    /// Looks at the account and at what its guard has counted, for a code asked for by `key`.
    #[must_use]
    pub fn of(account: &OpenAccount, key: DeviceKey, guard: &AccountGuard, now: Timestamp) -> Self {
        Self::shown_on(account, key, guard, now, |_| true)
    }

    /// The same for a step-up: a young device shows no code for one. Two devices of an intruder would
    /// else step each other up, and the owner's phones would never hear of it.
    #[must_use]
    pub fn of_step_up(
        account: &OpenAccount,
        key: DeviceKey,
        guard: &AccountGuard,
        now: Timestamp,
    ) -> Self {
        Self::shown_on(account, key, guard, now, |it| !it.is_young(now))
    }

    fn shown_on(
        account: &OpenAccount,
        key: DeviceKey,
        guard: &AccountGuard,
        now: Timestamp,
        shows: impl Fn(&TrustedDevice) -> bool,
    ) -> Self {
        let trusted = || account.devices.iter().filter(|it| it.key != key && it.holds(now));
        let others = || trusted().filter(|it| shows(it));
        Self {
            showing: others().count(),
            pushable: others().filter(|it| it.is_pushable()).count(),
            pushes_left: PUSHES.left(guard.pushes(), now),
            pushes_again_at: PUSHES.available_at(guard.pushes(), now),
            mails_left: CODE_MAILS.left(guard.mails(), now),
            mails_again_at: CODE_MAILS.available_at(guard.mails(), now),
            without_mail: without_mail(account, key, now),
        }
    }

    /// Why no code can be shown in the app, if none can.
    #[must_use]
    pub fn without_app(&self) -> Option<Unavailable> {
        if self.showing == 0 {
            Some(Unavailable::NoDevice)
        } else if self.pushable > 0 && self.pushes_left == 0 {
            Some(Unavailable::TooManyPushes { until: self.pushes_again_at })
        } else {
            None
        }
    }

    /// Why a method can't be asked for, if it can't.
    #[must_use]
    pub fn without(&self, method: Method) -> Option<Unavailable> {
        match method {
            Method::App => self.without_app(),
            Method::Email => self.without_mail,
        }
    }

    /// The methods that can be asked for. An account's address was proven before the account
    /// existed, so a mail usually can, though perhaps not at once.
    #[must_use]
    pub fn available(&self) -> Vec<Method> {
        let both = [Method::App, Method::Email];
        both.into_iter().filter(|it| self.without(*it).is_none()).collect()
    }

    /// Whether the trusted devices are told of an attempt whose code is mailed: whoever has the
    /// mailbox must not pass unseen by those who have the phones.
    #[must_use]
    pub fn tells_devices(&self) -> bool {
        self.pushable > 0 && self.pushes_left > 0
    }

    /// The method that is taken by itself: the account's own if it reaches somebody now, else the
    /// other one. Whoever wants the app without a push, to open it and look, asks for it; only
    /// where no mail can be the way is it taken without being asked for.
    #[must_use]
    pub fn chosen(&self, own: Method) -> Option<Method> {
        let reaches = |method: Method| match method {
            Method::App => self.pushable > 0 && self.pushes_left > 0,
            Method::Email => self.without_mail.is_none() && self.mails_left > 0,
        };
        let other = match own {
            Method::App => Method::Email,
            Method::Email => Method::App,
        };
        let to_be_opened = self.without_mail.is_some() && self.without_app().is_none();
        let pushed_or_mailed = [own, other].into_iter().find(|it| reaches(*it));
        pushed_or_mailed.or_else(|| to_be_opened.then_some(Method::App))
    }

    /// Whether a send by `method` takes something from a budget: what pushes to nobody tires
    /// nobody.
    #[must_use]
    pub fn costs(&self, method: Method) -> bool {
        match method {
            Method::App => self.pushable > 0,
            Method::Email => true,
        }
    }

    /// Sends that all budgets together still allow; an attempt's own limit comes on top.
    #[must_use]
    pub fn sends_left(&self) -> u8 {
        let by_app = match self.without_app() {
            Some(_) => 0,
            None if self.costs(Method::App) => self.pushes_left,
            None => u8::MAX,
        };
        let by_mail = if self.without_mail.is_none() { self.mails_left } else { 0 };
        by_app.saturating_add(by_mail)
    }

    /// Where nothing is chosen: when something will be, if ever by itself.
    #[must_use]
    pub fn reachable_at(&self) -> Option<Timestamp> {
        let by_app = (self.pushable > 0).then_some(self.pushes_again_at);
        let by_mail = match self.without_mail {
            Some(Unavailable::Undeliverable) => None,
            Some(Unavailable::RecentlyReset { until }) => Some(until.max(self.mails_again_at)),
            Some(Unavailable::NoDevice | Unavailable::TooManyPushes { .. }) | None => {
                Some(self.mails_again_at)
            }
        };
        [by_app, by_mail].into_iter().flatten().min()
    }
}

fn without_mail(account: &OpenAccount, key: DeviceKey, now: Timestamp) -> Option<Unavailable> {
    if account.email_undeliverable {
        Some(Unavailable::Undeliverable)
    } else {
        account.held_until(key, now).map(|until| Unavailable::RecentlyReset { until })
    }
}
