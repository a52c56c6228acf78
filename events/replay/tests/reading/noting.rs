//! The heads of a log's streams in a file: how they get there, and what is none.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::breaks::{longest, without};
use crate::desk::Desk;
use crate::heads::{held, noted};
use crate::history::{COMMITS, rows, write_everywhere, write_file, write_lines};

/// What has to be in the file.
fn due() -> String {
    let mut last = BTreeMap::new();
    for it in &*COMMITS {
        let events: Vec<serde_json::Value> = serde_json::from_str(&it.events).unwrap();
        let sequence = it.version + events.len() as u64 - 1;
        let head = (it.version, sequence, STANDARD.encode(&it.chain));
        let noted = last.entry(&it.stream).or_insert_with(|| head.clone());
        *noted = noted.clone().max(head);
    }
    let line = |(stream, (commit, sequence, chain))| {
        format!(
            "{{\"stream\":\"{stream}\",\"sequence\":{sequence},\"commit\":{commit},\"chain\":\"{chain}\"}}\n"
        )
    };
    last.into_iter().map(line).collect()
}

/// No file that isn't whole stays.
#[track_caller]
fn is_tidy(desk: &Desk) {
    let left =
        |it: &fs::DirEntry| it.path().extension().is_some_and(|it| it == "part" || it == "trial");
    assert!(!fs::read_dir(desk.path("")).unwrap().any(|it| left(&it.unwrap())));
    assert!(desk.is_tidy());
}

#[test]
fn the_heads_of_one_log_are_the_same_wherever_it_lies() {
    let desk = Desk::new();
    for from in write_everywhere(&desk.path("")) {
        let (log, heads) = (format!("@{from}"), format!("@{from}.heads"));
        let text = desk.done(&["verify", "--from", &log, "--save-heads", &heads]);
        let path = desk.path(&format!("{from}.heads"));
        let said =
            format!("284 events of 79 streams: whole\nsaved 79 heads in {}\n", path.display());
        assert_eq!((text, fs::read_to_string(&path).unwrap()), (said, due()), "{from}");
    }
    let json = desk.done(&["verify", "--from", "@days", "--save-heads", "@more", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&told["saved"], told.get("compared")), (&json!(79), None));
    is_tidy(&desk);
}

#[test]
fn each_night_goes_on_from_the_night_before() {
    let mut before = rows();
    without(7..=99)(&mut before);
    let desk = noted(&before);
    write_file(&desk.path("log.jsonl"), &rows());
    let night = ["verify", "--from", "@log.jsonl", "--heads", "@heads.jsonl", "--save-heads"];
    desk.done(&[&night[..], &["@next.jsonl"]].concat());
    assert_eq!(fs::read_to_string(desk.path("next.jsonl")).unwrap(), due());
    assert_ne!(fs::read_to_string(desk.path("heads.jsonl")).unwrap(), due());
    // The file that it was held against may be replaced, by whatever name.
    let (same, desk_path) = (desk.path("./heads.jsonl"), desk.path("heads.jsonl"));
    desk.done(&[&night[..], &[same.to_str().unwrap()]].concat());
    assert_eq!(fs::read_to_string(desk_path).unwrap(), due());
    assert_eq!(held(&desk, "@before.jsonl").1, 19);
    is_tidy(&desk);
}

#[test]
fn a_file_that_the_log_was_not_held_against_is_not_replaced() {
    let desk = noted(&rows());
    write_lines(&desk.path("other.jsonl"), ["another's"]);
    let save = ["verify", "--from", "@before.jsonl", "--save-heads"];
    let said = desk.refused(&[&save[..], &["@heads.jsonl"]].concat());
    assert!(said.contains("heads.jsonl is there already: name another file, or hold"), "{said}");
    let said = desk.refused(&[&save[..], &["@other.jsonl", "--heads", "@heads.jsonl"]].concat());
    assert!(said.contains("other.jsonl is there already"), "{said}");
    assert_eq!(fs::read_to_string(desk.path("other.jsonl")).unwrap(), "another's\n");
    let said = desk.refused(&[&save[..], &["@none/heads.jsonl"]].concat());
    assert!(said.contains("none/heads.jsonl can't be written"), "{said}");
    is_tidy(&desk);
}

/// Two nights that overlap would else replace each other's heads, the newer ones last by the older ones.
#[test]
fn a_file_that_another_process_is_about_to_replace_is_left_to_it() {
    let desk = noted(&rows());
    let other = fs::File::open(desk.path("heads.jsonl")).unwrap();
    other.lock().unwrap();
    let words = ["verify", "--from", "@before.jsonl", "--heads", "@heads.jsonl", "--save-heads"];
    let said = desk.refused(&[&words[..], &["@heads.jsonl"]].concat());
    let due = format!(
        "postern: another process holds a log against {}, and is about to replace it\n",
        desk.path("heads.jsonl").canonicalize().unwrap().display()
    );
    assert_eq!(said, due);
    desk.done(&[&words[..], &["@next.jsonl"]].concat());
    drop(other);
    desk.done(&[&words[..], &["@heads.jsonl"]].concat());
    is_tidy(&desk);
}

#[test]
fn of_a_broken_log_no_heads_are_saved() {
    let desk = noted(&rows());
    let mut broken = rows();
    without(5..=5)(&mut broken);
    write_file(&desk.path("gap.jsonl"), &broken);
    without(4..=99)(&mut broken);
    write_file(&desk.path("lost.jsonl"), &broken);
    for (from, code) in [("@gap.jsonl", 10), ("@lost.jsonl", 19)] {
        for file in ["@next.jsonl", "@heads.jsonl"] {
            let ran = desk.run(&[
                "verify",
                "--from",
                from,
                "--heads",
                "@heads.jsonl",
                "--save-heads",
                file,
            ]);
            let path = desk.path(file.trim_start_matches('@'));
            let said = format!("saved no heads in {}: the log is broken\n", path.display());
            assert_eq!((ran.code, ran.out.ends_with(&said)), (code, true), "{}", ran.out);
        }
    }
    let ran =
        desk.run(&["verify", "--from", "@gap.jsonl", "--save-heads", "@next.jsonl", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((told.get("saved"), told.get("compared"), ran.code), (None, None, 10));
    assert!(!desk.path("next.jsonl").exists());
    assert_eq!(fs::read_to_string(desk.path("heads.jsonl")).unwrap(), due(), "as it was");
    is_tidy(&desk);
}

/// A file without heads would be refused the next time, and would let everything be lost.
#[test]
fn of_a_log_without_streams_there_is_nothing_to_save() {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &[]);
    let said = desk.refused(&["verify", "--from", "@log.jsonl", "--save-heads", "@heads.jsonl"]);
    assert!(said.contains("heads.jsonl is not written: the log has no stream"), "{said}");
    assert!(!desk.path("heads.jsonl").exists());
    is_tidy(&desk);
}

#[test]
fn what_holds_no_heads_is_refused() {
    let desk = noted(&rows());
    let good = fs::read_to_string(desk.path("heads.jsonl")).unwrap();
    let lines: Vec<_> = good.split_inclusive('\n').collect();
    let (first, second, last) = (lines[0], lines[1], lines[78]);
    let files = [
        (String::new(), "holds no head of a stream"),
        (format!("{second}{first}"), "line 2 of"),
        (format!("{good}{last}"), "is of the same stream as the one before it"),
        (format!("{good}{first}"), "line 80 of"),
        (format!("{good}\n"), "line 80 of"),
        (good.replace(second, "no JSON\n"), "line 2 of"),
        (good.replace(second, "{}\n"), "is no head of a stream"),
        (good.trim_end().to_owned(), "it doesn't end"),
        (good.get(..good.len() - 9).unwrap().to_owned(), "line 79 of"),
        (fs::read_to_string(desk.path("before.jsonl")).unwrap(), "line 1 of"),
    ];
    for (text, due) in files {
        fs::write(desk.path("heads.jsonl"), text).unwrap();
        for more in [&[][..], &["--save-heads", "@next.jsonl"], &["--save-heads", "@heads.jsonl"]] {
            let words = ["verify", "--from", "@before.jsonl", "--heads", "@heads.jsonl"];
            let said = desk.refused(&[&words[..], more].concat());
            assert!(said.contains(due) && said.contains("heads.jsonl"), "{due}: {said}");
        }
    }
    let said = desk.refused(&["verify", "--from", "@before.jsonl", "--heads", "@none.jsonl"]);
    assert!(said.contains("none.jsonl can't be read"), "{said}");
    let said = desk.refused(&["verify", "--from", "@before.jsonl", "--heads", "@."]);
    assert!(said.contains("is no file"), "{said}");
    assert!(!desk.path("next.jsonl").exists());
    is_tidy(&desk);
}

/// It is told before the log is read, which may take hours.
#[test]
fn what_holds_no_heads_is_refused_before_the_log_is_looked_for() {
    let desk = noted(&rows());
    let stream = longest(&rows());
    write_lines(&desk.path("heads.jsonl"), [format!("{{\"stream\":\"{stream}\"}}")]);
    let said = desk.refused(&["verify", "--from", "@nowhere", "--heads", "@heads.jsonl"]);
    assert!(said.contains("line 1 of"), "{said}");
    assert!(said.contains("missing field"), "{said}");
}
