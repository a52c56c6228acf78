//! "It wasn't me", said through a mail: the whole job is done.
//!
//! Whoever has the mail may say so, and nobody else: the token stands in nothing but the mail. It
//! ends what was going on, puts out whoever got in, and asks for a new password; it can't let anybody
//! in. Looking at the page does nothing.

mod acts;

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand, OpenAccount, Report};
use postern_domain::ports::draw;
use postern_domain::report::{ReportToken, Reported};
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_domain::verification::{Verification, VerificationCommand};
use postern_events::ids::{AccountId, EventId};
use postern_store::Extra;
use postern_store::guards::Guarded;
use postern_store::sessions::Session;
use postern_store::streams::{DECISIONS, Staged, wait};
use postern_store::vault::RecoverySet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::acts::{Act, Beyond, act};
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::body::Members;
use crate::call::{Anyone, Call};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_execute, of_sign_in, of_store, of_together, of_verification,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecurityReport)]
pub(super) struct Said {
    /// What the mail's link carries behind `#`.
    #[schema(max_length = 256)]
    token: String,
}
impl Members for Said {}

/// What a report has come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecurityReportDone)]
pub(super) struct Done {
    /// `reported`.
    status: &'static str,
    /// What to do now: `change_password`, `contact_support`, or nothing.
    next: Option<&'static str>,
}

/// What the owner does now, if anything.
struct Next(Option<&'static str>);

/// Sessions that end in the same transaction; DynamoDB takes a hundred writes.
const ENDED_AT_ONCE: usize = 80;

pub(super) const CREATE: Described = Described::new(
    Tag::Security,
    "reportSecurity",
    "Say that what a mail is about was not you",
)
.more(
    "The attempt is over, whoever it let in is out, and a new password is asked for. A token \
             works once, within 7 days.",
)
.answers::<Done>(StatusCode::OK, "All of it is done.")
.refuses(&[Code::InvalidToken, Code::TokenExpired, Code::AttemptClosed]);

pub(super) async fn create(call: Call<Anyone, Said>) -> Result<Json<Done>, Problem> {
    let invalid = || Problem::new(Code::InvalidToken);
    let token: ReportToken = call.body.token.parse().map_err(|_| invalid())?;
    let account = whose(&call, token.about).await?.ok_or_else(invalid)?;
    let genuine = token.is_genuine(&call.api.parts().code_keys, account);
    // A key that is not there any more signed it too long ago, or never.
    if !genuine.unwrap_or(false) {
        return Err(invalid());
    }
    if token.has_expired(call.now) {
        return Err(Problem::new(Code::TokenExpired));
    }
    let guards = call.api.parts().store.guards();
    for lost in 0..DECISIONS {
        if guards.report_used(token.event).await.map_err(|error| of_store(&error))? {
            return Err(Problem::new(Code::AttemptClosed));
        }
        let act = act(&call, &token).await?.ok_or_else(invalid)?;
        if let Some(next) = Box::pin(undo(&call, &token, account, &act)).await? {
            return Ok(Json(Done { status: "reported", next: next.0 }));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// The account that a report is about.
async fn whose(call: &Call<Anyone, Said>, about: Reported) -> Result<Option<AccountId>, Problem> {
    let streams = call.api.parts().store.streams();
    let of_store = |error| of_store(&error);
    Ok(match about {
        Reported::SignIn(id) => {
            let sign_in = streams.load::<SignIn>(id).await.map_err(of_store)?;
            sign_in.state().whose().map(|(account, _)| account)
        }
        Reported::Verification(id) => {
            let verification = streams.load::<Verification>(id).await.map_err(of_store)?;
            verification.state().whose().map(|(account, _)| account)
        }
        Reported::Account(id) => Some(id),
    })
}

/// Ends the attempt, puts out the device, marks the password, and uses the token up: all or nothing.
/// Comes back with what the owner does now, which is nothing where the account is no more. `None`:
/// somebody else was faster, decide again.
async fn undo(
    call: &Call<Anyone, Said>,
    token: &ReportToken,
    account: AccountId,
    act: &Act,
) -> Result<Option<Next>, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let meta = call.meta("report");
    let of_store = |error| of_store(&error);
    let mut staged = Vec::new();
    staged.extend(close(call, token).await?);
    let used = store.guards().report_use(token.event, token.expires_at()).map_err(of_store)?;
    let mut extras = vec![used];
    let context = store.streams().load::<Account>(account).await.map_err(of_store)?;
    // A mail to an address that the account has left since ends what it was about, and no more: whoever
    // holds that mailbox need not be the owner.
    let current = |it: &OpenAccount| token.event.time() >= it.email_since;
    let exists = context.state().open().is_some();
    if context.state().open().is_some_and(current) {
        let command = AccountCommand::Report(Report {
            asked_by: token.event,
            stream: token.about.stream(),
            at: act.at,
            device: act.device,
            key: act.key,
            knew_password: act.knew_password,
            turned_off: act.beyond == Beyond::TurnedOff,
        });
        let decided = store.streams().decide(context, command, &scribe(api, now)).await;
        let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        staged.push(decided.stage(&meta).map_err(of_store)?);
        extras.extend(end_sessions(call, account, act).await?);
        if act.beyond == Beyond::RecoveryCodes {
            extras.extend(forget_recovery_codes(call, account, token.event).await?);
        }
    }
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => {
            tell_attempts(api, account, &meta, now).await;
            Ok(Some(Next(act.next().filter(|_| exists))))
        }
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}

/// The end of the attempt or process, if it is still open.
async fn close(call: &Call<Anyone, Said>, token: &ReportToken) -> Result<Option<Staged>, Problem> {
    let (api, now, asked_by) = (&call.api, call.now, token.event);
    let streams = api.parts().store.streams();
    let meta = call.meta("report");
    let of_store = |error| of_store(&error);
    match token.about {
        Reported::SignIn(id) => {
            let context = streams.load::<SignIn>(id).await.map_err(of_store)?;
            let command = SignInCommand::Report { asked_by };
            let decided = streams.decide(context, command, &scribe(api, now)).await;
            let decided = decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
            decided.stage(&meta).map_err(of_store).map(Some)
        }
        Reported::Verification(id) => {
            let context = streams.load::<Verification>(id).await.map_err(of_store)?;
            let command = VerificationCommand::Report { asked_by };
            let decided = streams.decide(context, command, &scribe(api, now)).await;
            let decided =
                decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
            decided.stage(&meta).map_err(of_store).map(Some)
        }
        Reported::Account(_) => Ok(None),
    }
}

/// The sessions of the device that is put out, also those that it got without being trusted.
async fn end_sessions(
    call: &Call<Anyone, Said>,
    account: AccountId,
    act: &Act,
) -> Result<Vec<Extra>, Problem> {
    let sessions = call.api.parts().store.sessions();
    let all = sessions.of_account(account, call.now).await.map_err(|error| of_store(&error))?;
    let named = |it: &&Session| Some(it.device) == act.device;
    let key = act.key.or_else(|| all.iter().find(named).map(|it| it.key));
    let ended = all.iter().filter(|it| named(it) || Some(it.key) == key);
    ended
        .take(ENDED_AT_ONCE)
        .map(|it| sessions.delete_extra(account, it.id).map_err(|error| of_store(&error)))
        .collect()
}

/// A set that somebody else has made lets nobody in.
async fn forget_recovery_codes(
    call: &Call<Anyone, Said>,
    account: AccountId,
    made_by: EventId,
) -> Result<Option<Extra>, Problem> {
    let vault = call.api.parts().store.vault();
    let codes = vault.recovery_codes(account).await.map_err(|error| of_store(&error))?;
    // A newer set is another matter.
    let Some(codes) = codes.filter(|it| it.value.made_by == Some(made_by)) else { return Ok(None) };
    let none = Guarded { value: RecoverySet::default(), ..codes };
    vault.recovery_put(account, &none).map(Some).map_err(|error| of_store(&error))
}
