//! Files that somebody sends with a request for help. They go to the bucket directly, by an address
//! that is good for one file of one kind and size, and for a short time.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_s3::Client;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::Timestamp;
use postern_domain::policy;
use postern_events::ids::{AccountId, SupportId};

use crate::error::Source;
use crate::keys;
use crate::reaction::Failure;

/// As whose request an upload is signed.
const SERVICE: &str = "s3";
/// What the request is called, in the words of S3.
const OPERATION: &str = "x-id=PutObject";

/// A file can't be sent.
#[derive(Debug, thiserror::Error)]
#[error("no address for an upload can be made")]
pub struct NoUpload(#[source] Source);

impl NoUpload {
    fn new(why: impl Into<Source>) -> Self {
        Self(why.into())
    }
}

/// Makes the addresses that files go to; cheap to clone. It signs and asks nobody, so it needs no client
/// of S3, which would be an eighth of a function that does nothing else with it.
#[derive(Debug, Clone)]
pub struct Grants {
    /// The bucket as phones reach it, without a slash at the end.
    pub bucket: String,
    /// Where the bucket is.
    pub region: String,
    /// In whose name uploads are granted; without one, none is.
    pub credentials: Option<SharedCredentialsProvider>,
}

impl Grants {
    /// An address that takes the file of this number by a PUT within [`policy::UPLOAD_LIFE`] from
    /// `now`. The PUT's content type and length are part of what is signed: it must bear these and
    /// no others. Nothing is sent for it.
    ///
    /// # Errors
    /// When there are no credentials to sign with.
    pub async fn grant(
        &self,
        account: AccountId,
        request: SupportId,
        number: usize,
        content_type: &str,
        size: u64,
        now: Timestamp,
    ) -> Result<String, NoUpload> {
        let none = || NoUpload::new("there are no credentials to sign it with");
        let credentials = self.credentials.as_ref().ok_or_else(none)?;
        let credentials = credentials.provide_credentials().await.map_err(NoUpload::new)?;
        let identity = Identity::from(credentials);
        let signing = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::try_from(now).map_err(NoUpload::new)?)
            .settings(settings()?)
            .build()
            .map_err(NoUpload::new)?;
        let url = format!("{}/{}?{OPERATION}", self.bucket, keys::upload(account, request, number));
        let size = size.to_string();
        let headers = [("content-type", content_type), ("content-length", size.as_str())];
        let headers = headers.into_iter();
        let put = SignableRequest::new("PUT", &url, headers, SignableBody::UnsignedPayload);
        let signed = sign(put.map_err(NoUpload::new)?, &signing.into()).map_err(NoUpload::new)?;
        let mut address = http::Request::builder().uri(url).body(()).map_err(NoUpload::new)?;
        signed.into_parts().0.apply_to_request_http1x(&mut address);
        Ok(address.uri().to_string())
    }
}

/// As S3 wants it: what is signed lies in the address, whose path is signed as it is.
fn settings() -> Result<SigningSettings, NoUpload> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::try_from(policy::UPLOAD_LIFE).map_err(NoUpload::new)?);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    Ok(settings)
}

/// The bucket of such files; cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    client: Client,
    bucket: String,
}

impl Uploads {
    /// The bucket of a deployment.
    #[must_use]
    pub fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Deletes every file that an account ever sent. Safe to repeat.
    ///
    /// # Errors
    /// [`Failure::Retry`] when the bucket doesn't do it; what is left is found the next time.
    pub async fn forget(&self, account: AccountId) -> Result<(), Failure> {
        let call = self.client.list_objects_v2().bucket(&self.bucket);
        let call = call.prefix(keys::uploads(account));
        let mut from: Option<String> = None;
        loop {
            let page = call.clone().set_continuation_token(from).send().await.map_err(later)?;
            for name in page.contents().iter().filter_map(|it| it.key()) {
                let delete = self.client.delete_object().bucket(&self.bucket).key(name);
                delete.send().await.map_err(later)?;
            }
            from = page.next_continuation_token;
            if from.is_none() {
                return Ok(());
            }
        }
    }
}

/// A bucket that is missing or forbidden is somebody's mistake, to be mended; erasure waits for it.
fn later(why: impl Into<Source>) -> Failure {
    Failure::Retry(why.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
    use aws_sdk_s3::presigning::PresigningConfig;

    use super::*;

    fn grants(credentials: Option<Credentials>) -> Grants {
        Grants {
            bucket: "https://help.s3.eu-central-1.amazonaws.com".to_owned(),
            region: "eu-central-1".to_owned(),
            credentials: credentials.map(SharedCredentialsProvider::new),
        }
    }

    fn credentials() -> Credentials {
        Credentials::new("id", "secret", Some("session".to_owned()), None, "test")
    }

    fn client() -> aws_sdk_s3::config::Builder {
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(credentials())
    }

    fn ids() -> (AccountId, SupportId) {
        (AccountId::from_bytes([1; 16]), SupportId::from_bytes([2; 16]))
    }

    /// The address's path, and what its query says, as it is spelled there.
    async fn granted(number: usize, kind: &str, size: u64, now: &str) -> (String, Vec<String>) {
        let (grants, (account, request)) = (grants(Some(credentials())), ids());
        let now = now.parse().unwrap();
        let url = grants.grant(account, request, number, kind, size, now).await.unwrap();
        let (path, query) = url.split_once('?').unwrap();
        (path.to_owned(), query.split('&').map(ToOwned::to_owned).collect())
    }

    const NOON: &str = "2026-11-24T12:00:00Z";

    #[tokio::test]
    async fn an_address_is_good_for_one_file_from_our_present_on_and_for_its_life() {
        let (path, query) = granted(3, "image/png", 1_000, NOON).await;
        let (account, request) = ids();
        let key = format!("uploads/{account}/{request}/3");
        assert_eq!(path, format!("https://help.s3.eu-central-1.amazonaws.com/{key}"));
        let life = policy::UPLOAD_LIFE.as_secs();
        let dated = "X-Amz-Date=20261124T120000Z".to_owned();
        assert!(query.contains(&dated), "{query:?}");
        assert!(query.contains(&format!("X-Amz-Expires={life}")), "{query:?}");
    }

    #[tokio::test]
    async fn an_address_is_the_one_that_the_client_of_s3_makes() {
        let (account, request) = ids();
        let life = Duration::try_from(policy::UPLOAD_LIFE).unwrap();
        let noon = SystemTime::try_from(NOON.parse::<Timestamp>().unwrap()).unwrap();
        let signing = PresigningConfig::builder().start_time(noon).expires_in(life);
        let put = Client::from_conf(client().build())
            .put_object()
            .bucket("help")
            .key(keys::upload(account, request, 3))
            .content_type("image/png")
            .content_length(1_000);
        let made = put.presigned(signing.build().unwrap()).await.unwrap();
        let (path, query) = made.uri().split_once('?').unwrap();
        let sorted = |mut query: Vec<String>| {
            query.sort();
            query
        };
        let granted = granted(3, "image/png", 1_000, NOON).await;
        assert_eq!(granted.0, path);
        let query = query.split('&').map(ToOwned::to_owned).collect();
        assert_eq!(sorted(granted.1), sorted(query));
    }

    #[tokio::test]
    async fn kind_and_length_are_signed_and_nothing_is_asked_of_the_sender_beside_them() {
        let signature = |query: &[String]| {
            query.iter().find(|it| it.starts_with("X-Amz-Signature=")).unwrap().clone()
        };
        let (_, query) = granted(3, "image/png", 1_000, NOON).await;
        let headers = "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost".to_owned();
        assert!(query.contains(&headers), "{query:?}");
        assert!(query.iter().all(|it| !it.contains("checksum")), "{query:?}");
        let same = granted(3, "image/png", 1_000, NOON).await.1;
        assert_eq!(signature(&query), signature(&same));
        for other in [
            granted(3, "image/jpeg", 1_000, NOON).await.1,
            granted(3, "image/png", 1_001, NOON).await.1,
            granted(4, "image/png", 1_000, NOON).await.1,
        ] {
            assert_ne!(signature(&query), signature(&other));
        }
    }

    #[tokio::test]
    async fn without_credentials_no_address_is_made() {
        let (grants, (account, request)) = (grants(None), ids());
        let now = NOON.parse().unwrap();
        let granted = grants.grant(account, request, 0, "image/png", 1, now).await;
        assert!(granted.is_err());
    }

    #[tokio::test]
    async fn a_bucket_that_does_not_answer_is_asked_again_later() {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let nowhere = client()
            .http_client(http)
            .endpoint_url("http://127.0.0.1:1")
            .force_path_style(true)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled());
        let uploads = Uploads::new(Client::from_conf(nowhere.build()), "help".to_owned());
        let forgotten = uploads.forget(ids().0).await;
        assert!(matches!(forgotten, Err(Failure::Retry(_))));
    }
}
