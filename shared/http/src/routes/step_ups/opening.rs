//! The beginning of a step-up, behind the right password.

use postern_domain::account::OpenAccount;
use postern_domain::budget::Exhausted;
use postern_domain::channels::Channels;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Verification, VerificationCommand, Way};
use postern_events::ids::VerificationId;
use postern_events::personal::Personal;
use postern_events::verification::{Opened, StepUpInputs};
use postern_events::vocabulary::Purpose;
use postern_store::guards::UpdateError;
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::streams::{Decided, StreamContext};

use super::super::given::origin;
use super::super::sign_ins::material;
use super::super::tokens::scribe;
use super::{StepUp, hint, stepped_up};
use crate::call::Call;
use crate::problem::Problem;
use crate::refusal::{of_execute, of_pause, of_store, of_together, of_verification, unavailable};
use crate::sessions::SignedIn;
use crate::view::{Awaited, Progress, Ways, complete, just_asked, unreachable_owner};

/// A step-up behind the right password.
pub(super) struct Opening<'a> {
    pub(super) call: &'a Call<SignedIn, StepUp>,
    pub(super) id: VerificationId,
    pub(super) open: &'a OpenAccount,
    pub(super) data_key: &'a DataKey,
}

impl Opening<'_> {
    /// The password was enough. The session is stepped up with the event that says so.
    pub(super) async fn at_once(
        &self,
        account: &StreamContext<postern_domain::account::Account>,
    ) -> Result<Progress, Problem> {
        let api = &self.call.api;
        let session = &self.call.caller.session;
        let decided = self.decide(Way::AtOnce(session.id), None).await?;
        let meta = self.call.meta(&self.call.caller.actor());
        let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
        let store = &api.parts().store;
        let stepped_up = store.sessions().replace_extra(&stepped_up(session, self.call.now));
        let extras = vec![
            stepped_up.map_err(|error| of_store(&error))?,
            store.streams().unchanged(account).map_err(|error| of_store(&error))?,
        ];
        let streams = store.streams();
        let together = streams.commit_together(&staged, extras, draw(api.chance()));
        together.await.map_err(|error| of_together(&error))?;
        Ok(complete(&self.id.to_string(), None))
    }

    /// A code is needed. The account's guard comes first, so that nothing is sent and nothing can be
    /// guessed at that isn't counted.
    pub(super) async fn ask(&self) -> Result<Progress, Problem> {
        let (api, now) = (&self.call.api, self.call.now);
        let (chosen, guard) = self.note().await?;
        let channels = Channels::of_step_up(self.open, self.call.caller.session.key, &guard, now);
        let way = chosen.chosen(self.open.method).map_or(Way::Nowhere, Way::Code);
        let decided = self.decide(way, Some(chosen)).await?;
        let meta = self.call.meta(&self.call.caller.actor());
        let committed = api.parts().store.streams().commit_one(decided, &meta).await;
        let committed = committed.map_err(|error| of_store(&error))?;
        let Verification::CodeRequired(_, challenge) = committed.state() else {
            return Ok(unreachable_owner(&self.id.to_string(), &chosen, now));
        };
        let email: String =
            self.data_key.open(&self.open.email).map_err(|error| unavailable(&error))?;
        Ok(Awaited {
            id: self.id.to_string(),
            challenge,
            ways: Ways::of_step_up(&channels),
            claimable: policy::GUESSES_PER_ATTEMPT,
            email_hint: hint(&email),
            delivery: just_asked(challenge.newest().method, &chosen),
            now,
        }
        .view())
    }

    /// Lets the code be guessed at, and takes its first send from the budget. What comes back is
    /// what the send was chosen from, and the guard as it is then.
    async fn note(&self) -> Result<(Channels, AccountGuard), Problem> {
        let (api, now, caller) = (&self.call.api, self.call.now, &self.call.caller);
        let (id, ends_at) = (self.id.to_string(), self.id.time() + policy::ATTEMPT_LIFE);
        let (open, key, trusted) = (self.open, caller.session.key, caller.session.trusted);
        let guards = api.parts().store.guards();
        let noted = guards.update_guard(open.id, api.chance(), |guard: &mut AccountGuard| {
            if let Some(paused) = guard.paused(now).filter(|_| !trusted) {
                return Err(paused);
            }
            let channels = Channels::of_step_up(open, key, guard, now);
            // A call that is repeated may have come this far before.
            if !guard.is_open(&id, now) {
                guard.open_step_up(&id, key, now, ends_at)?;
                let method = channels.chosen(open.method).filter(|it| channels.costs(*it));
                if let Some(method) = method {
                    let none_left = |it: Exhausted| Paused { until: Some(it.until) };
                    guard.claim_send(method, now).map_err(none_left)?;
                }
            }
            Ok((channels, guard.clone()))
        });
        match noted.await {
            Ok(noted) => Ok(noted.outcome),
            Err(UpdateError::Refused(paused)) => Err(of_pause(paused, now)),
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    async fn decide(
        &self,
        way: Way,
        channels: Option<Channels>,
    ) -> Result<Decided<Verification>, Problem> {
        let (api, now, session) = (&self.call.api, self.call.now, &self.call.caller.session);
        let opened = Box::new(Opened {
            verification: self.id,
            purpose: Purpose::StepUp,
            account: self.open.id,
            taken_by: None,
            key: session.key,
            device: session.device,
            platform: session.platform,
            description: session.description.clone(),
            origin: Personal::Clear(origin(self.call.source, &self.call.place)),
            country: self.call.place.country.clone(),
            located_by: self.call.place.located_by.clone(),
            email: self.open.email.clone(),
            address_key: self.open.address_key,
            locale: self.open.locale.clone(),
            attempt_generation: Some(self.open.attempt_generation),
            session: Some(session.id),
            inputs: Some(StepUpInputs {
                settled: channels.is_none(),
                method: self.open.method,
                reachable: channels.map(|it| it.available()).unwrap_or_default(),
                pushable: channels.map_or(0, |it| u8::try_from(it.pushable).unwrap_or(u8::MAX)),
            }),
            policy: policy::VERSION,
        });
        let command = VerificationCommand::Open { opened, way, material: material(api), now };
        let writer = Scribe { data_key: Some(self.data_key.clone()), ..scribe(api, now) };
        let context = StreamContext::<Verification>::new(self.id);
        let decided = api.parts().store.streams().decide(context, command, &writer).await;
        decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))
    }
}
