//! Proofs that were used: each counts once.

use std::future::Future;

use jiff::Timestamp;
use postern_domain::ports::{Chance, draw};

use super::Guards;
use super::revisions::{UPDATES, carries};
use crate::error::StoreError;
use crate::items::{bytes, number, seconds};
use crate::keys;
use crate::streams::wait;
use crate::tables::{Condition, Tables, Written};

/// Whether a proof was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// For the first time; from now on it counts as used.
    Fresh,
    /// It was used already.
    Replayed,
}

impl Guards {
    /// Uses a proof, named by a digest over its key's thumbprint and its `jti`, and remembers it
    /// until `expires_at`, when it must be refused for its age. One conditional write, sent again
    /// [`UPDATES`] times at most while another request holds the item.
    ///
    /// # Errors
    /// When the table can't be written: then the proof must not be accepted.
    pub async fn use_proof(
        &self,
        digest: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
        chance: &dyn Chance,
    ) -> Result<Freshness, StoreError> {
        let mark: [u8; 12] = draw(chance);
        let mut item = Tables::key(keys::GUARDS, &keys::proof(&digest), keys::USED);
        item.insert(keys::EXPIRES.to_owned(), number(seconds(expires_at)));
        item.insert(keys::WRITER.to_owned(), bytes(mark));
        let unused = Condition::new(
            "attribute_not_exists(#hash) OR #expires < :now",
            &[("#hash", keys::KEY), ("#expires", keys::EXPIRES)],
            [(":now", number(now.as_second()))],
        );
        let put = unused.on(self.tables.put(keys::GUARDS, item));
        match insistently(chance, || Tables::put_if(put.clone())).await? {
            Written::Done => Ok(Freshness::Fresh),
            Written::Refused(Some(item)) if carries(&item, mark) => Ok(Freshness::Fresh),
            Written::Refused(_) => Ok(Freshness::Replayed),
        }
    }
}

/// Sends a write again while a transaction, or the same write sent twice, holds its item.
pub(super) async fn insistently<F>(
    chance: &dyn Chance,
    mut send: impl FnMut() -> F,
) -> Result<Written, StoreError>
where
    F: Future<Output = Result<Written, StoreError>>,
{
    let mut tries = 0;
    loop {
        match send().await {
            Err(held) if held.is_race() && tries + 1 < UPDATES => {
                wait(chance, tries).await;
                tries += 1;
            }
            ended => return ended,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use std::cell::Cell;

    use super::*;
    use crate::error::Busyness;

    /// No chance means no wait.
    struct NoChance;

    impl Chance for NoChance {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn busy(because: Busyness) -> StoreError {
        StoreError::Busy { because, source: "test".into() }
    }

    /// How often a write is sent that succeeds after so many failures.
    async fn sent(failures: u32, because: Busyness) -> (u32, Result<Written, StoreError>) {
        let sent = Cell::new(0);
        let answer = insistently(&NoChance, || {
            sent.set(sent.get() + 1);
            let fails = sent.get() <= failures;
            async move { if fails { Err(busy(because)) } else { Ok(Written::Done) } }
        });
        let answer = answer.await;
        (sent.get(), answer)
    }

    #[tokio::test]
    async fn a_write_that_meets_another_is_sent_again_and_at_last_given_up() {
        let (times, answer) = sent(UPDATES - 1, Busyness::Contended).await;
        assert!(answer.is_ok());
        assert_eq!(times, UPDATES);
        let (times, answer) = sent(UPDATES, Busyness::Contended).await;
        assert!(answer.is_err_and(|it| it.is_race()));
        assert_eq!(times, UPDATES);
    }

    #[tokio::test]
    async fn a_throttled_write_is_not_sent_again() {
        let (times, answer) = sent(1, Busyness::Throttled).await;
        assert!(answer.is_err());
        assert_eq!(times, 1);
    }
}
