//! A trusted device, called otherwise.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::draw;
use postern_domain::text::device_name;
use postern_events::account::AccountEvent;
use postern_events::ids::DeviceId;
use postern_events::personal::Personal;
use postern_events::vocabulary::DeviceDescription;
use postern_store::model::Scribe;
use postern_store::streams::{DECISIONS, Decided, wait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Named;
use super::super::still_in::still_in;
use super::super::tokens::scribe;
use super::shown::{DeviceView, Known, is_alive_untrusted};
use crate::body::Members;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceChange)]
pub(in crate::routes) struct NewName {
    /// What the device is called from now on: 1 to 40 graphemes on one line.
    #[schema(min_length = 1, max_length = 1_024)]
    name: String,
}
impl Members for NewName {}

pub(in crate::routes) const RENAME: Described =
    Described::new(Tag::Devices, "renameDevice", "Call a trusted device otherwise")
        .answers::<DeviceView>(StatusCode::OK, "The device, as it is called now.")
        .refuses(&[Code::DeviceTooNew]);

pub(in crate::routes) async fn rename(
    id: Named<DeviceId>,
    call: Call<SignedIn, NewName>,
) -> Result<Json<DeviceView>, Problem> {
    let name =
        device_name(&call.body.name).map_err(|bad| Problem::invalid("/name", bad.to_string()))?;
    let device = id.known()?;
    for lost in 0..DECISIONS {
        if let Some(view) = give(&call, device, &name).await? {
            return Ok(Json(view));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// The event, and the name where the owner's list finds it at once. `None`: somebody else was
/// faster, decide again.
async fn give(
    call: &Call<SignedIn, NewName>,
    device: DeviceId,
    name: &str,
) -> Result<Option<DeviceView>, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let (id, store) = (caller.account.id, &api.parts().store);
    let context = store.streams().load::<Account>(id).await.map_err(|error| of_store(&error))?;
    let account = still_in(caller, context.state(), now)?.clone();
    let mut known = Known::load(api, id, now).await?;
    if account.device(device, now).is_none() {
        let mut sessions = known.sessions.iter();
        // It has no name to keep: when it is trusted, its app gives one.
        let untrusted = sessions.any(|it| it.device == device && is_alive_untrusted(caller, it));
        let code = if untrusted { Code::DeviceTooNew } else { Code::NotFound };
        return Err(Problem::new(code));
    }
    let description = known.description(device).and_then(|it| known.person.data_key.open(it).ok());
    let description = renamed(description, name);
    let command = AccountCommand::RenameDevice {
        device,
        description: Personal::Clear(description),
        acting: caller.acting(now),
    };
    let writer = Scribe { data_key: Some(known.person.data_key.clone()), ..scribe(api, now) };
    let decided = store.streams().decide(context, command, &writer).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let sealed = sealed_in(&decided).ok_or_else(|| Problem::new(Code::Crashed))?;
    let named = store.vault().device_name_put(id, device, &sealed);
    let extras = vec![named.map_err(|error| of_store(&error))?];
    let staged = decided.stage(&call.meta(&caller.actor()));
    let staged = [staged.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => {
            known.names.insert(device, sealed);
            let mut devices = known.devices(caller, &account, now).into_iter();
            let view = devices.find(|it| it.id == device);
            view.map(Some).ok_or_else(|| Problem::new(Code::Crashed))
        }
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}

/// The description with the new name. What the device is stays; where that can't be read any more,
/// nothing is made up.
fn renamed(description: Option<DeviceDescription>, name: &str) -> DeviceDescription {
    let (model, os_version) =
        description.map_or_else(Default::default, |it| (it.model, it.os_version));
    DeviceDescription { name: name.to_owned(), model, os_version }
}

/// The description as it was sealed for the event.
fn sealed_in(decided: &Decided<Account>) -> Option<Personal<DeviceDescription>> {
    decided.events().iter().find_map(|recorded| {
        if let AccountEvent::DeviceRenamed(it) = &recorded.event {
            Some(it.description.clone())
        } else {
            None
        }
    })
}
