//! Codes and the keys they are derived with.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::challenge::{CodeRefusal, Guess};
use postern_domain::codes::{CodeKeys, KeyMissing};
use postern_domain::sign_in::SignInRefusal;
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method;

use crate::sign_in::{awaiting_mailed_code, code, tablet, verify};

fn ring(names: &[&str]) -> Arc<CodeKeys> {
    let keys: BTreeMap<_, _> = names.iter().map(|it| ((*it).to_owned(), [9; 32])).collect();
    Arc::new(CodeKeys::new(names[0].to_owned(), keys).unwrap())
}

#[test]
fn a_living_code_outlives_the_change_of_the_current_key() {
    let rotated = Guess { code: code(Method::Email, 1, 0), keys: ring(&["k2", "k1"]) };
    let events = awaiting_mailed_code().when(verify(tablet(1), rotated)).unwrap();
    assert!(matches!(events.first(), Some(SignInEvent::CodeVerified(_))));
}

#[test]
fn without_the_codes_key_nothing_is_compared_and_nothing_counted() {
    let lost = Guess { code: code(Method::Email, 1, 0), keys: ring(&["k2"]) };
    let refused = awaiting_mailed_code().when(verify(tablet(1), lost));
    let missing = KeyMissing { kid: "k1".to_owned() };
    assert_eq!(refused, Err(SignInRefusal::Code(CodeRefusal::Key(missing))));
}

#[test]
fn a_key_ring_without_its_current_key_is_refused() {
    let refused = CodeKeys::new("k9".to_owned(), BTreeMap::new());
    assert_eq!(refused.unwrap_err(), KeyMissing { kid: "k9".to_owned() });
}
