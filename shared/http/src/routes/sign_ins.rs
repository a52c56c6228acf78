//! A password, and what follows from it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use postern_domain::account::{Account, AccountCommand, OpenAccount};
use postern_domain::challenge::Material;
use postern_domain::email::EmailAddress;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::sign_in::{RightPassword, SignIn, SignInCommand};
use postern_events::ids::{AccountId, DeviceId, SessionId, SignInId};
use postern_events::personal::Personal;
use postern_events::sign_in::{Attempted, Completed, SignInEvent};
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Nonce};
use postern_store::guards::UpdateError;
use postern_store::model::Scribe;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};
use postern_store::vault::{DeviceProfile, Person};
use serde::Deserialize;
use serde_json::Value;

use super::given::{GivenDevice, email, origin, password};
use super::tokens::scribe;
use crate::Api;
use crate::body::{Members, object};
use crate::call::{Call, Proven};
use crate::hashing;
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_execute, of_sign_in, of_store, of_together, unavailable,
};
use crate::sessions::{Beginning, answer, begin};
use crate::view::{Awaited, JUST_ASKED, complete, locked, unreachable_owner};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    email: String,
    password: String,
    #[serde(deserialize_with = "object")]
    device: GivenDevice,
}
impl Members for Credentials {}

/// Known and unknown addresses take the same path up to the last comparison: the same reads, the
/// same hashing, the same write, the same answer.
pub(super) async fn create(call: Call<Proven, Credentials>) -> Result<Response, Problem> {
    let (api, now) = (&call.api, call.now);
    let (email, password) = (email(&call.body.email)?, password(&call.body.password)?);
    let description = call.body.device.description()?;
    let (account, person) = look_up(&call, &email).await?;
    let record = person.as_ref().map(|it| it.password.clone());
    let right = hashing::is_right(api, record, password).await?;
    // Only now: while a password is hashed, a device can be removed.
    let account = api.parts().store.streams().load::<Account>(account).await;
    let account = account.map_err(|error| of_store(&error))?;
    match (right, person, account.state().open()) {
        (true, Some(person), Some(_)) => {
            RightOne {
                call: &call,
                description,
                person,
                id: SignInId::new(now, draw(api.chance())),
            }
            .answer(account)
            .await
        }
        (_, person, open) => {
            let known = person.and(open).map(|it| it.id);
            refuse(&call, known).await?;
            Err(Problem::new(Code::InvalidCredentials))
        }
    }
}

/// Which account has this address, and its owner's secrets. An address without an account is looked
/// up all the same, under an identifier that nobody has.
async fn look_up(
    call: &Call<Proven, Credentials>,
    email: &EmailAddress,
) -> Result<(AccountId, Option<Person>), Problem> {
    let parts = call.api.parts();
    let address = parts.lookup.address(&email.normalised());
    let claim = parts.store.guards().claim(address).await.map_err(|error| of_store(&error))?;
    let nobody = || AccountId::derived(jiff::Timestamp::UNIX_EPOCH, &[address.as_bytes()]);
    let account = claim.unwrap_or_else(nobody);
    let person = parts.store.vault().load(account, call.now).await;
    Ok((account, person.map_err(|error| of_store(&error))?))
}

/// Records a refused password: one commit, with nothing personal in it.
async fn refuse(
    call: &Call<Proven, Credentials>,
    account: Option<AccountId>,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let id = SignInId::new(now, draw(api.chance()));
    let platform = call.body.device.platform();
    let command = SignInCommand::Refuse { account, platform, country: None };
    let streams = api.parts().store.streams();
    let decided =
        streams.decide(StreamContext::<SignIn>::new(id), command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
    let meta = api.meta(&call.request, "anonymous");
    streams.commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
    Ok(())
}

/// Somebody who knows the password.
struct RightOne<'a> {
    call: &'a Call<Proven, Credentials>,
    description: DeviceDescription,
    person: Person,
    id: SignInId,
}

impl RightOne<'_> {
    /// Decides; decides again where a device was removed or added in the same moment.
    async fn answer(&self, mut account: StreamContext<Account>) -> Result<Response, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let streams = api.parts().store.streams();
        for lost in 0..DECISIONS {
            let open =
                account.state().open().ok_or_else(|| Problem::new(Code::InvalidCredentials))?;
            let key = api.parts().lookup.device(open.id, &self.call.caller.thumbprint);
            let decided = self.decide(open, key).await?;
            if let Some((attempted, completed)) = admission(&decided) {
                let let_in = self.let_in(account, decided, key, &attempted, &completed).await?;
                if let Some(session) = let_in {
                    return Ok(created(&complete(&self.id.to_string(), &session)));
                }
                wait(api.chance(), lost).await;
                let again = streams.load::<Account>(attempted.account).await;
                account = again.map_err(|error| of_store(&error))?;
                continue;
            }
            let hint = self.email_hint(open)?;
            if let Err(paused) = self.note_attempt(open.id).await? {
                // Nothing is sent and nothing is recorded.
                return Ok(created(&locked(&self.id.to_string(), paused, now)));
            }
            let meta = api.meta(&self.call.request, "anonymous");
            let committed = streams.commit_one(decided, &meta).await;
            let committed = committed.map_err(|error| of_store(&error))?;
            let view = match committed.state().pending() {
                Some((attempt, challenge)) => Awaited {
                    id: self.id.to_string(),
                    challenge,
                    available: &attempt.available,
                    email_hint: hint,
                    delivery: JUST_ASKED,
                    devices: Some(0),
                    now,
                }
                .view(),
                None => unreachable_owner(&self.id.to_string()),
            };
            return Ok(created(&view));
        }
        Err(contended())
    }

    async fn decide(&self, open: &OpenAccount, key: DeviceKey) -> Result<Decided<SignIn>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let password = Box::new(RightPassword {
            id: self.id,
            account: open.clone(),
            key,
            device: DeviceId::new(now, draw(api.chance())),
            session: SessionId::new(now, draw(api.chance())),
            platform: self.call.body.device.platform(),
            description: Personal::Clear(self.description.clone()),
            origin: Personal::Clear(origin(self.call.source)),
            country: None,
            material: material(api),
        });
        let command = SignInCommand::Open { password, now };
        let context = StreamContext::<SignIn>::new(self.id);
        let decided = api.parts().store.streams().decide(context, command, &self.scribe()).await;
        decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))
    }

    fn scribe(&self) -> Scribe {
        Scribe {
            data_key: Some(self.person.data_key.clone()),
            ..scribe(&self.call.api, self.call.now)
        }
    }

    /// Counts the attempt among the account's, before anything is sent or can be guessed at.
    async fn note_attempt(&self, account: AccountId) -> Result<Result<(), Paused>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let (id, ends_at) = (self.id.to_string(), now + policy::ATTEMPT_LIFE);
        let noted = api
            .parts()
            .store
            .guards()
            .update_guard(account, api.chance(), |guard: &mut AccountGuard| {
                guard.open_attempt(&id, now, ends_at)
            })
            .await;
        match noted {
            Ok(_) => Ok(Ok(())),
            Err(UpdateError::Refused(paused)) => Ok(Err(paused)),
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    /// Records the sign-in and begins the session. `None`: the account changed meanwhile.
    async fn let_in(
        &self,
        account: StreamContext<Account>,
        decided: Decided<SignIn>,
        key: DeviceKey,
        attempted: &Attempted,
        completed: &Completed,
    ) -> Result<Option<Value>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let store = &api.parts().store;
        let (streams, sessions) = (store.streams(), store.sessions());
        let meta = api.meta(&self.call.request, &completed.device.to_string());
        let (session, secret) = begin(
            api,
            &Beginning {
                account: attempted.account,
                key,
                trust_generation: attempted.inputs.trust_generation,
                completed,
                platform: attempted.platform,
                description: &attempted.description,
                origin: &attempted.origin,
                now,
            },
        );
        let thumbprint = &self.call.caller.thumbprint;
        let answer = answer(api, &session, &secret, thumbprint, now)?;
        let seen = self.seen(account, completed).await?;
        let Some(seen) = seen.filter(|it| !it.is_empty()) else {
            streams.commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
            sessions.put(&session).await.map_err(|error| of_store(&error))?;
            return Ok(Some(answer));
        };
        let profile = DeviceProfile {
            device: completed.device,
            description: attempted.description.clone(),
            origin: attempted.origin.clone(),
            country: attempted.country.clone(),
            platform: attempted.platform,
            seen_at: now,
        };
        let stage = |error| of_store(&error);
        let staged = [decided.stage(&meta).map_err(stage)?, seen.stage(&meta).map_err(stage)?];
        let extras = vec![
            sessions.put_extra(&session).map_err(stage)?,
            store.vault().profile_put(attempted.account, &profile).map_err(stage)?,
        ];
        match streams.commit_together(&staged, extras, draw(api.chance())).await {
            Ok(()) => Ok(Some(answer)),
            Err(error) if error.is_race() => Ok(None),
            Err(error) => Err(of_together(&error)),
        }
    }

    /// The day's first use of a trusted device, if this is one.
    async fn seen(
        &self,
        account: StreamContext<Account>,
        completed: &Completed,
    ) -> Result<Option<Decided<Account>>, Problem> {
        if !completed.trusted {
            return Ok(None);
        }
        let (api, now) = (&self.call.api, self.call.now);
        let command = AccountCommand::SeeDevice { device: completed.device, now };
        let decided = api.parts().store.streams().decide(account, command, &scribe(api, now)).await;
        decided.map(Some).map_err(|error| of_execute(error, of_account))
    }

    fn email_hint(&self, open: &OpenAccount) -> Result<String, Problem> {
        let opened = self.person.data_key.open(&open.email);
        let text = opened.map_err(|error| unavailable(&error))?;
        Ok(EmailAddress::parse(&text).map(|it| it.hint()).unwrap_or_default())
    }
}

/// What a new code is made from.
pub(super) fn material(api: &Api) -> Material {
    let kid = api.parts().code_keys.current().to_owned();
    Material { kid, nonce: Nonce::from_bytes(draw(api.chance())) }
}

/// The attempt and its admission, if no code is needed.
fn admission(decided: &Decided<SignIn>) -> Option<(Attempted, Completed)> {
    let mut attempted = None;
    let mut completed = None;
    for recorded in decided.events() {
        if let SignInEvent::Attempted(it) = &recorded.event {
            attempted = Some(it.clone());
        }
        if let SignInEvent::Completed(it) = &recorded.event {
            completed = Some(it.clone());
        }
    }
    attempted.zip(completed)
}

fn created(view: &Value) -> Response {
    (StatusCode::CREATED, Json(view)).into_response()
}
