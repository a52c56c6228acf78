//! Every environment variable of a function, read once at its start.

use std::env::VarError;

/// What an HTTP function or a stream function is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `POSTERN_TABLE_PREFIX`: what the deployment's tables start with.
    pub table_prefix: String,
    /// `POSTERN_SECRET_ID`: the secret with all keys, by name or ARN.
    pub secret_id: String,
    /// `POSTERN_PUBLIC_URL`: the API as clients reach it, without a slash at the end. The Host
    /// header never takes its place: a client chooses that.
    pub public_url: String,
    /// `POSTERN_EMAIL_SENDER`: the one address that mail comes from.
    pub email_sender: String,
    /// `POSTERN_EMAIL_CONFIGURATION_SET`: the SES configuration set, if feedback is wanted.
    pub email_configuration_set: Option<String>,
    /// `POSTERN_PUSH_APNS_ARN`: the SNS platform application for Apple's push service, if there is one.
    pub push_apns: Option<String>,
    /// `POSTERN_PUSH_APNS_SANDBOX_ARN`: the same for builds in development.
    pub push_apns_sandbox: Option<String>,
    /// `POSTERN_PUSH_FCM_ARN`: the same for Firebase Cloud Messaging.
    pub push_fcm: Option<String>,
    /// `POSTERN_MINIMUM_VERSION`: the oldest app that is served.
    pub minimum_version: String,
    /// `POSTERN_LATEST_VERSION`: the newest app there is.
    pub latest_version: String,
    /// `POSTERN_SUPPORT_URL`: where people find help.
    pub support_url: String,
}

/// A variable is missing or not text.
#[derive(Debug, thiserror::Error)]
#[error("environment variable {name} can't be read")]
pub struct Unconfigured {
    name: &'static str,
    source: VarError,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// When a variable that is needed is missing; the first is named.
    pub fn from_env() -> Result<Self, Unconfigured> {
        Self::from_lookup(std::env::var)
    }

    /// Reads variables from wherever `lookup` finds them.
    ///
    /// # Errors
    /// As [`Self::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Result<String, VarError>,
    ) -> Result<Self, Unconfigured> {
        let need = |name| lookup(name).map_err(|source| Unconfigured { name, source });
        let may = |name| match lookup(name) {
            Ok(value) => Ok(Some(value).filter(|it| !it.is_empty())),
            Err(VarError::NotPresent) => Ok(None),
            Err(source @ VarError::NotUnicode(_)) => Err(Unconfigured { name, source }),
        };
        Ok(Self {
            table_prefix: need("POSTERN_TABLE_PREFIX")?,
            secret_id: need("POSTERN_SECRET_ID")?,
            public_url: need("POSTERN_PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            email_sender: need("POSTERN_EMAIL_SENDER")?,
            email_configuration_set: may("POSTERN_EMAIL_CONFIGURATION_SET")?,
            push_apns: may("POSTERN_PUSH_APNS_ARN")?,
            push_apns_sandbox: may("POSTERN_PUSH_APNS_SANDBOX_ARN")?,
            push_fcm: may("POSTERN_PUSH_FCM_ARN")?,
            minimum_version: need("POSTERN_MINIMUM_VERSION")?,
            latest_version: need("POSTERN_LATEST_VERSION")?,
            support_url: need("POSTERN_SUPPORT_URL")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let error = Config::from_lookup(|name| {
            if name == "POSTERN_PUBLIC_URL" {
                Err(VarError::NotPresent)
            } else {
                Ok("x".to_owned())
            }
        });
        let error = error.expect_err("one is missing");
        assert_eq!(error.to_string(), "environment variable POSTERN_PUBLIC_URL can't be read");
    }

    #[test]
    fn the_public_url_has_no_slash_at_its_end() {
        let config = Config::from_lookup(|_| Ok("https://api.example/".to_owned()));
        assert_eq!(config.expect("complete").public_url, "https://api.example");
    }
}
