//! The log projected anew: the same as what lives, from wherever the log is read and as of any time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_store::streams::Commit;

use crate::analysts::{Busy, address, busy, place, said};
use crate::integrity::sound;
use crate::owners::DAY;
use crate::world::{EMAIL, PASSWORD, World, ok};

/// Every projection.
const VIEWS: [&str; 4] = ["accounts", "activity", "devices", "guards"];

/// What the newest commit of each account holds, as `replay` says it.
async fn stored_accounts(world: &World) -> String {
    let log = sound(&world.local.dump(None).await.unwrap());
    let accounts = log.iter().filter(|it| it.stream.starts_with("account/"));
    let newest: BTreeMap<_, _> = accounts.map(|it| (it.stream.as_str(), it)).collect();
    let line = |(stream, commit): (&str, &Commit)| {
        let (version, state) = (commit.next_version() - 1, &commit.state);
        format!("{{\"key\":\"{stream}\",\"version\":{version},\"state\":{state}}}\n")
    };
    newest.into_iter().map(|(stream, commit)| line((stream, commit))).collect()
}

/// L1, T1: after a busy time the log projected anew is what the tables hold, and it is the same to the
/// byte from the table, from the stack's address and from files of both forms.
#[tokio::test]
async fn the_log_projected_anew_is_what_lives() {
    let world = World::open().await;
    busy(&world).await;
    for what in ["views", "guards"] {
        said(&world, &["diff", what]);
        said(&world, &["diff", what, "--from", address(&world)]);
    }
    let (jsonl, parquet) = (place(&world, "jsonl"), place(&world, "parquet"));
    said(&world, &["export", &jsonl]);
    said(&world, &["export", &parquet, "--format", "parquet"]);
    for view in VIEWS {
        let live = said(&world, &["replay", view]);
        assert!(live.lines().count() > 1, "{view}: {live}");
        for from in [address(&world), &jsonl, &parquet] {
            assert_eq!(said(&world, &["replay", view, "--from", from]), live, "{view} of {from}");
        }
    }
    assert_eq!(said(&world, &["replay", "accounts"]), stored_accounts(&world).await);
}

/// L1: what was true at some time is told from the log at any later one.
#[tokio::test]
async fn what_was_is_found_again_later() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let log = world.log(None).await;
    let times = log.iter().flat_map(|it| &it.events).map(|it| it.time.parse::<Timestamp>());
    let newest = times.map(Result::unwrap).max().unwrap().to_string();
    let then = VIEWS.map(|view| said(&world, &["replay", view]));

    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    world.local.advance(DAY).await.unwrap();
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    ok(owner.sign_out_everywhere().await, 204);
    world.local.drain().await.unwrap();
    for (view, then) in VIEWS.into_iter().zip(then) {
        assert_ne!(said(&world, &["replay", view]), then, "{view}");
        assert_eq!(said(&world, &["replay", view, "--until", &newest]), then, "{view}");
    }
}
