//! Reading what is stored, whichever aggregate it is of.

use postern_events::account::AccountEvent;
use postern_events::catalogue::{Entry, EventSet};
use postern_events::message::MessageEvent;
use postern_events::schema::stem;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::support::SupportEvent;
use postern_events::verification::VerificationEvent;
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::files;
use crate::samples::samples;

/// Every aggregate with its events.
pub(crate) const SETS: &[(&str, &[Entry])] = &[
    (AccountEvent::AGGREGATE, AccountEvent::ENTRIES),
    (SignInEvent::AGGREGATE, SignInEvent::ENTRIES),
    (VerificationEvent::AGGREGATE, VerificationEvent::ENTRIES),
    (MessageEvent::AGGREGATE, MessageEvent::ENTRIES),
    (SupportEvent::AGGREGATE, SupportEvent::ENTRIES),
];

/// Reads an event of any aggregate and writes its data as today's version has them.
pub(crate) fn reread(stored: &StoredEvent) -> Result<String, Unreadable> {
    fn as_one_of<E: EventSet>(stored: &StoredEvent) -> Result<String, Unreadable> {
        Ok(E::read(stored)?.data()?.get().to_owned())
    }
    match stored.name.split('.').next() {
        Some("account") => as_one_of::<AccountEvent>(stored),
        Some("sign_in") => as_one_of::<SignInEvent>(stored),
        Some("verification") => as_one_of::<VerificationEvent>(stored),
        Some("message") => as_one_of::<MessageEvent>(stored),
        Some("support") => as_one_of::<SupportEvent>(stored),
        Some(_) | None => Err(Unreadable::UnknownName),
    }
}

fn with_data(mut stored: StoredEvent, data: &str) -> Option<StoredEvent> {
    stored.data = RawValue::from_string(data.to_owned()).ok()?;
    Some(stored)
}

/// Sealed or not, right or wrong: small JSON values that members could be replaced with.
fn any_member() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,40}".prop_map(Into::into),
        "(acc|dev|sin|ver|ses|sup|evt|msg)_[0-9A-Z]{26}".prop_map(Into::into),
        "[0-9+:TZ.-]{0,40}".prop_map(Into::into),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Into::into),
        Just(serde_json::json!({ "sign_in": {} })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_data_make_reading_panic(which in any::<prop::sample::Index>(), bytes in any::<Vec<u8>>()) {
        let all = samples();
        let (_, stored) = which.get(&all).clone();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for data in [text.clone(), serde_json::to_string(&text).unwrap()] {
            if let Some(stored) = with_data(stored.clone(), &data) {
                let _ = reread(&stored);
            }
        }
    }

    #[test]
    fn no_member_of_data_makes_reading_panic(
        which in any::<prop::sample::Index>(),
        member in any::<prop::sample::Index>(),
        value in any_member(),
    ) {
        let all = samples();
        let (_, stored) = which.get(&all).clone();
        let mut data: serde_json::Value = serde_json::from_str(stored.data.get()).unwrap();
        let members = data.as_object_mut().unwrap();
        if let Some(name) = (!members.is_empty())
            .then(|| member.index(members.len()))
            .and_then(|at| members.keys().nth(at).cloned())
        {
            members.insert(name, value);
        }
        if let Some(stored) = with_data(stored, &data.to_string()) {
            let _ = reread(&stored);
        }
    }

    #[test]
    fn no_envelope_makes_reading_panic(name in "\\PC{0,30}", version in any::<u16>()) {
        for (_, stored) in samples() {
            let versions_apart = StoredEvent { version, ..stored.clone() };
            let read = reread(&versions_apart).is_ok();
            let entry = files::about(&(stem(&stored.name, version) + ".json"));
            prop_assert_eq!(read, entry.is_some());
            let unknown = reread(&StoredEvent { name: name.clone(), ..stored });
            prop_assert!(unknown.is_err());
        }
    }
}

#[test]
fn an_event_of_another_aggregate_is_unknown() {
    for (_, stored) in samples().into_iter().filter(|(_, it)| !it.name.starts_with("account.")) {
        let read = AccountEvent::read(&stored);
        assert!(matches!(read, Err(Unreadable::UnknownName)), "{}", stored.name);
    }
}
