use postern_events::catalogue::catalogue;
use serde_json::{Value, json};

use super::*;

/// A castle's gate, as its log once described it.
fn gate() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Opened",
        "type": "object",
        "properties": {
            "guards": { "type": "array", "items": { "$ref": "#/$defs/Guard" } },
            "by": { "$ref": "#/$defs/Guard" },
            "way": { "$ref": "#/$defs/Way" },
            "at": { "type": "integer", "format": "uint16", "minimum": 0, "maximum": 65535 },
            "note": { "type": ["string", "null"] },
        },
        "required": ["guards", "by", "way", "at"],
        "$defs": {
            "Guard": { "type": "string", "pattern": "^grd_[0-9]{3}$" },
            "Way": { "oneOf": [
                { "description": "Inwards.", "type": "string", "const": "in" },
                { "type": "string", "const": "out" },
            ] },
        },
    })
}

fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut schema = gate();
    change(&mut schema);
    schema
}

/// What is found when the gate's schema becomes another one.
fn found(new: &Value) -> Vec<(String, Change)> {
    let findings = compare("gate.opened", 1, &gate(), new);
    findings.into_iter().map(|it| (it.pointer, it.what)).collect()
}

fn at(pointer: &str, what: Change) -> Vec<(String, Change)> {
    vec![(pointer.to_owned(), what)]
}

fn rule(name: &str) -> Change {
    Change::Rule(name.to_owned())
}

#[test]
fn a_schema_that_is_the_same_is_fine() {
    assert_eq!(found(&gate()), []);
}

#[test]
fn a_member_that_may_be_absent_can_join() {
    let new = changed(|it| it["properties"]["horse"] = json!({ "type": "boolean" }));
    assert_eq!(found(&new), []);
}

#[test]
fn explanations_may_change() {
    let new = changed(|it| {
        it["title"] = json!("GateOpened");
        it["properties"]["by"]["description"] = json!("Who did it.");
        it["$defs"]["Way"]["oneOf"][0]["description"] = json!("Into the castle.");
    });
    assert_eq!(found(&new), []);
}

#[test]
fn a_shape_may_be_called_otherwise() {
    let new = changed(|it| {
        it["$defs"]["Porter"] = it["$defs"]["Guard"].clone();
        it["properties"]["by"] = json!({ "$ref": "#/$defs/Porter" });
    });
    assert_eq!(found(&new), []);
}

#[test]
fn a_word_can_join_the_end_of_a_list_of_words() {
    let new = changed(|it| {
        let words = it["$defs"]["Way"]["oneOf"].as_array_mut().unwrap();
        words.push(json!({ "type": "string", "const": "through" }));
    });
    assert_eq!(found(&new), []);
    let plain = json!({ "type": "string", "enum": ["in", "out", "through"] });
    assert_eq!(found(&changed(|it| it["$defs"]["Way"] = plain)), []);
}

#[test]
fn a_word_that_is_gone_or_joins_elsewhere_is_found() {
    let ways = |words: Value| {
        changed(|it| it["$defs"]["Way"] = json!({ "type": "string", "enum": words }))
    };
    let gone = Change::WordRemoved("out".to_owned());
    assert_eq!(found(&ways(json!(["in"]))), at("/$defs/Way", gone.clone()));
    assert_eq!(found(&ways(json!(["in", "over"]))), at("/$defs/Way", gone));
    assert_eq!(found(&ways(json!(["over", "in", "out"]))), at("/$defs/Way", Change::WordsMoved));
    assert_eq!(found(&ways(json!(["out", "in"]))), at("/$defs/Way", Change::WordsMoved));
}

#[test]
fn an_alternative_with_a_shape_is_no_word() {
    let new = changed(|it| {
        let ways = it["$defs"]["Way"]["oneOf"].as_array_mut().unwrap();
        ways.push(json!({ "type": "object" }));
    });
    assert_eq!(found(&new), at("/$defs/Way", rule("oneOf")));
}

#[test]
fn a_member_that_is_gone_is_found_once() {
    let new = changed(|it| {
        it["properties"].as_object_mut().unwrap().remove("at");
        it["required"] = json!(["guards", "by", "way"]);
    });
    assert_eq!(found(&new), at("", Change::MemberRemoved("at".to_owned())));
}

#[test]
fn a_member_that_must_be_there_now_is_found() {
    let new = changed(|it| it["required"].as_array_mut().unwrap().push(json!("note")));
    assert_eq!(found(&new), at("", Change::NewlyRequired("note".to_owned())));
    let new = changed(|it| {
        it["properties"]["horse"] = json!({ "type": "boolean" });
        it["required"].as_array_mut().unwrap().push(json!("horse"));
    });
    assert_eq!(found(&new), at("", Change::NewlyRequired("horse".to_owned())));
}

#[test]
fn a_member_that_may_be_absent_now_is_found() {
    let new = changed(|it| it["required"] = json!(["guards", "by", "way"]));
    assert_eq!(found(&new), at("", Change::NoLongerRequired("at".to_owned())));
    let new = changed(|it| {
        it.as_object_mut().unwrap().remove("required");
    });
    assert_eq!(found(&new).len(), 4);
}

#[test]
fn another_type_format_pattern_or_limit_is_found() {
    let at_member = "/properties/at";
    let new = changed(|it| it["properties"]["at"]["type"] = json!("string"));
    assert_eq!(found(&new), at(at_member, rule("type")));
    let new = changed(|it| it["properties"]["at"]["format"] = json!("uint32"));
    assert_eq!(found(&new), at(at_member, rule("format")));
    let new = changed(|it| it["properties"]["at"]["maximum"] = json!(255));
    assert_eq!(found(&new), at(at_member, rule("maximum")));
    let new = changed(|it| it["properties"]["at"]["multipleOf"] = json!(2));
    assert_eq!(found(&new), at(at_member, rule("multipleOf")));
    let new = changed(|it| it["properties"]["note"]["type"] = json!("string"));
    assert_eq!(found(&new), at("/properties/note", rule("type")));
    let new = changed(|it| it["$defs"]["Guard"]["pattern"] = json!("^.*$"));
    assert_eq!(found(&new), at("/$defs/Guard", rule("pattern")));
}

#[test]
fn another_shape_behind_a_name_is_found_where_it_is_used() {
    let new = changed(|it| it["properties"]["by"] = json!({ "$ref": "#/$defs/Way" }));
    let pointers: Vec<_> = found(&new).into_iter().map(|(pointer, _)| pointer).collect();
    assert!(!pointers.is_empty() && pointers.iter().all(|it| it == "/$defs/Guard"), "{pointers:?}");
}

#[test]
fn a_list_of_other_things_is_found() {
    let new = changed(|it| it["properties"]["guards"]["items"] = json!({ "type": "integer" }));
    let findings = found(&new);
    assert!(findings.contains(&("/$defs/Guard".to_owned(), rule("type"))), "{findings:?}");
}

#[test]
fn a_shape_that_holds_itself_is_compared_once() {
    let tree = json!({
        "$ref": "#/$defs/Tree",
        "$defs": { "Tree": { "type": "object", "properties": { "left": { "$ref": "#/$defs/Tree" } } } },
    });
    assert_eq!(compare("gate.grown", 1, &tree, &tree), []);
}

#[test]
fn a_pointer_escapes_what_names_may_hold() {
    let old = json!({ "properties": { "a/b~c": { "type": "string" } } });
    let new = json!({ "properties": { "a/b~c": { "type": "integer" } } });
    let findings = compare("gate.opened", 1, &old, &new);
    assert_eq!(findings[0].pointer, "/properties/a~1b~0c");
}

#[test]
fn what_this_program_knows_compares_with_itself() {
    let known = catalogue()
        .into_iter()
        .map(|it| ((it.name.to_owned(), it.version), (it.schema)().to_value()));
    let checked = check(&known.collect());
    assert_eq!(checked.findings, []);
    assert_eq!(checked.new, Vec::<String>::new());
    assert_eq!(checked.compared, catalogue().len());
}

#[test]
fn an_event_or_a_version_that_is_missing_is_found_and_one_that_is_new_is_listed() {
    let schemas = [("gate.opened", 1), ("account.erased", 99)];
    let schemas = schemas.map(|(name, version)| ((name.to_owned(), version), gate()));
    let checked = check(&schemas.into_iter().collect());
    let found: Vec<_> = checked.findings.iter().map(|it| (it.event.as_str(), &it.what)).collect();
    let expected =
        [("account.erased", &Change::VersionMissing), ("gate.opened", &Change::EventMissing)];
    assert_eq!(found, expected);
    assert_eq!(checked.new.len(), catalogue().len());
}

#[test]
fn a_finding_says_where_what_and_what_to_do() {
    let new = changed(|it| it["$defs"]["Guard"]["pattern"] = json!("^.*$"));
    let finding = &compare("gate.opened", 1, &gate(), &new)[0];
    assert_eq!(
        finding.to_string(),
        "gate.opened v1 at /$defs/Guard: `pattern` says something else; needs a new version, an \
         upcaster and a golden file"
    );
    assert_eq!(
        serde_json::to_value(finding).unwrap(),
        json!({
            "event": "gate.opened", "version": 1, "pointer": "/$defs/Guard",
            "what": "`pattern` says something else",
        })
    );
}

#[test]
fn a_schema_is_shown_by_name_and_by_version() {
    let text = show("account.erased").unwrap();
    assert_eq!(text, show("account.erased@1").unwrap());
    assert!(text.starts_with("{\n") && text.ends_with("}\n"));
    assert!(matches!(show("account.eaten"), Err(NotShown::NoEvent(_))));
    assert!(matches!(show("account.erased@9"), Err(NotShown::OtherVersion { current: 1, .. })));
    assert!(matches!(show("account.erased@x"), Err(NotShown::OtherVersion { .. })));
}

#[test]
fn a_folder_is_read_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read_folder(folder.path()), Err(BadFolder::Empty(_))));
    assert!(matches!(read_folder(&folder.path().join("none")), Err(BadFolder::Unreadable { .. })));
    std::fs::write(folder.path().join("gate.opened.v1.json"), gate().to_string()).unwrap();
    let read = read_folder(folder.path()).unwrap();
    assert_eq!(read[&("gate.opened".to_owned(), 1)], gate());
    std::fs::write(folder.path().join("gate.closed.v1.json"), "{").unwrap();
    assert!(matches!(read_folder(folder.path()), Err(BadFolder::NoJson { .. })));
    std::fs::remove_file(folder.path().join("gate.closed.v1.json")).unwrap();
    std::fs::write(folder.path().join("README.md"), "").unwrap();
    assert!(matches!(read_folder(folder.path()), Err(BadFolder::Misnamed(_))));
}
