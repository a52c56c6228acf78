//! Asking for help: signed in, or by the address of an account that one can't get into.
//!
//! Whether an address has an account shows nowhere in the answer: the same reads, the same writes,
//! and the same places to upload to, which nobody looks into where it has none. A request says how its author was known, so that
//! whoever reads it takes it for no proof of anything.

mod about;
mod plea;

use axum::Json;
use axum::http::StatusCode;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::support::{Support, SupportCommand, SupportRefusal};
use postern_events::ids::{AccountId, SupportId};
use postern_events::personal::Personal;
use postern_events::support::Requested;
use postern_events::vocabulary::DeviceDescription;
use postern_store::model::Scribe;
use postern_store::streams::StreamContext;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::about::{About, Author};
use self::plea::{File, GivenFile, Told};
use super::given::{GivenDevice, origin};
use super::tokens::scribe;
use crate::app_version::{AppVersion, NotAVersion};
use crate::body::{Members, object};
use crate::call::{Call, MaybeSignedIn};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_execute, of_store, unavailable};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SupportRequest)]
pub(super) struct Help {
    /// What the trouble is.
    #[schema(min_length = 1, max_length = 3_000)]
    message: String,
    /// The version of the app: two to four numbers.
    #[schema(pattern = "^[0-9]{1,9}(\\.[0-9]{1,9}){1,3}$")]
    app_version: String,
    /// The device that it runs on.
    #[serde(deserialize_with = "object")]
    device: GivenDevice,
    /// Photos that are uploaded afterwards.
    #[schema(value_type = Option<Vec<File>>, max_items = 5)]
    attachments: Option<Vec<GivenFile>>,
    /// The account's address, from somebody who isn't signed in.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
}
impl Members for Help {
    const REPEATABLE: bool = true;
}

/// A request that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SupportRequestTaken)]
pub(super) struct Taken {
    /// Its name.
    #[schema(value_type = String, pattern = "^sup_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: SupportId,
    /// Where its files go, in the order of the attachments.
    uploads: Vec<Upload>,
}

/// Where a file goes, by a PUT of exactly this type and size.
#[derive(Debug, Serialize, ToSchema)]
struct Upload {
    /// What its author calls it.
    name: String,
    /// The address to PUT to.
    #[schema(format = "uri")]
    url: String,
    /// The `Content-Type` to PUT with.
    content_type: &'static str,
    /// The bytes to PUT.
    size: u64,
    /// Seconds within which that has to begin.
    expires_in: i64,
}

pub(super) const CREATE: Described =
    Described::new(Tag::Support, "requestSupport", "Ask people for help")
        .more("Signed in, or with the `email` of an account that one can't get into.")
        .answers::<Taken>(StatusCode::CREATED, "Taken. Each file goes to its address by a PUT.");

pub(super) async fn create(
    call: Call<MaybeSignedIn, Help>,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    let asked = Asked::read(&call)?;
    let id = match &call.repeat {
        Some(repeat) => SupportId::derived(repeat.at, &repeat.seed()),
        None => SupportId::new(call.now, draw(call.api.chance())),
    };
    let is_repeat = call.repeat.as_ref().is_some_and(|it| it.is_repeat);
    let is_done = is_repeat && is_taken(&call, id).await?;
    if !is_done {
        asked.about.count(&call).await?;
    }
    let author = asked.about.author(&call).await?;
    // Before the request is recorded: whoever can't be told where to upload to asks again.
    let uploads = uploads(&call, asked.about.folder(), id, &asked.told).await?;
    if !is_done {
        record(&call, id, &author, &asked).await?;
    }
    Ok((StatusCode::CREATED, Json(Taken { id, uploads })))
}

/// What is asked, parsed.
struct Asked {
    about: About,
    told: Told,
    app_version: AppVersion,
    description: DeviceDescription,
}

impl Asked {
    fn read(call: &Call<MaybeSignedIn, Help>) -> Result<Self, Problem> {
        let Help { message, app_version, device, attachments, email } = &call.body;
        let version = |bad: NotAVersion| Problem::invalid("/app_version", bad.to_string());
        Ok(Self {
            about: About::of(&call.api, &call.caller, email.as_deref())?,
            told: Told::read(message, attachments.as_deref().unwrap_or_default())?,
            app_version: app_version.parse().map_err(version)?,
            description: device.description()?,
        })
    }
}

/// Whether a request of this name was taken.
async fn is_taken(call: &Call<MaybeSignedIn, Help>, id: SupportId) -> Result<bool, Problem> {
    let loaded = call.api.parts().store.streams().load::<Support>(id).await;
    Ok(*loaded.map_err(|error| of_store(&error))?.state() == Support::Requested)
}

async fn uploads(
    call: &Call<MaybeSignedIn, Help>,
    folder: AccountId,
    id: SupportId,
    told: &Told,
) -> Result<Vec<Upload>, Problem> {
    let mut uploads = Vec::new();
    for (number, file) in told.files.iter().enumerate() {
        let (content_type, size) = (file.content_type, file.size);
        let granted =
            call.api.parts().uploads.grant(folder, id, number, content_type, size, call.now);
        uploads.push(Upload {
            name: file.name.clone(),
            url: granted.await.map_err(|error| unavailable(&error))?,
            content_type,
            size,
            expires_in: policy::UPLOAD_LIFE.as_secs(),
        });
    }
    Ok(uploads)
}

/// One commit, with something personal in it only where there is an account that it is about.
async fn record(
    call: &Call<MaybeSignedIn, Help>,
    id: SupportId,
    author: &Author,
    asked: &Asked,
) -> Result<(), Problem> {
    let (api, now, place) = (&call.api, call.now, &call.place);
    let known = author.known.as_ref();
    let requested = Requested {
        request: id,
        account: known.map(|it| it.account),
        by: author.device,
        plea: known.map(|_| Personal::Clear(asked.told.plea())),
        app_version: asked.app_version.to_string(),
        platform: call.body.device.platform(),
        description: known.map(|_| Personal::Clear(asked.description.clone())),
        origin: known.map(|_| Personal::Clear(origin(call.source, place))),
        country: place.country.clone(),
        located_by: place.located_by.clone(),
        attachments: asked.told.attachments(),
        policy: policy::VERSION,
    };
    let command = SupportCommand::Request(Box::new(requested));
    let data_key = known.map(|it| it.data_key.clone());
    let writer = Scribe { data_key, ..scribe(api, now) };
    let streams = api.parts().store.streams();
    let decided = streams.decide(StreamContext::<Support>::new(id), command, &writer).await;
    let decided = decided.map_err(|error| of_execute(error, exists))?;
    match streams.commit_one(decided, &call.meta(&author.actor())).await {
        Ok(_) => Ok(()),
        // Only a repeat of this very call bears the same name.
        Err(lost) if lost.is_race() && is_taken(call, id).await? => Ok(()),
        Err(lost) if lost.is_race() => Err(contended()),
        Err(error) => Err(of_store(&error)),
    }
}

fn exists(refusal: SupportRefusal) -> Problem {
    match refusal {
        SupportRefusal::Exists => {
            tracing::error!("a request for help was to be begun twice");
            Problem::new(Code::Crashed)
        }
    }
}
