//! Who comes, how often, and what they want.

use postern_domain::account::Settings;
use postern_events::ids::SessionId;
use postern_events::vocabulary::{Alerts, Method, Purpose};

use super::Play;
use crate::actors::denying::Denying;
use crate::actors::opening::Opening;
use crate::actors::passwords::{Counted, Trying};
use crate::actors::processes::{Beginning, Proving};
use crate::actors::recovering::Recovering;
use crate::actors::reporting::{About, Reporting};
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
            (_, 0..4) => self.sign_in(PHONE),
            (2, 4..60) if drawn > 13 => self.tap_resend(),
            (4 | 5, 60..78) | (_, 91) => self.process(key),
            (5, 18..30) | (6, 26..32) | (_, 92) => self.recover(),
            (6, 18..21) => self.report(),
            (_, 4..18) => self.sign_in(key),
            (1, 18..60) => self.attack(),
            (_, 46..54) => self.tap_resend(),
            (7, 18..40) => self.attack_resets(key),
            (3, 18..28) | (4, 18..36) | (5, 30..38) | (_, 57..62) => self.tend(),
            (_, 18..46) => self.guess(),
            (_, 54..57) => self.deny(),
            (_, 93) if self.world.chance.one_in(3) => self.report(),
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

    /// Many guesses at once, at one attempt; sometimes support is talked into lifting a pause.
    fn attack(&mut self) {
        let Some(on) = self.world.recent() else { return };
        for _ in 0..self.world.chance.below(7) {
            self.start(Verifying::new(on, Typed::Wrong, true));
        }
        if self.world.chance.one_in(12) {
            self.start(Verifying::new(on, Typed::Newest, true));
        }
        if self.world.chance.one_in(8) {
            self.start(Tending::new(Wish::Resume));
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

    /// Somebody signs in who has learned the password, whether it is theirs or not; now and then it
    /// is a former one.
    fn sign_in(&mut self, key: u8) {
        let vault = self.world.store.vault();
        let stale = self.world.chance.one_in(12);
        let password = if stale { vault.former } else { vault.password };
        self.start(Opening::new(key, password));
    }

    /// What a session was stepped up for; sometimes it is never done.
    pub(super) fn sensitive(&mut self, by: SessionId) {
        let devices = self.world.watch.devices();
        let chance = &mut self.world.chance;
        let method = chance.pick(&[Method::App, Method::Email]);
        let wish = match (chance.below(20), chance.pick(&devices)) {
            (0..4, _) => Wish::Settle(Settings { two_step: Some(false), method: None }),
            (4..8, _) => Wish::Settle(Settings { two_step: Some(true), method: None }),
            (8 | 9, _) => Wish::Settle(Settings { two_step: None, method }),
            (10 | 11, _) => Wish::RecoveryCodes,
            (12, _) => Wish::Erase,
            (13 | 14, _) => Wish::ChangePassword { sign_out_others: true },
            (15, Some(device)) => Wish::Remove { device },
            (16..19, _) => return self.start(Beginning::by(by, Purpose::EmailChange)),
            (_, _) => return,
        };
        self.start(Tending::by(by, wish));
    }

    fn tend(&mut self) {
        let devices = self.world.watch.devices();
        let Some(by) = self.world.any_session() else { return };
        let chance = &mut self.world.chance;
        let (drawn, switched, method) =
            (chance.below(30), Some(chance.one_in(2)), chance.pick(&[Method::App, Method::Email]));
        let sign_out_others = chance.one_in(2);
        let wish = match (drawn, chance.pick(&devices)) {
            (0..5, Some(device)) => Wish::Remove { device },
            (5, _) => Wish::SignOutEverywhere,
            (6..9, _) => Wish::Settle(Settings { two_step: switched, method: None }),
            (9, _) => Wish::Settle(Settings { two_step: None, method }),
            (10..12, _) => Wish::ChangePassword { sign_out_others },
            (12..14, _) => Wish::RecoveryCodes,
            (14, _) if chance.one_in(3) => Wish::Erase,
            (14, _) => return self.start(Tending::new(Wish::PutOut)),
            (15..26, Some(device)) => {
                return self.start(Tending::new(Wish::Push { device, alerts: Alerts::Allowed }));
            }
            (26 | 27, Some(device)) => {
                return self.start(Tending::new(Wish::Push { device, alerts: Alerts::Denied }));
            }
            (28.., Some(device)) => return self.start(Tending::new(Wish::NoPush { device })),
            (_, _) => return,
        };
        self.start(Tending::by(by, wish));
    }

    /// A process is asked for, or guessed at; mostly by whoever can read its code.
    fn process(&mut self, key: u8) {
        let session = self.world.any_session();
        match (self.world.chance.below(12), session) {
            (0, _) => return self.start(Beginning::reset(key)),
            (1..3, Some(it)) => return self.start(Beginning::by(it, Purpose::StepUp)),
            (3 | 4, Some(it)) => return self.start(Beginning::by(it, Purpose::EmailChange)),
            (_, _) => {}
        }
        let newest = self.world.processes.len().saturating_sub(3);
        let newest = self.world.processes[newest..].to_vec();
        let Some(on) = self.world.chance.pick(&newest) else { return };
        let typed = if self.world.chance.one_in(3) { Typed::Wrong } else { Typed::Newest };
        // Now and then another session tries, such as an older one of the same phone.
        let other = session.filter(|_| self.world.chance.one_in(6));
        let by = on.session.map(|own| other.unwrap_or(own));
        self.start(Proving::new(on, by, typed));
        let again = if self.mood == 4 { self.world.chance.below(4) } else { 0 };
        for _ in 0..again + u64::from(self.world.chance.one_in(4)) {
            self.start(Proving::new(on, by, typed));
        }
    }

    /// Guesses at resets of the password, many at once, at one after the other.
    fn attack_resets(&mut self, key: u8) {
        let newest = self.world.processes.last().copied();
        let on = newest.filter(|it| it.session.is_none() && !self.world.chance.one_in(4));
        let Some(on) = on else { return self.start(Beginning::reset(key)) };
        for _ in 0..3 {
            self.start(Proving::new(on, None, Typed::Wrong));
        }
    }

    /// A recovery code, a wrong one now and then, or one for two attempts at once.
    fn recover(&mut self) {
        let codes = self.world.store.vault().codes;
        let chance = &mut self.world.chance;
        let wrong = chance.next();
        let code = chance.pick(&codes).filter(|_| !chance.one_in(3)).unwrap_or(wrong);
        let trust = !chance.one_in(4);
        for _ in 0..=self.world.chance.below(2) {
            if let Some(on) = self.world.recent() {
                self.start(Recovering::new(on, code, trust));
            }
        }
    }

    fn report(&mut self) {
        let let_in = self.world.let_in.clone();
        let recent = self.world.recent();
        let deeds = self.world.deeds.clone();
        let chance = &mut self.world.chance;
        let about = match chance.below(4) {
            0 => chance.pick(&let_in).map(|it| About::Attempt(it.id)),
            1 => chance.pick(&deeds).map(About::Deed),
            _ => recent.map(|it| About::Attempt(it.id)),
        };
        let Some(about) = about else { return };
        self.start(Reporting::new(about));
        // Who reports is asked for a new password; not everybody sets one.
        if let (Some(by), true) = (self.world.any_session(), self.world.chance.one_in(2)) {
            self.start(Tending::by(by, Wish::ChangePassword { sign_out_others: false }));
        }
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
