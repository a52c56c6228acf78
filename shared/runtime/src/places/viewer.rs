//! What `CloudFront` says about a viewer, in the headers that it adds to a request.

use std::net::IpAddr;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{Place, text};

const COUNTRY: &str = "cloudfront-viewer-country";
const CITY: &str = "cloudfront-viewer-city";
/// The address and the port, with a colon between them also where the address has colons.
const ADDRESS: &str = "cloudfront-viewer-address";

/// The place that the headers name; none where they name nothing that can be one.
pub(super) fn place(headers: &HeaderMap) -> Option<Place> {
    let country = only(headers, COUNTRY).and_then(text::country);
    // CloudFront escapes what is not ASCII (RFC 3986, 2.1).
    let city = only(headers, CITY)
        .and_then(|it| percent_decode_str(it).decode_utf8().ok())
        .and_then(|it| text::city(&it));
    Place::found(country, city, "cloudfront")
}

/// The viewer's address.
pub(super) fn address(headers: &HeaderMap) -> Option<IpAddr> {
    let (address, port) = only(headers, ADDRESS)?.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    Some(address.parse::<IpAddr>().ok()?.to_canonical())
}

/// The value of a header that is there once. `CloudFront` sends each once and in ASCII: whatever is
/// different comes from somebody else.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
