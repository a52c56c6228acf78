//! The log proves that it is whole.

use postern_store::keys;
use postern_store::seal::{Opened, open_if_kept};
use postern_store::streams::{Break, BreakKind, Commit, CommitParts, verify_chain};

use postern_events::personal::Personal;

use crate::streams::add;
use crate::tally::{Tally, TallyCommand};
use crate::vault::reserve;
use crate::world::{World, meta, noon};

async fn three_commits(world: &World) -> Vec<Commit> {
    let id = world.account();
    for amount in 1..=3 {
        add(world, id, amount).await;
    }
    world.store.streams().load_commits(&keys::stream::<Tally>(id)).await.unwrap()
}

/// The commit as it would read had somebody changed the table.
fn reread(commit: &Commit, change: impl FnOnce(&mut CommitParts)) -> Commit {
    let mut parts = CommitParts {
        stream: commit.stream.clone(),
        version: commit.version,
        events: commit.events_json.clone(),
        meta: commit.meta_json.clone(),
        types: commit.types.iter().cloned().collect(),
        state: commit.state.clone(),
        state_schema: commit.state_schema,
        chain: commit.chain.to_vec(),
    };
    change(&mut parts);
    Commit::from_parts(parts).unwrap()
}

#[tokio::test]
async fn an_untouched_log_is_whole_whatever_its_states_are() {
    let world = World::new().await;
    let mut commits = three_commits(&world).await;
    commits.extend(three_commits(&world).await);
    verify_chain(&commits).unwrap();
    commits[1] = reread(&commits[1], |parts| parts.state = "{}".to_owned());
    verify_chain(&commits).unwrap();
}

#[tokio::test]
async fn one_changed_byte_of_events_or_meta_breaks_the_chain_where_it_is() {
    let world = World::new().await;
    let commits = three_commits(&world).await;
    let changes: [fn(&mut CommitParts); 3] = [
        |parts| parts.events = parts.events.replace("\"amount\":2", "\"amount\":3"),
        |parts| parts.meta = parts.meta.replace("req-1", "req-2"),
        |parts| parts.events.push(' '),
    ];
    for change in changes {
        let mut forged = commits.clone();
        forged[1] = reread(&commits[1], change);
        let broken =
            Break { stream: commits[1].stream.clone(), version: 2, kind: BreakKind::Changed };
        assert_eq!(verify_chain(&forged), Err(broken));
    }
}

#[tokio::test]
async fn a_missing_commit_is_a_gap() {
    let world = World::new().await;
    let mut commits = three_commits(&world).await;
    commits.remove(1);
    let broken = verify_chain(&commits).unwrap_err();
    assert_eq!((broken.version, broken.kind), (3, BreakKind::Gap { expected: 2 }));
    commits.remove(0);
    let broken = verify_chain(&commits).unwrap_err();
    assert_eq!((broken.version, broken.kind), (3, BreakKind::Gap { expected: 1 }));
}

#[tokio::test]
async fn after_an_erasure_the_log_loads_and_verifies_and_opens_nothing() {
    let world = World::new().await;
    let (id, streams, vault) = (world.account(), world.store.streams(), world.store.vault());
    let key = reserve(&world, id, 600).await;
    let command = || TallyCommand::Note { note: Personal::Clear("private".into()), ballast: 0 };
    streams.execute::<Tally>(id, command, || world.scribe_with(&key), &meta()).await.unwrap();
    vault.erase(id).await.unwrap();

    let person = vault.load(id, noon()).await.unwrap();
    let context = streams.load::<Tally>(id).await.unwrap();
    let note = context.state().note.as_ref().unwrap();
    let opened = open_if_kept(person.as_ref().map(|it| &it.data_key), note).unwrap();
    assert_eq!(opened, Opened::Erased);
    verify_chain(&streams.load_commits(context.stream()).await.unwrap()).unwrap();
    assert_eq!(streams.fold::<Tally>(id).await.unwrap().state(), context.state());
}
