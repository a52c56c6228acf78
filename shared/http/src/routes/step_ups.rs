//! A session shows once more that its owner is there, before something sensitive.
//!
//! The password is asked for again. A device that has been trusted for a day needs nothing more; any
//! other needs a code by a channel that it isn't itself.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{AccountCommand, OpenAccount};
use postern_domain::budget::Exhausted;
use postern_domain::challenge::{Challenge, CodeRefusal, Guess};
use postern_domain::channels::Channels;
use postern_domain::codes::{Code as StepUpCode, digits_for};
use postern_domain::email::EmailAddress;
use postern_domain::guard::{AccountGuard, Claim, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Ending, Outcome, Verification, VerificationCommand, Way};
use postern_events::ids::VerificationId;
use postern_events::personal::Personal;
use postern_events::verification::{Opened, StepUpInputs};
use postern_events::vocabulary::{Method, Purpose};
use postern_store::guards::{Guarded, UpdateError};
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::sessions::Session;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Named;
use super::given::{origin, password};
use super::passwords::present;
use super::processes::{
    GUESSED, Guessed, Own, Recorded, incorrect, judged, new_id, recorded_before,
};
use super::sign_ins::material;
use super::still_in::still_in;
use super::tokens::scribe;
use crate::body::{Members, word_if_given};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_claim, of_code, of_execute, of_pause, of_store, of_together,
    of_verification, unavailable,
};
use crate::sessions::SignedIn;
use crate::view::{Awaited, Progress, Ways, complete, ended, just_asked, unreachable_owner};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepUp {
    /// The account's password.
    #[schema(format = Password, min_length = 1, max_length = 256)]
    password: String,
}
impl Members for StepUp {
    const REPEATABLE: bool = true;
}

pub(super) const CREATE: Described = Described::new(
    Tag::Security,
    "stepUp",
    "Show that the owner is there, before something sensitive",
)
.more(
    "On a device that has been trusted for 24 hours the password is enough. Any other needs a \
             code by a way that it isn't itself. Sensitive calls then pass for 5 minutes.",
)
.answers::<Progress>(StatusCode::CREATED, "The password was right; `status` says what follows.")
.refuses(&[Code::InvalidCredentials, Code::RateLimited, Code::TooManyAttempts]);

pub(super) async fn create(
    call: Call<SignedIn, StepUp>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let password = password(&call.body.password)?;
    let id = new_id(&call);
    if let Some(view) = before(id, &call).await? {
        return Ok((StatusCode::CREATED, Json(view)));
    }
    let presented = present(&call, password).await?;
    let open = still_in(&call.caller, presented.account.state(), call.now)?;
    let person = presented.person.as_ref().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let opening = Opening { call: &call, id, open, data_key: &person.data_key };
    let view = if call.caller.is_settled(call.now) {
        opening.at_once(&presented.account).await?
    } else {
        opening.ask().await?
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// What the same call has led to before, if to anything.
async fn before(
    id: VerificationId,
    call: &Call<SignedIn, StepUp>,
) -> Result<Option<Progress>, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(None) };
    for looked in 0.. {
        let found = look_for(id, call).await?;
        if found.is_some() || !repeat.waits(call.now, looked).await {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn look_for(
    id: VerificationId,
    call: &Call<SignedIn, StepUp>,
) -> Result<Option<Progress>, Problem> {
    let own = match Own::load(id, Purpose::StepUp, call).await {
        Ok(own) => own,
        Err(problem) if problem.code() == Code::NotFound => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let id = id.to_string();
    Ok(Some(match own.going_on() {
        Ok((_, challenge)) => {
            let guard = guard(call).await?;
            let channels = channels(&own, &guard.value)?;
            let delivery = just_asked(challenge.newest().method, &channels);
            let hint = email_hint(&own, call).await?;
            awaited(&own, challenge, &channels, &guard.value, hint, delivery)
        }
        Err(_) => match own.verification.state() {
            Verification::Closed { how: Ending::Complete { .. }, .. } => complete(&id, None),
            Verification::Closed { how: Ending::Locked, .. } => ended(&id, "locked"),
            Verification::Closed { .. } => ended(&id, "denied"),
            Verification::New | Verification::Opened(_) | Verification::CodeRequired(..) => {
                ended(&id, "expired")
            }
        },
    }))
}

/// A step-up behind the right password.
struct Opening<'a> {
    call: &'a Call<SignedIn, StepUp>,
    id: VerificationId,
    open: &'a OpenAccount,
    data_key: &'a DataKey,
}

impl Opening<'_> {
    /// The password was enough. The session is stepped up with the event that says so.
    async fn at_once(
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
    async fn ask(&self) -> Result<Progress, Problem> {
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

/// The session, with which sensitive calls pass for a while.
fn stepped_up(session: &Session, now: jiff::Timestamp) -> Session {
    Session { step_up_until: Some(now + policy::STEP_UP_LIFE), ..session.clone() }
}

fn hint(email: &str) -> String {
    EmailAddress::parse(email).map(|it| it.hint()).unwrap_or_default()
}

async fn email_hint<B>(own: &Own, call: &Call<SignedIn, B>) -> Result<String, Problem> {
    let open = own.open().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let person = call.api.parts().store.vault().load(open.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let email: String = person.data_key.open(&open.email).map_err(|error| unavailable(&error))?;
    Ok(hint(&email))
}

async fn guard<B>(call: &Call<SignedIn, B>) -> Result<Guarded<AccountGuard>, Problem> {
    let guards = call.api.parts().store.guards();
    guards.load_guard(call.caller.account.id).await.map_err(|error| of_store(&error))
}

fn channels(own: &Own, guard: &AccountGuard) -> Result<Channels, Problem> {
    let open = own.open().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    Ok(Channels::of_step_up(open, own.going.key, guard, own.going.now))
}

fn awaited(
    own: &Own,
    challenge: &Challenge,
    channels: &Channels,
    guard: &AccountGuard,
    email_hint: String,
    delivery: &'static str,
) -> Progress {
    let (id, now) = (own.id.to_string(), own.going.now);
    let claimable = guard.guesses_left(&id, now);
    let ways = Ways::of_step_up(channels);
    Awaited { id, challenge, ways, claimable, email_hint, delivery, now }.view()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resend)]
pub(super) struct ResendBody {
    /// How it is to travel: `app` or `email`; the same way as before where it isn't given.
    #[serde(default, deserialize_with = "word_if_given")]
    #[schema(value_type = Option<String>, pattern = "^(app|email)$")]
    method: Option<Method>,
}
impl Members for ResendBody {
    const OPTIONAL: bool = true;
}

pub(super) const RESEND: Described =
    Described::new(Tag::Security, "resendStepUpCode", "Send the code again, or the other way")
        .answers::<Progress>(StatusCode::ACCEPTED, "Another code is on its way; only it counts.")
        .refuses(&[
            Code::AttemptClosed,
            Code::ResendTooSoon,
            Code::TooManySends,
            Code::TooManyAttempts,
            Code::ChannelUnavailable,
        ]);

pub(super) async fn resend(
    id: Named<VerificationId>,
    call: Call<SignedIn, ResendBody>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = Own::load(id, Purpose::StepUp, &call).await?;
        if let Some(view) = send(&own, &call).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// The send and what it takes from the account's budget are one transaction. `None`: somebody else
/// was faster, decide again.
async fn send(own: &Own, call: &Call<SignedIn, ResendBody>) -> Result<Option<Progress>, Problem> {
    let (api, now, going) = (&call.api, call.now, own.going);
    own.going_on()?;
    let mut guard = guard(call).await?;
    if let Some(paused) = guard.value.paused(now).filter(|_| !call.caller.session.trusted) {
        return Err(of_pause(paused, now));
    }
    if guard.value.guesses_left(&own.id.to_string(), now) == 0 {
        return Err(of_code(CodeRefusal::Closed, now));
    }
    let channels = channels(own, &guard.value)?;
    let command = VerificationCommand::Resend {
        going,
        method: call.body.method,
        channels: Some(channels),
        material: material(api),
    };
    let decided = own.decide(api, command).await?;
    let going_on = decided.state().may_go_on(&going);
    let challenge = going_on.map_err(|it| of_verification(it, now))?.1.clone();
    let method = challenge.newest().method;
    if channels.costs(method) {
        let spent = |it: Exhausted| of_code(CodeRefusal::TooManySends { again_at: it.until }, now);
        guard.value.claim_send(method, now).map_err(spent)?;
    }
    let delivery = just_asked(method, &channels);
    let left = self::channels(own, &guard.value)?;
    let hint = email_hint(own, call).await?;
    let view = awaited(own, &challenge, &left, &guard.value, hint, delivery);
    let store = &api.parts().store;
    let meta = call.meta(&call.caller.actor());
    let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
    let counted = store.guards().guard_put(call.caller.account.id, &guard);
    let extras = vec![counted.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(Some(view)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}

pub(super) const VERIFY: Described =
    Described::new(Tag::Security, "completeStepUp", "Give the code, and let sensitive calls pass")
        .answers::<Progress>(StatusCode::OK, "Sensitive calls pass for 5 minutes.")
        .refuses(GUESSED);

/// Claim, compare, append, as for a sign-in.
pub(super) async fn verify(
    id: Named<VerificationId>,
    call: Call<SignedIn, Guessed>,
) -> Result<Json<Progress>, Problem> {
    let digits = digits_for(Purpose::StepUp);
    let code = StepUpCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut own = Own::load(id, Purpose::StepUp, &call).await?;
    match recorded_before(&own, &call).await? {
        Some(Recorded::Right) => return Ok(Json(complete(&id.to_string(), None))),
        Some(Recorded::Wrong { attempts_left }) => return Err(incorrect(attempts_left)),
        None => {}
    }
    own.may_guess()?;
    let claim = claim(&own, &call).await?;
    for lost in 0..DECISIONS {
        still_in(&call.caller, own.account.state(), call.now)?;
        let outcome = Outcome::Session(call.caller.session.id);
        let (going, guess) = (own.going, guess.clone());
        let command = VerificationCommand::Verify { going, guess, never: false, outcome };
        let decided = own.decide(&call.api, command).await?;
        let done = match judged(&decided) {
            Some(Recorded::Wrong { attempts_left }) => {
                let left = attempts_left.min(claim.left);
                reject(&own, &call, decided, claim, left).await?;
                false
            }
            Some(Recorded::Right) => step_up(&own, &call, decided).await?,
            None => return Err(Problem::new(Code::AttemptClosed)),
        };
        if done {
            return Ok(Json(complete(&id.to_string(), None)));
        }
        wait(call.api.chance(), lost).await;
        own = Own::load(id, Purpose::StepUp, &call).await?;
        own.may_guess()?;
        if !guard(&call).await?.value.is_open(&id.to_string(), call.now) {
            // Denied, or entered elsewhere, in this very moment.
            return Err(Problem::new(Code::AttemptClosed));
        }
    }
    Err(contended())
}

async fn claim(own: &Own, call: &Call<SignedIn, Guessed>) -> Result<Claim, Problem> {
    let (guards, id) = (call.api.parts().store.guards(), own.id.to_string());
    let (trusted, mark) = (call.caller.session.trusted, call.claim_mark());
    let claimed = guards
        .update_guard(call.caller.account.id, call.api.chance(), |guard: &mut AccountGuard| {
            guard.claim_step_up_guess(&id, trusted, mark, call.now)
        })
        .await;
    match claimed {
        Ok(updated) => Ok(updated.outcome),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, call.now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Records a wrong guess, and the pause that it brings about, and says so; returns where somebody
/// else was faster.
async fn reject(
    own: &Own,
    call: &Call<SignedIn, Guessed>,
    decided: Decided<Verification>,
    claim: Claim,
    attempts_left: u8,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let streams = api.parts().store.streams();
    let meta = call.meta(&call.caller.actor());
    let of_store = |error| of_store(&error);
    let mut staged = vec![decided.stage(&meta).map_err(of_store)?];
    if let Some(Paused { until }) = claim.pause {
        let wrong_in_a_row = claim.wrong_in_a_row;
        let command = AccountCommand::PauseCodeEntry { wrong_in_a_row, until };
        let paused = streams.decide(own.account.clone(), command, &scribe(api, now)).await;
        let paused = paused.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        staged.push(paused.stage(&meta).map_err(of_store)?);
    }
    match streams.commit_together(&staged, Vec::new(), draw(api.chance())).await {
        Ok(()) => Err(incorrect(attempts_left)),
        Err(error) if error.is_race() => Ok(()),
        Err(error) => Err(of_together(&error)),
    }
}

/// Code verified, count cleared, session stepped up: all or nothing. `false`: somebody else was
/// faster, decide again.
async fn step_up(
    own: &Own,
    call: &Call<SignedIn, Guessed>,
    decided: Decided<Verification>,
) -> Result<bool, Problem> {
    let (api, session) = (&call.api, &call.caller.session);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let mut guard = guard(call).await?;
    guard.value.verified(&own.id.to_string());
    let staged = [decided.stage(&call.meta(&call.caller.actor())).map_err(of_store)?];
    let extras = vec![
        store.guards().guard_put(call.caller.account.id, &guard).map_err(of_store)?,
        store.sessions().replace_extra(&stepped_up(session, call.now)).map_err(of_store)?,
        store.streams().unchanged(&own.account).map_err(of_store)?,
    ];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
