//! Every environment variable of a function, read once at its start.

use std::env::VarError;
use std::path::PathBuf;

/// The only value that `POSTERN_VIEWER_HEADERS` may have.
const CLOUDFRONT: &str = "cloudfront";

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
    /// `POSTERN_FEEDBACK_TOPIC`: the SNS topic that this feedback comes by, by its ARN; what another
    /// one brings is then dropped.
    pub feedback_topic: Option<String>,
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
    /// `POSTERN_SUPPORT_EMAIL`: the address at which support reads what people ask.
    pub support_email: String,
    /// `POSTERN_UPLOADS_BUCKET`: the S3 bucket for what people attach to that.
    pub uploads_bucket: String,
    /// `POSTERN_UPLOADS_URL`: the same bucket as phones reach it, without a slash at the end.
    pub uploads_url: String,
    /// `POSTERN_GEO_DATABASE`: the file with the places of IP addresses, in `MaxMind`'s format, if
    /// there is one.
    pub geo_database: Option<PathBuf>,
    /// `POSTERN_VIEWER_HEADERS`: `cloudfront` where every request comes through `CloudFront`, whose
    /// headers then say where a client is. Elsewhere absent: a client could send them itself.
    pub viewer_headers: bool,
}

/// A variable does not say what it has to.
#[derive(Debug, thiserror::Error)]
pub enum Unconfigured {
    /// It is missing or not text.
    #[error("environment variable {name} can't be read")]
    Unreadable {
        /// Which.
        name: &'static str,
        /// Why.
        source: VarError,
    },
    /// It has a value that means nothing.
    #[error("environment variable {name} can only be {known:?}, or absent")]
    Unknown {
        /// Which.
        name: &'static str,
        /// The value that it could have.
        known: &'static str,
    },
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// When a variable that is needed is missing, or one means nothing; the first is named.
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
        let need = |name| lookup(name).map_err(|source| Unconfigured::Unreadable { name, source });
        let may = |name| match lookup(name) {
            Ok(value) => Ok(Some(value).filter(|it| !it.is_empty())),
            Err(VarError::NotPresent) => Ok(None),
            Err(source @ VarError::NotUnicode(_)) => Err(Unconfigured::Unreadable { name, source }),
        };
        let known = |name, known| match may(name)? {
            Some(value) if value != known => Err(Unconfigured::Unknown { name, known }),
            value => Ok(value.is_some()),
        };
        Ok(Self {
            table_prefix: need("POSTERN_TABLE_PREFIX")?,
            secret_id: need("POSTERN_SECRET_ID")?,
            public_url: need("POSTERN_PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            email_sender: need("POSTERN_EMAIL_SENDER")?,
            email_configuration_set: may("POSTERN_EMAIL_CONFIGURATION_SET")?,
            feedback_topic: may("POSTERN_FEEDBACK_TOPIC")?,
            push_apns: may("POSTERN_PUSH_APNS_ARN")?,
            push_apns_sandbox: may("POSTERN_PUSH_APNS_SANDBOX_ARN")?,
            push_fcm: may("POSTERN_PUSH_FCM_ARN")?,
            minimum_version: need("POSTERN_MINIMUM_VERSION")?,
            latest_version: need("POSTERN_LATEST_VERSION")?,
            support_url: need("POSTERN_SUPPORT_URL")?,
            support_email: need("POSTERN_SUPPORT_EMAIL")?,
            uploads_bucket: need("POSTERN_UPLOADS_BUCKET")?,
            uploads_url: need("POSTERN_UPLOADS_URL")?.trim_end_matches('/').to_owned(),
            geo_database: may("POSTERN_GEO_DATABASE")?.map(PathBuf::from),
            viewer_headers: known("POSTERN_VIEWER_HEADERS", CLOUDFRONT)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an environment in which every needed variable is "x" and these are as given; none of
    /// the optional ones is there otherwise.
    fn configured(given: &[(&str, Option<&str>)]) -> Result<Config, Unconfigured> {
        let optional = [
            "EMAIL_CONFIGURATION_SET",
            "FEEDBACK_TOPIC",
            "PUSH_",
            "GEO_DATABASE",
            "VIEWER_HEADERS",
        ];
        Config::from_lookup(|name| {
            let bare = name.strip_prefix("POSTERN_").expect("the prefix of all");
            let absent = optional.iter().any(|it| bare.starts_with(it));
            let otherwise = if absent { None } else { Some("x") };
            let value = given.iter().find(|(it, _)| *it == name).map_or(otherwise, |it| it.1);
            value.map(str::to_owned).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn a_missing_variable_is_named() {
        let needed = [
            "POSTERN_TABLE_PREFIX",
            "POSTERN_SECRET_ID",
            "POSTERN_PUBLIC_URL",
            "POSTERN_EMAIL_SENDER",
            "POSTERN_MINIMUM_VERSION",
            "POSTERN_LATEST_VERSION",
            "POSTERN_SUPPORT_URL",
            "POSTERN_SUPPORT_EMAIL",
            "POSTERN_UPLOADS_BUCKET",
            "POSTERN_UPLOADS_URL",
        ];
        for name in needed {
            let error = configured(&[(name, None)]).expect_err("one is missing");
            assert_eq!(error.to_string(), format!("environment variable {name} can't be read"));
        }
    }

    #[test]
    fn the_public_url_has_no_slash_at_its_end() {
        let config = configured(&[("POSTERN_PUBLIC_URL", Some("https://api.example/"))]);
        assert_eq!(config.expect("complete").public_url, "https://api.example");
    }

    #[test]
    fn places_are_unknown_unless_something_is_configured() {
        for nothing in [None, Some("")] {
            let given = [("POSTERN_GEO_DATABASE", nothing), ("POSTERN_VIEWER_HEADERS", nothing)];
            let config = configured(&given).expect("complete");
            assert_eq!(config.geo_database, None);
            assert!(!config.viewer_headers);
        }
        let config = configured(&[
            ("POSTERN_GEO_DATABASE", Some("/opt/places.mmdb")),
            ("POSTERN_VIEWER_HEADERS", Some("cloudfront")),
        ]);
        let config = config.expect("complete");
        assert_eq!(config.geo_database, Some(PathBuf::from("/opt/places.mmdb")));
        assert!(config.viewer_headers);
    }

    #[test]
    fn headers_of_anybody_but_cloudfront_are_an_error() {
        for value in ["true", "CloudFront", " cloudfront", "x-forwarded-for"] {
            let error =
                configured(&[("POSTERN_VIEWER_HEADERS", Some(value))]).expect_err("unknown");
            assert_eq!(
                error.to_string(),
                "environment variable POSTERN_VIEWER_HEADERS can only be \"cloudfront\", or absent"
            );
        }
    }
}
