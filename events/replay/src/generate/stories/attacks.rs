//! What others do to an account, and what its owner does about it.

use postern_domain::policy;
use postern_events::vocabulary::{Alerts, Method};

use crate::generate::chance::{hours, minutes, seconds};
use crate::generate::guessing::Typed;
use crate::generate::life::{Life, Step, Stop};
use crate::generate::people::Caller;
use crate::generate::places::LAIRS;
use crate::generate::plan::Strike;
use crate::generate::story::Story;

/// Stolen passwords that are still the right ones, in ten thousand.
const STILL_RIGHT: u64 = 300;

impl Life<'_> {
    /// Something befalls the account.
    pub(in crate::generate) fn strike(&mut self, strike: Strike) -> Step<()> {
        let lair = self.chance.weighted(&LAIRS);
        let bot = Caller::new(lair, &self.chance);
        match strike {
            Strike::Password(story, lair) => {
                self.story = Some(story);
                self.one_password(story, &Caller::new(lair, &self.chance))
            }
            Strike::Unknown(story, lair) => {
                self.story = Some(story);
                self.unknown_address(&Caller::new(lair, &self.chance))
            }
            Strike::PushBombing => self.push_bombing(&bot),
            Strike::CodeGuessing => self.code_guessing(&bot),
            Strike::MailboxTakeover => self.mailbox_takeover(&bot),
            Strike::StolenPassword => self.stolen_password(&bot),
            Strike::IntruderLetIn => {
                let known = self.owner.phones.len();
                let done = self.intruder_let_in(&bot);
                self.owner.phones.truncate(known);
                done
            }
            Strike::AddressProbing => self.address_probing(&bot),
        }
    }

    /// Goes on with something that a rule may refuse.
    fn try_it<T>(step: Step<T>) -> Step<Option<T>> {
        match step {
            Ok(it) => Ok(Some(it)),
            Err(Stop::Refused) => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn one_password(&mut self, story: Story, bot: &Caller) -> Step<()> {
        if story != Story::CredentialStuffing || !self.chance.happens(STILL_RIGHT) {
            return self.wrong_password(bot);
        }
        let id = self.sign_in(bot)?;
        self.story = None;
        if self.completed(id).is_none() && self.chance.happens(6_000) {
            self.about(minutes(1))?;
            let by = self.acting(0)?.device;
            self.deny(id, by)?;
            self.change_stolen_password()?;
        }
        Ok(())
    }

    /// The owner sets another password on their own phone.
    fn change_stolen_password(&mut self) -> Step<()> {
        self.story = None;
        self.about(minutes(3))?;
        self.be_stepped_up(0)?;
        self.about(seconds(50))?;
        self.change_password(0, true)
    }

    /// Asks and asks, in the hope that somebody gives the code away to have peace.
    fn push_bombing(&mut self, bot: &Caller) -> Step<()> {
        let rounds = 2 + self.chance.below(4);
        let mut newest = None;
        for _ in 0..rounds {
            self.story = Some(Story::PushBombing);
            let Some(id) = Self::try_it(self.sign_in(bot))? else { break };
            if self.completed(id).is_some() {
                return Ok(());
            }
            newest = Some(id);
            self.wait(policy::FIRST_RESEND_AFTER)?;
            for _ in 0..self.chance.below(3) {
                self.about(seconds(35))?;
                Self::try_it(self.resend(id, bot, Some(Method::App)))?;
                self.wait(policy::NEXT_RESEND_AFTER)?;
            }
            self.about(minutes(2))?;
        }
        self.story = None;
        let id = newest.ok_or(Stop::Refused)?;
        if self.chance.happens(7_500) {
            let by = self.acting(0)?.device;
            Self::try_it(self.deny(id, by))?;
        }
        // Whoever doesn't deny it changes the password under it.
        self.be_stepped_up(0)?;
        self.change_password(0, true)
    }

    /// Knows the password and tries codes until code entry is paused, and again after that.
    fn code_guessing(&mut self, bot: &Caller) -> Step<()> {
        for _ in 0..2 + self.chance.below(4) {
            self.story = Some(Story::CodeGuessing);
            let bot = bot.elsewhere(&self.chance);
            let Some(id) = Self::try_it(self.sign_in(&bot))? else {
                self.about(minutes(25))?;
                continue;
            };
            if self.completed(id).is_some() {
                return Ok(());
            }
            for _ in 0..policy::GUESSES_PER_ATTEMPT {
                self.about(seconds(3))?;
                if Self::try_it(self.guess(id, &bot, Typed::Any))?.is_none() {
                    break;
                }
            }
            self.about(minutes(4))?;
        }
        self.story = None;
        if self.chance.happens(5_000) {
            self.about(hours(2))?;
            self.change_stolen_password()?;
        }
        Ok(())
    }

    /// Holds the mailbox: sets another password, and is not let in by the same mailbox.
    fn mailbox_takeover(&mut self, bot: &Caller) -> Step<()> {
        self.story = Some(Story::MailboxTakeover);
        let id = self.reset(bot, true)?;
        self.about(seconds(25))?;
        self.prove(id, None, Typed::Right)?;
        self.forget_removed();
        self.about(seconds(20))?;
        for _ in 0..=self.chance.below(3) {
            if Self::try_it(self.sign_in(&bot.elsewhere(&self.chance)))?.is_none() {
                break;
            }
            self.about(minutes(15))?;
        }
        // The owner, who is told, has the keys that mailed codes may let in at once.
        self.story = None;
        self.about(hours(3))?;
        self.forget_password(0)
    }

    /// Has the password and is found out by the mail with the code.
    fn stolen_password(&mut self, bot: &Caller) -> Step<()> {
        self.story = Some(Story::StolenPassword);
        let id = self.sign_in(bot)?;
        if self.awaited_by(id).ok_or(Stop::Refused)? == Method::App {
            self.about(seconds(40))?;
            self.resend(id, bot, Some(Method::Email))?;
        }
        if self.chance.happens(4_000) {
            // A second one at the same time, which dies with what the report changes.
            Self::try_it(self.sign_in(&bot.elsewhere(&self.chance)))?;
        }
        self.about(minutes(3))?;
        self.report_attempt(id)?;
        self.about(minutes(2))?;
        for _ in 0..=self.chance.below(3) {
            Self::try_it(self.sign_in(bot))?;
            self.about(minutes(1))?;
        }
        self.change_stolen_password()
    }

    /// Has the password and is given the code; gets in, and wants more.
    fn intruder_let_in(&mut self, bot: &Caller) -> Step<()> {
        self.story = Some(Story::IntruderLetIn);
        let id = self.sign_in(bot)?;
        let mut completed = self.completed(id);
        if completed.is_none() {
            self.about(seconds(50))?;
            if self.chance.happens(3_000) {
                self.guess(id, bot, Typed::Mistyped)?;
                self.about(seconds(15))?;
            }
            completed = self.guess(id, bot, Typed::Right)?;
        }
        let completed = completed.ok_or(Stop::Refused)?;
        let description = self.attempt(id)?.opened.description.clone();
        let intruder = self.owner.phones.len();
        let phone = crate::generate::people::Phone::new(bot.clone(), &self.chance);
        self.owner.phones.push(phone);
        self.let_in_by(intruder, &completed, description);
        self.about(seconds(30))?;
        self.register_push(intruder, Alerts::Allowed)?;
        self.about(minutes(2))?;
        Self::try_it(self.wants_more(intruder))?;
        self.story = None;
        self.about(hours(5))?;
        if self.attempt(id)?.mailed.is_some() && self.chance.happens(6_500) {
            self.report_attempt(id)?;
        } else {
            self.look_in(0)?;
            Self::try_it(self.remove_device(0, completed.device))?;
        }
        self.change_stolen_password()
    }

    /// A young device has to be stepped up by another channel, which the owner hears of.
    fn wants_more(&mut self, intruder: usize) -> Step<()> {
        let id = self.step_up(intruder)?;
        self.about(minutes(1))?;
        let (_, challenge) = self.process(id)?.awaited().ok_or(Stop::Refused)?;
        match challenge.newest().method {
            Method::App => self.deny_step_up(id, 0),
            Method::Email => {
                Self::try_it(self.prove(id, Some(intruder), Typed::Any))?;
                self.about(minutes(2))?;
                self.report_process(id)
            }
        }
    }

    /// Looks who has an account: registrations and resets of many addresses.
    fn address_probing(&mut self, bot: &Caller) -> Step<()> {
        self.story = Some(Story::AddressProbing);
        for _ in 0..=self.chance.below(3) {
            self.reset(&bot.elsewhere(&self.chance), false)?;
            self.about(seconds(4))?;
        }
        Self::try_it(self.register(&bot.elsewhere(&self.chance)))?;
        self.about(seconds(4))?;
        let id = self.reset(bot, true)?;
        for _ in 0..self.chance.below(4) {
            self.about(seconds(5))?;
            Self::try_it(self.prove(id, None, Typed::Any))?;
        }
        if self.chance.happens(6_000) {
            self.about(minutes(2))?;
            self.report_process(id)?;
        }
        Ok(())
    }
}
