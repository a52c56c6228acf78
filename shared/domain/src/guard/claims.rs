//! Guesses are claimed before anything is compared, and a claim is never given back.

use jiff::Timestamp;

use super::{AccountGuard, Claim, Entry, OpenAttempt, Paused, Unclaimable};
use crate::budget::{Exhausted, RECOVERY_GUESSES};
use crate::policy;

impl AccountGuard {
    /// Claims a guess behind the right password, before anything is compared. Never given back.
    ///
    /// # Errors
    /// While code entry is paused, or when the attempt has no guess left.
    pub fn claim_guess(&mut self, id: &str, now: Timestamp) -> Result<Claim, Unclaimable> {
        if let Some(paused) = self.paused(now) {
            return Err(paused.into());
        }
        self.claim_counted(id, None, now)
    }

    /// The same for a call that may be repeated: its repeats bear the same mark and claim nothing
    /// more.
    ///
    /// # Errors
    /// As [`Self::claim_guess`].
    pub fn claim_guess_once(
        &mut self,
        id: &str,
        mark: Option<u64>,
        now: Timestamp,
    ) -> Result<Claim, Unclaimable> {
        if !self.is_marked(id, mark)
            && let Some(paused) = self.paused(now)
        {
            return Err(paused.into());
        }
        self.claim_counted(id, mark, now)
    }

    /// Claims a guess at a step-up. It counts with those at sign-ins, but a pause is for keys that
    /// aren't trusted.
    ///
    /// # Errors
    /// As [`Self::claim_guess`].
    pub fn claim_step_up_guess(
        &mut self,
        id: &str,
        trusted: bool,
        mark: Option<u64>,
        now: Timestamp,
    ) -> Result<Claim, Unclaimable> {
        if trusted {
            self.claim_counted(id, mark, now)
        } else {
            self.claim_guess_once(id, mark, now)
        }
    }

    pub(super) fn claim_counted(
        &mut self,
        id: &str,
        mark: Option<u64>,
        now: Timestamp,
    ) -> Result<Claim, Unclaimable> {
        if !self.claim(id, mark, now)? {
            let left = self.guesses_left(id, now);
            return Ok(Claim { wrong_in_a_row: self.wrong, pause: None, left });
        }
        self.wrong = self.wrong.saturating_add(1);
        let pause = self.pause_at(now);
        self.entry = match pause {
            // A pause that is on, which only a trusted key comes past, stays on.
            None if self.paused(now).is_some() => self.entry,
            None => Entry::Open,
            Some(Paused { until: Some(until) }) => Entry::PausedUntil(until),
            Some(Paused { until: None }) => Entry::Off,
        };
        Ok(Claim { wrong_in_a_row: self.wrong, pause, left: self.guesses_left(id, now) })
    }

    fn is_marked(&self, id: &str, mark: Option<u64>) -> bool {
        let mark = |it: &OpenAttempt| mark.is_some_and(|mark| it.marks.contains(&mark));
        self.open.iter().any(|it| it.id == id && mark(it))
    }

    /// Claims a guess at a verification. Never given back.
    ///
    /// # Errors
    /// When it has no guess left.
    pub fn claim_verification_guess(
        &mut self,
        id: &str,
        mark: Option<u64>,
        now: Timestamp,
    ) -> Result<(), Unclaimable> {
        self.claim(id, mark, now).map(drop)
    }

    /// Claims a guess at a code that stands alone, such as a password reset's. Never given back, and
    /// counted for the account and the day; sign-ins are not held up by it.
    ///
    /// # Errors
    /// When the account's guesses of the day are spent, or the process has none left.
    pub fn claim_recovery_guess(
        &mut self,
        id: &str,
        mark: Option<u64>,
        now: Timestamp,
    ) -> Result<(), Unclaimable> {
        if !self.is_marked(id, mark) && RECOVERY_GUESSES.left(&self.recovery, now) == 0 {
            let until = Some(RECOVERY_GUESSES.available_at(&self.recovery, now));
            return Err(Paused { until }.into());
        }
        if !self.claim(id, mark, now)? {
            return Ok(());
        }
        let spent = |it: Exhausted| Paused { until: Some(it.until) };
        Ok(RECOVERY_GUESSES.take(&mut self.recovery, now).map_err(spent)?)
    }

    /// Whether the claim is a new one; a call that is repeated has made it before.
    fn claim(&mut self, id: &str, mark: Option<u64>, now: Timestamp) -> Result<bool, Unclaimable> {
        self.forget(now);
        let attempt = self.open.iter_mut().find(|it| it.id == id).ok_or(Unclaimable::Spent)?;
        if mark.is_some_and(|it| attempt.marks.contains(&it)) {
            return Ok(false);
        }
        if attempt.claimed >= policy::GUESSES_PER_ATTEMPT {
            return Err(Unclaimable::Spent);
        }
        attempt.claimed += 1;
        attempt.marks.extend(mark);
        Ok(true)
    }

    /// The pause that the present count calls for.
    fn pause_at(&self, now: Timestamp) -> Option<Paused> {
        if self.wrong >= policy::WRONG_CODES_TO_SWITCH_OFF {
            return Some(Paused { until: None });
        }
        if !self.wrong.is_multiple_of(policy::WRONG_CODES_PER_PAUSE) {
            return None;
        }
        let doublings = u32::from(self.wrong / policy::WRONG_CODES_PER_PAUSE).saturating_sub(1);
        let length = 2_i32
            .checked_pow(doublings)
            .and_then(|factor| policy::FIRST_PAUSE.checked_mul(factor))
            .unwrap_or(policy::LONGEST_PAUSE);
        Some(Paused { until: Some(now + length.min(policy::LONGEST_PAUSE)) })
    }
}
