//! What guards count: guesses, pauses, open attempts, budgets.

use jiff::Timestamp;
use postern_domain::guard::{Counted, Recount};
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::AccountId;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::verification::VerificationEvent;
use postern_store::keys::stream_parts;
use serde::{Deserialize, Serialize};

use super::{Emit, NotProjected, Projection, fact, of_fact, unreadable};
use crate::line::Line;
use crate::row::Row;

/// What a stream says about its account.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    /// It was opened.
    Open,
    /// It is no more.
    Erased,
    /// The log tells of it up to and with this event.
    Told { sequence: u64 },
    /// Its guard counts something that happened in the stream of this name.
    Counted { asked: String, at: Timestamp, fact: Counted },
}

#[derive(Default)]
pub(super) struct Guards {
    account: Option<AccountId>,
    /// The account's newest event, in a stream of its own.
    told: Option<u64>,
}

impl Guards {
    /// What an event says, once it is known whose it is.
    fn of(
        &mut self,
        aggregate: &str,
        id: &str,
        stored: &StoredEvent,
    ) -> Result<Vec<Fact>, Unreadable> {
        let counted = |asked: &str, it: Option<Counted>| {
            let fact = |fact| Fact::Counted { asked: asked.to_owned(), at: stored.time, fact };
            it.map(fact).into_iter().collect::<Vec<_>>()
        };
        Ok(match aggregate {
            AccountEvent::AGGREGATE => {
                let event = AccountEvent::read(stored)?;
                let mut facts = counted(id, Counted::of_account(&event));
                if matches!(event, AccountEvent::Registered(_)) {
                    facts.push(Fact::Open);
                } else if matches!(event, AccountEvent::Erased(_)) {
                    facts.push(Fact::Erased);
                }
                facts
            }
            SignInEvent::AGGREGATE => {
                let event = SignInEvent::read(stored)?;
                if let SignInEvent::Attempted(it) = &event {
                    self.account = Some(it.account);
                }
                counted(id, Counted::of_sign_in(&event))
            }
            VerificationEvent::AGGREGATE => {
                let event = VerificationEvent::read(stored)?;
                if let VerificationEvent::Opened(it) = &event {
                    self.account = Some(it.account);
                }
                counted(id, Counted::of_verification(&event))
            }
            _ => Vec::new(),
        })
    }
}

impl Projection for Guards {
    fn wants(&self, stream: &str) -> bool {
        ["account/", "sign_in/", "verification/"].iter().any(|it| stream.starts_with(it))
    }

    fn row(&mut self, row: &Row<'_>, emit: &mut Emit<'_>) -> Result<(), NotProjected> {
        let failed = |it: Box<dyn std::error::Error + Send + Sync>| {
            unreadable(&row.stream, row.sequence, it)
        };
        let Some((aggregate, id)) = stream_parts(&row.stream) else { return Ok(()) };
        let own = aggregate == AccountEvent::AGGREGATE;
        if own {
            self.account = id.parse().ok();
            self.told = Some(row.sequence);
        }
        // Most events: they need not be read.
        if Counted::never(&row.name) {
            return Ok(());
        }
        let stored = row.stored().map_err(|it| failed(it.into()))?;
        let facts = self.of(aggregate, id, &stored).map_err(|it| failed(it.into()))?;
        let Some(account) = self.account else { return Ok(()) };
        for (number, it) in facts.iter().enumerate() {
            // In the order of time; at one time the account's own facts come last.
            let own = u8::from(own);
            let at = stored.time.as_millisecond();
            let place =
                format!("account/{account}|{at:015}|{own}{id}|{:012}|{number}", row.sequence);
            emit(fact(&place, 0, it)?)?;
        }
        Ok(())
    }

    fn end(&mut self, emit: &mut Emit<'_>) -> Result<(), NotProjected> {
        if let (Some(account), Some(sequence)) = (self.account.take(), self.told.take()) {
            emit(fact(&format!("account/{account}|told"), 0, &Fact::Told { sequence })?)?;
        }
        Ok(())
    }

    fn key<'a>(&self, fact: &'a Line) -> &'a str {
        fact.stream().split_once('|').map_or(fact.stream(), |(key, _)| key)
    }

    fn item(&self, facts: &[Line], as_of: Timestamp) -> Result<Option<String>, NotProjected> {
        let (mut recount, mut open, mut told) = (Recount::default(), false, 0);
        for line in facts {
            match of_fact(line)? {
                Fact::Open => open = true,
                Fact::Told { sequence } => told = told.max(sequence),
                Fact::Erased => return Ok(None),
                Fact::Counted { asked, at, fact } => recount.count(&asked, &fact, at),
            }
        }
        // Attempts on what is no account are counted nowhere.
        let Some(first) = facts.first().filter(|_| open) else { return Ok(None) };
        let guard = serde_json::to_string(&recount.guard(as_of))?;
        Ok(Some(format!(
            "{{\"key\":\"{}\",\"item\":\"guard\",\"told\":{told},\"body\":{guard}}}",
            self.key(first)
        )))
    }
}
