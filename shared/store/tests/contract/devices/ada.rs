//! Ada, and everything that the log can say about her devices.

use std::sync::Arc;

use postern_domain::account::Account;
use postern_domain::decider::Decider;
use postern_domain::ports::draw;
use postern_domain::sign_in::SignIn;
use postern_events::account::{
    AccountEvent, DeviceRevoked, DeviceTrusted, RevokedBecause, TrustedBy,
};
use postern_events::ids::{AccountId, DeviceId, EventId, SessionId, SignInId, VerificationId};
use postern_events::personal::{Personal, PersonalField};
use postern_events::sign_in::{AttemptInputs, Attempted, Completed, SignInEvent};
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{AddressKey, DeviceKey, Method, Platform, Purpose};
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::streams::{Commit, stage};
use postern_store::views::{DeviceProfile, Projected};

use crate::vault::{description, origin, reserve};
use crate::world::{World, later, meta, noon};

/// Ada's account, and what is sealed for it.
pub(super) struct Ada {
    pub(super) world: Arc<World>,
    pub(super) account: AccountId,
    pub(super) data_key: DataKey,
}

impl Ada {
    pub(super) async fn new() -> Self {
        Self::in_world(Arc::new(World::new().await)).await
    }

    pub(super) async fn in_world(world: Arc<World>) -> Self {
        let account = world.account();
        let data_key = reserve(&world, account, 600).await;
        Self { world, account, data_key }
    }

    pub(super) fn device(&self) -> DeviceId {
        DeviceId::new(noon(), draw(&*self.world.chance))
    }

    /// Appends events to a stream.
    pub(super) async fn commit<D: Decider>(
        &self,
        id: D::Id,
        at: i64,
        events: Vec<D::Event>,
    ) -> Commit {
        let streams = self.world.store.streams();
        let context = streams.load::<D>(id).await.unwrap();
        let scribe = Scribe { now: later(at), ..self.world.scribe_with(&self.data_key) };
        let events: Vec<_> = events.into_iter().map(|it| scribe.record(it).unwrap()).collect();
        let staged = stage(&events, &context, &meta()).unwrap();
        streams.append(&staged).await.unwrap();
        staged.commit().unwrap().clone()
    }

    pub(super) async fn account(&self, at: i64, events: Vec<AccountEvent>) -> Commit {
        self.commit::<Account>(self.account, at, events).await
    }

    pub(super) fn trusted(&self, device: DeviceId, by: TrustedBy) -> AccountEvent {
        AccountEvent::DeviceTrusted(DeviceTrusted {
            device,
            key: DeviceKey::from_bytes([1; 16]),
            platform: Platform::Ios,
            description: description(&self.world, &self.data_key),
            origin: origin(&self.world, &self.data_key),
            by,
            trusted_before: 0,
            policy: 1,
        })
    }

    /// The device is trusted after a registration that nobody opened.
    pub(super) async fn trust(&self, device: DeviceId, at: i64) -> Commit {
        let by = TrustedBy::Registration(VerificationId::from_bytes([9; 16]));
        self.account(at, vec![self.trusted(device, by)]).await
    }

    pub(super) async fn revoke(&self, device: DeviceId, at: i64) -> Commit {
        let (key, because) = (DeviceKey::from_bytes([1; 16]), RevokedBecause::Removed);
        let revoked = DeviceRevoked { device, key, because, by: None, policy: 1 };
        self.account(at, vec![AccountEvent::DeviceRevoked(revoked)]).await
    }

    pub(super) fn attempted(
        &self,
        attempt: SignInId,
        device: DeviceId,
        trusted: bool,
    ) -> SignInEvent {
        SignInEvent::Attempted(Attempted {
            attempt,
            account: self.account,
            key: DeviceKey::from_bytes([1; 16]),
            device,
            platform: Platform::Ios,
            description: description(&self.world, &self.data_key),
            origin: origin(&self.world, &self.data_key),
            country: Some("CZ".into()),
            located_by: None,
            inputs: AttemptInputs {
                trusted,
                two_step: true,
                method: Method::App,
                reachable: vec![Method::Email],
                attempt_generation: 0,
                trust_generation: 0,
                pushable: None,
            },
            policy: 1,
        })
    }

    pub(super) fn sign_in_id(&self) -> SignInId {
        SignInId::new(noon(), draw(&*self.world.chance))
    }

    /// A sign-in that needs no code.
    pub(super) async fn sign_in(&self, device: DeviceId, trusted: bool, at: i64) -> Commit {
        let id = self.sign_in_id();
        let session = SessionId::new(noon(), draw(&*self.world.chance));
        let completed = SignInEvent::Completed(Completed { device, trusted, session, amr: vec![] });
        let events = vec![self.attempted(id, device, trusted), completed];
        self.commit::<SignIn>(id, at, events).await
    }

    pub(super) async fn project(&self, commit: &Commit) -> Projected {
        self.world.store.views().project_devices(commit).await.unwrap()
    }

    pub(super) async fn shown(&self) -> Vec<DeviceProfile> {
        self.world.store.views().devices(self.account).await.unwrap()
    }

    pub(super) fn opened(
        &self,
        verification: VerificationId,
        device: DeviceId,
    ) -> VerificationEvent {
        let event = EventId::new(noon(), draw(&*self.world.chance));
        let email: Personal<String> =
            self.data_key.seal(event, PersonalField::Email, &"ada@example.com".to_owned()).unwrap();
        VerificationEvent::Opened(Opened {
            verification,
            purpose: Purpose::Registration,
            account: self.account,
            taken_by: None,
            key: DeviceKey::from_bytes([1; 16]),
            device,
            platform: Platform::Ios,
            description: description(&self.world, &self.data_key),
            origin: origin(&self.world, &self.data_key),
            country: Some("AT".into()),
            located_by: None,
            attempt_generation: None,
            session: None,
            inputs: None,
            email,
            address_key: AddressKey::from_bytes([2; 16]),
            locale: "en".into(),
            policy: 1,
        })
    }
}
