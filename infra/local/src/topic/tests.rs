#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::fixtures::Ground;

/// A function that remembers what it was brought, and fails as often as it is told to.
fn function(failures: usize) -> (TopicFunction, Arc<Mutex<Vec<String>>>) {
    let brought: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&brought);
    let function: TopicFunction = Arc::new(move |event| {
        let message = event["Records"][0]["Sns"]["Message"].as_str().unwrap().to_owned();
        let mut kept = kept.lock().unwrap();
        kept.push(message);
        let fails = kept.len() <= failures;
        Box::pin(async move { if fails { Err("it failed".into()) } else { Ok(()) } })
    });
    (function, brought)
}

fn subscribed(ground: &Ground, world: &World, function: TopicFunction) -> (Topic, Subscriber) {
    let topic = Topic::new(ground.clock.clone(), world.clone());
    let progress = Progress::open(ground.state.clone(), []).unwrap();
    (topic.clone(), Subscriber::new(topic, Some(function), progress))
}

#[tokio::test(start_paused = true)]
async fn what_is_published_is_brought_in_its_order_and_once() {
    let (ground, world) = (Ground::new(), World::default());
    let (function, brought) = function(0);
    let (topic, subscriber) = subscribed(&ground, &world, function);
    topic.publish(&json!(1));
    topic.publish(&json!(2));
    assert!(brought.lock().unwrap().is_empty());
    subscriber.settle().await;
    subscriber.settle().await;
    assert_eq!(*brought.lock().unwrap(), ["1", "2"]);

    let running = tokio::spawn(subscriber.run());
    topic.publish(&json!(3));
    tokio::time::sleep(TRANSIT * 2).await;
    assert_eq!(*brought.lock().unwrap(), ["1", "2", "3"]);
    world.stop();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_repeated_and_becomes_a_dead_letter_at_last() {
    let (ground, world) = (Ground::new(), World::default());
    let (function, brought) = function(5);
    let (topic, subscriber) = subscribed(&ground, &world, function);
    topic.publish(&json!(1));
    topic.publish(&json!(2));
    subscriber.settle().await;
    assert_eq!(*brought.lock().unwrap(), ["1", "1", "1", "2", "2", "2"]);
    let letters = subscriber.progress.dead_letters().unwrap();
    assert_eq!(letters.len(), 1);
    let (function, reason) = (letters[0].function.as_str(), letters[0].reason.as_str());
    assert_eq!((function, reason), ("feedback", "it failed"));
    assert_eq!(subscriber.progress.lowest(), None);
}

#[tokio::test]
async fn what_belongs_to_a_world_that_is_over_is_dropped() {
    let (ground, world) = (Ground::new(), World::default());
    let (function, brought) = function(0);
    let (topic, subscriber) = subscribed(&ground, &world, function);
    topic.publish(&json!(1));
    drop(world.empty().await);
    topic.publish(&json!(2));
    subscriber.settle().await;
    assert_eq!(*brought.lock().unwrap(), ["2"]);
}

#[tokio::test]
async fn a_function_that_panics_stops_nobody() {
    let (ground, world) = (Ground::new(), World::default());
    let panicking: TopicFunction =
        Arc::new(|_| Box::pin(async { std::panic::resume_unwind(Box::new("on purpose")) }));
    let (topic, subscriber) = subscribed(&ground, &world, panicking);
    topic.publish(&json!(1));
    subscriber.settle().await;
    let letters = subscriber.progress.dead_letters().unwrap();
    assert_eq!(letters[0].reason, "the function panicked");
    topic.publish(&json!(2));
    subscriber.settle().await;
    assert_eq!(subscriber.progress.dead_letters().unwrap().len(), 2);
}
