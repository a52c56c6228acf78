//! What `postern` asks before it does anything to an account.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::process::{Command, Output};

const ACCOUNT: &str = "acc_01J9ZT000000000000000000ZZ";
const COMMANDS: [&str; 4] = ["person", "erase", "unpause", "sign-out"];

/// Runs it where no deployment is: nothing here may come so far as to look for one.
fn postern(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postern")).args(arguments).env_clear().output().unwrap()
}

#[test]
fn nobody_acts_under_an_address_or_under_nothing() {
    for command in COMMANDS {
        let named = |name: &'static str| vec![command, ACCOUNT, "--yes", "--operator", name];
        for (arguments, why) in
            [(named("ada@example.com"), "letters, digits"), (named(""), "letters, digits")]
        {
            let output = postern(&arguments);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert_eq!(output.stdout, b"", "{output:?}");
            assert!(String::from_utf8(output.stderr).unwrap().contains(why), "{arguments:?}");
        }
    }
}

#[test]
fn help_shows_how_each_is_used_and_what_its_exit_codes_mean() {
    for command in COMMANDS {
        let help = String::from_utf8(postern(&[command, "--help"]).stdout).unwrap();
        for said in [&format!("postern {command} acc_"), "2 nothing", "3 "] {
            assert!(help.contains(said), "{help}");
        }
    }
}
