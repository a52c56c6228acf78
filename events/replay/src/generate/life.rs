//! One account's life, as far as it is made: what its streams, its guards and its people stand at.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use postern_domain::account::{Account, AccountCommand, OpenAccount};
use postern_domain::budget::Spent;
use postern_domain::codes::CodeKeys;
use postern_domain::decider::Decider;
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::sign_in::SignInRefusal;
use postern_domain::tries::{AddressTries, KeyTries};
use postern_domain::verification::VerificationRefusal;
use postern_events::account::AccountEvent;
use postern_events::ids::{AccountId, SignInId, VerificationId};
use postern_events::vocabulary::AddressKey;
use postern_store::StoreError;
use postern_store::model::{ModelError, Recorded};
use postern_store::streams::{Committed, Meta, Offline, StreamContext};

use super::attempts::Attempt;
use super::campaigns::Campaign;
use super::chance::Seeded;
use super::owner::Owner;
use super::post::Post;
use super::processes::Process;
use super::story::Story;
use super::{Label, Labelled};

/// The function for calls that carry a password.
pub(super) const SIGN_IN: &str = "sign-in";
/// The function for all other calls.
pub(super) const ACCOUNT: &str = "account";
/// Who acts where nobody is signed in.
pub(super) const ANONYMOUS: &str = "anonymous";

/// Why a story goes no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// A rule refuses what was asked; whoever asked gives up.
    Refused,
    /// The history is over.
    Ended,
    /// A commit can't be made.
    Broken(StoreError),
}

impl<R: std::error::Error + 'static> From<ModelError<R>> for Stop {
    fn from(error: ModelError<R>) -> Self {
        match error {
            ModelError::Refused(_) => Self::Refused,
            ModelError::Sealing(why) => Self::broken(why),
        }
    }
}

impl From<SignInRefusal> for Stop {
    fn from(_: SignInRefusal) -> Self {
        Self::Refused
    }
}

impl From<VerificationRefusal> for Stop {
    fn from(_: VerificationRefusal) -> Self {
        Self::Refused
    }
}

impl Stop {
    pub(super) fn broken(why: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Broken(StoreError::Broken { what: "a made-up commit".to_owned(), source: why.into() })
    }

    /// What a rule refuses, whatever it says.
    pub(super) fn refused<R>(_: R) -> Self {
        Self::Refused
    }
}

/// What a step of a story comes to.
pub(super) type Step<T> = Result<T, Stop>;

/// What all accounts have in common.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
    pub(super) days: u16,
    pub(super) keys: Arc<CodeKeys>,
    pub(super) campaigns: Vec<Campaign>,
}

/// What guards and windows have counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) guard: AccountGuard,
    pub(super) recovery: AccountGuard,
    /// Mails to the address that anybody can ask for.
    pub(super) open_mails: Spent,
    /// Requests for help.
    pub(super) pleas: Spent,
    pub(super) of_address: AddressTries,
    pub(super) of_keys: KeyTries,
}

/// An account, and everything around it that its history is made from.
#[derive(Debug)]
pub(super) struct Life<'w> {
    pub(super) world: &'w World,
    pub(super) chance: Seeded,
    pub(super) now: Timestamp,
    pub(super) id: AccountId,
    pub(super) address: AddressKey,
    pub(super) account: StreamContext<Account>,
    pub(super) counts: Counts,
    pub(super) owner: Owner,
    pub(super) attempts: BTreeMap<SignInId, Attempt>,
    pub(super) processes: BTreeMap<VerificationId, Process>,
    pub(super) post: Post,
    /// The story that streams which are opened now are part of.
    pub(super) story: Option<Story>,
    /// The streams that are part of a story, for the messages that they ask for.
    pub(super) labelled: BTreeMap<String, Story>,
    pub(super) log: Vec<Labelled>,
    function: &'static str,
    request: String,
}

/// Decides and commits at one place of one stream.
pub(super) fn write<D: Decider>(
    context: &StreamContext<D>,
    command: D::Command,
    writer: &Offline<'_>,
    meta: &Meta,
    log: &mut Vec<Labelled>,
) -> Step<Committed<D>> {
    let decided = context.decide_offline(command, writer)?;
    let staged = decided.stage(meta).map_err(Stop::Broken)?;
    let committed = decided.committed(&staged);
    log.extend(staged.into_commit().map(Labelled::Commit));
    Ok(committed)
}

impl<'w> Life<'w> {
    pub(super) fn new(world: &'w World, number: u32) -> Self {
        let chance = Seeded::part(world.seed, u64::from(number));
        let owner = Owner::new(&chance);
        let begins_at = owner.first_day(world, &chance);
        let id = AccountId::new(begins_at, draw(&chance));
        Self {
            world,
            now: begins_at,
            id,
            address: AddressKey::from_bytes(draw(&chance)),
            account: StreamContext::new(id),
            counts: Counts::default(),
            owner,
            attempts: BTreeMap::new(),
            processes: BTreeMap::new(),
            post: Post::default(),
            story: None,
            labelled: BTreeMap::new(),
            log: Vec::new(),
            function: ACCOUNT,
            request: String::new(),
            chance,
        }
    }

    /// The account, while it is open.
    pub(super) fn open(&self) -> Step<&OpenAccount> {
        self.account.state().open().ok_or(Stop::Refused)
    }

    /// Begins a call: what is committed until the next one was asked for by it.
    pub(super) fn call(&mut self, function: &'static str) {
        self.function = function;
        self.request = format!("req_{}", URL_SAFE_NO_PAD.encode(draw::<16>(&self.chance)));
    }

    pub(super) fn meta(&self, actor: &str) -> Meta {
        Meta {
            request: self.request.clone(),
            actor: actor.to_owned(),
            function: self.function.to_owned(),
            policy: policy::VERSION,
            idempotency: None,
        }
    }

    /// Has the account do something, and asks for the messages that follow.
    pub(super) fn on_account(
        &mut self,
        command: AccountCommand,
        meta: &Meta,
    ) -> Step<Vec<Recorded<AccountEvent>>> {
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        let done = write(&self.account, command, &writer, meta, &mut self.log)?;
        let before = std::mem::replace(&mut self.account, done.context);
        self.ask_for_account(&done.events, before.state());
        Ok(done.events)
    }

    /// Lets time pass, and everything happen that is due by then.
    pub(super) fn until(&mut self, then: Timestamp) -> Step<()> {
        while let Some((at, errand)) = self.post.take_due(then) {
            if at >= self.world.end {
                return Err(Stop::Ended);
            }
            self.now = self.now.max(at);
            self.run(errand)?;
        }
        if then >= self.world.end {
            return Err(Stop::Ended);
        }
        self.now = self.now.max(then);
        Ok(())
    }

    /// The same, for so long.
    pub(super) fn wait(&mut self, time: SignedDuration) -> Step<()> {
        self.until(self.now + time)
    }

    /// A wait as people take it, about a median: from half to double of it as a rule.
    pub(super) fn about(&mut self, median: SignedDuration) -> Step<()> {
        let time = self.chance.around(median, 200);
        self.wait(time)
    }

    /// Says what a stream is part of, if it is part of a story.
    pub(super) fn label(&mut self, stream: &str, account: Option<AccountId>) {
        let Some(story) = self.story else { return };
        self.labelled.insert(stream.to_owned(), story);
        self.label_as(story, stream, account);
    }

    /// Says that a stream is part of this story.
    pub(super) fn label_as(&mut self, story: Story, stream: &str, account: Option<AccountId>) {
        self.log.push(Labelled::Label(Label {
            stream: stream.to_owned(),
            account,
            story: story.name(),
            attack: story.is_attack(),
        }));
    }

    /// Forgets what only the story that just ended could go on with.
    pub(super) fn end_story(&mut self) {
        self.story = None;
        self.attempts.clear();
        self.processes.clear();
        self.labelled.clear();
    }
}
