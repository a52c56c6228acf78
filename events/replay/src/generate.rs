//! Histories that never happened: to try the analysts' tools on, and to measure them.
//!
//! Accounts are registered, used, attacked and erased by the rules that decide in production, and
//! their commits are staged as in production. Each account draws from a source of its own, which
//! follows from the seed and the account's number: the same arguments give the same bytes on every
//! machine, and an account is the same however many others there are.
//!
//! What is personal is [sealed by nobody](postern_store::seal::unopenable): such a history reads as
//! if everybody had been erased. What is part of a story is said by labels beside the log: attempts,
//! processes, and the messages that they asked for. The account's own stream is its owner's.

mod acts;
mod asking;
mod attempts;
mod campaigns;
mod carriers;
mod chance;
mod guessing;
mod helping;
mod life;
mod owner;
mod people;
mod places;
mod plan;
mod post;
mod processes;
mod proving;
mod stories;
mod story;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postern_domain::codes::CodeKeys;
use postern_domain::ports::draw;
use postern_events::ids::AccountId;
use postern_store::StoreError;
use postern_store::streams::Commit;

use self::chance::{Seeded, hours};
use self::life::{Life, Stop, World};

/// The name of the one code key of a history.
const CODE_KEY: &str = "code-1";
/// What the part of chance is called that the code key comes from; no account has this number.
const KEYS: u64 = u64::MAX - 1;

/// What history is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How many accounts.
    pub accounts: u32,
    /// How many days.
    pub days: u16,
    /// What it is drawn from.
    pub seed: u64,
    /// The first day.
    pub begin: Timestamp,
}

impl Wanted {
    /// The first day where none is named: fixed, so that equal arguments give equal bytes.
    /// 2026-01-01T00:00:00Z.
    pub const BEGIN: Timestamp = Timestamp::constant(1_767_225_600, 0);
}

/// What a stream is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The stream.
    pub stream: String,
    /// The account that it is about, if there is one.
    pub account: Option<AccountId>,
    /// The story, such as `push_bombing` or `owner_new_phone`.
    pub story: &'static str,
    /// Whether somebody else than the owner is at work.
    pub attack: bool,
}

/// A part of a history.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are commits")]
pub enum Labelled {
    /// A commit; those of a stream come in their order.
    Commit(Commit),
    /// What a stream is part of; a stream may be part of two stories.
    Label(Label),
}

/// What a history has come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Accounts that were opened.
    pub accounts: u32,
    /// Commits.
    pub commits: u64,
    /// Events in them.
    pub events: u64,
    /// Labels, by story.
    pub labels: BTreeMap<&'static str, u64>,
}

/// Every story that a label can name, and whether it is an attack.
pub fn stories() -> impl Iterator<Item = (&'static str, bool)> {
    story::Story::ALL.into_iter().map(|it| (it.name(), it.is_attack()))
}

/// Tells a history, account by account; whoever wants it by time sorts it.
///
/// # Errors
/// What the sink says, or [`StoreError::Broken`] where a commit can't be made.
pub fn generate<E: From<StoreError>>(
    wanted: &Wanted,
    sink: &mut impl FnMut(Labelled) -> Result<(), E>,
) -> Result<Told, E> {
    let world = world(wanted).map_err(E::from)?;
    let mut told = Told::default();
    for number in 0..wanted.accounts {
        let mut life = Life::new(&world, number);
        let mut strikes = life.strikes();
        let mut lives = true;
        while lives {
            lives = match life.live(&mut strikes) {
                Ok(lives) => lives,
                Err(Stop::Broken(error)) => return Err(error.into()),
                Err(Stop::Refused | Stop::Ended) => false,
            };
            for it in life.log.drain(..) {
                told.count(&it);
                sink(it)?;
            }
        }
        told.accounts += u32::from(life.account.exists());
    }
    Ok(told)
}

fn world(wanted: &Wanted) -> Result<World, StoreError> {
    let Wanted { days, seed, begin, .. } = *wanted;
    let key: [u8; 32] = draw(&Seeded::part(seed, KEYS));
    let keys = CodeKeys::new(CODE_KEY.to_owned(), BTreeMap::from([(CODE_KEY.to_owned(), key)]));
    let keys = keys.map_err(|why| StoreError::Broken {
        what: "the code key".to_owned(),
        source: why.into(),
    })?;
    let length: SignedDuration = hours(24 * i64::from(days));
    Ok(World {
        seed,
        begin,
        end: begin + length,
        days,
        keys: Arc::new(keys),
        campaigns: campaigns::campaigns(seed, begin, days),
    })
}

impl Told {
    fn count(&mut self, it: &Labelled) {
        match it {
            Labelled::Commit(commit) => {
                self.commits += 1;
                self.events += u64::try_from(commit.events.len()).unwrap_or(u64::MAX);
            }
            Labelled::Label(label) => *self.labels.entry(label.story).or_default() += 1,
        }
    }
}
