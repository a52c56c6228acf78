//! What every subcommand has in common.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::process::Command;

const ALL: [&[&str]; 23] = [
    &["export", "out"],
    &["verify"],
    &["replay"],
    &["diff", "views"],
    &["rebuild", "views"],
    &["show", "account/acc_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["explain", "sin_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["tail"],
    &["stats"],
    &["schema", "list"],
    &["schema", "show", "account.erased"],
    &["schema", "check"],
    &["generate", "out"],
    &["keys", "new"],
    &["keys", "add", "token", "token-2"],
    &["keys", "use", "token", "token-2"],
    &["keys", "remove", "token", "token-1"],
    &["person", "acc_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["erase", "acc_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["unpause", "acc_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["sign-out", "acc_01M86CH3QXKQD6E37SM8QZN7FG"],
    &["schema"],
    &["keys"],
];

fn help(words: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_postern")).args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_subcommand_answers_in_json_if_it_is_asked_to() {
    for words in ALL.iter().filter(|it| **it != ["schema"] && **it != ["keys"]) {
        help(&[words, ["--json"].as_slice()].concat());
    }
}

#[test]
fn every_subcommand_teaches_by_example() {
    for words in ALL {
        let first = words.first().unwrap();
        let said = help(&[first]);
        assert!(said.contains("\nExamples:\n  postern "), "{said}");
        assert!(said.contains(&format!("  postern {first} ")), "{said}");
    }
}

#[test]
fn no_subcommand_is_forgotten_here() {
    let said = help(&[]);
    let commands = said.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let named = commands.lines().filter_map(|it| it.strip_prefix("  ")?.split(' ').next());
    for name in named.filter(|it| !it.is_empty() && *it != "help") {
        assert!(ALL.iter().any(|it| it.first() == Some(&name)), "{name}");
    }
}
