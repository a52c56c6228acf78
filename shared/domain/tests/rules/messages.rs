//! One message: one sender at a time, tries that thin out, an end.

use postern_domain::message::{Message, MessageCommand, MessageRefusal, Recipient, message_id};
use postern_events::ids::{AccountId, EventId};
use postern_events::message::{
    Claimed, Deferred, Failed, GivenUp, MessageEvent, MessageKind, NotTaken, Sent,
};
use postern_events::vocabulary::Method;

use crate::fixtures::*;
use crate::stream::{Stream, given};

/// A code's message is of use until its code expires.
const DEADLINE: i64 = 5 * MINUTE;

fn claimed_for(deadline: i64, attempt: u16, second: i64) -> Claimed {
    Claimed {
        asked_by: EventId::derived(at(0), &[b"asked"]),
        stream: format!("sign_in/{}", crate::fixtures::attempt()),
        kind: MessageKind::SignInCode,
        channel: Method::Email,
        recipient: ada(),
        device: None,
        attempt,
        lease_until: at(second + 60),
        deadline: at(deadline),
    }
}

fn claimed(attempt: u16, second: i64) -> MessageEvent {
    MessageEvent::Claimed(claimed_for(DEADLINE, attempt, second))
}

fn claim(second: i64) -> MessageCommand {
    // The attempt and the lease are the decider's to say.
    let claim = Box::new(Claimed { lease_until: at(0), ..claimed_for(DEADLINE, 0, 0) });
    MessageCommand::Claim { claim, now: at(second) }
}

fn held_since(second: i64) -> Stream<Message> {
    given(at(second), vec![claimed(1, second)])
}

fn deferred_until(second: i64) -> MessageEvent {
    MessageEvent::Deferred(Deferred { because: NotTaken::Throttled, next_at: at(second) })
}

fn failed(because: GivenUp) -> MessageEvent {
    MessageEvent::Failed(Failed { because })
}

fn defer(second: i64) -> MessageCommand {
    MessageCommand::Defer { because: NotTaken::Throttled, now: at(second) }
}

fn sent() -> MessageCommand {
    MessageCommand::Sent { carrier_id: Some("carrier-1".to_owned()) }
}

#[test]
fn an_event_asks_for_one_message_to_each_recipient() {
    let asked = EventId::derived(at(0), &[b"asked"]);
    let (other_event, other_person) =
        (EventId::derived(at(0), &[b"x"]), AccountId::new(at(0), [9; 10]));
    let message = message_id(asked, Recipient::Owner(ada()));
    assert_eq!(message, message_id(asked, Recipient::Owner(ada())));
    assert_ne!(message, message_id(other_event, Recipient::Owner(ada())));
    assert_ne!(message, message_id(asked, Recipient::Owner(other_person)));
}

#[test]
fn each_device_has_a_message_of_its_own_and_a_device_trusted_anew_another() {
    let asked = EventId::derived(at(0), &[b"asked"]);
    let to = |number| message_id(asked, Recipient::Device(device(number)));
    assert_eq!(to(40), to(40));
    assert_ne!(to(40), to(41));
    assert_ne!(to(40), message_id(asked, Recipient::Owner(ada())));
}

#[test]
fn a_message_is_leased_for_a_minute() {
    let events = Stream::<Message>::default().when(claim(1));
    assert_eq!(events, Ok(vec![claimed(1, 1)]));
}

#[test]
fn a_held_message_is_nobody_elses_until_the_lease_ends() {
    let held = held_since(0);
    for second in [0, 59] {
        assert_eq!(held.when(claim(second)), Err(MessageRefusal::Held { until: at(60) }));
    }
    assert_eq!(held.when(claim(60)), Ok(vec![claimed(2, 60)]));
}

#[test]
fn a_message_that_comes_too_late_is_given_up() {
    let expired = Ok(vec![failed(GivenUp::Expired)]);
    assert_eq!(Stream::<Message>::default().when(claim(DEADLINE)), expired);
    let waiting = held_since(0).and(at(1), vec![deferred_until(DEADLINE + 10)]);
    for message in [held_since(DEADLINE - 1), waiting] {
        assert_eq!(message.when(claim(DEADLINE)), expired);
    }
    assert_eq!(
        Stream::<Message>::default().when(claim(DEADLINE - 1)),
        Ok(vec![claimed(1, DEADLINE - 1)])
    );
}

#[test]
fn a_deferred_message_waits_before_it_is_tried_again() {
    let waiting = held_since(0).and(at(1), vec![deferred_until(16)]);
    assert_eq!(waiting.when(claim(15)), Err(MessageRefusal::Held { until: at(16) }));
    assert_eq!(waiting.when(claim(16)), Ok(vec![claimed(2, 16)]));
}

#[test]
fn each_wait_is_twice_as_long_up_to_a_quarter_of_an_hour() {
    let waits: Vec<_> = (1..=9)
        .map(|attempt| {
            let claim = MessageEvent::Claimed(claimed_for(DAY, attempt, 0));
            let events = given::<Message>(at(0), vec![claim]).when(defer(0)).unwrap();
            let [MessageEvent::Deferred(it)] = events.as_slice() else { panic!("{events:?}") };
            it.next_at.duration_since(at(0)).as_secs()
        })
        .collect();
    assert_eq!(waits, [15, 30, 60, 120, 240, 480, 900, 900, 900]);
}

#[test]
fn no_wait_is_longer_than_half_of_what_time_is_left() {
    let message = held_since(DEADLINE - 20);
    let events = message.when(defer(DEADLINE - 20));
    assert_eq!(events, Ok(vec![deferred_until(DEADLINE - 10)]));
}

#[test]
fn a_wait_too_short_to_matter_is_given_up() {
    let message = held_since(DEADLINE - 20);
    let last_chance = message.when(defer(DEADLINE - 4));
    assert_eq!(last_chance, Ok(vec![deferred_until(DEADLINE - 2)]));
    for second in [DEADLINE - 3, DEADLINE, DEADLINE + 1] {
        assert_eq!(message.when(defer(second)), Ok(vec![failed(GivenUp::Expired)]));
    }
}

#[test]
fn a_sent_or_given_up_message_does_nothing_any_more() {
    let taken = MessageEvent::Sent(Sent { carrier_id: Some("carrier-1".to_owned()) });
    assert_eq!(held_since(0).when(sent()), Ok(vec![taken.clone()]));
    for end in [taken, failed(GivenUp::Superseded)] {
        let done = held_since(0).and(at(1), vec![end]);
        let give_up = MessageCommand::GiveUp { because: GivenUp::Rejected };
        for command in [claim(90), sent(), defer(2), give_up] {
            assert_eq!(done.when(command), Err(MessageRefusal::Done));
        }
    }
}

#[test]
fn only_a_held_message_is_sent_or_deferred() {
    let waiting = held_since(0).and(at(1), vec![deferred_until(16)]);
    for message in [Stream::default(), waiting] {
        for command in [sent(), defer(20)] {
            assert_eq!(message.when(command), Err(MessageRefusal::NotClaimed));
        }
    }
}

#[test]
fn a_message_that_lost_its_point_is_given_up_at_any_stage() {
    let waiting = held_since(0).and(at(1), vec![deferred_until(16)]);
    for message in [Stream::default(), held_since(0), waiting] {
        let give_up = MessageCommand::GiveUp { because: GivenUp::Superseded };
        assert_eq!(message.when(give_up), Ok(vec![failed(GivenUp::Superseded)]));
    }
}
