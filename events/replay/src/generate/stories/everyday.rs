//! What an owner does on an ordinary day, and now and then.

use postern_domain::account::Settings;
use postern_events::vocabulary::{Alerts, Method};

use crate::generate::chance::{hours, minutes, seconds};
use crate::generate::guessing::Typed;
use crate::generate::life::{Life, Step, Stop};
use crate::generate::owner::Mailbox;
use crate::generate::people::{Caller, Phone};
use crate::generate::story::Story;

/// What an owner comes for.
#[derive(Debug, Clone, Copy)]
enum Errand {
    LooksIn,
    SignsOutAndIn,
    GetsNewPhone,
    LetsFamilyIn,
    RemovesDevice,
    RenamesDevice,
    ChangesPush,
    ChoosesMethod,
    ChoosesLocale,
    SwitchesTwoStep,
    ChangesPassword,
    ForgetsPassword,
    ChangesAddress,
    LosesMailbox,
    MakesRecoveryCodes,
    UsesRecoveryCode,
    AsksForHelp,
    SignsOutEverywhere,
    RegistersAgain,
    IsCautious,
    Leaves,
}

const ERRANDS: [(u64, Errand); 21] = [
    (8_980, Errand::LooksIn),
    (320, Errand::SignsOutAndIn),
    (110, Errand::GetsNewPhone),
    (60, Errand::LetsFamilyIn),
    (40, Errand::RemovesDevice),
    (40, Errand::RenamesDevice),
    (60, Errand::ChangesPush),
    (40, Errand::ChoosesMethod),
    (20, Errand::ChoosesLocale),
    (25, Errand::SwitchesTwoStep),
    (40, Errand::ChangesPassword),
    (45, Errand::ForgetsPassword),
    (20, Errand::ChangesAddress),
    (25, Errand::LosesMailbox),
    (30, Errand::MakesRecoveryCodes),
    (20, Errand::UsesRecoveryCode),
    (35, Errand::AsksForHelp),
    (15, Errand::SignsOutEverywhere),
    (20, Errand::RegistersAgain),
    (45, Errand::IsCautious),
    (10, Errand::Leaves),
];

const LOCALES: [&str; 6] = ["en", "de", "fr", "cs", "es", "it"];

impl Life<'_> {
    /// One visit of the owner.
    pub(in crate::generate) fn visit(&mut self) -> Step<()> {
        let known = self.owner.phones.len();
        let phone = if self.chance.happens(7_500) { 0 } else { self.chance.place(known) };
        // Whoever is told that no mail arrives sees to it.
        let bounced = self.open()?.email_undeliverable;
        let errand = if bounced && self.chance.happens(1_500) {
            Errand::ChangesAddress
        } else {
            *self.chance.weighted(&ERRANDS)
        };
        self.do_errand(errand, phone)
    }

    fn do_errand(&mut self, errand: Errand, phone: usize) -> Step<()> {
        match errand {
            Errand::LooksIn => self.look_in(phone),
            Errand::SignsOutAndIn => {
                self.look_in(phone)?;
                self.sign_out(phone)?;
                self.about(minutes(20))?;
                self.come_in(phone)
            }
            Errand::GetsNewPhone => self.new_phone(),
            Errand::LetsFamilyIn => self.let_family_in(),
            Errand::RemovesDevice => self.remove_other(phone),
            Errand::RenamesDevice => {
                self.look_in(phone)?;
                self.rename(phone, phone)
            }
            Errand::ChangesPush => self.change_push(phone),
            Errand::ChoosesMethod => self.choose_method(phone),
            Errand::ChoosesLocale => {
                self.look_in(phone)?;
                let locale = *self.chance.pick(&LOCALES);
                self.choose_locale(phone, locale)
            }
            Errand::SwitchesTwoStep => self.switch_two_step(phone),
            Errand::ChangesPassword => {
                self.look_in(phone)?;
                let others = self.chance.happens(6_000);
                if others {
                    self.be_stepped_up(phone)?;
                }
                self.about(seconds(40))?;
                self.change_password(phone, others)
            }
            Errand::ForgetsPassword => self.forget_password(phone),
            Errand::ChangesAddress => self.move_to_another_address(phone),
            Errand::LosesMailbox => {
                self.owner.mailbox = Mailbox::Lost;
                self.look_in(phone)
            }
            Errand::MakesRecoveryCodes => {
                self.be_stepped_up(phone)?;
                self.create_recovery_codes(phone)
            }
            Errand::UsesRecoveryCode => self.use_recovery_code(phone),
            Errand::AsksForHelp => self.ask_for_help(phone),
            Errand::SignsOutEverywhere => {
                self.be_stepped_up(phone)?;
                self.sign_out_everywhere(phone)
            }
            Errand::RegistersAgain => self.register_again(),
            Errand::IsCautious => self.deny_own_phone(),
            Errand::Leaves => {
                self.be_stepped_up(phone)?;
                self.about(seconds(30))?;
                self.erase(phone)
            }
        }
    }

    /// Opens the app, and signs in if need be.
    pub(in crate::generate) fn look_in(&mut self, phone: usize) -> Step<()> {
        self.come_in(phone)?;
        self.refresh(phone)?;
        self.about(seconds(45))
    }

    /// Has a phone show once more that its owner is there.
    pub(in crate::generate) fn be_stepped_up(&mut self, phone: usize) -> Step<()> {
        self.look_in(phone)?;
        let id = self.step_up(phone)?;
        if self.process(id)?.awaited().is_none() {
            return if self.acting(phone)?.stepped_up { Ok(()) } else { Err(Stop::Refused) };
        }
        let typed = if self.chance.happens(1_500) { Typed::Mistyped } else { Typed::Right };
        self.about(seconds(30))?;
        if self.chance.happens(800) {
            self.wait(postern_domain::policy::FIRST_RESEND_AFTER)?;
            self.resend_process(id, Some(phone), None)?;
            self.about(seconds(20))?;
        }
        if !self.prove(id, Some(phone), typed)? {
            self.about(seconds(15))?;
            self.prove(id, Some(phone), Typed::Right)?;
        }
        Ok(())
    }

    fn let_family_in(&mut self) -> Step<()> {
        if self.owner.phones.len() >= 4 {
            return Err(Stop::Refused);
        }
        let phone = Phone::new(Caller::new(self.owner.home, &self.chance), &self.chance);
        self.owner.phones.push(phone);
        self.story = Some(Story::OwnerNewPhone);
        self.come_in(self.owner.phones.len() - 1)
    }

    fn remove_other(&mut self, phone: usize) -> Step<()> {
        self.look_in(phone)?;
        let own = self.acting(phone)?.device;
        let others = self.open()?.devices.iter().map(|it| it.id).filter(|it| *it != own);
        let oldest = others.min_by_key(|it| it.time()).ok_or(Stop::Refused)?;
        if self.chance.happens(3_000) {
            self.be_stepped_up(phone)?;
        }
        self.remove_device(phone, oldest)
    }

    fn change_push(&mut self, phone: usize) -> Step<()> {
        self.look_in(phone)?;
        if self.chance.happens(2_500) {
            return self.remove_push(phone);
        }
        let alerts = [Alerts::Allowed, Alerts::Allowed, Alerts::Unknown, Alerts::Denied];
        let alerts = *self.chance.pick(&alerts);
        self.register_push(phone, alerts)
    }

    fn choose_method(&mut self, phone: usize) -> Step<()> {
        self.be_stepped_up(phone)?;
        let method = match self.open()?.method {
            Method::App => Method::Email,
            Method::Email => Method::App,
        };
        self.set(phone, Settings { method: Some(method), two_step: None })
    }

    /// Off for a while, and mostly on again.
    fn switch_two_step(&mut self, phone: usize) -> Step<()> {
        self.be_stepped_up(phone)?;
        let on = self.open()?.two_step;
        self.set(phone, Settings { method: None, two_step: Some(!on) })?;
        if on && self.chance.happens(7_000) {
            self.about(hours(20))?;
            self.be_stepped_up(phone)?;
            self.set(phone, Settings { method: None, two_step: Some(true) })?;
        }
        Ok(())
    }

    fn use_recovery_code(&mut self, phone: usize) -> Step<()> {
        if self.owner.recovery_codes == 0 {
            self.be_stepped_up(phone)?;
            self.create_recovery_codes(phone)?;
            self.about(hours(30))?;
        }
        self.story = Some(Story::OwnerRecoveryCode);
        let stranger = Phone::new(Caller::new(self.owner.home, &self.chance), &self.chance);
        let caller = stranger.caller.clone();
        let id = self.sign_in(&caller)?;
        self.about(minutes(2))?;
        if self.chance.happens(2_500) {
            self.guess(id, &caller, Typed::NoRecovery)?;
            self.about(seconds(30))?;
        }
        let completed = self.guess(id, &caller, Typed::Recovery)?.ok_or(Stop::Refused)?;
        let description = self.attempt(id)?.opened.description.clone();
        self.owner.phones.insert(0, stranger);
        self.owner.phones.truncate(4);
        self.let_in_by(0, &completed, description);
        self.register_push(0, Alerts::Allowed)
    }

    fn ask_for_help(&mut self, phone: usize) -> Step<()> {
        let caller = self.owner.phones[phone].caller.clone();
        if self.is_signed_in(phone) {
            self.look_in(phone)?;
            self.plead(&caller, Some(phone))
        } else {
            self.plead(&caller, None)
        }
    }

    /// A phone of their own asks, and the owner says at first that it was not them.
    fn deny_own_phone(&mut self) -> Step<()> {
        self.look_in(0)?;
        self.story = Some(Story::OwnerCautious);
        let caller = Caller::new(self.owner.home, &self.chance);
        let id = self.sign_in(&caller)?;
        self.about(seconds(25))?;
        let by = self.acting(0)?.device;
        self.deny(id, by)
    }
}
