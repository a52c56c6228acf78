use http::{HeaderName, HeaderValue};

use super::*;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/places");
const OF_DATABASE: &str = "mmdb 2026-11-01";

fn fixture(name: &str) -> Places {
    Places::from_file(format!("{FIXTURES}/{name}.mmdb")).expect("a database")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn headers<const N: usize>(lines: [(&'static str, &str); N]) -> HeaderMap {
    let line = |(name, value): (&'static str, &str)| {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        (HeaderName::from_static(name), value)
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.map(line) {
        headers.append(name, value);
    }
    headers
}

fn place(country: Option<&str>, city: Option<&str>, located_by: &str) -> Place {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Place { country: owned(country), city: owned(city), located_by: owned(Some(located_by)) }
}

/// What the database of this name says about an address, by itself.
fn looked_up(name: &str, address: &str) -> Place {
    fixture(name).locate(ip(address), &HeaderMap::new())
}

#[test]
fn every_form_of_record_gives_the_same_place_and_the_day_of_the_database() {
    for name in ["nested", "flat-code", "flat"] {
        let prague = place(Some("CZ"), Some("Prague"), OF_DATABASE);
        assert_eq!(looked_up(name, "192.0.2.7"), prague, "{name}");
        let berlin = place(Some("DE"), Some("Berlin"), OF_DATABASE);
        assert_eq!(looked_up(name, "198.51.100.255"), berlin, "{name}");
        let country_only = place(Some("US"), None, OF_DATABASE);
        assert_eq!(looked_up(name, "203.0.113.1"), country_only, "{name}");
    }
}

#[test]
fn loopback_addresses_have_places_where_a_database_gives_them_some() {
    let prague = place(Some("CZ"), Some("Prague"), OF_DATABASE);
    assert_eq!(looked_up("nested", "127.0.0.2"), prague);
    let berlin = place(Some("DE"), Some("Berlin"), OF_DATABASE);
    assert_eq!(looked_up("nested", "127.0.0.3"), berlin);
    assert_eq!(looked_up("nested", "127.0.0.4"), place(Some("US"), None, OF_DATABASE));
    assert_eq!(looked_up("nested", "127.0.0.1"), Place::default());
}

#[test]
fn a_long_address_has_a_place_and_a_short_one_in_long_form_has_its_own() {
    let france = place(Some("FR"), Some("Saint-Étienne"), OF_DATABASE);
    for name in ["nested", "flat-code"] {
        assert_eq!(looked_up(name, "2001:db8:1:2::3"), france, "{name}");
        assert_eq!(looked_up(name, "2001:db8:2::1"), Place::default(), "{name}");
    }
    let prague = place(Some("CZ"), Some("Prague"), OF_DATABASE);
    for name in ["nested", "flat-code", "flat"] {
        assert_eq!(looked_up(name, "::ffff:192.0.2.7"), prague, "{name}");
    }
}

#[test]
fn a_long_address_in_a_database_of_short_ones_is_unknown() {
    assert_eq!(looked_up("flat", "2001:db8:1::1"), Place::default());
}

#[test]
fn what_is_not_found_is_unknown_and_located_by_nobody() {
    assert_eq!(looked_up("nested", "192.0.3.1"), Place::default());
    assert_eq!(fixture("nested").locate(None, &HeaderMap::new()), Place::default());
    assert_eq!(Places::unknown().locate(ip("192.0.2.7"), &HeaderMap::new()), Place::default());
}

#[test]
fn addresses_that_networks_everywhere_use_are_at_no_place() {
    let private = ["10.1.2.3", "172.31.255.255", "192.168.0.1", "fd00::1", "::ffff:10.1.2.3"];
    let shared_or_local = ["100.64.0.1", "100.127.255.255", "169.254.1.1", "fe80::1"];
    for address in private.into_iter().chain(shared_or_local) {
        assert_eq!(looked_up("nested", address), Place::default(), "{address}");
    }
}

#[test]
fn what_a_database_should_not_hold_is_left_out() {
    let cases = [
        ("192.0.2.129", place(Some("CZ"), None, OF_DATABASE)),
        ("192.0.2.130", Place::default()),
        ("192.0.2.131", Place::default()),
        ("192.0.2.132", place(None, Some("Brno"), OF_DATABASE)),
    ];
    for (address, expected) in cases {
        assert_eq!(looked_up("nested", address), expected, "{address}");
    }
}

#[test]
fn a_broken_record_is_unknown_and_spoils_only_the_part_that_is_broken() {
    assert_eq!(looked_up("nested", "192.0.2.140"), Place::default());
    assert_eq!(looked_up("nested", "192.0.2.141"), Place::default());
    let city_only = place(None, Some("Prague"), OF_DATABASE);
    assert_eq!(looked_up("nested", "192.0.2.142"), city_only);
}

#[test]
fn a_file_that_is_missing_or_something_else_is_told_by_its_path() {
    let missing = format!("{FIXTURES}/missing.mmdb");
    let error = Places::from_file(&missing).expect_err("no file");
    assert_eq!(error.to_string(), format!("the database of places {missing} can't be read"));
    let script = format!("{FIXTURES}/make.py");
    let error = Places::from_file(&script).expect_err("no database");
    assert_eq!(error.to_string(), format!("{script} is not a database of places"));
}

#[test]
fn cloudfront_goes_before_the_database_where_it_is_believed() {
    let named = headers([
        ("cloudfront-viewer-country", "BR"),
        ("cloudfront-viewer-city", "S%C3%A3o Paulo"),
    ]);
    let believing = fixture("nested").with_viewer_headers(true);
    let brazil = place(Some("BR"), Some("São Paulo"), "cloudfront");
    assert_eq!(believing.locate(ip("192.0.2.7"), &named), brazil);
    assert_eq!(believing.locate(None, &named), brazil);
    let country_only = headers([("cloudfront-viewer-country", "BR")]);
    let expected = place(Some("BR"), None, "cloudfront");
    assert_eq!(believing.locate(ip("192.0.2.7"), &country_only), expected);
}

#[test]
fn headers_are_not_believed_unless_the_deployment_says_so() {
    let sent = headers([
        ("cloudfront-viewer-country", "BR"),
        ("cloudfront-viewer-city", "Recife"),
        ("cloudfront-viewer-address", "198.51.100.1:4711"),
    ]);
    let prague = place(Some("CZ"), Some("Prague"), OF_DATABASE);
    assert_eq!(fixture("nested").locate(ip("192.0.2.7"), &sent), prague);
    assert_eq!(fixture("nested").source(Some(ip("192.0.2.7")), &sent), Some(ip("192.0.2.7")));
    assert_eq!(Places::unknown().locate(ip("192.0.2.7"), &sent), Place::default());
}

#[test]
fn where_cloudfront_names_no_place_the_database_is_asked_about_the_viewer() {
    let believing = fixture("nested").with_viewer_headers(true);
    let edge = ip("203.0.113.1");
    let viewer = headers([("cloudfront-viewer-address", "198.51.100.1:4711")]);
    let berlin = place(Some("DE"), Some("Berlin"), OF_DATABASE);
    assert_eq!(believing.locate(edge, &viewer), berlin);
    let viewer = headers([("cloudfront-viewer-address", "2001:db8:1::7:4711")]);
    let france = place(Some("FR"), Some("Saint-Étienne"), OF_DATABASE);
    assert_eq!(believing.locate(edge, &viewer), france);
}

#[test]
fn the_source_is_the_viewer_that_cloudfront_names_else_the_peer() {
    let believing = Places::unknown().with_viewer_headers(true);
    let peer = ip("203.0.113.1");
    let source =
        |value| believing.source(Some(peer), &headers([("cloudfront-viewer-address", value)]));
    assert_eq!(source("198.51.100.1:4711"), Some(ip("198.51.100.1")));
    assert_eq!(source("2001:db8:1::7:4711"), Some(ip("2001:db8:1::7")));
    assert_eq!(source("::ffff:198.51.100.1:4711"), Some(ip("198.51.100.1")));
    for value in ["", "198.51.100.1", "198.51.100.1:", "198.51.100.1:65536", "evil.example:1"] {
        assert_eq!(source(value), Some(peer), "{value:?}");
    }
    assert_eq!(believing.source(None, &HeaderMap::new()), None);
}

#[test]
fn hostile_cities_are_left_out() {
    let believing = Places::unknown().with_viewer_headers(true);
    let long = "a".repeat(65);
    let cities = ["", " ", "a%0Ab", "%00", "%E2%80%AEkcab", "%FF", "%C3", "São Paulo", &long];
    for city in cities {
        let sent = headers([("cloudfront-viewer-country", "BR"), ("cloudfront-viewer-city", city)]);
        let country_only = place(Some("BR"), None, "cloudfront");
        assert_eq!(believing.locate(ip("192.0.2.7"), &sent), country_only, "{city:?}");
    }
}

#[test]
fn hostile_countries_are_left_out() {
    let believing = Places::unknown().with_viewer_headers(true);
    for country in ["", "B", "BRA", "B1", "B%52", "br,de", "č", "ZZ"] {
        let sent =
            headers([("cloudfront-viewer-country", country), ("cloudfront-viewer-city", "Recife")]);
        let city_only = place(None, Some("Recife"), "cloudfront");
        assert_eq!(believing.locate(ip("192.0.2.7"), &sent), city_only, "{country:?}");
    }
}

#[test]
fn headers_that_are_there_twice_are_left_out() {
    let believing = fixture("nested").with_viewer_headers(true);
    let sent = headers([("cloudfront-viewer-country", "BR"), ("cloudfront-viewer-country", "DE")]);
    let prague = place(Some("CZ"), Some("Prague"), OF_DATABASE);
    assert_eq!(believing.locate(ip("192.0.2.7"), &sent), prague);
}
