//! `postern schema`, as an analyst uses it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use insta::assert_snapshot;

fn postern(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postern")).arg("schema").args(arguments).output().unwrap()
}

fn written(arguments: &[&str]) -> String {
    let output = postern(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The schemas of today's release.
fn today() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

#[test]
fn every_event_is_listed() {
    assert_snapshot!(written(&["list"]));
    let json: serde_json::Value = serde_json::from_str(&written(&["list", "--json"])).unwrap();
    assert_eq!(json.as_array().unwrap().len(), fs::read_dir(today()).unwrap().count());
}

#[test]
fn a_schema_is_shown_as_it_lies_in_the_folder() {
    let file = fs::read_to_string(today().join("sign_in.attempted.v1.json")).unwrap();
    assert_eq!(written(&["show", "sign_in.attempted"]), file);
    assert_eq!(written(&["show", "sign_in.attempted@1"]), file);
    let unknown = postern(&["show", "sign_in.attempted@7"]);
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(said.contains("written at version 1"), "{said}");
}

#[test]
fn today_s_schemas_are_fine_and_one_that_shrank_is_found() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(today()).unwrap().map(|it| it.unwrap().path()) {
        let text = fs::read_to_string(&file).unwrap();
        // The earlier release knew a member that is gone, and one event less.
        let text = text.replace("\"codes_left\"", "\"codes_that_are_left\"");
        let name = file.file_name().unwrap().to_str().unwrap();
        if name != "support.requested.v1.json" {
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let fine = written(&["check", today().to_str().unwrap()]);
    assert!(fine.ends_with(" compared, 0 new, 0 found\n"), "{fine}");
    let former = folder.path().to_str().unwrap();
    let found = postern(&["check", former]);
    assert_eq!(found.status.code(), Some(3));
    assert_snapshot!(String::from_utf8(found.stdout).unwrap());
    let json = postern(&["check", former, "--json"]);
    assert_eq!(json.status.code(), Some(3));
    assert_snapshot!(String::from_utf8(json.stdout).unwrap());
}
