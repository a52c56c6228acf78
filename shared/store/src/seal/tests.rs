#![allow(clippy::unwrap_used, reason = "a test may")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;

fn account(byte: u8) -> AccountId {
    AccountId::from_bytes([byte; 16])
}

fn key(account_byte: u8, key_byte: u8) -> DataKey {
    DataKey::from_bytes(account(account_byte), &Zeroizing::new([key_byte; 32])).unwrap()
}

fn event() -> EventId {
    EventId::from_bytes([9; 16])
}

fn sealed(text: &str) -> Personal<String> {
    key(1, 1).seal(event(), PersonalField::Email, &text.to_owned()).unwrap()
}

fn changed(sealed: &Personal<String>, change: impl FnOnce(&mut Vec<u8>)) -> Personal<String> {
    let mut bytes = URL_SAFE_NO_PAD.decode(sealed.token().unwrap().as_str()).unwrap();
    change(&mut bytes);
    Personal::Sealed(Token::parse(&URL_SAFE_NO_PAD.encode(bytes)).unwrap())
}

#[test]
fn a_sealed_value_opens_with_its_key() {
    let personal = sealed("ada@example.com");
    assert_eq!(key(1, 1).open(&personal).unwrap(), "ada@example.com");
    assert_eq!(key(1, 1).open_as(PersonalField::Email, &personal).unwrap(), "ada@example.com");
}

#[test]
fn every_kind_of_value_is_known_again() {
    let kinds = [PersonalField::Email, PersonalField::Device, PersonalField::Origin];
    for field in kinds.into_iter().chain([PersonalField::Plea]) {
        let personal = key(1, 1).seal(event(), field, &"text".to_owned()).unwrap();
        assert_eq!(header(personal.token().unwrap()).unwrap().field, field);
        assert_eq!(key(1, 1).open_as(field, &personal).unwrap(), "text");
    }
}

#[test]
fn a_change_of_any_byte_is_refused() {
    let personal = sealed("ada@example.com");
    let length = URL_SAFE_NO_PAD.decode(personal.token().unwrap().as_str()).unwrap().len();
    for place in 0..length {
        for bit in [1, 128] {
            let forged = changed(&personal, |bytes| bytes[place] ^= bit);
            assert!(key(1, 1).open(&forged).is_err(), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn a_token_cut_short_or_drawn_out_is_refused() {
    let personal = sealed("ada@example.com");
    let length = URL_SAFE_NO_PAD.decode(personal.token().unwrap().as_str()).unwrap().len();
    for left in 1..length {
        assert!(key(1, 1).open(&changed(&personal, |bytes| bytes.truncate(left))).is_err());
    }
    assert!(key(1, 1).open(&changed(&personal, |bytes| bytes.push(0))).is_err());
}

#[test]
fn another_accounts_key_opens_nothing() {
    let personal = sealed("ada@example.com");
    assert!(matches!(key(2, 1).open(&personal), Err(Unopened::AnotherAccount)));
    assert!(matches!(key(1, 2).open(&personal), Err(Unopened::Forged)));
    let renamed = changed(&personal, |bytes| bytes[1..17].fill(2));
    assert!(matches!(key(2, 1).open(&renamed), Err(Unopened::Forged)));
}

#[test]
fn a_token_moved_to_a_field_of_another_kind_is_refused() {
    let personal = sealed("ada@example.com");
    let answer = key(1, 1).open_as(PersonalField::Device, &personal);
    assert!(matches!(answer, Err(Unopened::AnotherField)));
    let relabelled = changed(&personal, |bytes| bytes[33] = PersonalField::Device.code());
    let answer = key(1, 1).open_as(PersonalField::Device, &relabelled);
    assert!(matches!(answer, Err(Unopened::Forged)));
}

#[test]
fn anyone_can_read_whose_a_token_is_and_nothing_else() {
    let personal = sealed("ada@example.com");
    let read = header(personal.token().unwrap()).unwrap();
    let expected = Header { account: account(1), event: event(), field: PersonalField::Email };
    assert_eq!(read, expected);
    assert_eq!(format!("{:?}", key(1, 1)), "DataKey(..)");
}

#[test]
fn without_the_key_a_value_opens_as_erased() {
    let personal = sealed("ada@example.com");
    assert_eq!(open_if_kept(None, &personal).unwrap(), Opened::Erased);
    assert_eq!(
        open_if_kept(Some(&key(1, 1)), &personal).unwrap().value().unwrap(),
        "ada@example.com"
    );
}

/// Chance that is none.
struct Sevens;

impl Chance for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

#[test]
fn a_token_of_chance_reads_like_a_sealed_one_and_opens_for_nobody() {
    let named = Header { account: account(1), event: event(), field: PersonalField::Email };
    let clear = serde_json::to_vec("ada@example.com").unwrap();
    let token = unopenable(named, clear.len(), &Sevens).unwrap();
    assert_eq!(header(&token), Some(named));
    assert_eq!(token.as_str().len(), sealed("ada@example.com").token().unwrap().as_str().len());
    assert_eq!(token, unopenable(named, clear.len(), &Sevens).unwrap());
    let made_up: Personal<String> = Personal::Sealed(token);
    assert!(matches!(key(1, 1).open(&made_up), Err(Unopened::Forged)));
    assert!(matches!(unopenable(named, Token::MAX_LENGTH, &Sevens), Err(Unsealed::TooLong)));
}

#[test]
fn a_value_longer_than_a_token_may_be_is_refused() {
    let long = "x".repeat(Token::MAX_LENGTH);
    let answer = key(1, 1).seal(event(), PersonalField::Email, &long);
    assert!(matches!(answer, Err(Unsealed::TooLong)));
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_and_never_twice_alike(text in "\\PC{0,200}") {
        let (one, two) = (sealed(&text), sealed(&text));
        prop_assert!(one != two);
        prop_assert_eq!(key(1, 1).open(&one).unwrap(), text.clone());
        prop_assert_eq!(key(1, 1).open(&two).unwrap(), text);
    }
}
