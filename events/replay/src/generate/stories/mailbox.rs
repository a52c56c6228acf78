//! What an owner proves through a mailbox: a registration, a forgotten password, another address.

use postern_domain::policy;
use postern_events::vocabulary::Alerts;

use crate::generate::chance::{hours, minutes, seconds};
use crate::generate::guessing::Typed;
use crate::generate::life::{Life, Step, Stop};
use crate::generate::story::Story;

/// Registrations that nobody goes on with, in ten thousand.
const ABANDONED: u64 = 600;
/// Codes that are mistyped once, in ten thousand.
const MISTYPED: u64 = 900;

impl Life<'_> {
    /// Opens the account, on a second or third try if need be.
    pub(in crate::generate) fn begin(&mut self) -> Step<()> {
        while self.account.state().open().is_none() {
            match self.try_to_register() {
                Ok(()) => {}
                Err(Stop::Refused) => self.about(hours(7))?,
                Err(stop) => return Err(stop),
            }
            self.end_story();
        }
        Ok(())
    }

    fn try_to_register(&mut self) -> Step<()> {
        let caller = self.owner.phones[0].caller.clone();
        if self.chance.happens(ABANDONED) {
            self.story = Some(Story::OwnerGaveUp);
            self.register(&caller)?;
            return Err(Stop::Refused);
        }
        let id = self.register(&caller)?;
        self.about(seconds(35))?;
        if self.chance.happens(500) {
            self.wait(policy::FIRST_RESEND_AFTER)?;
            self.resend_process(id, None, None)?;
            self.about(seconds(25))?;
        }
        if self.chance.happens(MISTYPED) {
            self.prove(id, Some(0), Typed::Mistyped)?;
            self.about(seconds(20))?;
        }
        self.prove(id, Some(0), Typed::Right)?;
        self.about(seconds(10))?;
        self.register_push(0, Alerts::Allowed)
    }

    /// An owner who has forgotten that there is an account; nothing comes of it.
    pub(super) fn register_again(&mut self) -> Step<()> {
        let caller = self.owner.phones[0].caller.clone();
        self.story = Some(Story::OwnerRegisteredAgain);
        let id = self.register(&caller)?;
        self.about(minutes(1))?;
        for _ in 0..=self.chance.below(2) {
            self.prove(id, None, Typed::Any)?;
            self.about(seconds(30))?;
        }
        Ok(())
    }

    /// Wrong passwords, then another one by mail.
    pub(super) fn forget_password(&mut self, phone: usize) -> Step<()> {
        let caller = self.owner.phones[phone].caller.clone();
        for _ in 0..=self.chance.below(3) {
            self.wrong_password(&caller)?;
            self.about(seconds(20))?;
        }
        self.story = Some(Story::OwnerForgotPassword);
        let id = self.reset(&caller, true)?;
        self.about(seconds(45))?;
        if self.chance.happens(700) {
            self.wait(policy::FIRST_RESEND_AFTER)?;
            self.resend_process(id, None, None)?;
            self.about(seconds(30))?;
        }
        if self.chance.happens(900) {
            // The code is in an old mail, or another one is taken for it.
            for _ in 0..policy::GUESSES_PER_ATTEMPT {
                self.prove(id, None, Typed::Mistyped)?;
                self.about(seconds(10))?;
            }
            return Err(Stop::Refused);
        }
        if self.chance.happens(MISTYPED) {
            self.prove(id, None, Typed::Mistyped)?;
            self.about(seconds(15))?;
        }
        self.prove(id, None, Typed::Right)?;
        self.forget_removed();
        self.about(seconds(30))?;
        self.come_in(phone)
    }

    pub(super) fn move_to_another_address(&mut self, phone: usize) -> Step<()> {
        self.be_stepped_up(phone)?;
        self.story = Some(Story::OwnerChangedAddress);
        self.about(seconds(30))?;
        let id = self.change_email(phone)?;
        self.about(seconds(40))?;
        if self.chance.happens(MISTYPED) {
            self.prove(id, Some(phone), Typed::Mistyped)?;
            self.about(seconds(20))?;
        }
        self.prove(id, Some(phone), Typed::Right)?;
        Ok(())
    }
}
