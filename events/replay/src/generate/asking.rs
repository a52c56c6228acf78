//! Which messages an event asks for, by the rules of the function that sends them.

use jiff::Timestamp;
use postern_domain::account::{Account, TrustedDevice};
use postern_domain::decider::Stamp;
use postern_domain::message::{Message, Recipient, message_id};
use postern_domain::policy;
use postern_events::account::{AccountEvent, RevokedBecause};
use postern_events::ids::{AccountId, DeviceId, MessageId, SignInId, VerificationId};
use postern_events::message::{Claimed, MessageKind};
use postern_events::vocabulary::{DeviceKey, Method};
use postern_store::model::Recorded;
use postern_store::streams::StreamContext;

use super::life::Life;
use super::post::Errand;
use super::story::Story;

mod attempts;
mod processes;

/// The attempt or process whose code a message brings.
#[derive(Debug, Clone, Copy)]
pub(super) enum CodeOf {
    SignIn(SignInId),
    Process(VerificationId),
}

/// One message to one recipient.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) cause: Stamp,
    pub(super) stream: String,
    pub(super) account: AccountId,
    pub(super) kind: MessageKind,
    /// The one device that it is for; absent for a mail.
    pub(super) device: Option<DeviceId>,
    pub(super) deadline: Timestamp,
    /// What makes it pointless when it is over.
    pub(super) code: Option<CodeOf>,
    /// What it is about, where the same is not said twice in a row.
    pub(super) thing: Option<String>,
    /// What the stream that asks is part of.
    pub(super) story: Option<Story>,
}

impl Asked {
    pub(super) fn message(&self) -> MessageId {
        let recipient = match (self.device, self.kind) {
            (Some(device), _) => Recipient::Device(device),
            (None, MessageKind::SupportRequest) => Recipient::Support,
            (None, _) => Recipient::Owner(self.account),
        };
        message_id(self.cause.id, recipient)
    }

    /// What a claim says; attempt and lease are the decider's to fill in.
    pub(super) fn claim(&self, now: Timestamp) -> Claimed {
        Claimed {
            asked_by: self.cause.id,
            stream: self.stream.clone(),
            kind: self.kind,
            channel: if self.device.is_some() { Method::App } else { Method::Email },
            recipient: self.account,
            device: self.device,
            attempt: 0,
            lease_until: now,
            deadline: self.deadline,
        }
    }
}

/// Where something is asked for.
pub(super) struct Cause<'a> {
    pub(super) stamp: Stamp,
    pub(super) stream: &'a str,
}

impl Cause<'_> {
    /// A notice by mail.
    pub(super) fn mail(&self, account: AccountId, kind: MessageKind) -> Asked {
        Asked {
            cause: self.stamp,
            stream: self.stream.to_owned(),
            account,
            kind,
            device: None,
            deadline: self.stamp.time + policy::NOTICE_DEADLINE,
            code: None,
            thing: None,
            story: None,
        }
    }

    fn about(&self, account: AccountId, kind: MessageKind, thing: &impl ToString) -> Asked {
        Asked { thing: Some(thing.to_string()), ..self.mail(account, kind) }
    }

    /// A push to one device.
    pub(super) fn push(&self, account: AccountId, kind: MessageKind, device: DeviceId) -> Asked {
        Asked { device: Some(device), ..self.mail(account, kind) }
    }
}

impl Life<'_> {
    /// Puts a message into the post.
    pub(super) fn ask(&mut self, asked: Asked) {
        let asked = Asked { story: self.labelled.get(&asked.stream).copied(), ..asked };
        let message = StreamContext::<Message>::new(asked.message());
        let noticed = self.chance.around(super::chance::millis(450), 200);
        self.post.put(self.now + noticed, Errand::Take(Box::new(asked), message));
    }

    /// Asks every device that a push reaches, but for the key that it is about. Where only settled
    /// ones show a code, young ones are not asked.
    pub(super) fn ask_devices(
        &mut self,
        cause: &Cause<'_>,
        kind: MessageKind,
        but: DeviceKey,
        (deadline, code, settled): (Timestamp, Option<CodeOf>, bool),
    ) {
        let (now, id) = (self.now, self.id);
        let Some(open) = self.account.state().open() else { return };
        let told = |it: &&TrustedDevice| it.key != but && !(settled && it.is_young(now));
        let devices: Vec<DeviceId> = open.pushable(now).filter(told).map(|it| it.id).collect();
        for device in devices {
            self.ask(Asked { deadline, code, ..cause.push(id, kind, device) });
        }
    }

    /// What the account's events ask for; `before` knows the devices that they take away.
    pub(super) fn ask_for_account(&mut self, events: &[Recorded<AccountEvent>], before: &Account) {
        let stream = self.account.stream().to_owned();
        for recorded in events {
            let cause = Cause { stamp: recorded.stamp, stream: &stream };
            for asked in of_account(self.id, &cause, &recorded.event, before) {
                self.ask(asked);
            }
        }
    }
}

fn of_account(
    account: AccountId,
    cause: &Cause<'_>,
    event: &AccountEvent,
    before: &Account,
) -> Vec<Asked> {
    // A device that was never pushed to has nobody to say goodbye to.
    let registered = |device: &DeviceId| {
        let known = before.open().into_iter().flat_map(|it| &it.devices);
        known.filter(|it| it.push.is_some()).any(|it| it.id == *device)
    };
    let goodbyes = |devices: &[DeviceId]| -> Vec<Asked> {
        let told = devices.iter().copied().filter(|it| registered(it));
        told.map(|it| cause.push(account, MessageKind::SignedOut, it)).collect()
    };
    let with = |devices: &[DeviceId], mail: Asked| {
        goodbyes(devices).into_iter().chain(std::iter::once(mail)).collect()
    };
    match event {
        AccountEvent::DeviceRevoked(it) => match it.because {
            RevokedBecause::Removed | RevokedBecause::Reported => {
                with(&[it.device], cause.mail(account, MessageKind::DeviceRemoved))
            }
            RevokedBecause::Unused => Vec::new(),
        },
        AccountEvent::SignedOutEverywhere(it) => goodbyes(&it.revoked),
        AccountEvent::SignedOutByOperator(it) => goodbyes(&it.revoked),
        AccountEvent::PasswordChanged(it) => {
            with(&it.revoked, cause.mail(account, MessageKind::PasswordChanged))
        }
        AccountEvent::PasswordReset(it) => {
            with(&it.revoked, cause.about(account, MessageKind::PasswordReset, &""))
        }
        AccountEvent::TwoStepDisabled(it) => {
            with(&it.revoked, cause.about(account, MessageKind::TwoStepDisabled, &it.by))
        }
        AccountEvent::CodeEntryPaused(it) => {
            let kind = MessageKind::CodeEntryPaused;
            vec![cause.about(account, kind, &it.until.is_some())]
        }
        AccountEvent::EmailChanged(_) => vec![cause.mail(account, MessageKind::EmailChanged)],
        AccountEvent::RecoveryCodesCreated(it) => {
            vec![cause.about(account, MessageKind::RecoveryCodesCreated, &it.by)]
        }
        AccountEvent::Erased(_) => {
            let deadline = cause.stamp.time + policy::ERASURE_DEADLINE;
            let devices: Vec<DeviceId> =
                before.open().into_iter().flat_map(|it| &it.devices).map(|it| it.id).collect();
            let mut asked: Vec<Asked> =
                with(&devices, cause.mail(account, MessageKind::AccountErased));
            for it in &mut asked {
                it.deadline = deadline;
            }
            asked
        }
        AccountEvent::Registered(_)
        | AccountEvent::CodeEntryResumed(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::PushEndpointRegistered(_)
        | AccountEvent::PushEndpointRemoved(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::TwoStepEnabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailUndeliverable(_) => Vec::new(),
    }
}
