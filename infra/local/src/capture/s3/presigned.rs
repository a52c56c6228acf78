//! Whether an address that somebody brings was made by this stack, for this very upload, and is
//! still good: the address is made once more from what the request says of itself, and has to come
//! out the same.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::answers::Refused;
use crate::capture::Name;

/// How an address writes the time from which it is good.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// From when an address is good, and for how long, as it says itself.
struct Validity {
    from: Timestamp,
    life: Duration,
}

/// Checks the address of an upload, and says how long the body has to be.
pub(super) async fn check(
    signer: &Client,
    request: &Parts,
    name: &Name,
    now: Timestamp,
) -> Result<usize, Refused> {
    let given = query(request.uri.query().unwrap_or_default());
    if !given.contains_key("X-Amz-Signature") {
        return Err(Refused::Unsigned);
    }
    let validity = Validity::read(&given).ok_or(Refused::Signature)?;
    let size = header(request, &CONTENT_LENGTH).ok_or(Refused::NoLength)?;
    let size: usize = size.parse().map_err(|_| Refused::NoLength)?;
    let (host, kind) = (header(request, &HOST), header(request, &CONTENT_TYPE));
    let made = again(signer, name, kind, size, &validity).await.ok_or(Refused::Signature)?;
    let (address, made_query) = made.split_once('?').ok_or(Refused::Signature)?;
    let (_, place) = address.split_once("://").ok_or(Refused::Signature)?;
    let here = format!("{}{}", host.unwrap_or_default(), request.uri.path());
    if place != here || query(made_query) != given {
        return Err(Refused::Signature);
    }
    if now < validity.from {
        return Err(Refused::TooEarly);
    }
    let age = Duration::try_from(now.duration_since(validity.from)).unwrap_or_default();
    if age >= validity.life { Err(Refused::Expired) } else { Ok(size) }
}

/// The address as it is made for such an upload.
async fn again(
    signer: &Client,
    name: &Name,
    kind: Option<&str>,
    size: usize,
    validity: &Validity,
) -> Option<String> {
    let signing = PresigningConfig::builder()
        .start_time(SystemTime::try_from(validity.from).ok()?)
        .expires_in(validity.life)
        .build()
        .ok()?;
    let put = signer
        .put_object()
        .bucket(name.bucket())
        .key(name.key())
        .set_content_type(kind.map(str::to_owned))
        .content_length(i64::try_from(size).ok()?);
    Some(put.presigned(signing).await.ok()?.uri().to_owned())
}

impl Validity {
    fn read(query: &BTreeMap<String, String>) -> Option<Self> {
        let from = DateTime::strptime(TIME, query.get("X-Amz-Date")?).ok()?;
        let from = TimeZone::UTC.to_timestamp(from).ok()?;
        let life = Duration::from_secs(query.get("X-Amz-Expires")?.parse().ok()?);
        Some(Self { from, life })
    }
}

fn query(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// A header that is there once.
fn header<'a>(request: &'a Parts, name: &HeaderName) -> Option<&'a str> {
    let mut all = request.headers.get_all(name).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    value.to_str().ok()
}
