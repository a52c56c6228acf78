//! Wrong passwords: for an address by network and by day, on a trusted key apart.

use jiff::{SignedDuration, Timestamp};
use postern_domain::tries::{AddressTries, KeyTries, TooManyTries};
use postern_events::vocabulary::SourceKey;

use crate::fixtures::*;

fn network(number: u16) -> SourceKey {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    SourceKey::from_bytes(bytes)
}

fn too_many(second: i64) -> Result<(), TooManyTries> {
    Err(TooManyTries { until: at(second) })
}

/// An address after so many wrong passwords from the first network at second 0.
fn after_wrong(count: u16) -> AddressTries {
    let mut tries = AddressTries::default();
    for _ in 0..count {
        tries.wrong(network(1), at(0)).unwrap();
    }
    tries
}

#[test]
fn the_sixth_wrong_password_of_a_network_waits_for_a_minute() {
    assert_eq!(after_wrong(4).may_try(network(1), at(0)), Ok(()));
    let mut five = after_wrong(5);
    for second in [0, MINUTE - 1] {
        assert_eq!(five.may_try(network(1), at(second)), too_many(MINUTE));
    }
    assert_eq!(five.wrong(network(1), at(MINUTE)), Ok(()));
    assert_eq!(five.may_try(network(1), at(MINUTE)), too_many(3 * MINUTE));
}

#[test]
fn each_wait_is_twice_as_long_up_to_an_hour() {
    let (mut tries, mut now) = (after_wrong(5), at(0));
    let mut wait = || -> i64 {
        let until = tries.may_try(network(1), now).unwrap_err().until;
        let waited = until.duration_since(now).as_mins();
        now = until;
        tries.wrong(network(1), now).unwrap();
        waited
    };
    let waits: Vec<i64> = (0..9).map(|_| wait()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn one_networks_wait_is_not_anothers() {
    let five = after_wrong(5);
    assert_eq!(five.may_try(network(1), at(0)), too_many(MINUTE));
    assert_eq!(five.may_try(network(2), at(0)), Ok(()));
}

#[test]
fn a_network_is_forgotten_after_a_day_without_a_wrong_password() {
    let mut tries = after_wrong(5);
    tries.wrong(network(1), at(MINUTE)).unwrap();
    assert_eq!(tries.may_try(network(1), at(MINUTE + 1)), too_many(3 * MINUTE));
    let next_day = MINUTE + DAY;
    for _ in 0..5 {
        assert_eq!(tries.wrong(network(1), at(next_day)), Ok(()));
    }
    assert_eq!(tries.may_try(network(1), at(next_day)), too_many(next_day + MINUTE));
}

/// An address after so many wrong passwords, one a second, each from a network of its own.
fn from_everywhere(count: u16) -> AddressTries {
    let mut tries = AddressTries::default();
    for number in 0..count {
        tries.wrong(network(number), at(i64::from(number))).unwrap();
    }
    tries
}

#[test]
fn the_101st_wrong_password_of_a_day_waits_whatever_network_it_comes_from() {
    assert_eq!(from_everywhere(99).may_try(network(500), at(100)), Ok(()));
    let mut hundred = from_everywhere(100);
    for second in [100, DAY - 1] {
        assert_eq!(hundred.may_try(network(500), at(second)), too_many(DAY));
        assert_eq!(hundred.wrong(network(500), at(second)), too_many(DAY));
    }
    assert_eq!(hundred.wrong(network(500), at(DAY)), Ok(()));
    assert_eq!(hundred.wrong(network(501), at(DAY)), too_many(DAY + 1));
}

#[test]
fn a_right_password_ends_the_networks_wait_and_leaves_the_days_count() {
    let mut tries = after_wrong(5);
    tries.right(network(1), at(MINUTE)).unwrap();
    for number in 0..95 {
        assert_eq!(tries.wrong(network(number), at(MINUTE)), Ok(()));
    }
    assert_eq!(tries.may_try(network(500), at(MINUTE)), too_many(DAY));
    assert_eq!(tries.right(network(500), at(DAY)), Ok(()));
}

#[test]
fn a_right_password_of_one_network_ends_no_other_ones_wait() {
    let mut tries = after_wrong(5);
    tries.right(network(2), at(1)).unwrap();
    assert_eq!(tries.may_try(network(1), at(1)), too_many(MINUTE));
}

#[test]
fn what_came_too_late_is_refused_whether_right_or_wrong_and_changes_nothing() {
    for tries in [after_wrong(5), from_everywhere(100)] {
        let mut after = tries.clone();
        let until = tries.may_try(network(1), at(0)).unwrap_err();
        assert_eq!(after.wrong(network(1), at(0)), Err(until));
        assert_eq!(after.right(network(1), at(0)), Err(until));
        assert_eq!(after, tries);
    }
    let mut ten = on_phone(10);
    let before = ten.clone();
    assert_eq!(ten.wrong(key(PHONE), at(DAY - 1)), too_many(DAY));
    assert_eq!(ten.right(key(PHONE), at(DAY - 1)), too_many(DAY));
    assert_eq!(ten, before);
}

#[test]
fn an_address_costs_little_however_many_networks_try_it() {
    let mut tries = AddressTries::default();
    let mut now: Timestamp = at(0);
    for number in 0..3_000 {
        let _ = tries.wrong(network(number), now);
        now += SignedDuration::from_mins(1);
    }
    assert!(serde_json::to_string(&tries).unwrap().len() < 12_000, "it lies in one item");
}

/// The tries of an account's keys after so many wrong ones on the phone at second 0.
fn on_phone(count: u8) -> KeyTries {
    let mut tries = KeyTries::default();
    for _ in 0..count {
        tries.wrong(key(PHONE), at(0)).unwrap();
    }
    tries
}

#[test]
fn the_eleventh_wrong_password_on_a_trusted_key_waits_for_a_day() {
    assert_eq!(on_phone(9).may_try(key(PHONE), at(0)), Ok(()));
    let mut ten = on_phone(10);
    for second in [0, DAY - 1] {
        assert_eq!(ten.may_try(key(PHONE), at(second)), too_many(DAY));
    }
    assert_eq!(ten.wrong(key(PHONE), at(DAY)), Ok(()));
}

#[test]
fn a_trusted_keys_tries_are_its_own() {
    let ten = on_phone(10);
    assert_eq!(ten.may_try(key(TABLET), at(0)), Ok(()));
    assert_eq!(from_everywhere(100).may_try(network(1), at(99)), too_many(DAY));
    assert_eq!(KeyTries::default().may_try(key(PHONE), at(99)), Ok(()));
}

#[test]
fn a_right_password_on_a_trusted_key_starts_its_count_again() {
    let mut tries = on_phone(9);
    tries.wrong(key(TABLET), at(0)).unwrap();
    tries.right(key(PHONE), at(1)).unwrap();
    for _ in 0..10 {
        assert_eq!(tries.wrong(key(PHONE), at(1)), Ok(()));
    }
    assert_eq!(tries.may_try(key(PHONE), at(1)), too_many(DAY + 1));
    for _ in 0..9 {
        assert_eq!(tries.wrong(key(TABLET), at(1)), Ok(()), "the tablet's first one still counts");
    }
    assert_eq!(tries.wrong(key(TABLET), at(1)), too_many(DAY));
}

#[test]
fn tries_come_back_from_a_table_as_they_went() {
    let json = |value: &AddressTries| serde_json::to_string(value).unwrap();
    let tries = after_wrong(5);
    assert_eq!(serde_json::from_str::<AddressTries>(&json(&tries)).unwrap(), tries);
    let keys = on_phone(3);
    let text = serde_json::to_string(&keys).unwrap();
    assert_eq!(serde_json::from_str::<KeyTries>(&text).unwrap(), keys);
}
