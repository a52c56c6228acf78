//! `CATALOGUE.md`, which analysts read, tells of every event, and of its personal members.

use std::collections::BTreeMap;

use postern_events::catalogue::{Entry, catalogue};

const PAGE: &str = include_str!("../../CATALOGUE.md");

/// The rows of the page's tables that are about events: name, then the other cells.
fn rows() -> Vec<(String, Vec<String>)> {
    PAGE.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            let mut cells = cells.map(|it| it.trim().to_owned());
            let name = cells.next().unwrap().trim_matches('`').to_owned();
            (name, cells.collect())
        })
        .collect()
}

/// The members that hold sealed values, as the page spells them.
fn personal(entry: &Entry) -> String {
    let names: Vec<_> = entry.personal_members().iter().map(|it| format!("`{it}`")).collect();
    if names.is_empty() { "–".to_owned() } else { names.join(", ") }
}

#[test]
fn every_event_has_one_line_and_no_line_is_left_over() {
    let on_the_page: Vec<_> = rows().into_iter().map(|(name, _)| name).collect();
    let in_the_log: Vec<_> = catalogue().into_iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(on_the_page, in_the_log, "the lines of CATALOGUE.md, in the catalogue's order");
}

#[test]
fn a_line_tells_the_version_the_meaning_and_what_is_personal() {
    let rows: BTreeMap<_, _> = rows().into_iter().collect();
    for entry in catalogue() {
        let [version, says, sealed] = rows[entry.name].as_slice() else {
            panic!("{}: a line has four cells", entry.name)
        };
        assert_eq!(*version, entry.version.to_string(), "{}: the version", entry.name);
        assert!(says.ends_with('.') && says.len() > 20, "{}: a sentence", entry.name);
        assert_eq!(*sealed, personal(&entry), "{}: the personal members", entry.name);
    }
}
