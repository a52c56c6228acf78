//! What DynamoDB exports, and what can be wrong with it.

use std::fs;

use postern_store::streams::CommitParts;
use serde_json::json;

use crate::desk::Desk;
use crate::history::{COMMITS, added, full, item, write_export, write_full, write_lines, zip};

/// All commits as lines of a full export.
fn lines() -> Vec<String> {
    COMMITS.iter().map(full).collect()
}

#[test]
fn data_files_are_found_by_their_keys_zipped_or_not() {
    let keys = [
        "AWSDynamoDB/01-x/data/a.json.gz",
        "AWSDynamoDB/01-x/data/a.json",
        "AWSDynamoDB/data/a.json.gz",
        "AWSDynamoDB/data/a.json",
    ];
    for key in keys {
        let desk = Desk::new();
        write_export(&desk.path("copied"), "01-x", &[(key, lines())]);
        assert_eq!(desk.verify("@copied").1, 0, "{key}");
    }
}

#[test]
fn data_files_are_found_in_a_folder_that_was_copied_without_what_is_above_it() {
    let desk = Desk::new();
    let key = "AWSDynamoDB/01-x/data/a.json.gz";
    let manifest = write_export(&desk.path("copied"), "01-x", &[(key, lines())]);
    fs::rename(manifest, desk.path("moved")).unwrap();
    assert_eq!(desk.verify("@moved").1, 0);
    // A prefix in the bucket is part of the key.
    let listed = fs::read_to_string(desk.path("moved/manifest-files.json")).unwrap();
    let listed = listed.replace("AWSDynamoDB/", "exports/2026/AWSDynamoDB/");
    fs::write(desk.path("moved/manifest-files.json"), listed).unwrap();
    assert_eq!(desk.verify("@moved").1, 0);
}

#[test]
fn a_data_file_is_read_alone_also_without_a_manifest() {
    let desk = Desk::new();
    zip(&desk.path("data/a.json.gz"), &lines());
    write_lines(&desk.path("data/b.json"), COMMITS.iter().map(added));
    for from in ["@data/a.json.gz", "@data/b.json"] {
        let (told, code) = desk.verify(from);
        assert_eq!((&told["events"], code), (&json!(284), 0), "{from}");
    }
}

#[test]
fn data_files_are_read_without_a_manifest_and_it_is_said_that_some_may_lack() {
    let desk = Desk::new();
    zip(&desk.path("data/a.json.gz"), &lines());
    let ran = desk.run(&["verify", "--from", "@data"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = "postern: no manifest-files.json says whether these are all data files: 1, ";
    assert!(ran.err.contains(said) && ran.err.contains("data/a.json.gz on\n"), "{}", ran.err);
    write_full(&desk.path("copied"));
    let ran = desk.run(&["verify", "--from", "@copied"]);
    assert!(ran.code == 0 && !ran.err.contains("manifest"), "{}", ran.err);
}

#[test]
fn data_files_that_the_manifests_beside_them_do_not_name_are_an_error() {
    let (desk, why) = (Desk::new(), "no manifest-files.json says which files are all of it");
    // Of one of two exports the manifest was not copied.
    write_full(&desk.path("copied"));
    desk.done(&["verify", "--from", "@copied"]);
    zip(&desk.path("copied/AWSDynamoDB/02-more/data/c.json.gz"), &lines());
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("02-more/data/c.json.gz belongs") && said.contains(why), "{said}");
}

#[test]
fn a_summary_without_its_manifest_is_an_error() {
    let desk = Desk::new();
    let manifest = write_full(&desk.path("copied"));
    write_export(&desk.path("copied"), "02-empty", &[]);
    desk.done(&["verify", "--from", "@copied"]);
    fs::remove_file(desk.path("copied/AWSDynamoDB/02-empty/manifest-files.json")).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("02-empty/manifest-summary.json belongs to an export"), "{said}");
    // Also where it is the only one.
    fs::remove_file(manifest.join("manifest-files.json")).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("01-full/manifest-summary.json belongs to an export"), "{said}");
}

#[test]
fn a_manifest_that_lists_fewer_items_than_its_summary_says_is_an_error() {
    let desk = Desk::new();
    let manifest = write_full(&desk.path("copied"));
    let summary = manifest.join("manifest-summary.json");
    let (items, half) = (COMMITS.len(), COMMITS.len() / 2);
    fs::write(&summary, json!({ "itemCount": items }).to_string()).unwrap();
    desk.done(&["verify", "--from", "@copied"]);
    let listed = fs::read_to_string(manifest.join("manifest-files.json")).unwrap();
    let (first, _) = listed.split_once('\n').unwrap();
    fs::write(manifest.join("manifest-files.json"), first).unwrap();
    // The file that it doesn't list any more is there no more, too.
    fs::remove_file(desk.path("copied/AWSDynamoDB/01-full/data/two.json.gz")).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    let why = format!("it lists {half} items, and manifest-summary.json says {items}");
    assert!(said.contains("manifest-files.json is no file of an export: "), "{said}");
    assert!(said.contains(&why), "{said}");
    fs::write(&summary, "{").unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("manifest-summary.json is no file of an export: EOF"), "{said}");
}

#[test]
fn fewer_items_than_the_manifest_says_are_an_error_that_names_the_file() {
    let desk = Desk::new();
    let manifest = write_full(&desk.path("copied")).join("manifest-files.json");
    let count = COMMITS.len() / 2;
    let text = fs::read_to_string(&manifest).unwrap();
    let (one, other) = text.split_once('\n').unwrap();
    let many = other.replace(&format!("\"itemCount\":{count}"), "\"itemCount\":999");
    fs::write(&manifest, format!("{one}\n{many}")).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("data/two.json.gz is no file of an export"), "{said}");
    assert!(said.contains(&format!("it has {count} items, and the manifest says 999")), "{said}");
}

#[test]
fn a_data_file_that_is_missing_is_an_error_that_names_it() {
    let desk = Desk::new();
    write_full(&desk.path("copied"));
    fs::remove_file(desk.path("copied/AWSDynamoDB/01-full/data/one.json.gz")).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("data file AWSDynamoDB/01-full/data/one.json.gz is missing"), "{said}");
}

#[test]
fn a_line_that_is_no_item_is_an_error_that_names_its_place() {
    let broken = [
        ("{\"Item\":", "EOF"),
        ("{\"Other\":{}}", "neither an item nor the keys of one"),
        ("{\"Item\":{\"stream\":{\"S\":\"a/1\"}}}", "it has no key of the log"),
        ("{\"cursor\":1}", "missing field"),
    ];
    for (line, why) in broken {
        let desk = Desk::new();
        let lines = [full(&COMMITS[0]), line.to_owned()];
        write_lines(&desk.path("data.json"), lines);
        let said = desk.refused(&["verify", "--from", "@data.json"]);
        assert!(said.contains("data.json is no file of an export: line 2: "), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

/// What `verify` says of an export in which one item differs: of a commit in the midst of its stream.
fn with_item(change: impl Fn(&mut serde_json::Value)) -> (serde_json::Value, i32, CommitParts) {
    let desk = Desk::new();
    let changed = COMMITS.iter().find(|it| it.version == 5).unwrap();
    let lines = COMMITS.iter().map(|commit| {
        let mut item = item(commit);
        if (&commit.stream, commit.version) == (&changed.stream, changed.version) {
            change(&mut item);
        }
        json!({ "Item": item }).to_string()
    });
    let key = "AWSDynamoDB/01-x/data/a.json.gz";
    write_export(&desk.path("copied"), "01-x", &[(key, lines.collect())]);
    let (told, code) = desk.verify("@copied");
    (told, code, changed.clone())
}

#[test]
fn an_item_that_lacks_an_attribute_is_unreadable_and_named() {
    for name in ["events", "meta", "types", "state", "state_schema", "chain"] {
        let (told, code, commit) = with_item(|it| {
            it.as_object_mut().unwrap().remove(name).unwrap();
        });
        let due = json!([{
            "stream": commit.stream, "version": 5, "sequence": 5, "kind": "unreadable",
            "what": format!("attribute {name} is missing or of another type"),
        }]);
        assert_eq!((&told["breaks"], code), (&due, 18));
        assert_eq!((&told["streams"], &told["broken"]), (&json!(79), &json!(1)));
    }
}

#[test]
fn an_item_whose_attribute_has_another_type_is_unreadable() {
    for (name, other) in [
        ("events", json!({ "N": "1" })),
        ("types", json!({ "S": "account.device_seen" })),
        ("types", json!({ "L": [{ "S": "account.device_seen" }] })),
        ("state_schema", json!({ "N": "many" })),
        ("chain", json!({ "B": "no base64" })),
    ] {
        let (told, code, _) = with_item(|it| it[name] = other.clone());
        let what = format!("attribute {name} is missing or of another type");
        assert_eq!((&told["breaks"][0]["what"], code), (&json!(what), 18), "{other}");
    }
}

#[test]
fn what_else_an_item_has_does_not_matter() {
    let (told, code, _) = with_item(|it| {
        it["expires"] = json!({ "N": "1" });
        it["archived"] = json!({ "BOOL": true });
        it["tags"] = json!({ "M": { "a": { "NULL": true } } });
    });
    assert_eq!((&told["broken"], code), (&json!(0), 0));
}

#[test]
fn text_that_is_not_spelt_as_the_store_spells_it_is_kept_to_the_letter() {
    let (told, code, _) = with_item(|it| {
        let events = it["events"]["S"].as_str().unwrap().replacen(',', " ,", 1);
        it["events"]["S"] = json!(events);
    });
    assert_eq!(
        (&told["breaks"][0]["kind"], code),
        (&json!("chain"), 17),
        "it is not what was committed"
    );
    let (told, code, _) = with_item(|it| {
        let types = it["types"]["SS"].as_array().unwrap();
        it["types"]["SS"] = types.iter().rev().cloned().collect();
    });
    assert_eq!((&told["broken"], code), (&json!(0), 0), "a set has no order");
}

/// A header of gzip that says of a method which there is not.
const DAMAGED: [u8; 10] = [0x1f, 0x8b, 0x09, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn a_data_file_that_can_not_be_unpacked_is_an_error_that_names_it() {
    let desk = Desk::new();
    zip(&desk.path("data/a.json.gz"), &lines());
    write_lines(&desk.path("data/settings.json"), ["{\"a\": 1}"]);
    desk.done(&["verify", "--from", "@data"]);
    for begin in [DAMAGED.as_slice(), &[]] {
        fs::write(desk.path("data/b.json.gz"), begin).unwrap();
        for asked in ["verify", "stats"] {
            let said = desk.refused(&[asked, "--from", "@data"]);
            let due = format!("postern: {} can't be read: ", desk.path("data/b.json.gz").display());
            assert!(said.starts_with(&due), "{said}");
        }
    }
}

#[test]
fn so_is_one_beside_an_export_whose_manifest_does_not_name_it() {
    let desk = Desk::new();
    write_full(&desk.path("copied"));
    let listed = desk.path("copied/AWSDynamoDB/01-full/data/two.json.gz");
    let whole = fs::read(&listed).unwrap();
    fs::write(desk.path("copied/AWSDynamoDB/01-full/data/three.json.gz"), DAMAGED).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("data/three.json.gz can't be read: "), "{said}");
    // One that it names is looked for where it is due.
    fs::remove_file(desk.path("copied/AWSDynamoDB/01-full/data/three.json.gz")).unwrap();
    fs::write(&listed, DAMAGED).unwrap();
    let said = desk.refused(&["verify", "--from", "@copied"]);
    assert!(said.contains("data/two.json.gz is no file of an export: "), "{said}");
    fs::write(&listed, whole).unwrap();
    desk.done(&["verify", "--from", "@copied"]);
}

#[test]
fn a_data_file_that_is_cut_off_is_known_by_its_beginning() {
    let desk = Desk::new();
    zip(&desk.path("data/a.json.gz"), &lines());
    zip(&desk.path("data/b.json.gz"), &lines());
    let whole = fs::read(desk.path("data/b.json.gz")).unwrap();
    fs::write(desk.path("data/b.json.gz"), &whole[..whole.len() / 2]).unwrap();
    let said = desk.refused(&["verify", "--from", "@data"]);
    assert!(said.contains("data/b.json.gz is no file of an export: "), "{said}");
}
