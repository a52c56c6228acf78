//! The account as its owner sees it.

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, OpenAccount};
use postern_domain::text;
use postern_events::ids::AccountId;
use postern_events::vocabulary::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tokens::scribe;
use crate::body::{Members, Nothing};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{of_account, of_execute, of_store, unavailable};
use crate::sessions::SignedIn;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountView {
    /// Its identifier, the same for ever.
    #[schema(value_type = String, pattern = "^acc_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: AccountId,
    /// Its e-mail address, as its owner spelled it.
    email: String,
    /// Always: an account begins with a proven address, and moves only to another one.
    email_verified: bool,
    /// Whether mail to the address arrives, as far as is known; codes avoid it where it doesn't.
    email_deliverable: bool,
    /// The language of mails and answers, as a tag (BCP 47).
    locale: String,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// How its second step is set.
    two_step: TwoStep,
}

/// How an account's second step is set.
#[derive(Debug, Serialize, ToSchema)]
struct TwoStep {
    /// Whether new devices need a code.
    enabled: bool,
    /// How a code travels, if it can be helped: `app` or `email`.
    #[schema(value_type = String)]
    method: Method,
}

pub(super) const SHOW: Described = Described::new(Tag::Account, "getAccount", "See the account")
    .answers::<AccountView>(StatusCode::OK, "The account.");

pub(super) async fn show(call: Call<SignedIn, Nothing>) -> Result<Json<AccountView>, Problem> {
    view(&call, &call.caller.account).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange)]
pub(super) struct Chosen {
    /// The language to be spoken from now on, as a tag (BCP 47).
    #[schema(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 35)]
    locale: String,
}
impl Members for Chosen {}

pub(super) const CHANGE: Described =
    Described::new(Tag::Account, "changeAccount", "Choose the language of mails and answers")
        .answers::<AccountView>(StatusCode::OK, "The account, as it is now.");

pub(super) async fn change(call: Call<SignedIn, Chosen>) -> Result<Json<AccountView>, Problem> {
    let locale = text::locale(&call.body.locale)
        .map_err(|bad| Problem::invalid("/locale", bad.to_string()))?;
    let (now, by) = (call.now, call.caller.session.device);
    let streams = call.api.parts().store.streams();
    let chosen = streams
        .execute::<Account>(
            call.caller.account.id,
            || AccountCommand::ChooseLocale { locale: locale.clone(), by },
            || scribe(&call.api, now),
            &call.meta(&call.caller.actor()),
        )
        .await
        .map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let account = chosen.state().open().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    view(&call, account).await
}

async fn view<B>(
    call: &Call<SignedIn, B>,
    account: &OpenAccount,
) -> Result<Json<AccountView>, Problem> {
    let person = call.api.parts().store.vault().load(account.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let email = person.data_key.open(&account.email).map_err(|error| unavailable(&error))?;
    Ok(Json(AccountView {
        id: account.id,
        email,
        email_verified: true,
        email_deliverable: !account.email_undeliverable,
        locale: account.locale.clone(),
        created_at: account.created_at,
        two_step: TwoStep { enabled: account.two_step, method: account.method },
    }))
}
