//! Carriers that remember what they took and fail on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use postern_messages::mailer::{Mail, Receipt, SendMail, Undelivered};
use postern_messages::push::{Push, PushFailed, Registration, SendPush};
use tokio::sync::{MutexGuard, Notify};

/// How often a push is tried before it is deferred.
const TRIES: usize = 3;

/// How the next mail or push fares; those beyond the list are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next<E> {
    Refuse(E),
    DieBefore,
    DieAfter,
}

/// What a carrier took, and how it fares next.
struct Taken<T, E> {
    all: Mutex<Vec<T>>,
    next: Mutex<VecDeque<Next<E>>>,
}

impl<T, E> Default for Taken<T, E> {
    fn default() -> Self {
        Self { all: Mutex::default(), next: Mutex::default() }
    }
}

impl<T: Clone, E> Taken<T, E> {
    async fn take(&self, one: &T) -> Result<Receipt, E> {
        // Another sender gets its chance to be here at the same time.
        tokio::task::yield_now().await;
        let next = self.next.lock().unwrap().pop_front();
        let dies = match next {
            Some(Next::Refuse(why)) => return Err(why),
            Some(Next::DieBefore) => panic!("died before it was taken"),
            Some(Next::DieAfter) => true,
            None => false,
        };
        self.all.lock().unwrap().push(one.clone());
        assert!(!dies, "died after it was taken");
        Ok(Receipt { carrier_id: Some("carrier-1".to_owned()) })
    }
}

#[derive(Default)]
pub(crate) struct Recorder {
    taken: Taken<Mail, Undelivered>,
    mailing: Gate,
}

impl Recorder {
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.taken.all.lock().unwrap().clone()
    }

    pub(crate) fn will(&self, next: Next<Undelivered>) {
        self.taken.next.lock().unwrap().push_back(next);
    }

    /// Holds mails up for as long as the answer is kept.
    pub(crate) async fn hold_mails(&self) -> MutexGuard<'_, ()> {
        self.mailing.held.lock().await
    }

    /// Returns once a mail is held up.
    pub(crate) async fn mail(&self) {
        self.mailing.reached.notified().await;
    }
}

impl SendMail for Recorder {
    async fn send(&self, mail: &Mail) -> Result<Receipt, Undelivered> {
        self.mailing.pass().await;
        self.taken.take(mail).await
    }
}

/// A push service with endpoints of its own: a token has one, whoever registers it.
#[derive(Default)]
pub(crate) struct Pushes {
    taken: Taken<Push, PushFailed>,
    /// Tokens by endpoint.
    endpoints: Mutex<BTreeMap<String, String>>,
    registrations: Mutex<VecDeque<PushFailed>>,
    removals: Mutex<VecDeque<PushFailed>>,
    /// The token that no push reaches just now.
    cut_off: Mutex<Option<String>>,
    pushing: Gate,
    removing: Gate,
}

/// Where calls can be held up.
#[derive(Default)]
struct Gate {
    held: tokio::sync::Mutex<()>,
    /// A call is here.
    reached: Notify,
}

impl Gate {
    async fn pass(&self) {
        self.reached.notify_one();
        drop(self.held.lock().await);
    }
}

impl Pushes {
    pub(crate) fn all(&self) -> Vec<Push> {
        self.taken.all.lock().unwrap().clone()
    }

    /// The tokens that were pushed to, with the kind of each push, in order of tokens.
    pub(crate) fn told(&self) -> Vec<(String, &'static str)> {
        let token = |arn: &str| arn.trim_start_matches("arn:").to_owned();
        let mut told: Vec<_> =
            self.all().iter().map(|it| (token(&it.arn), it.content.kind())).collect();
        told.sort();
        told
    }

    pub(crate) fn will(&self, next: Next<PushFailed>) {
        self.taken.next.lock().unwrap().push_back(next);
    }

    /// The next pushes are not taken, in none of their tries.
    pub(crate) fn will_be_away(&self, times: usize) {
        for _ in 0..times * TRIES {
            self.will(Next::Refuse(PushFailed::Unavailable));
        }
    }

    /// Pushes to this token are not taken from now on; without one, all are again.
    pub(crate) fn cut_off(&self, token: Option<&str>) {
        *self.cut_off.lock().unwrap() = token.map(|it| format!("arn:{it}"));
    }

    /// The next registration fails.
    pub(crate) fn will_not_register(&self, why: PushFailed) {
        self.registrations.lock().unwrap().push_back(why);
    }

    /// The next removal fails.
    pub(crate) fn will_not_remove(&self, why: PushFailed) {
        self.removals.lock().unwrap().push_back(why);
    }

    /// Holds removals up for as long as the answer is kept.
    pub(crate) async fn hold_removals(&self) -> MutexGuard<'_, ()> {
        self.removing.held.lock().await
    }

    /// Returns once a removal is held up.
    pub(crate) async fn removal(&self) {
        self.removing.reached.notified().await;
    }

    /// Holds pushes up for as long as the answer is kept.
    pub(crate) async fn hold_pushes(&self) -> MutexGuard<'_, ()> {
        self.pushing.held.lock().await
    }

    /// Returns once a push is held up.
    pub(crate) async fn push(&self) {
        self.pushing.reached.notified().await;
    }

    /// The tokens that are known.
    pub(crate) fn known(&self) -> Vec<String> {
        self.endpoints.lock().unwrap().values().cloned().collect()
    }

    /// Somebody deletes all endpoints.
    pub(crate) fn forget_all(&self) {
        self.endpoints.lock().unwrap().clear();
    }
}

impl SendPush for Pushes {
    async fn send(&self, push: &Push) -> Result<Receipt, PushFailed> {
        self.pushing.pass().await;
        if self.cut_off.lock().unwrap().as_ref() == Some(&push.arn) {
            return Err(PushFailed::Unavailable);
        }
        if !self.endpoints.lock().unwrap().contains_key(&push.arn) {
            return Err(PushFailed::Gone);
        }
        self.taken.take(push).await
    }

    async fn register(&self, phone: &Registration) -> Result<String, PushFailed> {
        if let Some(why) = self.registrations.lock().unwrap().pop_front() {
            return Err(why);
        }
        let mut endpoints = self.endpoints.lock().unwrap();
        let renewed = phone.arn.clone().filter(|it| endpoints.contains_key(it));
        let arn = renewed.unwrap_or_else(|| format!("arn:{}", phone.token));
        endpoints.insert(arn.clone(), phone.token.clone());
        Ok(arn)
    }

    async fn remove(&self, arn: &str) -> Result<(), PushFailed> {
        self.removing.pass().await;
        if let Some(why) = self.removals.lock().unwrap().pop_front() {
            return Err(why);
        }
        self.endpoints.lock().unwrap().remove(arn);
        Ok(())
    }
}
