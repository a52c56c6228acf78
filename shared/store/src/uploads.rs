//! Files that somebody sends with a request for help. They go to the bucket directly, by an address
//! that is good for one file of one kind and size, and for a short time.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use jiff::Timestamp;
use postern_domain::policy;
use postern_events::ids::{AccountId, SupportId};

use crate::error::Source;
use crate::keys;
use crate::reaction::Failure;

/// What every signed address has in it.
const SIGNATURE: &str = "X-Amz-Signature=";

/// A file can't be sent.
#[derive(Debug, thiserror::Error)]
#[error("no address for an upload can be made")]
pub struct NoUpload(#[source] Source);

impl NoUpload {
    fn new(why: impl Into<Source>) -> Self {
        Self(why.into())
    }
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
        let life = Duration::try_from(policy::UPLOAD_LIFE).map_err(NoUpload::new)?;
        let signing = PresigningConfig::builder()
            .start_time(SystemTime::try_from(now).map_err(NoUpload::new)?)
            .expires_in(life)
            .build()
            .map_err(NoUpload::new)?;
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(keys::upload(account, request, number))
            .content_type(content_type)
            .content_length(i64::try_from(size).map_err(NoUpload::new)?);
        let signed = put.presigned(signing).await.map_err(NoUpload::new)?;
        // A bucket may be open to everybody, so the SDK goes on where it has nothing to sign with.
        if !signed.uri().contains(SIGNATURE) {
            return Err(NoUpload::new("there are no credentials to sign it with"));
        }
        Ok(signed.uri().to_owned())
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

    use super::*;

    fn config() -> aws_sdk_s3::config::Builder {
        let version = BehaviorVersion::latest();
        Config::builder().behavior_version(version).region(Region::new("eu-central-1"))
    }

    fn uploads(config: aws_sdk_s3::config::Builder) -> Uploads {
        Uploads::new(Client::from_conf(config.build()), "help".to_owned())
    }

    fn ids() -> (AccountId, SupportId) {
        (AccountId::from_bytes([1; 16]), SupportId::from_bytes([2; 16]))
    }

    /// The address's path, and what its query says, as it is spelled there.
    async fn granted(number: usize, kind: &str, size: u64, now: &str) -> (String, Vec<String>) {
        let keys = Credentials::new("id", "secret", None, None, "test");
        let (uploads, (account, request)) = (uploads(config().credentials_provider(keys)), ids());
        let now = now.parse().unwrap();
        let url = uploads.grant(account, request, number, kind, size, now).await.unwrap();
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
    async fn kind_and_length_are_signed_and_nothing_is_asked_of_the_sender_beside_them() {
        let signature =
            |query: &[String]| query.iter().find(|it| it.starts_with(SIGNATURE)).unwrap().clone();
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
        let (uploads, (account, request)) = (uploads(config()), ids());
        let now = NOON.parse().unwrap();
        let granted = uploads.grant(account, request, 0, "image/png", 1, now).await;
        assert!(granted.is_err());
    }

    #[tokio::test]
    async fn a_bucket_that_does_not_answer_is_asked_again_later() {
        let keys = Credentials::new("id", "secret", None, None, "test");
        let http = aws_smithy_http_client::Builder::new().build_http();
        let nowhere = config()
            .credentials_provider(keys)
            .http_client(http)
            .endpoint_url("http://127.0.0.1:1")
            .force_path_style(true)
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled());
        let forgotten = uploads(nowhere).forget(ids().0).await;
        assert!(matches!(forgotten, Err(Failure::Retry(_))));
    }
}
