//! A password, and whether it is right.

mod opening;

use axum::response::Response;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::budget::DAY;
use postern_domain::challenge::Material;
use postern_domain::email::EmailAddress;
use postern_domain::password::Password;
use postern_domain::ports::draw;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_domain::tries::{AddressTries, KeyTries, TooManyTries};
use postern_events::ids::{AccountId, SignInId};
use postern_events::vocabulary::{AddressKey, DeviceDescription, DeviceKey, Nonce, SourceKey};
use postern_store::guards::{Guarded, UpdateError};
use postern_store::streams::StreamContext;
use postern_store::vault::Person;
use serde::Deserialize;

use self::opening::RightOne;
use super::given::{GivenDevice, email, password};
use super::tokens::scribe;
use crate::Api;
use crate::body::{Members, object};
use crate::call::{Call, Proven};
use crate::hashing;
use crate::problem::{Code, Problem};
use crate::rate::{self, Counted};
use crate::refusal::{of_execute, of_sign_in, of_store, of_tries};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    email: String,
    password: String,
    #[serde(deserialize_with = "object")]
    device: GivenDevice,
}
impl Members for Credentials {
    const COUNTED: Counted = Counted::Unproven;
}

/// Known and unknown addresses take the same path up to the last comparison: the same reads, the
/// same hashing, the same writes, the same answer. A key that is trusted on the account has counts
/// of its own, which nobody else touches.
pub(super) async fn create(call: Call<Proven, Credentials>) -> Result<Response, Problem> {
    let (api, now) = (&call.api, call.now);
    let asked = match Asked::of(&call.body) {
        Ok(asked) => asked,
        Err(bad) => return Err(call.unproven(bad).await),
    };
    let found = Found::look_up(&call, &asked.email).await?;
    let trusted = found.open().is_some_and(|it| it.trusted(found.key, now).is_some());
    if trusted {
        found.tries_of_keys()?.may_try(found.key, now).map_err(|it| of_tries(it, now))?;
    } else {
        rate::count(api, call.source, now).await?;
        let of_address = &found.of_address.value;
        of_address.may_try(found.source, now).map_err(|it| of_tries(it, now))?;
    }
    let record = found.person.as_ref().map(|it| it.password.clone());
    let right = hashing::is_right(api, record, asked.password).await?;
    let right = right && found.person.is_some() && found.open().is_some();
    found.settle(&call, trusted, right).await?;
    let Found { account, person, .. } = found;
    match (right, person) {
        (true, Some(person)) => {
            let id = SignInId::new(now, draw(api.chance()));
            let right = RightOne { call: &call, description: asked.description, person, id };
            right.answer(account).await
        }
        (_, person) => {
            let known = person.and(account.state().open()).map(|it| it.id);
            refuse(&call, known).await?;
            Err(Problem::new(Code::InvalidCredentials))
        }
    }
}

/// What is asked for, parsed.
struct Asked {
    email: EmailAddress,
    password: Password,
    description: DeviceDescription,
}

impl Asked {
    fn of(body: &Credentials) -> Result<Self, Problem> {
        Ok(Self {
            email: email(&body.email)?,
            password: password(&body.password)?,
            description: body.device.description()?,
        })
    }
}

/// What is known of an address: three reads, whether it has an account or not.
struct Found {
    id: AccountId,
    address: AddressKey,
    of_address: Guarded<AddressTries>,
    source: SourceKey,
    account: StreamContext<Account>,
    person: Option<Person>,
    key: DeviceKey,
}

impl Found {
    /// An address without an account is looked up all the same, under an identifier that nobody
    /// has.
    async fn look_up(
        call: &Call<Proven, Credentials>,
        email: &EmailAddress,
    ) -> Result<Self, Problem> {
        let parts = call.api.parts();
        let address = parts.lookup.address(&email.normalised());
        let guards = parts.store.guards();
        let record = guards.address::<AddressTries>(address, call.now).await;
        let record = record.map_err(|error| of_store(&error))?;
        let nobody = || AccountId::derived(jiff::Timestamp::UNIX_EPOCH, &[address.as_bytes()]);
        let id = record.account.unwrap_or_else(nobody);
        let (vault, streams) = (parts.store.vault(), parts.store.streams());
        let (person, account) =
            tokio::try_join!(vault.load(id, call.now), streams.load::<Account>(id))
                .map_err(|error| of_store(&error))?;
        Ok(Self {
            id,
            address,
            of_address: record.passwords,
            source: parts.lookup.source(call.source),
            account,
            person,
            key: parts.lookup.device(id, &call.caller.thumbprint),
        })
    }

    fn open(&self) -> Option<&OpenAccount> {
        self.account.state().open()
    }

    fn tries_of_keys(&self) -> Result<KeyTries, Problem> {
        let tries = self.person.as_ref().map(|it| it.tries.read()).transpose();
        Ok(tries.map_err(|error| of_store(&error))?.unwrap_or_default())
    }

    /// Puts this password in its order among all others that are compared at the same time: one
    /// write on the count it was judged from, for a right one as for a wrong one. Whatever comes
    /// after the last allowed one is answered as if it had never been compared.
    async fn settle(
        &self,
        call: &Call<Proven, Credentials>,
        trusted: bool,
        right: bool,
    ) -> Result<(), Problem> {
        let now = call.now;
        let settled = match self.person.as_ref().filter(|_| trusted) {
            Some(person) => self.settle_on_key(call, person, right).await,
            None => self.settle_on_address(call, right).await,
        };
        match settled {
            Ok(()) => Ok(()),
            Err(UpdateError::Refused(tries)) => Err(of_tries(tries, now)),
            Err(UpdateError::Store(error)) => Err(of_store(&error)),
        }
    }

    async fn settle_on_key(
        &self,
        call: &Call<Proven, Credentials>,
        person: &Person,
        right: bool,
    ) -> Result<(), UpdateError<TooManyTries>> {
        let (now, key, vault) = (call.now, self.key, call.api.parts().store.vault());
        let settle = |tries: &mut KeyTries| {
            if right { tries.right(key, now) } else { tries.wrong(key, now) }
        };
        vault.settle_tries(self.id, &person.tries, call.api.chance(), settle).await
    }

    async fn settle_on_address(
        &self,
        call: &Call<Proven, Credentials>,
        right: bool,
    ) -> Result<(), UpdateError<TooManyTries>> {
        let (now, source, guards) = (call.now, self.source, call.api.parts().store.guards());
        let settle = |tries: &mut AddressTries| {
            if right { tries.right(source, now) } else { tries.wrong(source, now) }
        };
        let (of_address, until, chance) = (self.of_address.clone(), now + DAY, call.api.chance());
        let settled =
            guards.settle_passwords(self.address, of_address, now, until, chance, settle).await;
        settled.map(|_| ())
    }
}

/// Records a refused password: one commit, with nothing personal in it.
async fn refuse(
    call: &Call<Proven, Credentials>,
    account: Option<AccountId>,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let id = SignInId::new(now, draw(api.chance()));
    let platform = call.body.device.platform();
    let command = SignInCommand::Refuse { account, platform, country: None };
    let streams = api.parts().store.streams();
    let decided =
        streams.decide(StreamContext::<SignIn>::new(id), command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
    let meta = api.meta(&call.request, "anonymous");
    streams.commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
    Ok(())
}

/// What a new code is made from.
pub(super) fn material(api: &Api) -> Material {
    let kid = api.parts().code_keys.current().to_owned();
    Material { kid, nonce: Nonce::from_bytes(draw(api.chance())) }
}
