//! One device's client: its key, its session and what it knows about the server.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clock::ServerClock;
use crate::key::DeviceKey;
use crate::request::Request;
use crate::trouble::Trouble;

/// What this client claims to be; the server refuses what is too old.
const APP_VERSION: &str = "2.3.0";

/// The tokens of somebody who is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Goes with every call, for five minutes.
    pub access_token: String,
    /// Fetches the next access token; a phone keeps it in its key store.
    pub refresh_token: String,
    /// The device's identifier on the account.
    pub device: String,
    /// Whether the device skips the second step from now on.
    pub trusted: bool,
}

impl Session {
    /// Reads the session in an answer; null in all but the one that completed an attempt.
    #[must_use]
    pub fn read(session: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            access_token: text(&session["access_token"])?,
            refresh_token: text(&session["refresh_token"])?,
            device: text(&session["device"]["id"])?,
            trusted: session["device"]["trusted"].as_bool()?,
        })
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("device", &self.device)
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}

/// One device's client.
#[derive(Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    key: DeviceKey,
    description: Value,
    app_version: String,
    clock: Mutex<Option<ServerClock>>,
    session: Mutex<Option<Session>>,
}

impl Client {
    /// A new device, with a new key, that talks to the server at `base`.
    ///
    /// # Errors
    /// [`Trouble::Key`] if no key can be made.
    pub fn new(base: &str) -> Result<Self, Trouble> {
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            http: http(None)?,
            key: DeviceKey::generate()?,
            description: json!({
                "name": "Sample phone", "model": "Sample", "platform": "other", "os_version": "1",
            }),
            app_version: APP_VERSION.to_owned(),
            clock: Mutex::new(None),
            session: Mutex::new(None),
        })
    }

    /// The same device under another description: `name`, `model`, `platform`, `os_version`.
    #[must_use]
    pub fn described(mut self, description: Value) -> Self {
        self.description = description;
        self
    }

    /// The same device at another address of this computer, which the server sees as its source.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if nothing can be sent from there.
    pub fn at(mut self, source: IpAddr) -> Result<Self, Trouble> {
        self.http = http(Some(source))?;
        Ok(self)
    }

    /// A second handle on the same device, at another address: same key, same session.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if nothing can be sent from there.
    pub fn also_at(&self, source: IpAddr) -> Result<Self, Trouble> {
        Ok(Self {
            base: self.base.clone(),
            http: http(Some(source))?,
            key: self.key.clone(),
            description: self.description.clone(),
            app_version: self.app_version.clone(),
            clock: Mutex::new(self.clock()),
            session: Mutex::new(self.session()),
        })
    }

    /// Where the server is, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The key that this device is.
    #[must_use]
    pub fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// How the device describes itself.
    #[must_use]
    pub fn description(&self) -> &Value {
        &self.description
    }

    pub(crate) fn app_version(&self) -> &str {
        &self.app_version
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The session, while somebody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a session, or forgets it.
    pub fn keep(&self, session: Option<Session>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// The server's time in seconds since 1970; asked for once, then counted on.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if the server doesn't tell it.
    pub async fn server_time(&self) -> Result<i64, Trouble> {
        if let Some(clock) = self.clock() {
            return Ok(clock.now());
        }
        let answer = self.config().await?;
        let clock = ServerClock::learn(&answer.body).ok_or_else(|| Trouble::Unreadable {
            call: answer.call,
            why: "it has no server_time".to_owned(),
        })?;
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock);
        Ok(clock.now())
    }

    fn clock(&self) -> Option<ServerClock> {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the time from an answer, if it tells one.
    pub(crate) fn learn_time(&self, answer: &Value) {
        if let Some(clock) = ServerClock::learn(answer) {
            *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock);
        }
    }

    /// A call whose pieces can be replaced one by one, and which is made exactly once.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }

    /// Makes a call that is proven by the key alone.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Trouble> {
        self.made(method, path, body, None).await
    }

    /// Makes a call in the name of the session.
    ///
    /// # Errors
    /// [`Trouble::SignedOut`] without one; [`Trouble::Unanswered`] if no answer arrives.
    pub async fn call_signed_in(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Trouble> {
        let session = self.session().ok_or(Trouble::SignedOut)?;
        self.made(method, path, body, Some(&session.access_token)).await
    }

    /// Makes a call, and once more with the right time if its proof was dated wrongly.
    async fn made(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(token) = token {
            request = request.token(token);
        }
        let answer = request.clone().send().await?;
        if answer.code() == "invalid_proof" && answer.body.get("server_time").is_some() {
            return request.send().await;
        }
        Ok(answer)
    }
}

/// A connection pool of its own for every source address.
pub(crate) fn http(source: Option<IpAddr>) -> Result<reqwest::Client, Trouble> {
    let builder = reqwest::Client::builder().no_proxy().local_address(source);
    Ok(builder.redirect(reqwest::redirect::Policy::none()).build()?)
}
