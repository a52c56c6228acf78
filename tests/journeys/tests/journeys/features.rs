//! The page that says which journeys prove what, held against the journeys themselves. It needs no
//! stack.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Set to write the page's last column anew instead of comparing it.
const WRITE: &str = "POSTERN_WRITE_FEATURES";
/// Every behaviour that the product's own words promise: a letter, and how many of it there are.
const PROMISED: [(char, u8); 6] = [('S', 9), ('P', 5), ('C', 8), ('T', 5), ('L', 7), ('H', 5)];
/// Between two journeys of a row.
const BETWEEN: &str = " · ";

/// Journeys by the behaviour that they prove, each as `file::test`.
type Proofs = BTreeMap<String, BTreeSet<String>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every identifier, in the page's order.
fn promised() -> Vec<String> {
    let of = |(letter, count): (char, u8)| (1..=count).map(move |it| format!("{letter}{it}"));
    PROMISED.into_iter().flat_map(of).collect()
}

/// The identifiers at the head of a doc comment: `S1, C4: why.`
fn named(doc: &str) -> Vec<String> {
    let Some((head, _)) = doc.split_once(": ") else { return Vec::new() };
    let ids: Vec<String> = head.split(", ").map(str::to_owned).collect();
    let promised = promised();
    if ids.iter().all(|id| promised.contains(id)) { ids } else { Vec::new() }
}

/// Reads the journeys of one file. A test's comment stands right before it; one that isn't run proves
/// nothing.
fn read(file: &str, source: &str, proofs: &mut Proofs) {
    let (mut doc, mut is_test, mut is_ignored) = (String::new(), false, false);
    for line in source.lines() {
        if let Some(said) = line.strip_prefix("/// ") {
            doc.push_str(if doc.is_empty() { "" } else { " " });
            doc.push_str(said);
        } else if line.starts_with("#[") {
            is_test |= matches!(line, "#[test]" | "#[tokio::test]");
            is_ignored |= line.starts_with("#[ignore");
        } else {
            let signature = line.trim_start_matches("async ").strip_prefix("fn ");
            let name = signature.and_then(|it| it.split_once('(')).map(|(name, _)| name);
            if let (Some(name), true, false) = (name, is_test, is_ignored) {
                for id in named(&doc) {
                    proofs.entry(id).or_default().insert(format!("{file}::{name}"));
                }
            }
            (doc, is_test, is_ignored) = (String::new(), false, false);
        }
    }
}

/// What the journeys say of themselves.
fn proofs() -> Proofs {
    let mut proofs = Proofs::new();
    for entry in fs::read_dir(folder().join("tests/journeys")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap();
        read(file, &fs::read_to_string(&path).unwrap(), &mut proofs);
    }
    proofs
}

/// A row of the page: its identifier, what Postern does, and the journeys.
fn row(line: &str) -> Option<[&str; 3]> {
    let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim);
    let row = [cells.next()?, cells.next()?, cells.next()?];
    (cells.next().is_none() && promised().iter().any(|id| id == row[0])).then_some(row)
}

/// The page with the journeys as they are.
fn written(page: &str, proofs: &Proofs) -> String {
    let none = BTreeSet::new();
    let lines = page.lines().map(|line| match row(line) {
        Some([id, does, _]) => {
            let journeys = proofs.get(id).unwrap_or(&none).iter();
            let journeys: Vec<String> = journeys.map(|it| format!("`{it}`")).collect();
            format!("| {id} | {does} | {} |\n", journeys.join(BETWEEN))
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// Every promise has its row, and each row names all the journeys that prove it and no other: whoever
/// writes a journey, or takes one away, sees what it was for.
#[test]
fn the_page_of_features_names_every_journey_that_proves_one() {
    let path = folder().join("FEATURES.md");
    let page = fs::read_to_string(&path).unwrap();
    let proofs = proofs();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, written(&page, &proofs)).unwrap();
        return;
    }
    let rows: Vec<[&str; 3]> = page.lines().filter_map(row).collect();
    assert_eq!(rows.iter().map(|[id, ..]| *id).collect::<Vec<_>>(), promised());
    for [id, does, journeys] in rows {
        assert!(does.ends_with('.'), "{id} doesn't say in a sentence what Postern does");
        let told: BTreeSet<&str> = journeys.split(BETWEEN).map(|it| it.trim_matches('`')).collect();
        let meant = proofs.get(id).unwrap_or_else(|| panic!("no journey proves {id}"));
        let meant: BTreeSet<&str> = meant.iter().map(String::as_str).collect();
        let missing: Vec<_> = meant.difference(&told).collect();
        let unknown: Vec<_> = told.difference(&meant).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "the page lacks {missing:?} for {id}, and names {unknown:?}, which is no journey or \
             doesn't name {id}; set {WRITE}=1 to write it anew",
        );
    }
}

/// A page that is read wrongly would prove anything.
#[test]
fn what_is_not_as_it_should_be_on_the_page_is_noticed() {
    let source = "/// S1, C4: a rule.\n#[tokio::test]\nasync fn a_rule() {\n}\n\n\
                  /// S1: no test.\nasync fn a_step() {\n}\n\n\
                  /// S2: not run.\n#[tokio::test]\n#[ignore = \"why\"]\nasync fn idle() {\n}\n\n\
                  /// Z1: nothing that is promised.\n#[test]\nfn another() {\n}\n";
    let mut proofs = Proofs::new();
    read("file", source, &mut proofs);
    let told: Vec<_> = proofs.iter().map(|(id, it)| (id.as_str(), it.len())).collect();
    assert_eq!(told, [("C4", 1), ("S1", 1)]);
    let page = "# A page\n| S1 | Does it. | |\n| Z1 | No. | `x` |\n";
    assert_eq!(row("| S1 | Does it. | `a` · `b` |"), Some(["S1", "Does it.", "`a` · `b`"]));
    let expected = "# A page\n| S1 | Does it. | `file::a_rule` |\n| Z1 | No. | `x` |\n";
    assert_eq!(written(page, &proofs), expected);
}
