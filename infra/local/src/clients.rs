//! The ordinary AWS clients, pointed at this stack.

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, SharedHttpClient,
};
use postern_store::uploads::Grants;

/// Where the stack's own endpoints are, and the connections to them. Clones share these.
#[derive(Debug, Clone)]
pub struct Clients {
    base: String,
    bucket_base: String,
    http: SharedHttpClient,
}

impl Clients {
    /// Clients of the endpoints under `base`, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        // Loopback needs no TLS, and a client without it starts at once.
        let http = aws_smithy_http_client::Builder::new().build_http();
        let base = base.into();
        Self { bucket_base: base.clone(), base, http }
    }

    /// The same, but for S3, which is at an address of its own: people's phones are sent there.
    #[must_use]
    pub fn with_buckets_at(self, base: impl Into<String>) -> Self {
        Self { bucket_base: base.into(), ..self }
    }

    /// One function's `DynamoDB` client: what it asks for is metered under its name.
    #[must_use]
    pub fn dynamodb(&self, function: &str) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(behavior())
            .region(region())
            .credentials_provider(credentials())
            .http_client(self.http.clone())
            .endpoint_url(format!("{}/dynamodb/{function}", self.base))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// A SES client whose mails are captured.
    #[must_use]
    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(behavior())
            .region(region())
            .credentials_provider(credentials())
            .http_client(self.http.clone())
            .endpoint_url(format!("{}/ses", self.base))
            .build();
        aws_sdk_sesv2::Client::from_conf(config)
    }

    /// A SNS client whose pushes are captured.
    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(behavior())
            .region(region())
            .credentials_provider(credentials())
            .http_client(self.http.clone())
            .endpoint_url(format!("{}/sns", self.base))
            .build();
        aws_sdk_sns::Client::from_conf(config)
    }

    /// What grants uploads to one of those buckets.
    #[must_use]
    pub fn grants(&self, bucket: &str) -> Grants {
        Grants {
            bucket: format!("{}/{bucket}", self.bucket_base),
            region: region().to_string(),
            credentials: Some(credentials()),
        }
    }

    /// An S3 client whose buckets are folders.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(behavior())
            .region(region())
            .credentials_provider(credentials())
            .http_client(self.http.clone())
            .endpoint_url(&self.bucket_base)
            // A bucket in front of the host would be a name that nobody resolves.
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}

fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

fn region() -> Region {
    Region::new("local")
}

/// Nobody checks them; the SDK signs with them all the same.
fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "local"))
}
