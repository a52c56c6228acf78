//! The owner of an account: where they live, how often they come, which phones they have.

use jiff::Timestamp;
use postern_domain::account::Acting;
use postern_domain::policy;
use postern_events::ids::{DeviceId, SessionId};
use postern_events::personal::Personal;
use postern_events::sign_in::Completed;
use postern_events::vocabulary::{AddressKey, DeviceDescription};

use super::chance::{Seeded, hours};
use super::life::{Life, Step, Stop, World};
use super::people::{Caller, Phone, SignedIn, email};
use super::places::{Country, HOMES};

/// What becomes of mail to the owner's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mailbox {
    /// It is there.
    Kept,
    /// It is no more, such as that of a former employer.
    Lost,
}

/// An owner, who holds the account whatever happens to it.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) home: &'static Country,
    pub(super) email: String,
    pub(super) mailbox: Mailbox,
    /// How many days of a hundred they open the app on.
    pub(super) eagerness: u64,
    /// The first is the one they use most.
    pub(super) phones: Vec<Phone>,
    /// Recovery codes that are left.
    pub(super) recovery_codes: u8,
    /// Whether the password is long enough to stand alone.
    pub(super) long_password: bool,
}

/// How many days of a hundred people open the app on: many look after their router now and then.
const EAGERNESS: [(u64, u64); 5] = [(25, 15), (30, 35), (25, 55), (15, 80), (5, 97)];

/// Times that a phone is found to have another address, to be abroad, to be home again, in ten
/// thousand.
const MOVES: u64 = 3_000;
const TRAVELS: u64 = 200;
const RETURNS: u64 = 4_000;

impl Owner {
    pub(super) fn new(chance: &Seeded) -> Self {
        let home = chance.weighted(&HOMES);
        let phone = Phone::new(Caller::new(home, chance), chance);
        Self {
            home,
            email: email(chance),
            mailbox: Mailbox::Kept,
            eagerness: *chance.weighted(&EAGERNESS),
            phones: vec![phone],
            recovery_codes: 0,
            long_password: chance.happens(3_500),
        }
    }

    /// When they register: most early in the history, so that there is something to tell of them.
    pub(super) fn first_day(&self, world: &World, chance: &Seeded) -> Timestamp {
        let last = u64::from(world.days).saturating_sub(2);
        let day = chance.below(last + 1).min(chance.below(last + 1)).min(chance.below(last + 1));
        let day = world.begin + hours(24 * i64::try_from(day).unwrap_or_default());
        let at = self.home.time_of_day(day, chance);
        Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
    }
}

impl Life<'_> {
    /// Who acts on a phone that is signed in.
    pub(super) fn acting(&self, phone: usize) -> Step<Acting> {
        let open = self.open()?;
        let signed_in = self.owner.phones[phone].signed_in.as_ref();
        let living = signed_in.filter(|it| it.generation == open.trust_generation);
        let it = living.ok_or(Stop::Refused)?;
        let stepped_up = it.stepped_up_until.is_some_and(|until| self.now < until);
        Ok(Acting { device: it.device, session: it.session, stepped_up, now: self.now })
    }

    /// A phone has a session from now on.
    pub(super) fn let_in(
        &mut self,
        phone: usize,
        session: SessionId,
        device: DeviceId,
        description: Personal<DeviceDescription>,
    ) {
        let generation = self.account.state().open().map_or(0, |it| it.trust_generation);
        let stepped_up_until = None;
        self.owner.phones[phone].signed_in =
            Some(SignedIn { session, device, description, generation, stepped_up_until });
    }

    /// The same, by a sign-in.
    pub(super) fn let_in_by(
        &mut self,
        phone: usize,
        completed: &Completed,
        description: Personal<DeviceDescription>,
    ) {
        self.let_in(phone, completed.session, completed.device, description);
    }

    pub(super) fn stepped_up(&mut self, phone: usize) {
        if let Some(it) = &mut self.owner.phones[phone].signed_in {
            it.stepped_up_until = Some(self.now + policy::STEP_UP_LIFE);
        }
    }

    /// The session that raised the generation goes on under the new one.
    pub(super) fn renew(&mut self, phone: usize) {
        let generation = self.account.state().open().map_or(0, |it| it.trust_generation);
        if let Some(it) = &mut self.owner.phones[phone].signed_in {
            it.generation = generation;
        }
    }

    /// Ends the sessions of devices whose trust was taken away.
    pub(super) fn forget_removed(&mut self) {
        let now = self.now;
        let open = self.account.state().open();
        for phone in &mut self.owner.phones {
            let gone =
                |it: &SignedIn| open.is_none_or(|open| open.device(it.device, now).is_none());
            if phone.signed_in.as_ref().is_some_and(gone) {
                phone.signed_in = None;
            }
        }
    }

    /// A phone has another address now and then, and is abroad for a while.
    pub(super) fn roam(&mut self, phone: usize) {
        let (chance, home) = (&self.chance, self.owner.home);
        let caller = &mut self.owner.phones[phone].caller;
        let is_abroad = caller.country.code != home.code;
        let country = match is_abroad {
            true if chance.happens(RETURNS) => home,
            false if chance.happens(TRAVELS) => chance.weighted(&HOMES),
            true | false => caller.country,
        };
        if country.code != caller.country.code || chance.happens(MOVES) {
            caller.country = country;
            caller.origin.ip = country.address(chance);
            caller.origin.city = Some(country.city(chance).to_owned());
        }
    }

    /// Mail goes to the new address, which was proven just now.
    pub(super) fn has_moved(&mut self, address: AddressKey) {
        self.address = address;
        self.owner.mailbox = Mailbox::Kept;
    }

    /// Whether a phone can be used without a password.
    pub(super) fn is_signed_in(&self, phone: usize) -> bool {
        self.acting(phone).is_ok()
    }

    /// Whether a phone's key is trusted.
    pub(super) fn is_trusted(&self, phone: usize) -> bool {
        let key = self.owner.phones[phone].caller.key;
        self.account.state().open().is_some_and(|it| it.trusted(key, self.now).is_some())
    }
}
