//! Who comes, how often, and what they want.

use postern_events::vocabulary::{Alerts, Method};

use super::Play;
use crate::actors::denying::Denying;
use crate::actors::opening::Opening;
use crate::actors::passwords::{Counted, Trying};
use crate::actors::resending::{Cancelling, Resending};
use crate::actors::tending::{Tending, Wish};
use crate::actors::verifying::{Typed, Verifying};
use crate::cast::{LAST, PHONE};

impl Play {
    /// Somebody comes who wants something.
    pub(super) fn come(&mut self) {
        let chance = &mut self.world.chance;
        let drawn = chance.below(100);
        let key = u8::try_from(2 + chance.below(u64::from(LAST) - 1)).unwrap();
        match (self.mood, drawn) {
            (_, 0..4) => self.start(Opening::new(PHONE)),
            (2, 4..60) if drawn > 13 => self.tap_resend(),
            (_, 4..18) => self.start(Opening::new(key)),
            (1, 18..60) => self.attack(),
            (_, 46..54) => self.tap_resend(),
            (3, 18..28) | (_, 57..62) => self.tend(),
            (_, 18..46) => self.guess(),
            (_, 54..57) => self.deny(),
            (_, 62..64) => {
                if let Some(on) = self.world.recent() {
                    self.start(Cancelling::new(on));
                }
            }
            (_, 64..70) => self.passwords(),
            (_, 70..91) => self.deliver(),
            _ => self.sweep(),
        }
    }

    fn guess(&mut self) {
        let Some(on) = self.world.recent() else { return };
        let typed = match self.world.chance.below(8) {
            0..3 => Typed::Newest,
            3 => Typed::Older,
            _ => Typed::Wrong,
        };
        let trust = !self.world.chance.one_in(4);
        self.start(Verifying::new(on, typed, trust));
        if matches!(typed, Typed::Newest) && self.world.chance.one_in(2) {
            // Somebody taps twice.
            self.start(Verifying::new(on, typed, trust));
        }
    }

    /// Many guesses at once, at one attempt.
    fn attack(&mut self) {
        let Some(on) = self.world.recent() else { return };
        for _ in 0..self.world.chance.below(7) {
            self.start(Verifying::new(on, Typed::Wrong, true));
        }
        if self.world.chance.one_in(12) {
            self.start(Verifying::new(on, Typed::Newest, true));
        }
    }

    fn tap_resend(&mut self) {
        let newest = self.world.attempts.last().copied().filter(|_| self.mood == 2);
        let Some(on) = newest.or_else(|| self.world.recent()) else { return };
        let methods = [None, Some(Method::App), Some(Method::Email)];
        let method = self.world.chance.pick(&methods).flatten();
        self.start(Resending::new(on, method));
        if self.world.chance.one_in(4) {
            self.start(Resending::new(on, method));
        }
    }

    fn deny(&mut self) {
        let devices = self.world.watch.devices();
        let by = self.world.chance.pick(&devices);
        if let (Some(on), Some(by)) = (self.world.recent(), by) {
            self.start(Denying::new(on, by));
        }
    }

    fn tend(&mut self) {
        let devices = self.world.watch.devices();
        let chance = &mut self.world.chance;
        let (Some(device), Some(by)) = (chance.pick(&devices), chance.pick(&devices)) else {
            return;
        };
        let wish = match chance.below(20) {
            0..4 => Wish::Remove { device, by },
            4 => Wish::SignOutEverywhere { by },
            5..16 => Wish::Push { device, alerts: Alerts::Allowed },
            16 | 17 => Wish::Push { device, alerts: Alerts::Denied },
            _ => Wish::NoPush { device },
        };
        self.start(Tending::new(wish));
    }

    /// Passwords from a few networks at once, or from the owner's own phone.
    fn passwords(&mut self) {
        let chance = &mut self.world.chance;
        if chance.one_in(4) {
            let right = chance.one_in(6);
            return self.start(Trying::new(Counted::Key(PHONE), right));
        }
        for _ in 0..=chance.below(4) {
            let from = u8::try_from(self.world.chance.below(4)).unwrap();
            let right = self.world.chance.one_in(8);
            self.start(Trying::new(Counted::Network(from), right));
        }
    }
}
