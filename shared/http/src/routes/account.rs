//! The account as its owner sees it.

use axum::Json;
use serde_json::{Value, json};

use crate::body::Nothing;
use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::{of_store, unavailable};
use crate::sessions::SignedIn;

pub(super) async fn show(call: Call<SignedIn, Nothing>) -> Result<Json<Value>, Problem> {
    let account = &call.caller.account;
    let person = call.api.parts().store.vault().load(account.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let email = person.data_key.open(&account.email).map_err(|error| unavailable(&error))?;
    Ok(Json(json!({
        "id": account.id,
        "email": email,
        "email_verified": true,
        "locale": account.locale,
        "created_at": account.created_at.to_string(),
        "two_step": { "enabled": account.two_step, "method": account.method },
    })))
}
