//! What a guard counts, of all that the log tells.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use postern_domain::guard::Counted;
use postern_events::account::AccountEvent;
use postern_events::catalogue::{EventSet as _, catalogue};
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;
use postern_events::verification::VerificationEvent;

/// Of these no golden event counts, and they matter: an account begins and ends by them, and some
/// processes are step-ups.
const OTHERWISE: [&str; 3] = ["account.registered", "account.erased", "verification.opened"];

fn counted(stored: &StoredEvent) -> Option<Counted> {
    match stored.name.split_once('.').unwrap().0 {
        "account" => Counted::of_account(&AccountEvent::read(stored).unwrap()),
        "sign_in" => Counted::of_sign_in(&SignInEvent::read(stored).unwrap()),
        "verification" => Counted::of_verification(&VerificationEvent::read(stored).unwrap()),
        _ => None,
    }
}

#[test]
fn what_never_counts_is_what_no_golden_event_of_its_name_counts_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/golden");
    let mut counting = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read(entry.unwrap().path()).unwrap();
        let stored: StoredEvent = serde_json::from_slice(&text).unwrap();
        if counted(&stored).is_some() {
            assert!(!Counted::never(&stored.name), "{}", stored.name);
            counting.insert(stored.name);
        }
    }
    let aggregates = ["account.", "sign_in.", "verification."];
    let silent = catalogue().into_iter().map(|it| it.name).filter(|name| {
        aggregates.iter().any(|it| name.starts_with(it))
            && !counting.contains(*name)
            && !OTHERWISE.contains(name)
    });
    for name in silent {
        assert!(Counted::never(name), "{name}");
    }
    assert!(OTHERWISE.iter().all(|it| !Counted::never(it)));
    assert!(!Counted::never("account.something_new"), "nobody knows what it counts for");
}
