//! What a piece of work cost and recorded, added up for whoever measures it.

use postern_store::tally::{note, tallied};

use crate::costs::Cost;
use crate::streams::add;
use crate::world::World;

#[tokio::test]
async fn a_tally_is_what_was_charged_and_what_was_appended() {
    let world = World::new().await;
    let id = world.account();
    world.costs.take();
    let work = async {
        add(&world, id, 1).await;
        add(&world, id, 2).await;
        note("seen");
    };
    let ((), tally) = Box::pin(tallied(work)).await;
    let Cost { read, write } = world.costs.take();
    assert!(read > 0.0 && write > 0.0);
    assert_eq!((tally.read_units, tally.write_units), (read, write));
    let facts: Vec<_> = tally.facts.iter().map(|(name, times)| (name.as_str(), *times)).collect();
    assert_eq!(facts, [("seen", 1), ("tally.added", 2)]);
}

#[tokio::test]
async fn of_two_at_once_each_has_its_own() {
    let world = World::new().await;
    let (first, second) = (world.account(), world.account());
    let twice = async {
        add(&world, second, 1).await;
        add(&world, second, 2).await;
    };
    let once = add(&world, first, 1);
    let (((), of_first), ((), of_second)) = tokio::join!(tallied(once), tallied(twice));
    assert_eq!((of_first.facts["tally.added"], of_second.facts["tally.added"]), (1, 2));
}

#[tokio::test]
async fn where_nobody_measures_everything_is_as_ever() {
    let world = World::new().await;
    let id = world.account();
    note("unseen");
    add(&world, id, 1).await;
    let ((), tally) = tallied(async {}).await;
    assert_eq!(tally.facts.len(), 0);
}
