//! A history: who comes when, who acts next, what fails, how the clock goes.

mod arrivals;

use jiff::SignedDuration;
use postern_events::vocabulary::Alerts;

use crate::actors::notifying::Notifying;
use crate::actors::tending::{Tending, Wish};
use crate::actors::{Actor, Next};
use crate::cast;
use crate::watch::Acting;
use crate::world::{Counts, World};

/// Those who act at the same time, at most.
const AT_ONCE: usize = 8;
/// A function that has not answered by then is ended.
const TIME_OUT: SignedDuration = SignedDuration::from_secs(30);

/// One who acts, and since when.
struct Running {
    actor: Box<dyn Actor>,
    acting: Acting,
}

/// What a history came to.
pub(crate) struct History {
    pub(crate) counts: Counts,
    pub(crate) broken: Option<String>,
    pub(crate) story: Vec<String>,
}

/// Plays the history of a seed. Twice the same seed is twice the same history.
pub(crate) fn play(seed: u64, told: bool) -> History {
    let mut history = Play::new(seed, told);
    let ticks = 200 + history.world.chance.below(200);
    for _ in 0..ticks {
        history.tick();
        if history.world.watch.broken.is_some() {
            break;
        }
    }
    history.settle();
    let World { counts, mut watch, store, story, .. } = history.world;
    if watch.broken.is_none() {
        watch.broken = store.broken();
    }
    History { counts, broken: watch.broken, story: story.unwrap_or_default() }
}

struct Play {
    world: World,
    running: Vec<Running>,
    numbered: u64,
    /// What this history is rich in.
    mood: u64,
}

impl Play {
    fn new(seed: u64, told: bool) -> Self {
        let mut world = World::new(seed, told);
        let mood = world.chance.below(8);
        let mut play = Self { world, running: Vec::new(), numbered: 0, mood };
        if play.world.chance.one_in(3) {
            // The phone has been trusted for long enough to need no code for a step-up.
            play.world.now += SignedDuration::from_hours(25);
            play.world.acting.now = play.world.now;
        }
        if !play.world.chance.one_in(4) {
            let device = cast::phone();
            play.start(Tending::new(Wish::Push { device, alerts: Alerts::Allowed }));
        }
        if play.world.chance.one_in(3) {
            play.world.hand_out_codes();
        }
        if play.world.chance.one_in(6) {
            play.world.tried_from_everywhere();
        }
        play
    }

    fn start(&mut self, actor: impl Actor + 'static) {
        self.numbered += 1;
        let now = self.world.now;
        let acting = Acting { number: self.numbered, since: self.world.watch.step, now };
        self.running.push(Running { actor: Box::new(actor), acting });
    }

    fn tick(&mut self) {
        self.world.watch.step += 1;
        self.move_clock();
        if let Some(device) = self.world.registering.take() {
            self.start(Tending::new(Wish::Push { device, alerts: Alerts::Allowed }));
        }
        if let Some(by) = self.world.stepped_up.take() {
            self.sensitive(by);
        }
        if self.running.len() < AT_ONCE && self.world.chance.one_in(3) {
            self.come();
        }
        self.act();
        self.act();
    }

    /// Somebody makes a step, or dies.
    fn act(&mut self) {
        let among = u64::try_from(self.running.len()).unwrap();
        if among == 0 {
            return;
        }
        let place = usize::try_from(self.world.chance.below(among)).unwrap();
        let mut one = self.running.swap_remove(place);
        let waits = one.actor.is_request();
        if !waits {
            one.acting.now = self.world.now;
        }
        self.world.acting = one.acting;
        if waits && self.world.now > one.acting.now + TIME_OUT {
            self.world.count("timed out");
            self.world.say(|| "is ended: time out".to_owned());
            return;
        }
        if self.world.faults && self.world.chance.one_in(60) {
            self.world.count("crashed");
            self.world.say(|| "dies".to_owned());
            one.actor.died(&mut self.world);
            return;
        }
        if one.actor.step(&mut self.world) == Next::Step {
            self.running.push(one);
        }
    }

    /// Mostly no time passes, sometimes some; now and then it is exactly when something changes,
    /// or another machine's clock is behind.
    fn move_clock(&mut self) {
        let world = &mut self.world;
        // Whoever asks for codes again and again waits for the first moment at which that works.
        let patient = self.mood == 2 && world.chance.one_in(25);
        let drawn = if patient { 975 } else { world.chance.below(1_000) };
        let milliseconds = match drawn {
            0..902 => return,
            902..967 => i64::try_from(world.chance.below(3_000)).unwrap(),
            967..972 => i64::try_from(world.chance.below(70_000)).unwrap(),
            972..983 => {
                let instants = world.watch.instants(world.now);
                let Some(at) = world.chance.pick(&instants) else { return };
                world.count("clock jumped to an instant");
                world.now = at;
                -i64::try_from(world.chance.below(4) / 3).unwrap()
            }
            983..993 => {
                world.count("clock set back");
                -i64::try_from(world.chance.below(5_000)).unwrap()
            }
            993..997 => i64::try_from(world.chance.below(25 * 60_000)).unwrap(),
            _ => {
                world.count("clock jumped far");
                i64::try_from(world.chance.below(20 * 3_600_000)).unwrap()
            }
        };
        world.now += SignedDuration::from_millis(milliseconds);
    }

    /// A worker gets one of the oldest records, sometimes one that another gets too.
    fn deliver(&mut self) {
        let among = u64::try_from(self.world.feed.len().min(4)).unwrap();
        if among == 0 {
            return;
        }
        let place = usize::try_from(self.world.chance.below(among)).unwrap();
        if place > 0 {
            self.world.count("delivered out of order");
        }
        let record = self.world.feed[place];
        if self.world.faults && self.world.chance.one_in(5) {
            self.world.count("delivered twice");
        } else {
            self.world.feed.remove(place);
        }
        self.start(Notifying::of_record(record));
    }

    fn sweep(&mut self) {
        let now = self.world.now;
        let due = self.world.outbox.values().filter(|(_, due)| *due <= now);
        let asks: Vec<_> = due.map(|(ask, _)| ask.clone()).collect();
        if !asks.is_empty() {
            self.start(Notifying::of_sweep(asks));
        }
    }

    /// Everything works again: whoever acts comes to an end, and no message is forgotten.
    fn settle(&mut self) {
        self.world.faults = false;
        for _ in 0..40 {
            while !self.running.is_empty() && self.world.watch.broken.is_none() {
                self.world.watch.step += 1;
                self.act();
            }
            if self.world.feed.is_empty() && self.world.outbox.is_empty() {
                break;
            }
            self.world.now += SignedDuration::from_secs(60);
            while !self.world.feed.is_empty() {
                self.deliver();
            }
            self.sweep();
        }
        let unfinished = self.world.store.unfinished();
        let none = unfinished.is_empty() && self.world.outbox.is_empty();
        self.world.watch.rule(none, || format!("messages were forgotten: {unfinished:?}"));
    }
}
