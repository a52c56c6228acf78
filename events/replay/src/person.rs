//! All that is stored about a person, opened, for their own copy (GDPR, article 15).
//!
//! That it was shown is an event, which is appended before anything is: whoever is shown something
//! without a trace could show it to anybody. Secrets are not part of the copy, nor is anything that a
//! secret could be tried against: password and recovery codes, sessions' secrets, codes' nonces, keys.

mod activity;
mod belongings;
mod events;
mod opening;

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::guard::AccountGuard;
use postern_events::account::AccountEvent;
use postern_events::ids::{AccountId, EventId};
use postern_events::vocabulary::Method;
use postern_store::StoreError;
use postern_store::model::Recorded;
use serde::Serialize;
use serde_json::Value;

use crate::acts::{Act, Desk, Failed, Refused, open};
use activity::Attempt;
use belongings::{Device, Session};
use events::Told;
use opening::Opener;

/// What the copy says about values that are `null`, and about what is not in it.
const NOTES: [&str; 3] = [
    "A personal value that this account's key can't open is null; `unopened` says where in an event. \
     That is so for what strangers left behind, such as a device that tried to register this address.",
    "Secrets are left out, and whatever could help to guess one: the password's hash, recovery codes, \
     refresh tokens, nonces of codes.",
    "Files that were sent to support are not in here. They are kept for 30 days at most.",
];

/// The copy.
#[derive(Debug, Serialize)]
pub struct Copy {
    account: AccountId,
    /// When it was begun: whether trust holds or a session is over is told as of then.
    made_at: Timestamp,
    recorded_as: Option<EventId>,
    state: State,
    counted: Counts,
    devices: Vec<Device>,
    sessions: Vec<Session>,
    activity: Vec<Attempt>,
    events: Vec<Told>,
    notes: [&'static str; 3],
}

/// The account as it is.
#[derive(Debug, Serialize)]
struct State {
    email: Value,
    email_since: Timestamp,
    email_undeliverable: bool,
    locale: String,
    two_step: bool,
    method: Method,
    password_since: Timestamp,
    password_compromised: bool,
    password_reset_at: Option<Timestamp>,
    recovery_codes_left: usize,
    created_at: Timestamp,
}

/// What is counted about the account.
#[derive(Debug, Serialize)]
struct Counts {
    wrong_codes_in_a_row: u16,
    code_entry_paused_until: Option<Timestamp>,
    code_entry_off: bool,
}

/// Records that an operator is shown the copy, and only then hands it over, with the events that say so.
///
/// # Errors
/// When the account is not open, or the tables can't be read or written; then nothing was shown.
pub async fn disclose(
    desk: &Desk,
    account: AccountId,
) -> Result<(Copy, Vec<Recorded<AccountEvent>>), Failed> {
    let mut copy = gathered(desk, account).await?;
    let recorded = desk.act(account, Act::Disclose, true).await?;
    copy.recorded_as = recorded.first().map(|it| it.stamp.id);
    Ok((copy, recorded))
}

async fn gathered(desk: &Desk, account: AccountId) -> Result<Copy, Failed> {
    let (store, now) = (&desk.store, desk.clock.now());
    let context = store.streams().load::<Account>(account).await?;
    let open = open(context.state())?;
    // Somebody may have erased it in this very moment.
    let person = store.vault().load(account, now).await?.ok_or(Refused::Erased)?;
    let opener = Opener::new(person.data_key);
    Ok(Copy {
        account,
        made_at: now,
        recorded_as: None,
        state: state(desk, open, &opener).await?,
        counted: counted(desk, account, now).await?,
        devices: belongings::devices(store, open, &opener, now).await?,
        sessions: belongings::sessions(store, open, &opener, now).await?,
        activity: activity::of(store, account, &opener, now).await?,
        events: events::about(store, account, &opener).await?,
        notes: NOTES,
    })
}

async fn state(desk: &Desk, open: &OpenAccount, opener: &Opener) -> Result<State, StoreError> {
    let codes = desk.store.vault().recovery_codes(open.id).await?;
    Ok(State {
        email: opener.open(&open.email),
        email_since: open.email_since,
        email_undeliverable: open.email_undeliverable,
        locale: open.locale.clone(),
        two_step: open.two_step,
        method: open.method,
        password_since: open.password_since,
        password_compromised: open.password_compromised,
        password_reset_at: open.reset.as_ref().map(|it| it.at),
        recovery_codes_left: codes.map_or(0, |it| it.value.left()),
        created_at: open.created_at,
    })
}

async fn counted(desk: &Desk, account: AccountId, now: Timestamp) -> Result<Counts, StoreError> {
    let guard = desk.store.guards().load_guard::<AccountGuard>(account).await?.value;
    let paused = guard.paused(now);
    Ok(Counts {
        wrong_codes_in_a_row: guard.wrong_in_a_row(),
        code_entry_paused_until: paused.and_then(|it| it.until),
        code_entry_off: paused.is_some_and(|it| it.until.is_none()),
    })
}
