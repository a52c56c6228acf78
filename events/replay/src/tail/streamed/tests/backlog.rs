//! Where the backlog ends, what is shown of it, and how the shards are read one after the other.

use std::time::Duration;

use super::endpoint::{Answer, Endpoint, Shard};
use super::{A_DAY, appended, following, newest, told};

/// Three commits from before, and then one each time that it is asked.
fn busy() -> Endpoint {
    let old = (1..=3).map(|it| appended("gate/1", it, -10)).collect();
    Endpoint::of([("one", Shard::of([Answer::Records(old)]).busy())])
}

#[tokio::test(start_paused = true)]
async fn what_comes_is_shown_as_it_comes_however_busy_the_table_is() {
    let (told, ended) = told(&busy(), &following(2), Duration::from_millis(2_500)).await;
    // What was made in the second in which it began may have been there: it is backlog.
    let due = ["1200 gate/1 3", "1200 busy/one 1", "1200 busy/one 2", "1800 busy/one 3"];
    assert_eq!(told, [&due[..], &["2400 busy/one 4"]].concat());
    assert_eq!(ended, None, "it goes on");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_follow_comes_to_an_end_however_busy_the_table_is() {
    let (told, ended) = told(&busy(), &newest(2), A_DAY).await;
    assert_eq!(told, ["1200 busy/one 1", "1200 busy/one 2"]);
    assert_eq!(ended, Some(Ok(())));
}

#[tokio::test(start_paused = true)]
async fn a_shard_is_passed_by_itself_and_waits_for_the_others() {
    let quiet = Shard::of([Answer::Records(vec![appended("gate/1", 1, -10)])]);
    let endpoint = Endpoint::of([("busy", Shard::default().busy()), ("quiet", quiet)]);
    let (told, ended) = told(&endpoint, &following(9), Duration::from_secs(2)).await;
    let due = ["gate/1 1", "busy/busy 1", "busy/busy 2", "busy/busy 3", "busy/busy 4"];
    assert_eq!(told, due.map(|it| format!("1800 {it}")));
    assert_eq!(ended, None, "it goes on");
    let reads = [
        "0 busy TRIM_HORIZON",
        "0 busy GetRecords",
        "0 quiet TRIM_HORIZON",
        "0 quiet GetRecords",
        "600 busy GetRecords",
        "600 quiet GetRecords",
        "1200 busy GetRecords",
        "1200 quiet GetRecords",
        "1800 quiet GetRecords",
        "1800 busy GetRecords",
    ];
    assert_eq!(endpoint.asked(), reads, "each shard at its pace");
}

#[tokio::test(start_paused = true)]
async fn a_shard_is_read_after_the_one_that_it_continues() {
    let old = |version, after| Answer::Records(vec![appended("gate/1", version, after)]);
    let last = Answer::End(vec![appended("gate/1", 3, -200)]);
    // An empty answer says nothing of a closed shard, however often it comes.
    let nothing = || Answer::Records(Vec::new());
    let parent = [old(1, -300), nothing(), nothing(), nothing(), old(2, -250), last];
    let endpoint = Endpoint::of([
        ("a child", Shard::of([old(4, -100)]).after("its parent")),
        ("its parent", Shard::of(parent).after("one long gone")),
    ]);
    let (told, ended) = told(&endpoint, &newest(3), A_DAY).await;
    assert_eq!(told, ["4800 gate/1 2", "4800 gate/1 3", "4800 gate/1 4"]);
    assert_eq!(ended, Some(Ok(())));
    let of_child = endpoint.asked().into_iter().find(|it| it.contains("a child"));
    assert_eq!(of_child.as_deref(), Some("3000 a child TRIM_HORIZON"));
}

#[tokio::test(start_paused = true)]
async fn what_continues_a_shard_that_closes_is_followed() {
    let nothing = || Answer::Records(Vec::new());
    let last = Answer::End(vec![appended("gate/1", 1, 3)]);
    let children = |version| Shard::of([Answer::Records(vec![appended("gate/1", version, 4)])]);
    let endpoint = Endpoint::of([
        ("a parent", Shard::of([nothing(), nothing(), nothing(), last])),
        ("child 1", children(2).after("a parent").hidden(1)),
        ("child 2", children(3).after("a parent").hidden(2)),
    ]);
    let (told, ended) = told(&endpoint, &following(9), Duration::from_secs(30)).await;
    assert_eq!(told, ["1800 gate/1 1", "2800 gate/1 2", "12800 gate/1 3"]);
    assert_eq!(ended, None, "it goes on");
    let mut listed = endpoint.listed();
    listed.dedup();
    assert_eq!(listed, [0, 2_800, 12_800, 22_800]);
}

#[tokio::test(start_paused = true)]
async fn whoever_wants_none_of_the_backlog_waits_for_none_of_it() {
    let endpoint = Endpoint::of([
        ("closed", Shard::of([Answer::End(vec![appended("gate/1", 1, -100)])])),
        ("open", Shard::of([Answer::Records(vec![appended("gate/1", 2, 0)])]).after("closed")),
    ]);
    let (told, ended) = told(&endpoint, &following(0), Duration::from_secs(1)).await;
    assert_eq!((told, ended), (vec!["0 gate/1 2".to_owned()], None));
    assert_eq!(endpoint.asked(), ["0 open LATEST", "0 open GetRecords", "600 open GetRecords"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_shards_has_nothing_to_show() {
    assert_eq!(told(&Endpoint::of([]), &newest(9), A_DAY).await, (Vec::new(), Some(Ok(()))));
}

#[tokio::test(start_paused = true)]
async fn only_the_stream_that_is_meant_is_shown() {
    let both = vec![appended("gate/1", 1, -10), appended("gate/2", 1, -10)];
    let endpoint = Endpoint::of([("one", Shard::of([Answer::Records(both)]))]);
    let wanted = super::Wanted { stream: Some("gate/2".to_owned()), ..newest(9) };
    let due = (vec!["1800 gate/2 1".to_owned()], Some(Ok(())));
    assert_eq!(told(&endpoint, &wanted, A_DAY).await, due);
}
