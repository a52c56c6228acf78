//! Login activity: every attempt to sign in, whatever became of it.

use std::net::IpAddr;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use postern_domain::policy;
use postern_events::ids::{DeviceId, SignInId};
use postern_events::vocabulary::{Method, Platform};
use postern_store::seal::DataKey;
use postern_store::views::{Activity, ActivityPage, Outcome};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Nothing;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
use crate::sessions::SignedIn;

/// Pages that are passed over in one call because nothing on them is shown any more. Attempts past
/// their time are deleted soon, so there are rarely any.
const EMPTY_PAGES: usize = 5;

/// A page of login activity, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Activity)]
pub(super) struct ActivityView {
    /// The attempts.
    items: Vec<Item>,
    /// What to ask for the next page with; null on the last one.
    #[schema(value_type = Option<String>, pattern = "^sin_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    next_cursor: Option<SignInId>,
}

/// One attempt to sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivityItem)]
struct Item {
    /// The attempt.
    #[schema(value_type = String, pattern = "^sin_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: SignInId,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What became of it: `signed_in`, `code_required`, `code_failed`, `refused`, `denied`, `expired`,
    /// `cancelled` or `locked`.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// How its newest code travelled: `app` or `email`; null where there was none.
    #[schema(value_type = Option<String>)]
    method: Option<Method>,
    /// What attempted.
    device: AttemptingDevice,
    /// The address it came from; null where it isn't known.
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// Where that address seems to be.
    location: Location,
}

/// A device that attempted to sign in; what isn't known about it is null.
#[derive(Debug, Serialize, ToSchema)]
struct AttemptingDevice {
    /// Its identifier; null behind a wrong password.
    #[schema(value_type = Option<String>, pattern = "^dev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: Option<DeviceId>,
    /// What its owner calls it.
    name: Option<String>,
    /// The maker's model name.
    model: Option<String>,
    /// Its platform: `ios`, `android`, `web` or `other`.
    #[schema(value_type = String)]
    platform: Platform,
    /// The version of its system.
    os_version: Option<String>,
}

/// Where a request seems to have come from, by its IP address and nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Location {
    /// ISO 3166-1 alpha-2; null where it isn't known.
    #[schema(pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    /// Null where it isn't known.
    city: Option<String>,
    /// Always: an address only suggests a place.
    approximate: bool,
}

impl Location {
    pub(super) fn new(country: Option<String>, city: Option<String>) -> Self {
        Self { country, city, approximate: true }
    }
}

/// The query, unread: who asks is checked before what they ask for.
pub(crate) struct Query(String);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

/// Which part of the list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    limit: u16,
    cursor: Option<SignInId>,
}

impl Query {
    fn read(&self) -> Result<Asked, Problem> {
        let limit =
            self.one("limit")?.map(|text| limit(&text).ok_or_else(bad_limit)).transpose()?;
        let cursor = self.one("cursor")?;
        let cursor = cursor.map(|text| text.parse().map_err(|_| bad_cursor())).transpose()?;
        Ok(Asked { limit: limit.unwrap_or(policy::ACTIVITY_PAGE), cursor })
    }

    /// A parameter that is there at most once.
    fn one(&self, name: &str) -> Result<Option<String>, Problem> {
        let pairs = form_urlencoded::parse(self.0.as_bytes());
        let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (first, None) => Ok(first.map(String::from)),
            (_, Some(_)) => Err(Problem::invalid(&format!("/{name}"), "is given twice")),
        }
    }
}

fn limit(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (1..=policy::ACTIVITY_PAGE_MAX).contains(&number).then_some(number)
}

fn bad_limit() -> Problem {
    let most = policy::ACTIVITY_PAGE_MAX;
    Problem::invalid("/limit", format!("must be a number from 1 to {most}"))
}

fn bad_cursor() -> Problem {
    Problem::invalid("/cursor", "must be a next_cursor of an earlier answer")
}

pub(super) const LIST: Described =
    Described::new(Tag::Account, "listActivity", "See every attempt to sign in, the newest first")
        .answers::<ActivityView>(StatusCode::OK, "A page of them.");

pub(super) async fn list(
    query: Query,
    call: Call<SignedIn, Nothing>,
) -> Result<Json<ActivityView>, Problem> {
    let asked = query.read()?;
    let (account, now, store) = (call.caller.account.id, call.now, &call.api.parts().store);
    let person = store.vault().load(account, now).await.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let page = page(&call, asked).await?;
    Ok(Json(ActivityView {
        items: page.items.into_iter().map(|it| Item::of(it, &person.data_key)).collect(),
        next_cursor: page.next,
    }))
}

/// The first page with something on it, from where it is asked for.
async fn page(call: &Call<SignedIn, Nothing>, asked: Asked) -> Result<ActivityPage, Problem> {
    let (account, now, views) = (call.caller.account.id, call.now, call.api.parts().store.views());
    let mut from = asked.cursor;
    let mut passed_over = 0;
    loop {
        let page = views.activity(account, now, asked.limit, from).await;
        let page = page.map_err(|error| of_store(&error))?;
        if !page.items.is_empty() || page.next.is_none() || passed_over == EMPTY_PAGES {
            return Ok(page);
        }
        from = page.next;
        passed_over += 1;
    }
}

impl Item {
    /// The attempt as it is answered; what can't be opened is shown as unknown.
    fn of(it: Activity, key: &DataKey) -> Self {
        let description = it.description.and_then(|it| key.open(&it).ok());
        let origin = it.origin.and_then(|it| key.open(&it).ok());
        let (name, model, os_version) = match description {
            Some(it) => (Some(it.name), Some(it.model), Some(it.os_version)),
            None => (None, None, None),
        };
        let (ip, city) = origin.map_or((None, None), |it| (Some(it.ip), it.city));
        Self {
            id: it.id,
            at: it.at,
            outcome: it.outcome,
            method: it.method,
            device: AttemptingDevice {
                id: it.device,
                name,
                model,
                platform: it.platform,
                os_version,
            },
            ip,
            location: Location::new(it.country, city),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;
    use postern_words::language::Language;
    use postern_words::words::Words;

    const CURSOR: &str = "sin_01ARZ3NDEKTSV4RRFFQ69G5FAV";

    fn read(query: &str) -> Result<Asked, String> {
        Query(query.to_owned()).read().map_err(|problem| {
            let words = Words::new();
            let document = problem.document(&words, Language::fallback(), "req");
            document["errors"][0]["pointer"].as_str().unwrap().to_owned()
        })
    }

    #[test]
    fn a_page_is_of_the_usual_length_unless_asked_otherwise() {
        assert_eq!(read(""), Ok(Asked { limit: 20, cursor: None }));
        assert_eq!(read("limit=1&x=y").unwrap().limit, 1);
        assert_eq!(read("limit=100").unwrap().limit, 100);
        let cursor = read(&format!("cursor={CURSOR}")).unwrap().cursor;
        assert_eq!(cursor.map(|it| it.to_string()).as_deref(), Some(CURSOR));
    }

    #[test]
    fn a_limit_that_is_none_is_pointed_at() {
        for bad in ["0", "101", "-1", "%2B5", "5.0", "", "ten", "٣", "99999"] {
            assert_eq!(read(&format!("limit={bad}")), Err("/limit".to_owned()), "{bad}");
        }
        assert_eq!(read("limit=5&limit=5"), Err("/limit".to_owned()));
    }

    #[test]
    fn a_cursor_that_is_none_is_pointed_at() {
        for bad in ["", "1", "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "sin_01arz3ndektsv4rrffq69g5fav"] {
            assert_eq!(read(&format!("cursor={bad}")), Err("/cursor".to_owned()), "{bad}");
        }
    }
}
