//! The phones that SNS knows: platform endpoints, kept by its rules.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::Platform;
use crate::state::State;

/// What every name of a resource here begins with.
const ARN: &str = "arn:aws:sns:local:000000000000:";
/// What the number of an endpoint comes after in its name.
const UNIQUE: &str = "00000000-0000-4000-8000-";

/// An app that a platform sends for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    platform: Platform,
    name: String,
}

impl Application {
    /// The application that `arn` names. Every name is one: nobody has to create it.
    #[must_use]
    pub fn named(arn: &str) -> Option<Self> {
        let (platform, name) = arn.strip_prefix(ARN)?.strip_prefix("app/")?.split_once('/')?;
        if name.is_empty() || name.contains('/') {
            return None;
        }
        Some(Self { platform: Platform::from_sns(platform)?, name: name.to_owned() })
    }
}

/// What can be set about an endpoint; what isn't given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The platform's name for the app on the phone.
    pub token: Option<String>,
    /// Whether pushes are sent to it.
    pub enabled: Option<bool>,
    /// What its owner notes about it.
    pub user_data: Option<String>,
}

/// A phone that SNS knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    id: i64,
    application: Application,
    /// The platform's name for the app on the phone.
    pub token: String,
    /// Whether pushes are sent to it.
    pub enabled: bool,
    /// What its owner notes about it.
    pub user_data: String,
}

impl Endpoint {
    /// The name that SNS gave it.
    #[must_use]
    pub fn arn(&self) -> String {
        let Application { platform, name } = &self.application;
        format!("{ARN}endpoint/{}/{name}/{UNIQUE}{:012x}", platform.in_sns(), self.id)
    }

    /// Who brings pushes to it.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.application.platform
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let platform: String = row.get(1)?;
        let platform = Platform::from_sns(&platform).ok_or(rusqlite::Error::InvalidQuery)?;
        Ok(Self {
            id: row.get(0)?,
            application: Application { platform, name: row.get(2)? },
            token: row.get(3)?,
            user_data: row.get(4)?,
            enabled: row.get(5)?,
        })
    }
}

/// Why an endpoint is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// There is none of that name.
    #[error("there is no such endpoint")]
    Missing,
    /// The token is that of another endpoint, or of the same one with other attributes.
    #[error("the token is that of {0}")]
    TokenOf(String),
    /// The state can't be read or written.
    #[error("the endpoints can't be read or kept")]
    State(#[from] rusqlite::Error),
}

/// All endpoints. Clones are the same.
#[derive(Debug, Clone)]
pub struct Endpoints {
    state: State,
}

impl Endpoints {
    /// The endpoints that `state` keeps.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self { state }
    }

    /// Makes an endpoint, or finds the one that has this token and these attributes already.
    pub fn create(
        &self,
        application: &Application,
        token: &str,
        given: &Changes,
    ) -> Result<Endpoint, EndpointError> {
        let user_data = given.user_data.as_deref().unwrap_or_default();
        self.state.with(|db| {
            if let Some(known) = of_token(db, application, token)? {
                let same = known.user_data == user_data
                    && given.enabled.is_none_or(|enabled| enabled == known.enabled);
                return Ok(if same { Ok(known) } else { Err(EndpointError::TokenOf(known.arn())) });
            }
            let enabled = given.enabled.unwrap_or(true);
            db.execute(
                "INSERT INTO endpoints (platform, application, token, user_data, enabled)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (application.platform.in_sns(), &application.name, token, user_data, enabled),
            )?;
            Ok(Ok(Endpoint {
                id: db.last_insert_rowid(),
                application: application.clone(),
                token: token.to_owned(),
                enabled,
                user_data: user_data.to_owned(),
            }))
        })?
    }

    /// The endpoint that `arn` names.
    pub fn find(&self, arn: &str) -> Result<Endpoint, EndpointError> {
        self.state.with(|db| of_arn(db, arn))?.ok_or(EndpointError::Missing)
    }

    /// Changes what is given of the endpoint that `arn` names.
    pub fn change(&self, arn: &str, changes: &Changes) -> Result<(), EndpointError> {
        self.state.with(|db| {
            let Some(known) = of_arn(db, arn)? else { return Ok(Err(EndpointError::Missing)) };
            let token = changes.token.as_deref().unwrap_or(&known.token);
            if let Some(other) = of_token(db, &known.application, token)?
                && other.id != known.id
            {
                return Ok(Err(EndpointError::TokenOf(other.arn())));
            }
            db.execute(
                "UPDATE endpoints SET token = ?2, user_data = ?3, enabled = ?4 WHERE id = ?1",
                (
                    known.id,
                    token,
                    changes.user_data.as_deref().unwrap_or(&known.user_data),
                    changes.enabled.unwrap_or(known.enabled),
                ),
            )?;
            Ok(Ok(()))
        })?
    }

    /// Forgets the endpoint that `arn` names, if there is one.
    pub fn delete(&self, arn: &str) -> rusqlite::Result<()> {
        self.state.with(|db| {
            if let Some(known) = of_arn(db, arn)? {
                db.execute("DELETE FROM endpoints WHERE id = ?1", [known.id])?;
            }
            Ok(())
        })
    }
}

fn of_token(
    db: &Connection,
    application: &Application,
    token: &str,
) -> rusqlite::Result<Option<Endpoint>> {
    db.prepare_cached(
        "SELECT id, platform, application, token, user_data, enabled FROM endpoints
         WHERE platform = ?1 AND application = ?2 AND token = ?3",
    )?
    .query_row((application.platform.in_sns(), &application.name, token), Endpoint::read)
    .optional()
}

fn of_arn(db: &Connection, arn: &str) -> rusqlite::Result<Option<Endpoint>> {
    let digits = arn.rsplit('/').next().and_then(|last| last.strip_prefix(UNIQUE));
    let Some(id) = digits.and_then(|digits| i64::from_str_radix(digits, 16).ok()) else {
        return Ok(None);
    };
    let found = db
        .prepare_cached(
            "SELECT id, platform, application, token, user_data, enabled FROM endpoints
             WHERE id = ?1",
        )?
        .query_row([id], Endpoint::read)
        .optional()?;
    Ok(found.filter(|endpoint| endpoint.arn() == arn))
}
