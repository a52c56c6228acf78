//! What is counted over all attempts of the account.

use jiff::Timestamp;
use postern_domain::guard::AccountGuard;
use postern_events::ids::SignInId;
use postern_events::vocabulary::{DeviceKey, Method};

use super::{Acting, DAY, HOUR, MINUTE, SLACK, Watch, place};

/// Whether codes are accepted.
#[derive(Debug, Clone, Copy, Default)]
enum Pause {
    #[default]
    None,
    Until(Timestamp),
    ForGood,
}

/// Counted anew from what happened.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    wrong: u16,
    pause: Pause,
    opened: Vec<Timestamp>,
    sends: [Vec<Timestamp>; 2],
}

impl Guesses {
    pub(super) fn instants(&self) -> Vec<Timestamp> {
        if let Pause::Until(until) = self.pause { vec![until] } else { Vec::new() }
    }

    fn is_paused(&self, now: Timestamp) -> bool {
        match self.pause {
            Pause::None => false,
            Pause::Until(until) => now < until,
            Pause::ForGood => true,
        }
    }
}

fn since(times: &[Timestamp], from: Timestamp) -> usize {
    times.iter().filter(|at| **at > from).count()
}

impl Watch {
    /// Five attempts an hour and twenty a day on keys that aren't trusted, none while paused.
    pub(super) fn opened(&mut self, id: SignInId, key: DeviceKey, by: Acting) {
        self.attempts.entry(id).or_default().key = Some(key);
        let guesses = &mut self.guesses;
        let paused = guesses.is_paused(by.now);
        let in_an_hour = since(&guesses.opened, by.now - HOUR);
        let in_a_day = since(&guesses.opened, by.now - DAY + SLACK);
        guesses.opened.push(by.now);
        self.rule(!paused, || format!("{id} was opened while code entry is paused"));
        self.rule(in_an_hour < 5, || format!("{id} is the sixth attempt within an hour"));
        self.rule(in_a_day < 20, || format!("{id} is the 21st attempt within a day"));
    }

    /// Nobody is turned away without a reason. Clocks differ, so the day is taken generously.
    pub(crate) fn turned_away(&mut self, by: Acting) {
        let guesses = &self.guesses;
        let paused = guesses.is_paused(by.now);
        let full = since(&guesses.opened, by.now - HOUR) >= 5
            || since(&guesses.opened, by.now - DAY - SLACK) >= 20;
        self.rule(paused || full, || format!("an attempt was refused at {} for nothing", by.now));
    }

    /// Code entry is said to be paused.
    pub(crate) fn told_to_wait(&mut self, by: Acting) {
        let paused = self.guesses.is_paused(by.now);
        self.rule(paused, || format!("a guess was refused at {} though nothing is paused", by.now));
    }

    /// Five claims an attempt; ten in a row pause for a quarter of an hour, doubling to a day; a
    /// hundred switch code entry off.
    pub(super) fn claimed(&mut self, id: SignInId, by: Acting) {
        let attempt = self.attempts.entry(id).or_default();
        attempt.claims.insert(by.number);
        let (claims, denied) = (attempt.claims.len(), attempt.denied);
        let paused = self.count_wrong(by);
        self.rule(claims <= 5, || format!("{id}: guess number {claims} was claimed"));
        self.rule(!denied, || format!("{id}: a guess was claimed after it was denied"));
        self.rule(!paused, || format!("{id}: a guess was claimed while code entry is paused"));
    }

    /// One more in a row; says whether code entry was paused.
    pub(super) fn count_wrong(&mut self, by: Acting) -> bool {
        let paused = self.guesses.is_paused(by.now);
        self.guesses.wrong += 1;
        let wrong = self.guesses.wrong;
        if wrong >= 100 {
            self.guesses.pause = Pause::ForGood;
        } else if wrong.is_multiple_of(10) {
            let length = MINUTE * 15 * 2_i32.pow(u32::from(wrong / 10 - 1).min(10));
            self.guesses.pause = Pause::Until(by.now + length.min(DAY));
        } else if !paused {
            // A pause that is over by one clock is over for those that are behind, too.
            self.guesses.pause = Pause::None;
        }
        paused
    }

    /// A code was compared with what somebody typed.
    pub(crate) fn compared(&mut self, id: SignInId, by: Acting) {
        let attempt = self.attempts.entry(id).or_default();
        attempt.compared.insert(by.number);
        let (compared, claimed) = (attempt.compared.len(), attempt.claims.contains(&by.number));
        self.rule(claimed, || format!("{id}: a guess was compared that nobody had claimed"));
        self.rule(compared <= 5, || format!("{id}: {compared} guesses were compared"));
    }

    /// Ten pushes a day without a right code, counted where somebody is pushed to; five mails at
    /// once, one in five minutes, 20 a day.
    pub(super) fn claimed_send(&mut self, id: SignInId, method: Method, by: Acting) {
        let attempt = self.attempts.entry(id).or_default();
        attempt.sends_claimed[place(method)] += 1;
        let key = attempt.key;
        let reached = key.is_some_and(|key| self.may_be_pushed(key, by));
        self.rule(method == Method::Email || reached, || {
            format!("{id}: a push was counted that reaches nobody")
        });
        self.count_send(&id.to_string(), method, by);
    }

    /// A send, whatever it is for.
    pub(super) fn count_send(&mut self, id: &str, method: Method, by: Acting) {
        let times = &mut self.guesses.sends[place(method)];
        times.push(by.now);
        let times = times.clone();
        let in_a_day = since(&times, by.now - DAY + SLACK);
        let most = if method == Method::App { 10 } else { 20 };
        self.rule(in_a_day <= most, || format!("{id}: send {in_a_day} by {method:?} in a day"));
        if method == Method::Email {
            for from in &times {
                let count = since(&times, *from) + 1;
                let waited = by.now.duration_since(*from) + SLACK;
                let more = usize::try_from(waited.as_secs().max(0) / 300).unwrap();
                self.rule(count <= 5 + more, || format!("{id}: {count} mails since {from}"));
            }
        }
    }

    /// A denial closes every attempt of its key, and no other.
    pub(super) fn denied(
        &mut self,
        key: DeviceKey,
        named: &[SignInId],
        value: &AccountGuard,
        by: Acting,
    ) {
        for id in named {
            let attempt = self.attempts.entry(*id).or_default();
            attempt.denied = true;
            let owner = attempt.key;
            self.rule(owner == Some(key), || format!("{id} of {owner:?} was denied with {key:?}"));
        }
        let mine = self.attempts.iter().filter(|it| it.1.key == Some(key)).map(|it| *it.0);
        let left = mine.into_iter().find(|id| value.is_open(&id.to_string(), by.now));
        self.rule(left.is_none(), || format!("{left:?} outlived the denial of its key"));
    }

    pub(super) fn verified(&mut self, id: SignInId) {
        let denied = self.attempts.get(&id).is_some_and(|it| it.denied);
        self.rule(!denied, || format!("{id} was verified after it was denied"));
        self.forgiven();
    }

    /// A right code forgives wrong ones and pushes.
    pub(super) fn forgiven(&mut self) {
        self.guesses.wrong = 0;
        self.guesses.pause = Pause::None;
        self.guesses.sends[place(Method::App)].clear();
    }

    /// A new password forgives wrong codes; only a trusted key or the mailbox lifts a switch-off.
    pub(super) fn new_password(&mut self, lift: bool) {
        if lift || !matches!(self.guesses.pause, Pause::ForGood) {
            self.guesses.wrong = 0;
            self.guesses.pause = Pause::None;
        }
    }

    /// An operator lifts a pause that ends by itself, and no count.
    pub(super) fn resumed(&mut self, by: Acting) {
        let ends = matches!(self.guesses.pause, Pause::Until(until) if by.now < until);
        self.rule(ends, || format!("a pause was lifted at {} that didn't end by itself", by.now));
        self.guesses.pause = Pause::None;
    }

    /// The guard has counted what was counted here, no less and no more.
    pub(super) fn compare_guard(&mut self, value: &AccountGuard, by: Acting) {
        let (theirs, ours) = (value.wrong_in_a_row(), self.guesses.wrong);
        self.rule(theirs == ours, || format!("the guard counts {theirs} wrong codes, not {ours}"));
        let (theirs, ours) = (value.paused(by.now).is_some(), self.guesses.is_paused(by.now));
        self.rule(theirs == ours, || format!("the guard is paused: {theirs}, not {ours}"));
        for id in value.pending(by.now) {
            let known = id.parse().ok().and_then(|id: SignInId| self.attempts.get(&id));
            let process = id.parse().ok().and_then(|id| self.processes.get(&id));
            let spent = known.map_or(0, |it| it.claims.len());
            let spent = process.map_or(spent, |it| it.claims.len());
            let left = usize::from(value.guesses_left(id, by.now));
            self.rule(left > 0 && spent + left == 5, || {
                format!("{id}: {left} guesses left after {spent} were claimed")
            });
        }
    }
}
