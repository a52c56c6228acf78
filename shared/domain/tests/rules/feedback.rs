//! What carriers say about a message: in any order, perhaps twice, perhaps before its sender does.

use postern_domain::account::{AccountCommand, OpenAccount};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::guard::AccountGuard;
use postern_domain::message::{Feedback, Message, MessageCommand, MessageRefusal};
use postern_events::account::{AccountEvent, EmailUndeliverable, UndeliverableBecause};
use postern_events::ids::MessageId;
use postern_events::message::{
    BounceKind, Bounced, Claimed, Complained, Delayed, Delivered, Failed, GivenUp, MessageEvent,
    MessageKind, Rejected, Sent,
};
use postern_events::vocabulary::Method;

use crate::fixtures::*;
use crate::stream::{Stream, given};
use crate::trust::open;

const BOUNCED: Feedback = Feedback::Bounced(BounceKind::Permanent);
const ALL: [Feedback; 5] =
    [Feedback::Rejected, Feedback::Delayed, Feedback::Delivered, BOUNCED, Feedback::Complained];

fn note(feedback: Feedback) -> MessageCommand {
    MessageCommand::Note(feedback)
}

/// A mail that somebody is sending.
fn held() -> Stream<Message> {
    given(
        at(0),
        vec![MessageEvent::Claimed(Claimed {
            asked_by: asked_at(0),
            stream: format!("sign_in/{}", attempt()),
            kind: MessageKind::SignInCode,
            channel: Method::Email,
            recipient: ada(),
            device: None,
            attempt: 1,
            lease_until: at(MINUTE),
            deadline: at(5 * MINUTE),
        })],
    )
}

/// A mail that the carrier accepted.
fn sent() -> Stream<Message> {
    held().and(at(1), vec![MessageEvent::Sent(Sent { carrier_id: None })])
}

fn said(feedback: Feedback) -> MessageEvent {
    match feedback {
        Feedback::Delivered => MessageEvent::Delivered(Delivered {}),
        Feedback::Delayed => MessageEvent::Delayed(Delayed {}),
        Feedback::Bounced(bounce) => MessageEvent::Bounced(Bounced { bounce }),
        Feedback::Complained => MessageEvent::Complained(Complained {}),
        Feedback::Rejected => MessageEvent::Rejected(Rejected {}),
    }
}

/// All orders of these.
fn orders(of: &[Feedback]) -> Vec<Vec<Feedback>> {
    if of.is_empty() {
        return vec![vec![]];
    }
    let with = |place: usize| {
        let mut rest = of.to_vec();
        let first = rest.remove(place);
        orders(&rest).into_iter().map(move |order| [vec![first], order].concat())
    };
    (0..of.len()).flat_map(with).collect()
}

/// What is known in the end, by what was said: the worst of it.
fn worst(of: &[Feedback]) -> Message {
    let states = [
        (Feedback::Complained, Message::Complained),
        (BOUNCED, Message::Bounced),
        (Feedback::Delivered, Message::Delivered),
        (Feedback::Rejected, Message::Failed(GivenUp::Rejected)),
    ];
    let worst = states.into_iter().find(|it| of.contains(&it.0));
    worst.map_or(Message::Sent, |it| it.1)
}

#[test]
fn each_thing_a_carrier_says_about_a_sent_mail_is_a_fact() {
    for feedback in ALL {
        assert_eq!(sent().when(note(feedback)), Ok(vec![said(feedback)]));
    }
}

#[test]
fn the_worst_is_what_counts_in_whatever_order_it_is_heard() {
    let subsets = (0..1_usize << ALL.len()).map(|bits| {
        let chosen = ALL.iter().enumerate().filter(|(place, _)| bits & (1 << place) != 0);
        chosen.map(|it| *it.1).collect::<Vec<_>>()
    });
    for subset in subsets {
        for order in orders(&subset) {
            let mut mail = sent();
            for feedback in &order {
                mail.ask(at(2), note(*feedback)).unwrap();
            }
            assert_eq!(mail.state, worst(&subset), "{order:?}");
            assert_eq!(mail.refolded(), mail.state);
        }
    }
}

#[test]
fn what_is_known_is_not_said_again_however_often_it_is_heard() {
    for order in orders(&ALL) {
        let mut mail = sent();
        for feedback in &order {
            mail.ask(at(2), note(*feedback)).unwrap();
        }
        let (before, known) = (mail.events.len(), mail.state.clone());
        for feedback in &order {
            mail.ask(at(3), note(*feedback)).unwrap();
        }
        assert_eq!((mail.events.len(), mail.state), (before, known), "{order:?}");
    }
}

#[test]
fn feedback_may_come_before_the_sender_has_noted_that_it_sent() {
    for feedback in [Feedback::Delivered, BOUNCED, Feedback::Complained] {
        let mut early = held();
        assert_eq!(early.ask(at(1), note(feedback)), Ok(vec![said(feedback)]));
        let late = early.when(MessageCommand::Sent { carrier_id: None });
        assert_eq!(late, Err(MessageRefusal::Done));
    }
}

#[test]
fn a_mail_that_was_given_up_and_arrived_all_the_same_has_arrived() {
    let given_up = MessageEvent::Failed(Failed { because: GivenUp::Expired });
    let mut mail = held().and(at(1), vec![given_up]);
    mail.ask(at(2), note(Feedback::Delivered)).unwrap();
    assert_eq!(mail.state, Message::Delivered);
}

#[test]
fn nothing_is_said_about_a_message_that_nobody_took_up() {
    for feedback in ALL {
        let nothing = Stream::<Message>::default();
        assert_eq!(nothing.when(note(feedback)), Err(MessageRefusal::NotClaimed));
    }
}

fn message() -> MessageId {
    MessageId::derived(at(0), &[b"bounced"])
}

fn mark(asked_at: i64) -> AccountCommand {
    let because = UndeliverableBecause::Bounced;
    AccountCommand::MarkUndeliverable { message: message(), asked_at: at(asked_at), because }
}

fn marked() -> AccountEvent {
    let because = UndeliverableBecause::Bounced;
    AccountEvent::EmailUndeliverable(EmailUndeliverable { message: message(), because })
}

#[test]
fn mail_that_bounced_is_no_way_for_a_code_and_ends_no_attempt() {
    let mut account = open(account());
    assert_eq!(account.ask(at(1), mark(0)), Ok(vec![marked()]));
    let open = account.state.open().unwrap();
    let channels = Channels::of(open, key(TABLET), &AccountGuard::default(), at(2));
    assert_eq!(channels.without(Method::Email), Some(Unavailable::Undeliverable));
    assert_eq!(channels.available(), [Method::App]);
    assert_eq!(channels.chosen(Method::Email), Some(Method::App), "the phones can be opened");
    assert_eq!(channels.reachable_at(), None, "nothing passes by itself");
    assert_eq!(open.attempt_generation, 0);
}

#[test]
fn an_address_is_marked_once() {
    let mut account = open(account());
    account.ask(at(1), mark(0)).unwrap();
    assert_eq!(account.when(mark(0)), Ok(vec![]));
}

#[test]
fn an_address_is_not_marked_for_a_mail_to_the_former_one() {
    let moved = OpenAccount { email_proven_at: at(10), ..account() };
    let account = open(moved);
    assert_eq!(account.when(mark(9)), Ok(vec![]));
    assert_eq!(account.when(mark(10)), Ok(vec![marked()]));
}

#[test]
fn an_address_that_has_proven_itself_is_not_marked_for_an_older_mail() {
    let mut account = open(account());
    account.ask(at(10), crate::passwords_and_resets::reset(10)).unwrap();
    let open = account.state.open().unwrap();
    assert_eq!(
        (open.email_since, open.email_proven_at),
        (at(0), at(10)),
        "the address is the same"
    );
    assert_eq!(account.when(mark(9)), Ok(vec![]));
    assert_eq!(account.when(mark(10)), Ok(vec![marked()]));
}

#[test]
fn only_a_mail_to_the_owners_own_address_says_that_it_takes_no_more() {
    let bounced = Some(UndeliverableBecause::Bounced);
    let complained = Some(UndeliverableBecause::Complained);
    assert_eq!(BOUNCED.means_undeliverable(MessageKind::SignInCode), bounced);
    assert_eq!(Feedback::Complained.means_undeliverable(MessageKind::NewDevice), complained);
    let elsewhere = [
        MessageKind::RegistrationCode,
        MessageKind::EmailChangeCode,
        MessageKind::EmailChanged,
        MessageKind::SupportRequest,
    ];
    for kind in elsewhere {
        assert_eq!(BOUNCED.means_undeliverable(kind), None, "{kind:?}");
    }
    let passing = [
        Feedback::Bounced(BounceKind::Transient),
        Feedback::Bounced(BounceKind::Undetermined),
        Feedback::Delayed,
        Feedback::Delivered,
        Feedback::Rejected,
    ];
    for said in passing {
        assert_eq!(said.means_undeliverable(MessageKind::SignInCode), None, "{said:?}");
    }
}
