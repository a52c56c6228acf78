//! What follows from a right password: a session, a code, or neither.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, OpenAccount};
use postern_domain::budget::Exhausted;
use postern_domain::channels::Channels;
use postern_domain::email::EmailAddress;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::sign_in::{RightPassword, SignIn, SignInCommand};
use postern_events::ids::{DeviceId, SessionId, SignInId};
use postern_events::personal::Personal;
use postern_events::sign_in::{Attempted, Completed, SignInEvent};
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Method};
use postern_store::guards::UpdateError;
use postern_store::model::Scribe;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};
use postern_store::vault::Person;

use super::super::given::origin;
use super::super::tokens::scribe;
use super::{Credentials, material};
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_sign_in, of_store, unavailable};
use crate::sessions::{Beginning, SessionView, answer, begin};
use crate::view::{Awaited, Progress, Ways, complete, just_asked, locked, unreachable_owner};

/// Somebody who knows the password.
pub(super) struct RightOne<'a> {
    pub(super) call: &'a Call<Proven, Credentials>,
    pub(super) description: DeviceDescription,
    pub(super) person: Person,
    pub(super) id: SignInId,
}

impl RightOne<'_> {
    /// Decides; decides again where the account changed in the same moment.
    pub(super) async fn answer(
        &self,
        mut account: StreamContext<Account>,
    ) -> Result<Response, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        for lost in 0..DECISIONS {
            let open =
                account.state().open().ok_or_else(|| Problem::new(Code::InvalidCredentials))?;
            let key = api.parts().lookup.device(open.id, &self.call.caller.thumbprint);
            if open.needs_code(key, now) {
                return self.ask(open, key).await;
            }
            let (id, password_since) = (open.id, open.password_since);
            let compromised = open.password_compromised;
            if let Some(session) = self.let_in(account, key).await? {
                let view = complete(&self.id.to_string(), Some(session));
                let view = if compromised { view.then("change_password") } else { view };
                return Ok(created(&view));
            }
            wait(api.chance(), lost).await;
            let again = api.parts().store.streams().load::<Account>(id).await;
            account = again.map_err(|error| of_store(&error))?;
            let same = |it: &OpenAccount| it.password_since == password_since;
            if !account.state().open().is_some_and(same) {
                // The password that was right is none any more.
                return Err(Problem::new(Code::InvalidCredentials));
            }
        }
        Err(contended())
    }

    /// Opens the attempt and asks for a code. The account's guard comes first, so that nothing is
    /// sent and nothing can be guessed at that isn't counted.
    async fn ask(&self, open: &OpenAccount, key: DeviceKey) -> Result<Response, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let id = self.id.to_string();
        let (channels, left) = match self.note_attempt(open, key).await? {
            Ok(noted) => noted,
            // Nothing is sent and nothing is recorded.
            Err(paused) => return Ok(created(&locked(&id, paused, now))),
        };
        let decided = self.decide(open, key, Some(channels)).await?;
        let meta = self.call.meta("anonymous");
        let committed = api.parts().store.streams().commit_one(decided, &meta).await;
        let committed = committed.map_err(|error| of_store(&error))?;
        let Some((_, challenge)) = committed.state().pending() else {
            return Ok(created(&unreachable_owner(&id, &channels, now)));
        };
        let method = challenge.newest().method;
        let view = Awaited {
            id,
            challenge,
            ways: Ways::of(&left),
            claimable: policy::GUESSES_PER_ATTEMPT,
            email_hint: self.email_hint(open)?,
            delivery: just_asked(method, &channels),
            now,
        };
        Ok(created(&view.view()))
    }

    /// Counts the attempt and its first send among the account's. What comes back is what the send
    /// was chosen from, and what it left.
    async fn note_attempt(
        &self,
        open: &OpenAccount,
        key: DeviceKey,
    ) -> Result<Result<(Channels, Channels), Paused>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let (id, ends_at) = (self.id.to_string(), now + policy::ATTEMPT_LIFE);
        let guards = api.parts().store.guards();
        let noted = guards.update_guard(open.id, api.chance(), |guard: &mut AccountGuard| {
            // A call that is repeated may have come this far before.
            let is_known = guard.is_open(&id, now);
            if !is_known {
                guard.open_attempt(&id, key, now, ends_at)?;
            }
            let channels = Channels::of(open, key, guard, now);
            if !is_known {
                claim_first_send(guard, &channels, open.method, now)?;
            }
            Ok((channels, Channels::of(open, key, guard, now)))
        });
        match noted.await {
            Ok(noted) => Ok(Ok(noted.outcome)),
            Err(UpdateError::Refused(paused)) => Ok(Err(paused)),
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    async fn decide(
        &self,
        open: &OpenAccount,
        key: DeviceKey,
        channels: Option<Channels>,
    ) -> Result<Decided<SignIn>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let password = Box::new(RightPassword {
            id: self.id,
            account: open.clone(),
            channels,
            key,
            device: DeviceId::new(now, draw(api.chance())),
            session: SessionId::new(now, draw(api.chance())),
            platform: self.call.body.device.platform(),
            description: Personal::Clear(self.description.clone()),
            origin: Personal::Clear(origin(self.call.source, &self.call.place)),
            country: self.call.place.country.clone(),
            located_by: self.call.place.located_by.clone(),
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

    /// Records the day's first use of the device, then the sign-in, then the session: whoever dies
    /// in between leaves a device that was used and nothing that could be misused. `None`: the
    /// account changed meanwhile.
    async fn let_in(
        &self,
        account: StreamContext<Account>,
        key: DeviceKey,
    ) -> Result<Option<SessionView>, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let open = account.state().open().ok_or_else(|| Problem::new(Code::InvalidCredentials))?;
        let decided = self.decide(open, key, None).await?;
        let (attempted, completed) =
            admission(&decided).ok_or_else(|| Problem::new(Code::Crashed))?;
        let meta = self.call.meta(&completed.device.to_string());
        let (session, secret) = begin(
            api,
            &Beginning {
                account: attempted.account,
                key,
                trust_generation: attempted.inputs.trust_generation,
                completed: &completed,
                platform: attempted.platform,
                description: &attempted.description,
                origin: &attempted.origin,
                now,
            },
        );
        let answer = answer(api, &session, &secret, &self.call.caller.thumbprint, now)?;
        let store = &api.parts().store;
        if let Some(seen) = self.seen(account, &completed).await? {
            match store.streams().commit_one(seen, &meta).await {
                Ok(_) => {}
                Err(lost) if lost.is_race() => return Ok(None),
                Err(error) => return Err(of_store(&error)),
            }
        }
        store.streams().commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
        store.sessions().put(&session).await.map_err(|error| of_store(&error))?;
        Ok(Some(answer))
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
        let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        Ok(Some(decided).filter(|it| !it.is_empty()))
    }

    fn email_hint(&self, open: &OpenAccount) -> Result<String, Problem> {
        let opened = self.person.data_key.open(&open.email);
        let text = opened.map_err(|error| unavailable(&error))?;
        Ok(EmailAddress::parse(&text).map(|it| it.hint()).unwrap_or_default())
    }
}

/// Takes the first send from its budget, and from that of pushes where the devices are told of a code
/// that is mailed.
fn claim_first_send(
    guard: &mut AccountGuard,
    channels: &Channels,
    own: Method,
    now: Timestamp,
) -> Result<(), Paused> {
    let none_left = |it: Exhausted| Paused { until: Some(it.until) };
    let method = channels.chosen(own);
    if let Some(method) = method.filter(|it| channels.costs(*it)) {
        guard.claim_send(method, now).map_err(none_left)?;
    }
    if method == Some(Method::Email) && channels.tells_devices() {
        guard.claim_send(Method::App, now).map_err(none_left)?;
    }
    Ok(())
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

fn created(view: &Progress) -> Response {
    (StatusCode::CREATED, Json(view)).into_response()
}
