//! `postern keys`, as an operator uses it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use postern_runtime::secrets::Secrets;

fn postern(arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses its arguments reads nothing.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    process.wait_with_output().unwrap()
}

fn written(arguments: &[&str], input: &str) -> String {
    let output = postern(arguments, input);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_key_is_made_added_used_and_removed() {
    let first = written(&["keys", "new"], "");
    let added = written(&["keys", "add", "token", "token-2"], &first);
    assert_eq!(Secrets::parse(&added).unwrap().token_keys().unwrap().0, "token-1");
    let used = written(&["keys", "use", "token", "token-2"], &added);
    assert_eq!(Secrets::parse(&used).unwrap().token_keys().unwrap().0, "token-2");
    let left = written(&["keys", "remove", "token", "token-1"], &used);
    let (current, keys) = Secrets::parse(&left).unwrap().token_keys().unwrap();
    assert_eq!((current.as_str(), keys.len()), ("token-2", 1));
}

#[test]
fn what_can_t_be_done_writes_nothing_and_repeats_no_key() {
    let document = written(&["keys", "new"], "");
    let refused = [
        (vec!["keys", "use", "code", "code-2"], document.as_str(), "there is no key code-2"),
        (vec!["keys", "remove", "code", "code-1"], &document, "code-1 is the current key"),
        (vec!["keys", "add", "code", "code-1"], &document, "there is a key code-1 already"),
        (vec!["keys", "add", "code", "code-2"], "{\"code\": \"hunter2\"}", "expected form"),
        (vec!["keys", "add", "lookup", "lookup-2"], &document, "code, vault, pepper and token"),
    ];
    for (arguments, input, why) in refused {
        let output = postern(&arguments, input);
        assert!(!output.status.success(), "{arguments:?}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why) && !said.contains("hunter2"), "{said}");
    }
}
