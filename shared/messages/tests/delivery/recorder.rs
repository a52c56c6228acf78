//! A carrier that remembers what it took and fails on demand.

use std::collections::VecDeque;
use std::sync::Mutex;

use postern_messages::mailer::{Mail, Receipt, SendMail, Undelivered};

/// How the next mail fares; mails beyond the list are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next {
    Refuse(Undelivered),
    DieBefore,
    DieAfter,
}

#[derive(Default)]
pub(crate) struct Recorder {
    mails: Mutex<Vec<Mail>>,
    next: Mutex<VecDeque<Next>>,
}

impl Recorder {
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    pub(crate) fn will(&self, next: Next) {
        self.next.lock().unwrap().push_back(next);
    }
}

impl SendMail for Recorder {
    async fn send(&self, mail: &Mail) -> Result<Receipt, Undelivered> {
        // Another sender gets its chance to be here at the same time.
        tokio::task::yield_now().await;
        let next = self.next.lock().unwrap().pop_front();
        match next {
            Some(Next::Refuse(why)) => return Err(why),
            Some(Next::DieBefore) => panic!("died before the mail was taken"),
            Some(Next::DieAfter) | None => self.mails.lock().unwrap().push(mail.clone()),
        }
        assert!(next.is_none(), "died after the mail was taken");
        Ok(Receipt { carrier_id: Some("carrier-1".to_owned()) })
    }
}
