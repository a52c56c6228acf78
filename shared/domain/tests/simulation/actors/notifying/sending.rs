//! A message that is claimed: written from what is true now, and handed to a carrier.

use jiff::{SignedDuration, Timestamp};
use postern_domain::message::MessageCommand;
use postern_events::ids::DeviceId;
use postern_events::message::{GivenUp, NotTaken};
use postern_events::vocabulary::Method;

use super::asks::Ask;
use crate::cast;
use crate::watch::Sending;
use crate::world::World;

/// A message as far as it is written.
pub(super) struct Prepared {
    at: Timestamp,
    generation: u32,
    /// The device, and the step in which the account was read.
    device: Option<(DeviceId, u64)>,
    /// The registration that is pushed to.
    pub(super) since: Option<Timestamp>,
    code: Option<String>,
}

impl Prepared {
    /// Whether the recipient is still one.
    pub(super) fn read_account(ask: &Ask, world: &mut World) -> Result<Self, GivenUp> {
        let at = world.now;
        if at >= ask.deadline {
            world.count("came too late");
            return Err(GivenUp::Expired);
        }
        let Some((_, open)) = world.account() else {
            world.count("recipient erased");
            return Err(GivenUp::RecipientErased);
        };
        let mut since = None;
        if let Some(device) = ask.device {
            let found = open.pushable(at).find(|it| it.id == device);
            let Some(push) = found.and_then(|it| it.push) else {
                world.count("device not pushed to any more");
                return Err(GivenUp::EndpointDisabled);
            };
            since = Some(push.since);
        }
        let device = ask.device.map(|it| (it, world.watch.step));
        Ok(Self { at, generation: open.attempt_generation, device, since, code: None })
    }

    /// Whether the code is still the one that was asked for; a mail carries it, a push never does.
    pub(super) fn read_attempt(self, ask: &Ask, world: &mut World) -> Result<Self, GivenUp> {
        let (loaded, (guard, _)) = (world.store.sign_in(ask.attempt), world.store.guard());
        let living = loaded.state.pending().filter(|(attempt, challenge)| {
            let newest = challenge.newest();
            newest.issue == ask.issue
                && newest.method == ask.method
                && challenge.asked_by() == ask.by
                && attempt.generation == self.generation
                && !challenge.is_over(self.at)
        });
        let Some((attempt, challenge)) = living.filter(|_| guard.paused(self.at).is_none()) else {
            world.count("superseded");
            return Err(GivenUp::Superseded);
        };
        let id = attempt.id.to_string();
        let source = challenge.source(cast::account(), &id);
        let code = world.keys.derive(&source).expect("the key").reveal().to_owned();
        let code = (ask.method == Method::Email).then_some(code);
        Ok(Self { code, ..self })
    }

    /// The carrier takes it, or doesn't.
    pub(super) fn hand_over(self, ask: &Ask, world: &mut World) -> MessageCommand {
        let took = i64::try_from(world.chance.below(400)).unwrap();
        world.now += SignedDuration::from_millis(took);
        if world.faults && world.chance.one_in(5) {
            world.count("deferred");
            return MessageCommand::Defer { because: NotTaken::Throttled, now: world.now };
        }
        if world.faults && ask.device.is_some() && world.chance.one_in(8) {
            // Often it is dead because the app has a new one, and is about to say so.
            world.registering = ask.device.filter(|_| world.chance.one_in(2));
            return MessageCommand::GiveUp { because: GivenUp::EndpointDisabled };
        }
        let sending = Sending {
            message: ask.message,
            attempt: ask.attempt,
            code: self.code,
            device: self.device,
            prepared: self.at,
        };
        let acting = world.acting;
        world.say(|| format!("hands over {sending:?}"));
        world.watch.sent_out(&sending, acting);
        world.count(if ask.device.is_some() { "push sent" } else { "mail sent" });
        MessageCommand::Sent { carrier_id: None }
    }
}
