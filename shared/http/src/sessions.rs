//! Sessions: begun behind a decision, checked against two strong reads on every request.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use postern_domain::account::{Account, Acting, OpenAccount};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_events::ids::{AccountId, DeviceId, SessionId};
use postern_events::personal::Personal;
use postern_events::sign_in::Completed;
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Origin, Platform};
use postern_store::sessions::{RefreshSecret, Session};
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;

use crate::Api;
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{of_store, unavailable};
use crate::token;

/// Somebody with a living session.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// The session.
    pub(crate) session: Session,
    /// The account, as it is now.
    pub(crate) account: OpenAccount,
}

impl SignedIn {
    /// Whether the session has been stepped up a moment ago.
    pub(crate) fn is_stepped_up(&self, now: Timestamp) -> bool {
        self.session.step_up_until.is_some_and(|until| now < until)
    }

    /// Who acts, as the account's decisions ask.
    pub(crate) fn acting(&self, now: Timestamp) -> Acting {
        Acting {
            device: self.session.device,
            session: self.session.id,
            stepped_up: self.is_stepped_up(now),
            now,
        }
    }

    /// Whether the device has been trusted for so long that its session needs no other channel to be
    /// stepped up.
    pub(crate) fn is_settled(&self, now: Timestamp) -> bool {
        self.session.trusted
            && self.account.device(self.session.device, now).is_some_and(|it| !it.is_young(now))
    }

    /// As commits name who acts.
    pub(crate) fn actor(&self) -> String {
        self.session.device.to_string()
    }
}

/// A device about which a session says something.
pub(crate) struct Beginning<'a> {
    pub(crate) account: AccountId,
    pub(crate) key: DeviceKey,
    pub(crate) trust_generation: u32,
    pub(crate) completed: &'a Completed,
    pub(crate) platform: Platform,
    pub(crate) description: &'a Personal<DeviceDescription>,
    pub(crate) origin: &'a Personal<Origin>,
    pub(crate) now: Timestamp,
}

/// A new session and its refresh secret, to be stored with the decision that it follows from.
pub(crate) fn begin(api: &Api, it: &Beginning<'_>) -> (Session, RefreshSecret) {
    let secret = RefreshSecret::new(api.chance());
    let session = Session {
        account: it.account,
        id: it.completed.session,
        device: it.completed.device,
        key: it.key,
        trusted: it.completed.trusted,
        trust_generation: it.trust_generation,
        secret_hash: secret.hash(),
        amr: it.completed.amr.clone(),
        auth_time: it.now,
        step_up_until: None,
        created_at: it.now,
        expires_at: it.now + policy::SESSION_LIFE,
        platform: it.platform,
        description: it.description.clone(),
        origin: it.origin.clone(),
    };
    (session, secret)
}

/// What a client gets of its session.
///
/// # Errors
/// When no token can be signed.
pub(crate) fn answer(
    api: &Api,
    session: &Session,
    secret: &RefreshSecret,
    thumbprint: &[u8; 32],
    now: Timestamp,
) -> Result<SessionView, Problem> {
    let parts = api.parts();
    let claims =
        token::claims(&parts.settings.public_url, session, thumbprint, draw(api.chance()), now);
    let access_token = parts.token_keys.sign(&claims).map_err(|error| unavailable(&error))?;
    let secret = secret.reveal();
    Ok(SessionView {
        access_token,
        token_type: "DPoP",
        expires_in: policy::ACCESS_TOKEN_LIFE.as_secs(),
        refresh_token: format!("{}.{}.{}", session.id, session.account, &*secret),
        account_id: session.account,
        device: SessionDevice { id: session.device, trusted: session.trusted },
    })
}

/// A session, as its client gets it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// An RFC 9068 token, bound to the device's key.
    access_token: String,
    /// `DPoP`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// Good for further access tokens, with the same key.
    refresh_token: String,
    /// The account.
    #[schema(value_type = String, pattern = "^acc_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    account_id: AccountId,
    /// The device that is signed in.
    device: SessionDevice,
}

/// Shows no token.
impl fmt::Debug for SessionView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionView({})", self.device.id)
    }
}

/// The device that is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SessionDevice {
    /// Its identifier.
    #[schema(value_type = String, pattern = "^dev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: DeviceId,
    /// Whether it needs no code from now on.
    trusted: bool,
}

/// The session of a call that is repeated, with new tokens: the first ones may have been lost on the
/// way. One that has ended meanwhile stays ended, and there is nothing to answer.
pub(crate) async fn minted_anew<B>(
    call: &Call<Proven, B>,
    account: AccountId,
    session: SessionId,
) -> Result<Option<SessionView>, Problem> {
    let (api, now) = (&call.api, call.now);
    let sessions = api.parts().store.sessions();
    let thumbprint = &call.caller.thumbprint;
    match living(api, account, session, thumbprint, now).await {
        Ok(SignedIn { mut session, .. }) => {
            let secret = RefreshSecret::new(api.chance());
            session.secret_hash = secret.hash();
            if sessions.replace(&session).await.map_err(|error| of_store(&error))? {
                answer(api, &session, &secret, thumbprint, now).map(Some)
            } else {
                Ok(None)
            }
        }
        Err(problem) if problem.code() == Code::InvalidToken => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Who holds this access token with this key, if the session behind it still lives.
pub(crate) async fn authenticate(
    api: &Api,
    token: &str,
    thumbprint: &[u8; 32],
    now: Timestamp,
) -> Result<SignedIn, Problem> {
    let parts = api.parts();
    let read = parts.token_keys.read(token, &parts.settings.public_url, now);
    let claims = read.map_err(|bad| match bad {
        token::BadToken::Invalid => Problem::new(Code::InvalidToken),
        token::BadToken::Expired => Problem::new(Code::TokenExpired),
    })?;
    let jkt = URL_SAFE_NO_PAD.encode(thumbprint);
    if !bool::from(jkt.as_bytes().ct_eq(claims.cnf.jkt.as_bytes())) {
        return Err(Problem::new(Code::InvalidToken));
    }
    living(api, claims.sub, claims.sid, thumbprint, now).await
}

/// Who holds this refresh token with this key, if the session behind it still lives.
pub(crate) async fn redeem(
    api: &Api,
    refresh_token: &str,
    thumbprint: &[u8; 32],
    now: Timestamp,
) -> Result<(SignedIn, RefreshSecret), Problem> {
    let invalid = || Problem::new(Code::InvalidToken);
    let mut parts = refresh_token.splitn(3, '.');
    let mut next = || parts.next().ok_or_else(invalid);
    let session: SessionId = next()?.parse().map_err(|_| invalid())?;
    let account: AccountId = next()?.parse().map_err(|_| invalid())?;
    let secret = RefreshSecret::parse(next()?).ok_or_else(invalid)?;
    let signed_in = living(api, account, session, thumbprint, now).await?;
    if secret.matches(&signed_in.session.secret_hash) {
        Ok((signed_in, secret))
    } else {
        Err(invalid())
    }
}

/// Two strong reads: a removed device, an ended session or a raised generation is out at once,
/// whatever a token's own expiry says.
async fn living(
    api: &Api,
    account: AccountId,
    session: SessionId,
    thumbprint: &[u8; 32],
    now: Timestamp,
) -> Result<SignedIn, Problem> {
    let parts = api.parts();
    let (sessions, streams) = (parts.store.sessions(), parts.store.streams());
    let (session, account) =
        tokio::try_join!(sessions.get(account, session, now), streams.load::<Account>(account))
            .map_err(|error| of_store(&error))?;
    let invalid = || Problem::new(Code::InvalidToken);
    let session = session.ok_or_else(invalid)?;
    let account = account.state().open().ok_or_else(invalid)?.clone();
    let same_key = session.key == parts.lookup.device(account.id, thumbprint);
    let same_generation = session.trust_generation == account.trust_generation;
    let still_trusted = !session.trusted
        || account.device(session.device, now).is_some_and(|it| it.key == session.key);
    if same_key && same_generation && still_trusted {
        Ok(SignedIn { session, account })
    } else {
        Err(invalid())
    }
}
