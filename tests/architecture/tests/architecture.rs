//! What may depend on what.
#![allow(clippy::expect_used, reason = "a test may")]

use std::fs;

use std::collections::BTreeSet;

use postern_architecture::{Package, linked, root};

fn under(name: &str) -> BTreeSet<Package> {
    let under = postern_architecture::under(name).expect("cargo answers");
    assert!(!under.is_empty(), "{name} is in the graph");
    under
}

#[test]
fn rules_and_events_know_no_cloud_no_protocol_and_no_runtime() {
    for crate_name in ["postern-events", "postern-domain"] {
        for package in under(crate_name) {
            let forbidden =
                ["aws-", "aws_", "lambda_", "http", "hyper", "axum", "tokio", "reqwest"];
            let clean = forbidden.iter().all(|it| !package.name.starts_with(it));
            assert!(clean, "{crate_name} pulls in {}", package.name);
        }
    }
}

#[test]
fn there_is_one_tls_stack() {
    let linked = linked().expect("cargo answers");
    let versions = |name: &str| -> Vec<String> {
        linked.iter().filter(|it| it.name == name).map(|it| it.version.clone()).collect()
    };
    assert_eq!(versions("rustls").len(), 1);
    for name in ["openssl", "openssl-sys", "native-tls", "ring", "s2n-tls"] {
        assert_eq!(versions(name), Vec::<String>::new(), "{name} is linked");
    }
    assert!(matches!(versions("hyper").as_slice(), [one] if one.starts_with("1.")));
}

#[test]
fn only_the_local_stack_holds_the_local_stack() {
    let local = ["postern-local", "dynoxide-rs", "rusqlite"];
    let functions = [
        "postern-sign-in",
        "postern-account",
        "postern-project",
        "postern-notify",
        "postern-feedback",
    ];
    for function in functions {
        let under = under(function);
        assert!(under.iter().all(|it| !local.contains(&it.name.as_str())), "{function}");
    }
}

#[test]
fn dependencies_point_at_the_domain() {
    let own = |name: &str| -> Vec<String> {
        let under = under(name).into_iter().map(|it| it.name);
        under.filter(|it| it.starts_with("postern-")).collect()
    };
    assert_eq!(own("postern-events"), Vec::<String>::new());
    assert_eq!(own("postern-domain"), ["postern-events"]);
    assert_eq!(own("postern-store"), ["postern-domain", "postern-events"]);
    assert_eq!(own("postern-words"), Vec::<String>::new());
    assert_eq!(own("postern-client"), Vec::<String>::new());
    let http = own("postern-http");
    assert!(!http.contains(&"postern-messages".to_owned()), "what sends mail answers no request");
}

/// An operator's command says nothing to anybody: what an event asks for is sent by `notify` alone.
#[test]
fn the_command_line_can_send_no_mail_and_no_push() {
    let carriers = ["postern-messages", "aws-sdk-sesv2", "aws-sdk-sns"];
    let sends = |program: &str| under(program).iter().any(|it| carriers.contains(&&*it.name));
    assert!(sends("postern-notify"), "what is looked for is there to be found");
    assert!(!sends("postern-replay"));
}

#[test]
fn a_function_s_main_is_wiring() {
    let longest = 40;
    let mut mains = 0;
    for entry in fs::read_dir(root().join("functions")).expect("there are functions") {
        let main = entry.expect("a folder").path().join("src/main.rs");
        let text = fs::read_to_string(&main).expect("every function has a main");
        assert!(text.lines().count() <= longest, "{}", main.display());
        mains += 1;
    }
    assert_eq!(mains, 5);
}

#[test]
fn the_top_level_is_what_was_agreed() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "functions",
        "shared",
        "infra",
        "events",
        "tests",
    ];
    for entry in fs::read_dir(root()).expect("the root") {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        // The target directory is where cargo is told to put it.
        let known = name.starts_with('.') || name == "target" || agreed.contains(&name.as_str());
        assert!(known, "{name} is not part of the layout");
    }
}
