//! People who register, as far as it leads to mail.

use postern_domain::ports::{Clock as _, draw};
use postern_domain::verification::{Verification, VerificationCommand};
use postern_events::ids::{AccountId, DeviceId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::Opened;
use postern_events::vocabulary::{AddressKey, DeviceKey, Platform, Purpose};
use postern_store::keys;
use postern_store::seal::DataKey;

use crate::people::{description, meta, origin, reveal};
use crate::world::World;

/// A registration that waits for its code.
pub(crate) struct Registering {
    pub(crate) id: VerificationId,
    pub(crate) account: AccountId,
    pub(crate) stream: String,
    key: DeviceKey,
    data_key: DataKey,
}

impl World {
    pub(crate) async fn register(&self, email: &str, taken_by: Option<AccountId>) -> Registering {
        let account = AccountId::new(self.clock.now(), draw(&*self.chance));
        let id = VerificationId::new(self.clock.now(), draw(&*self.chance));
        let registering = Registering {
            id,
            account,
            stream: keys::stream::<Verification>(id),
            key: DeviceKey::from_bytes(draw(&*self.chance)),
            data_key: self.reserve(account).await,
        };
        let opened = Opened {
            verification: id,
            purpose: Purpose::Registration,
            account,
            taken_by,
            key: registering.key,
            device: DeviceId::new(self.clock.now(), draw(&*self.chance)),
            platform: Platform::Other,
            description: description(),
            origin: origin(),
            country: None,
            email: Personal::Clear(email.to_owned()),
            address_key: AddressKey::from_bytes([1; 16]),
            locale: "en-GB".to_owned(),
            policy: 1,
        };
        let (material, now) = (self.material(), self.clock.now());
        let command = || VerificationCommand::Open {
            opened: Box::new(opened.clone()),
            material: material.clone(),
            now,
        };
        self.in_registration(&registering, command).await;
        registering
    }

    pub(crate) async fn resend_registration(&self, registering: &Registering) {
        let (material, now) = (self.material(), self.clock.now());
        let command = || VerificationCommand::Resend {
            key: registering.key,
            material: material.clone(),
            now,
        };
        self.in_registration(registering, command).await;
    }

    async fn in_registration(
        &self,
        registering: &Registering,
        command: impl FnMut() -> VerificationCommand,
    ) {
        let scribe = || self.scribe(&registering.data_key);
        let streams = self.store.streams();
        streams.execute::<Verification>(registering.id, command, scribe, &meta()).await.unwrap();
    }

    pub(crate) async fn registration_code(&self, registering: &Registering) -> String {
        let found = self.store.streams().load::<Verification>(registering.id).await.unwrap();
        let Verification::CodeRequired(_, challenge) = found.state() else { panic!("no code") };
        reveal(challenge, registering.account, &registering.id.to_string())
    }
}
