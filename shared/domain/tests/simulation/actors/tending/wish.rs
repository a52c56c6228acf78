//! What can be wanted of the account, and what it is counted as.

use postern_domain::account::{
    AccountCommand, AccountRefusal, Acting, NewEndpoint, Order, Settings,
};
use postern_domain::channels::Channels;
use postern_domain::guard::Resumed;
use postern_events::account::PushRemovedBecause;
use postern_events::ids::{DeviceId, MessageId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};

use crate::world::World;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wish {
    Remove {
        device: DeviceId,
    },
    SignOutEverywhere,
    Settle(Settings),
    ChangePassword {
        sign_out_others: bool,
    },
    RecoveryCodes,
    Erase,
    Push {
        device: DeviceId,
        alerts: Alerts,
    },
    NoPush {
        device: DeviceId,
    },
    /// A worker's, when the push service says that an endpoint is dead.
    Disable {
        device: DeviceId,
        since: jiff::Timestamp,
        message: MessageId,
    },
    /// An operator's: everybody is put out.
    PutOut,
    /// An operator's: a pause of code entry is lifted.
    Resume,
}

impl Wish {
    /// The command; nothing where it takes a session and there is none.
    pub(super) fn command(
        &self,
        acting: Option<Acting>,
        world: &mut World,
    ) -> Option<AccountCommand> {
        let now = world.acting.now;
        Some(match *self {
            Self::Remove { device } => {
                let Acting { device: by, stepped_up, now, .. } = acting?;
                AccountCommand::RemoveDevice { device, by, stepped_up, now }
            }
            Self::SignOutEverywhere => {
                let Acting { device: by, session, stepped_up, now } = acting?;
                AccountCommand::SignOutEverywhere { by, session, stepped_up, now }
            }
            Self::Settle(settings) => {
                let acting = acting?;
                let (_, open) = world.account()?;
                let key = open.device(acting.device, now).map(|it| it.key);
                let key = key.unwrap_or_else(|| crate::cast::key(0));
                let channels = Channels::of(&open, key, &world.store.guard().0, now);
                let (channels, long_enough) = (Box::new(channels), true);
                AccountCommand::Settle { settings, acting, channels, long_enough }
            }
            Self::ChangePassword { sign_out_others } => {
                AccountCommand::ChangePassword { acting: acting?, sign_out_others }
            }
            Self::RecoveryCodes => AccountCommand::CreateRecoveryCodes { acting: acting? },
            Self::Erase => AccountCommand::Erase { acting: acting? },
            Self::Push { device, alerts } => {
                let token = PushTokenKey::from_bytes(world.chance.bytes());
                let endpoint = NewEndpoint { device, platform: PushPlatform::Fcm, token, alerts };
                AccountCommand::RegisterPush { endpoint, moved_from: None, now }
            }
            Self::NoPush { device } => {
                AccountCommand::RemovePush { device, because: PushRemovedBecause::Asked }
            }
            Self::Disable { device, since, message } => {
                AccountCommand::DisablePush { device, since, message }
            }
            Self::PutOut => AccountCommand::Operate(Order::SignOut),
            Self::Resume => {
                let Resumed { until, wrong_in_a_row } = world.store.guard().0.resume(now).ok()?;
                AccountCommand::Operate(Order::ResumeCodeEntry { until, wrong_in_a_row })
            }
        })
    }

    /// Whether open attempts die of it.
    pub(super) fn ends_attempts(&self) -> bool {
        match self {
            Self::Remove { .. }
            | Self::SignOutEverywhere
            | Self::PutOut
            | Self::Settle(_)
            | Self::ChangePassword { .. } => true,
            Self::RecoveryCodes
            | Self::Erase
            | Self::Push { .. }
            | Self::NoPush { .. }
            | Self::Disable { .. }
            | Self::Resume => false,
        }
    }

    pub(super) fn is_done(&self) -> &'static str {
        match self {
            Self::Remove { .. } => "device removed",
            Self::SignOutEverywhere => "signed out everywhere",
            Self::Settle(Settings { two_step: Some(false), .. }) => "two-step off",
            Self::Settle(Settings { two_step: Some(true), .. }) => "two-step on",
            Self::Settle(_) => "method chosen",
            Self::ChangePassword { .. } => "password changed",
            Self::RecoveryCodes => "recovery codes made",
            Self::Erase => "erased",
            Self::Push { .. } => "push registered",
            Self::NoPush { .. } => "push removed",
            Self::Disable { .. } => "push disabled",
            Self::PutOut => "put out by an operator",
            Self::Resume => "pause lifted",
        }
    }
}

/// What a refusal is counted as.
pub(super) fn refusal(why: AccountRefusal) -> &'static str {
    match why {
        AccountRefusal::TooYoung => "too young",
        AccountRefusal::StepUpRequired => "step-up required",
        AccountRefusal::NoAccount
        | AccountRefusal::Exists
        | AccountRefusal::AlreadyTrusted
        | AccountRefusal::NoRoom
        | AccountRefusal::NoDevice
        | AccountRefusal::WeakAlone
        | AccountRefusal::ChannelUnavailable(_) => "wish refused",
    }
}
