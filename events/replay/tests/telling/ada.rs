//! Ada's account, her phones, and those who want in.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postern_domain::account::{
    Account, AccountCommand, Acting, NewDevice, NewEndpoint, OpenAccount, Registration,
};
use postern_domain::challenge::{Guess, Material};
use postern_domain::channels::Channels;
use postern_domain::codes::{Code, CodeKeys};
use postern_domain::guard::AccountGuard;
use postern_domain::message::{Message, MessageCommand, Recipient, message_id};
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand};
use postern_events::account::TrustedBy;
use postern_events::ids::{
    AccountId, DeviceId, EventId, MessageId, SessionId, SignInId, VerificationId,
};
use postern_events::message::{Claimed, MessageKind};
use postern_events::personal::{Personal, Token};
use postern_events::vocabulary::{
    AddressKey, Alerts, DeviceKey, Method, Nonce, Platform, PushPlatform, PushTokenKey,
};

use crate::log::Log;

/// What every sealed value is here, and what no story may show.
pub(crate) const TOKEN: &str = "c2VhbGVk-by-the-key-of-Ada";
/// The number of Ada's phone, which registered the account.
pub(crate) const PHONE: u8 = 1;
/// The number of her second phone.
pub(crate) const SECOND: u8 = 2;
/// The number of her tablet, which wants in.
pub(crate) const TABLET: u8 = 3;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// So many seconds after the account is opened.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let begin: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    begin + SignedDuration::from_secs(seconds)
}

pub(crate) fn ada() -> AccountId {
    AccountId::new(at(0), [11; 10])
}

pub(crate) fn device(number: u8) -> DeviceId {
    DeviceId::new(at(0), [number; 10])
}

pub(crate) fn key(number: u8) -> DeviceKey {
    DeviceKey::from_bytes([number; 16])
}

/// The attempt that is opened at that second.
pub(crate) fn attempt(second: i64) -> SignInId {
    SignInId::new(at(second), [7; 10])
}

pub(crate) fn process(second: i64) -> VerificationId {
    VerificationId::new(at(second), [8; 10])
}

pub(crate) fn session() -> SessionId {
    SessionId::new(at(0), [9; 10])
}

pub(crate) fn address_key() -> AddressKey {
    AddressKey::from_bytes([5; 16])
}

pub(crate) fn sealed<T>() -> Personal<T> {
    Personal::Sealed(Token::parse(TOKEN).unwrap())
}

pub(crate) fn material(number: u8) -> Material {
    Material { kid: "k1".to_owned(), nonce: Nonce::from_bytes([number; 16]) }
}

fn new_device(number: u8, by: TrustedBy) -> NewDevice {
    let (id, key) = (device(number), key(number));
    NewDevice { id, key, platform: Platform::Ios, description: sealed(), origin: sealed(), by }
}

pub(crate) fn acting(number: u8, second: i64) -> Acting {
    Acting { device: device(number), session: session(), stepped_up: true, now: at(second) }
}

impl Log {
    /// Ada's account, opened on her phone, which can't be pushed to yet.
    pub(crate) fn of_ada() -> Self {
        let mut log = Self::default();
        let registration = Registration {
            account: ada(),
            email: sealed(),
            address_key: address_key(),
            locale: "en".to_owned(),
            verification: process(0),
            device: new_device(PHONE, TrustedBy::Registration(process(0))),
        };
        log.account(0, AccountCommand::Register(Box::new(registration)));
        log
    }

    pub(crate) fn account(&mut self, second: i64, command: AccountCommand) {
        self.decide::<Account>(ada(), at(second), "account", command);
    }

    pub(crate) fn open(&self) -> OpenAccount {
        self.state::<Account>(ada()).open().expect("open").clone()
    }

    pub(crate) fn trust(&mut self, number: u8, second: i64) {
        let device = Box::new(new_device(number, TrustedBy::SignIn(attempt(second))));
        self.account(second, AccountCommand::TrustDevice { device, now: at(second) });
    }

    pub(crate) fn push_to(&mut self, number: u8, second: i64) {
        let endpoint = NewEndpoint {
            device: device(number),
            platform: PushPlatform::Apns,
            token: PushTokenKey::from_bytes([number; 16]),
            alerts: Alerts::Allowed,
        };
        let now = at(second);
        self.account(second, AccountCommand::RegisterPush { endpoint, moved_from: None, now });
    }

    /// The right password, on the key of this number.
    pub(crate) fn sign_in(&mut self, number: u8, second: i64) -> SignInId {
        self.sign_in_with(number, second, &AccountGuard::default())
    }

    pub(crate) fn sign_in_with(
        &mut self,
        number: u8,
        second: i64,
        guard: &AccountGuard,
    ) -> SignInId {
        let (account, now, id) = (self.open(), at(second), attempt(second));
        let needed = account.needs_code(key(number), now);
        let channels = needed.then(|| Channels::of(&account, key(number), guard, now));
        let password = Box::new(RightPassword {
            id,
            account,
            channels,
            key: key(number),
            device: device(number),
            session: session(),
            platform: Platform::Android,
            description: sealed(),
            origin: sealed(),
            country: Some("CZ".to_owned()),
            located_by: None,
            material: material(1),
        });
        self.attempt(id, second, SignInCommand::Open { password, now });
        id
    }

    pub(crate) fn attempt(&mut self, id: SignInId, second: i64, command: SignInCommand) {
        self.decide::<SignIn>(id, at(second), "sign-in", command);
    }

    pub(crate) fn asking(&self, number: u8, second: i64) -> Asking {
        let generation = self.open().attempt_generation;
        Asking { key: key(number), generation, now: at(second) }
    }

    pub(crate) fn send_again(&mut self, id: SignInId, number: u8, second: i64, method: Method) {
        let asking = self.asking(number, second);
        let guard = AccountGuard::default();
        let channels = Channels::of(&self.open(), key(number), &guard, at(second));
        let (method, material) = (Some(method), material(2));
        self.attempt(id, second, SignInCommand::Resend { asking, method, channels, material });
    }

    /// Somebody types the code, or a wrong one.
    pub(crate) fn type_code(&mut self, id: SignInId, number: u8, second: i64, right: bool) {
        let keys = BTreeMap::from([("k1".to_owned(), [9; 32])]);
        let keys = Arc::new(CodeKeys::new("k1".to_owned(), keys).unwrap());
        let state = self.state::<SignIn>(id);
        let (_, challenge) = state.pending().expect("a code is awaited");
        let code = keys.derive(&challenge.source(ada(), &id.to_string())).unwrap();
        let number_of = code.reveal().parse::<u32>().unwrap();
        let other = format!("{:06}", (number_of + 1) % 1_000_000);
        let code = if right { code } else { Code::parse(&other, 6).unwrap() };
        let command = SignInCommand::Verify {
            asking: self.asking(number, second),
            account: Box::new(self.open()),
            guess: Guess { code, keys },
            trust: true,
            session: session(),
        };
        self.attempt(id, second, command);
    }

    /// The newest event of an attempt that asked for a send.
    pub(crate) fn asked_by(&self, id: SignInId) -> EventId {
        self.state::<SignIn>(id).pending().expect("a code is awaited").1.asked_by()
    }

    /// A sender takes up the mail of the newest send.
    pub(crate) fn claim_mail(&mut self, id: SignInId, second: i64) -> MessageId {
        self.claim(id, Recipient::Owner(ada()), second)
    }

    pub(crate) fn claim(&mut self, id: SignInId, to: Recipient, second: i64) -> MessageId {
        let (kind, channel, device) = match to {
            Recipient::Owner(_) | Recipient::Support => {
                (MessageKind::SignInCode, Method::Email, None)
            }
            Recipient::Device(device) => (MessageKind::SignInRequest, Method::App, Some(device)),
        };
        let asked_by = self.asked_by(id);
        let state = self.state::<SignIn>(id);
        let deadline = state.pending().expect("a code is awaited").1.newest().expires_at;
        let message = message_id(asked_by, to);
        let claim = Box::new(Claimed {
            asked_by,
            stream: format!("sign_in/{id}"),
            kind,
            channel,
            recipient: ada(),
            device,
            attempt: 0,
            lease_until: at(second),
            deadline,
        });
        self.message(message, second, MessageCommand::Claim { claim, now: at(second) });
        message
    }

    pub(crate) fn message(&mut self, id: MessageId, second: i64, command: MessageCommand) {
        self.decide::<Message>(id, at(second), "notify", command);
    }

    pub(crate) fn sent(&mut self, id: MessageId, second: i64) {
        let carrier_id = Some(format!("carrier-{second}"));
        self.message(id, second, MessageCommand::Sent { carrier_id });
    }

    /// A push of the newest send that goes well.
    pub(crate) fn pushed(&mut self, id: SignInId, number: u8, second: i64) {
        let message = self.claim(id, Recipient::Device(device(number)), second);
        self.sent(message, second);
    }
}
