//! What phones do, as far as it leads to pushes.

use std::slice;

use postern_domain::account::{Account, AccountCommand, NewDevice, NewEndpoint, Order};
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::{Clock as _, draw};
use postern_domain::sign_in::SignInCommand;
use postern_events::account::{PushRemovedBecause, TrustedBy};
use postern_events::ids::{DeviceId, SessionId, SignInId};
use postern_events::vocabulary::{Alerts, DeviceKey, Platform, PushPlatform, PushTokenKey};
use postern_store::lookup::LookupKeys;
use postern_store::vault::{Earlier, PushEndpoint};

use crate::people::{Attempt, Person, description, meta, origin};
use crate::world::World;

/// The account's stream.
pub(crate) fn stream(person: &Person) -> String {
    format!("account/{}", person.account)
}

fn name(token: &str) -> PushTokenKey {
    LookupKeys::new(&[7; 32]).push_token(PushPlatform::Fcm, token)
}

impl World {
    /// Somebody whose phone is pushed to by this token.
    pub(crate) async fn person_with_phone(&self, email: &str, token: &str) -> Person {
        let person = self.person(email).await;
        self.register_push(&person, person.device, token).await;
        person
    }

    /// A further trusted phone that is pushed to.
    pub(crate) async fn add_phone(&self, person: &Person, token: &str) -> DeviceId {
        let device = self.trust(person).await;
        self.register_push(person, device, token).await;
        device
    }

    /// A further trusted device.
    pub(crate) async fn trust(&self, person: &Person) -> DeviceId {
        self.trust_key(person, DeviceKey::from_bytes(draw(&*self.chance))).await
    }

    pub(crate) async fn trust_key(&self, person: &Person, key: DeviceKey) -> DeviceId {
        let now = self.clock.now();
        let id = DeviceId::new(now, draw(&*self.chance));
        let device = NewDevice {
            id,
            key,
            platform: Platform::Android,
            description: description(),
            origin: origin(),
            by: TrustedBy::SignIn(SignInId::new(now, draw(&*self.chance))),
        };
        let command = || AccountCommand::TrustDevice { device: Box::new(device.clone()), now };
        self.account(person.account, &person.data_key, command).await;
        id
    }

    /// As the API does it; the sender then hears of it.
    pub(crate) async fn register_push(&self, person: &Person, device: DeviceId, token: &str) {
        self.register_unheard(person, device, token).await;
        self.react(&stream(person)).await;
    }

    pub(crate) async fn register_unheard(&self, person: &Person, device: DeviceId, token: &str) {
        let (now, key) = (self.clock.now(), name(token));
        let (vault, guards) = (self.store.vault(), self.store.guards());
        let (platform, alerts) = (PushPlatform::Fcm, Alerts::Allowed);
        let owner = guards.push_claim(key).await.unwrap();
        let known = vault.push_endpoint(person.account, device).await.unwrap();
        let before = known.as_ref().map(|it| it.key).filter(|it| *it != key);
        let named = |it: PushEndpoint| match it.endpoint {
            Some(endpoint) => Some(Earlier { endpoint, key: it.key }),
            None => it.earlier,
        };
        let endpoint = PushEndpoint {
            device,
            platform,
            token: token.to_owned(),
            key,
            alerts,
            endpoint: None,
            earlier: known.and_then(named),
            since: now,
        };
        let context = self.store.streams().load::<Account>(person.account).await.unwrap();
        let endpoint_of = NewEndpoint { device, platform, token: key, alerts };
        let command = AccountCommand::RegisterPush { endpoint: endpoint_of, moved_from: None, now };
        let scribe = self.scribe(&person.data_key);
        let decided = self.store.streams().decide(context, command, &scribe).await.unwrap();
        let mut extras = vec![
            vault.push_put(person.account, &endpoint).unwrap(),
            guards.push_claim_put(key, person.account, device, owner).unwrap(),
        ];
        if let Some(before) = before {
            extras.push(guards.push_claim_delete(before, person.account, device).unwrap());
        }
        let staged = decided.stage(&meta()).unwrap();
        let token = draw(&*self.chance);
        let streams = self.store.streams();
        streams.commit_together(slice::from_ref(&staged), extras, token).await.unwrap();
    }

    pub(crate) async fn remove_push(&self, person: &Person, device: DeviceId) {
        self.end_push(person, device, PushRemovedBecause::Asked).await;
    }

    /// Another account registers the token, on its own phone.
    pub(crate) async fn move_token(&self, from: &Person, to: &Person, token: &str) {
        self.end_push(from, from.device, PushRemovedBecause::Moved).await;
        self.register_push(to, to.device, token).await;
    }

    async fn end_push(&self, person: &Person, device: DeviceId, because: PushRemovedBecause) {
        let command = || AccountCommand::RemovePush { device, because };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn remove(&self, person: &Person, device: DeviceId) {
        let (by, stepped_up, now) = (person.device, true, self.clock.now());
        let command = || AccountCommand::RemoveDevice { device, by, stepped_up, now };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn sign_out_everywhere(&self, person: &Person) {
        let (by, stepped_up, now) = (person.device, true, self.clock.now());
        let session = SessionId::new(now, [9; 10]);
        let command = || AccountCommand::SignOutEverywhere { by, session, stepped_up, now };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn put_out(&self, person: &Person) {
        let command = || AccountCommand::Operate(Order::SignOut);
        self.account(person.account, &person.data_key, command).await;
    }

    /// Who a token reaches.
    pub(crate) async fn owner_of(&self, token: &str) -> Option<DeviceId> {
        let claim = self.store.guards().push_claim(name(token)).await.unwrap();
        claim.map(|(_, device)| device)
    }

    /// Whether an endpoint of the device is kept.
    pub(crate) async fn keeps(&self, person: &Person, device: DeviceId) -> bool {
        self.store.vault().push_endpoint(person.account, device).await.unwrap().is_some()
    }

    /// The same, of an attempt that is about to be recorded: only the guard hears of it.
    pub(crate) async fn deny_unseen(&self, person: &Person, key: DeviceKey) {
        let now = self.clock.now();
        let deny = |guard: &mut AccountGuard| Ok::<_, Paused>(guard.deny(key, now));
        let guards = self.store.guards();
        let denied = guards.update_guard(person.account, &*self.chance, deny).await.unwrap();
        assert_eq!(denied.outcome.len(), 1);
    }

    /// Says on a trusted phone that it was not them.
    pub(crate) async fn deny(&self, person: &Person, attempt: &Attempt, by: DeviceId) {
        let now = self.clock.now();
        let command = || SignInCommand::Deny { by, generation: attempt.generation, now };
        self.in_attempt(person, attempt, command).await;
    }

    /// Wrong codes on another attempt, until code entry is paused.
    pub(crate) async fn pause(&self, person: &Person) {
        let (now, guards) = (self.clock.now(), self.store.guards());
        let ends_at = now + policy::ATTEMPT_LIFE;
        let guess = |guard: &mut AccountGuard| {
            for id in ["a", "b"] {
                guard.open_attempt(id, person.key, now, ends_at)?;
                for _ in 0..policy::GUESSES_PER_ATTEMPT {
                    guard.claim_guess(id, now).map_err(|_| Paused { until: None })?;
                }
            }
            assert!(guard.paused(now).is_some());
            Ok::<_, Paused>(())
        };
        guards.update_guard(person.account, &*self.chance, guess).await.unwrap();
    }

    /// Wrong codes until the attempt is over.
    pub(crate) async fn lock(&self, person: &Person, attempt: &Attempt) {
        let code = self.code(person, attempt).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..policy::GUESSES_PER_ATTEMPT {
            self.verify(person, attempt, wrong).await;
        }
    }

    /// Lets the attempt's own phone in with the right code.
    pub(crate) async fn let_in(&self, person: &Person, attempt: &Attempt) {
        let code = self.code(person, attempt).await;
        self.verify(person, attempt, &code).await;
    }
}
