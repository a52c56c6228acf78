//! Every event has a JSON Schema, for those who read the log without Rust.

use std::collections::BTreeSet;
use std::fs;

use postern_events::catalogue::catalogue;
use postern_events::schema::stem;

use crate::files;

#[test]
fn every_event_has_the_schema_that_its_type_has() {
    for entry in catalogue() {
        let path = files::schemas().join(stem(entry.name, entry.version) + ".json");
        let expected = entry.schema_text().unwrap();
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == expected {
            continue;
        }
        assert!(
            files::blessing(),
            "{} is not what the type says. An event that lies in a log needs a new version; \
             otherwise POSTERN_BLESS=1 writes the file",
            path.display()
        );
        fs::write(&path, expected).unwrap();
    }
}

#[test]
fn every_schema_belongs_to_an_event_or_to_an_earlier_version_of_one() {
    for file in files::names(&files::schemas()) {
        assert!(files::about(&file).is_some(), "schemas/{file} describes no event");
    }
}

#[test]
fn a_wire_name_stands_for_one_event_and_starts_with_its_aggregate() {
    let mut seen = BTreeSet::new();
    for entry in catalogue() {
        assert!(seen.insert(entry.name), "{} is twice in the catalogue", entry.name);
        let (aggregate, fact) = entry.name.split_once('.').expect("aggregate.fact");
        let of_one_set = catalogue().iter().filter(|it| it.name.starts_with(aggregate)).count();
        assert!(of_one_set > 0 && !fact.is_empty() && !fact.contains('.'), "{}", entry.name);
    }
    for (aggregate, entries) in crate::reading::SETS {
        for entry in *entries {
            assert_eq!(entry.name.split('.').next(), Some(*aggregate));
        }
    }
}
