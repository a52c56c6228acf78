//! Where people live, and what a request from there says.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use super::chance::{Seeded, hours};

/// A country as the log knows it.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    /// Language tag (BCP 47) of most who live there.
    pub(super) locale: &'static str,
    /// Hours that its clocks are ahead of UTC, all year.
    ahead: i64,
    cities: [&'static str; 3],
    /// The first octet of its addresses here.
    network: u8,
}

const fn country(
    code: &'static str,
    locale: &'static str,
    ahead: i64,
    cities: [&'static str; 3],
    network: u8,
) -> Country {
    Country { code, locale, ahead, cities, network }
}

/// Where owners live, by how many of them do.
pub(super) static HOMES: [(u64, Country); 10] = [
    (18, country("DE", "de", 1, ["Berlin", "Hamburg", "Leipzig"], 91)),
    (14, country("GB", "en-GB", 0, ["London", "Leeds", "Bristol"], 81)),
    (13, country("US", "en-US", -5, ["New York", "Atlanta", "Boston"], 73)),
    (11, country("BR", "pt-BR", -3, ["São Paulo", "Recife", "Curitiba"], 177)),
    (10, country("IT", "it", 1, ["Milan", "Naples", "Turin"], 79)),
    (9, country("ES", "es", 1, ["Madrid", "Seville", "Valencia"], 83)),
    (8, country("PL", "pl", 1, ["Warsaw", "Gdansk", "Lodz"], 89)),
    (7, country("CZ", "cs", 1, ["Prague", "Brno", "Ostrava"], 90)),
    (6, country("JP", "ja", 9, ["Tokyo", "Osaka", "Sapporo"], 126)),
    (4, country("VN", "vi", 7, ["Hanoi", "Da Nang", "Hue"], 113)),
];

/// Where attacks come from, which are the places of rented machines and not of those who rent them.
pub(super) static LAIRS: [(u64, Country); 5] = [
    (5, country("NL", "nl", 1, ["Amsterdam", "Rotterdam", "Utrecht"], 185)),
    (4, country("RU", "ru", 3, ["Moscow", "Samara", "Perm"], 95)),
    (3, country("US", "en-US", -5, ["Ashburn", "Dallas", "Chicago"], 45)),
    (2, country("SG", "en", 8, ["Singapore", "Singapore", "Singapore"], 128)),
    (2, country("NG", "en", 1, ["Lagos", "Abuja", "Kano"], 102)),
];

/// How many of a day's uses fall into each hour of the local clock: people sleep, and are on the phone
/// most in the evening.
const HOURS: [(u64, i64); 24] = [
    (8, 0),
    (4, 1),
    (2, 2),
    (1, 3),
    (1, 4),
    (4, 5),
    (15, 6),
    (30, 7),
    (38, 8),
    (36, 9),
    (34, 10),
    (36, 11),
    (42, 12),
    (40, 13),
    (36, 14),
    (36, 15),
    (42, 16),
    (52, 17),
    (64, 18),
    (72, 19),
    (70, 20),
    (58, 21),
    (38, 22),
    (18, 23),
];

impl Country {
    /// A time of that day at which its people are awake.
    pub(super) fn time_of_day(&self, day: Timestamp, chance: &Seeded) -> Timestamp {
        let hour = *chance.weighted(&HOURS) - self.ahead;
        let within = chance.between(SignedDuration::ZERO, hours(1));
        day + hours(hour.rem_euclid(24)) + within
    }

    pub(super) fn city(&self, chance: &Seeded) -> &'static str {
        self.cities[chance.place(self.cities.len())]
    }

    /// An address from there.
    pub(super) fn address(&self, chance: &Seeded) -> IpAddr {
        let [_, second, third, fourth, ..] = chance.next().to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(self.network, second, third, fourth))
    }
}
