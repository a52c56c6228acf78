//! One stream, several writers; and answers that never arrived.

use std::sync::Arc;

use postern_store::StoreError;
use postern_store::streams::ExecuteError;

use crate::streams::add;
use crate::tally::{Tally, TallyCommand};
use crate::world::{World, meta};

#[tokio::test]
async fn of_two_writers_at_one_version_one_wins_and_the_other_is_told() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    add(&world, id, 1).await;
    let context = streams.load::<Tally>(id).await.unwrap();
    let one = streams.decide(context.clone(), TallyCommand::Add(10), &world.scribe()).await;
    let two = streams.decide(context, TallyCommand::AddEach(vec![20, 30]), &world.scribe()).await;
    streams.commit_one(one.unwrap(), &meta()).await.unwrap();
    let lost = streams.commit_one(two.unwrap(), &meta()).await;
    assert!(matches!(lost, Err(StoreError::Conflict)));
    assert_eq!(streams.load::<Tally>(id).await.unwrap().state().total, 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_racing_writers_lose_nothing() {
    let world = Arc::new(World::new().await);
    let id = world.account();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                let streams = world.store.streams();
                for _ in 0..20 {
                    loop {
                        let command = || TallyCommand::Add(1);
                        let scribe = || world.scribe();
                        match streams.execute::<Tally>(id, command, scribe, &meta()).await {
                            Ok(_) => break,
                            Err(ExecuteError::Store(StoreError::Conflict)) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let streams = world.store.streams();
    let context = streams.load::<Tally>(id).await.unwrap();
    assert_eq!((context.state().total, context.sequence()), (160, 160));
    let commits = streams.load_commits(context.stream()).await.unwrap();
    let versions: Vec<u64> = commits.iter().map(|it| it.version).collect();
    assert_eq!(versions, (1..=160).collect::<Vec<_>>());
    postern_store::streams::verify_chain(&commits).unwrap();
}

#[tokio::test]
async fn a_lost_answer_is_a_success_and_leaves_one_commit() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let context = streams.load::<Tally>(id).await.unwrap();
    let decided = streams.decide(context, TallyCommand::Add(5), &world.scribe()).await.unwrap();
    let staged = decided.stage(&meta()).unwrap();
    streams.append(&staged).await.unwrap();
    streams.append(&staged).await.unwrap();
    assert_eq!(streams.load::<Tally>(id).await.unwrap().state().total, 5);
}
