//! Login security: the second step, its method, and what would make the account safer.

mod advice;
mod settling;

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::OpenAccount;
use postern_domain::channels::Channels;
use postern_domain::guard::AccountGuard;
use postern_events::vocabulary::Method;
use postern_store::guards::Guarded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::advice::{Advice, Facts};
use crate::body::{Members, Nothing, word_if_given};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
use crate::sessions::SignedIn;
use crate::view::{UnavailableMethod, tell_unavailable, unavailable};

/// How an account's sign-ins are secured.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginSecurity {
    /// Whether new devices need a code.
    two_step_enabled: bool,
    /// How a code travels, if it can be helped: `app` or `email`.
    #[schema(value_type = String)]
    method: Method,
    /// The ways that a code can be asked for by now, for a new device or a sensitive call of this one.
    #[schema(value_type = Vec<String>)]
    available_methods: Vec<Method>,
    /// The other ways, each with the reason; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    unavailable_methods: Vec<UnavailableMethod>,
    /// Recovery codes that are not used yet.
    recovery_codes_left: usize,
    /// What the owner can do, the most pressing first.
    advice: Vec<Advice>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginSecurityChange)]
pub(super) struct Wishes {
    /// Whether new devices need a code.
    two_step_enabled: Option<bool>,
    /// How a code travels, if it can be helped: `app` or `email`.
    #[serde(default, deserialize_with = "word_if_given")]
    #[schema(value_type = Option<String>, pattern = "^(app|email)$")]
    method: Option<Method>,
}
impl Members for Wishes {
    const OPTIONAL: bool = true;
}

pub(super) const SHOW: Described = Described::new(
    Tag::Security,
    "getLoginSecurity",
    "See how sign-ins are secured, and what would help",
)
.answers::<LoginSecurity>(StatusCode::OK, "How the account's sign-ins are secured.");

pub(super) async fn show(call: Call<SignedIn, Nothing>) -> Result<Json<LoginSecurity>, Problem> {
    let guard = guard(&call).await?;
    view(&call, &call.caller.account, &guard.value).await
}

pub(super) const CHANGE: Described = Described::new(
    Tag::Security,
    "changeLoginSecurity",
    "Turn two-step verification on or off, or choose its method",
)
.more("Behind a step-up. All of it is done, or nothing.")
.answers::<LoginSecurity>(StatusCode::OK, "How the account's sign-ins are secured now.")
.refuses(&[Code::StepUpRequired, Code::WeakPassword, Code::ChannelUnavailable]);

pub(super) async fn change(call: Call<SignedIn, Wishes>) -> Result<Json<LoginSecurity>, Problem> {
    let account = settling::settle(&call).await?;
    let guard = guard(&call).await?;
    view(&call, &account, &guard.value).await
}

/// What the account's guard has counted.
async fn guard<B>(call: &Call<SignedIn, B>) -> Result<Guarded<AccountGuard>, Problem> {
    let guards = call.api.parts().store.guards();
    guards.load_guard(call.caller.account.id).await.map_err(|error| of_store(&error))
}

async fn view<B>(
    call: &Call<SignedIn, B>,
    account: &OpenAccount,
    guard: &AccountGuard,
) -> Result<Json<LoginSecurity>, Problem> {
    let (now, parts) = (call.now, call.api.parts());
    let channels = Channels::of(account, call.caller.session.key, guard, now);
    let codes = parts.store.vault().recovery_codes(account.id).await;
    let codes = codes.map_err(|error| of_store(&error))?;
    let recovery_codes_left = codes.map_or(0, |it| it.value.left());
    let unavailable = unavailable(&channels).into_iter();
    let facts = Facts::of(account, &channels, recovery_codes_left);
    Ok(Json(LoginSecurity {
        two_step_enabled: account.two_step,
        method: account.method,
        available_methods: channels.available(),
        unavailable_methods: unavailable
            .map(|(method, why)| tell_unavailable(method, why, now))
            .collect(),
        recovery_codes_left,
        advice: facts.advice(&parts.words, &account.locale),
    }))
}
