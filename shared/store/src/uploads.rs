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
