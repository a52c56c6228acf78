//! How an owner gets in on a phone: with the password alone, or with a code in one way or another.

use postern_domain::policy;
use postern_events::ids::SignInId;
use postern_events::vocabulary::{Alerts, Method};

use crate::generate::chance::{minutes, seconds};
use crate::generate::guessing::Typed;
use crate::generate::life::{Life, Step, Stop};
use crate::generate::people::{Caller, Phone};
use crate::generate::story::Story;

/// What a person does where a code is asked for.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Types,
    Mistypes,
    AsksAgain,
    SwitchesWay,
    ComesLate,
    GivesUp,
    Cancels,
    LosesCount,
}

const MANNERS: [(u64, Manner); 8] = [
    (640, Manner::Types),
    (110, Manner::Mistypes),
    (60, Manner::AsksAgain),
    (70, Manner::SwitchesWay),
    (40, Manner::ComesLate),
    (40, Manner::GivesUp),
    (30, Manner::Cancels),
    (10, Manner::LosesCount),
];

impl Manner {
    /// The story that an attempt is part of which ends so.
    const fn story(self) -> Option<Story> {
        match self {
            Self::GivesUp | Self::Cancels => Some(Story::OwnerGaveUp),
            Self::LosesCount => Some(Story::OwnerMistypedCodes),
            Self::Types
            | Self::Mistypes
            | Self::AsksAgain
            | Self::SwitchesWay
            | Self::ComesLate => None,
        }
    }
}

/// Wrong passwords that an owner gives before the right one, in ten thousand sign-ins.
const FORGETFUL: u64 = 900;
/// Owners who don't let a phone show what is pushed, in ten thousand.
const SILENCED: u64 = 700;

impl Life<'_> {
    /// Sees to it that a phone is signed in, if its owner can.
    pub(in crate::generate) fn come_in(&mut self, phone: usize) -> Step<()> {
        if self.is_signed_in(phone) {
            return Ok(());
        }
        self.roam(phone);
        let caller = self.owner.phones[phone].caller.clone();
        while self.chance.happens(FORGETFUL) {
            self.wrong_password(&caller)?;
            self.about(seconds(15))?;
        }
        let manner = *self.chance.weighted(&MANNERS);
        if self.open()?.needs_code(caller.key, self.now) {
            self.story = manner.story().or(self.story);
        }
        let id = self.sign_in(&caller)?;
        if self.completed(id).is_none() {
            self.type_code(id, phone, manner)?;
        }
        let completed = self.completed(id).ok_or(Stop::Refused)?;
        let description = self.attempt(id)?.opened.description.clone();
        self.let_in_by(phone, &completed, description);
        self.about(seconds(4))?;
        let silenced = self.chance.happens(SILENCED);
        self.register_push(phone, if silenced { Alerts::Denied } else { Alerts::Allowed })
    }

    /// A phone that the owner did not have before.
    pub(in crate::generate) fn new_phone(&mut self) -> Step<()> {
        let phone = Phone::new(Caller::new(self.owner.home, &self.chance), &self.chance);
        self.owner.phones.push(phone);
        let newest = self.owner.phones.len() - 1;
        self.story = Some(Story::OwnerNewPhone);
        self.come_in(newest)?;
        // What is new is what is used most.
        self.owner.phones.swap(0, newest);
        self.owner.phones.truncate(3);
        Ok(())
    }

    /// Takes the code from where it is shown or mailed to where it is asked for.
    fn type_code(&mut self, id: SignInId, phone: usize, manner: Manner) -> Step<()> {
        let caller = self.owner.phones[phone].caller.clone();
        if self.awaited_by(id).is_none() {
            return self.go_without_code(id, &caller);
        }
        match manner {
            Manner::Types => {}
            Manner::Mistypes => {
                self.fetch(id)?;
                for _ in 0..=self.chance.below(2) {
                    self.guess(id, &caller, Typed::Mistyped)?;
                    self.about(seconds(12))?;
                }
            }
            Manner::AsksAgain => {
                self.wait(policy::FIRST_RESEND_AFTER)?;
                self.about(seconds(20))?;
                self.resend(id, &caller, None)?;
            }
            Manner::SwitchesWay => {
                self.about(seconds(30))?;
                let other = match self.awaited_by(id).ok_or(Stop::Refused)? {
                    Method::App => Method::Email,
                    Method::Email => Method::App,
                };
                self.resend(id, &caller, Some(other))?;
            }
            Manner::ComesLate => {
                // The code has expired, and the attempt has not.
                self.wait(policy::CODE_LIFE)?;
                self.about(seconds(30))?;
                self.resend(id, &caller, None)?;
            }
            Manner::GivesUp => {
                self.about(minutes(11))?;
                return Err(Stop::Refused);
            }
            Manner::Cancels => {
                self.about(seconds(40))?;
                self.cancel(id, &caller)?;
                return Err(Stop::Refused);
            }
            Manner::LosesCount => return self.lose_count(id, &caller),
        }
        self.fetch(id)?;
        self.guess(id, &caller, Typed::Right)?;
        Ok(())
    }

    /// Waits until the code is there and read.
    fn fetch(&mut self, id: SignInId) -> Step<()> {
        match self.awaited_by(id).ok_or(Stop::Refused)? {
            Method::App => self.about(seconds(14)),
            Method::Email => self.about(seconds(32)),
        }
    }

    /// Mistakes an old code for the newest one until the attempt is closed.
    fn lose_count(&mut self, id: SignInId, caller: &Caller) -> Step<()> {
        self.fetch(id)?;
        for _ in 0..policy::GUESSES_PER_ATTEMPT {
            self.guess(id, caller, Typed::Mistyped)?;
            self.about(seconds(15))?;
        }
        Err(Stop::Refused)
    }

    /// Where no channel reaches the owner: a recovery code if there is one, else people are asked.
    fn go_without_code(&mut self, id: SignInId, caller: &Caller) -> Step<()> {
        self.about(seconds(50))?;
        if self.owner.recovery_codes > 0 {
            self.label_recovery(id);
            self.guess(id, caller, Typed::Recovery)?;
            return Ok(());
        }
        self.plead(caller, None)?;
        Err(Stop::Refused)
    }

    /// That nothing reaches the owner shows only when the attempt is opened; it has sent nothing yet.
    fn label_recovery(&mut self, id: SignInId) {
        let before = self.story.replace(Story::OwnerRecoveryCode);
        let stream = self.attempts.get(&id).map(|it| it.context.stream().to_owned());
        if let Some(stream) = stream {
            self.label(&stream, Some(self.id));
        }
        self.story = before;
    }
}
