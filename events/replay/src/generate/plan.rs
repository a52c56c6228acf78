//! A life from its first day to its last: visits by the owner, and what befalls the account.

use jiff::{SignedDuration, Timestamp};

use super::chance::{hours, minutes};
use super::life::{Life, Step, Stop};
use super::places::Country;
use super::story::Story;

/// Something that befalls an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Strike {
    /// One password of a campaign.
    Password(Story, &'static Country),
    /// One password of a campaign, for an address that has no account.
    Unknown(Story, &'static Country),
    PushBombing,
    CodeGuessing,
    MailboxTakeover,
    StolenPassword,
    IntruderLetIn,
    AddressProbing,
}

/// What is aimed at one account, in ten thousand days.
const AIMED: [(u64, Strike); 6] = [
    (6, Strike::PushBombing),
    (6, Strike::CodeGuessing),
    (5, Strike::MailboxTakeover),
    (6, Strike::StolenPassword),
    (4, Strike::IntruderLetIn),
    (8, Strike::AddressProbing),
];
/// Days with a visit that have a second one, in ten thousand.
const TWICE: u64 = 2_000;

impl Life<'_> {
    /// Lives on until the next visit or strike is over. `false`: the history has ended.
    pub(super) fn live(&mut self, strikes: &mut Vec<(Timestamp, Strike)>) -> Step<bool> {
        let done = self.next(strikes);
        self.end_story();
        match done {
            Ok(()) | Err(Stop::Refused) => Ok(true),
            Err(Stop::Ended) => Ok(false),
            Err(stop) => Err(stop),
        }
    }

    fn next(&mut self, strikes: &mut Vec<(Timestamp, Strike)>) -> Step<()> {
        if self.account.state().open().is_none() {
            if self.account.exists() {
                // Erased: what is still on its way arrives.
                return self.until(self.world.end);
            }
            return self.begin();
        }
        let visit = self.next_visit();
        if let Some((at, strike)) = strikes.pop_if(|(at, _)| *at < visit) {
            self.until(at.max(self.now))?;
            return self.strike(strike);
        }
        self.until(visit)?;
        self.visit()
    }

    /// When the owner comes next: at an hour at which they are awake.
    fn next_visit(&mut self) -> Timestamp {
        if self.chance.happens(TWICE) {
            return self.now + self.chance.between(minutes(20), hours(6));
        }
        let since = self.now.duration_since(self.world.begin).as_hours() / 24;
        let mut day = self.world.begin + hours(24 * (since + 1));
        while !self.chance.happens(self.owner.eagerness * 100) && day < self.world.end {
            day += hours(24);
        }
        let at = self.owner.home.time_of_day(day, &self.chance);
        Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at).max(self.now)
    }

    /// All that befalls the account, the first of it last in the list.
    pub(super) fn strikes(&self) -> Vec<(Timestamp, Strike)> {
        let (world, chance) = (self.world, &self.chance);
        let mut strikes = Vec::new();
        for it in &world.campaigns {
            let within = || it.begins_at + chance.between(SignedDuration::ZERO, it.lasts);
            if chance.happens(it.reach) {
                let tries =
                    1 + chance.below(if it.story == Story::PasswordSpraying { 4 } else { 2 });
                strikes.extend((0..tries).map(|_| (within(), Strike::Password(it.story, it.lair))));
            }
            if chance.happens(it.reach) {
                let tries = 1 + chance.below(4);
                strikes.extend((0..tries).map(|_| (within(), Strike::Unknown(it.story, it.lair))));
            }
        }
        for (often, strike) in AIMED {
            if chance.happens(often * u64::from(world.days)) {
                let at =
                    chance.between(SignedDuration::ZERO, world.end.duration_since(world.begin));
                strikes.push((world.begin + at, strike));
            }
        }
        let whole = |(at, strike): (Timestamp, Strike)| {
            (Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at), strike)
        };
        let mut strikes: Vec<_> =
            strikes.into_iter().map(whole).filter(|(at, _)| *at > self.now).collect();
        strikes.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        strikes
    }
}
