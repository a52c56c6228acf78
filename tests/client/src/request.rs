//! One call, piece by piece: right unless a piece is replaced.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::Value;

use crate::answer::Answer;
use crate::client::Client;
use crate::trouble::Trouble;

/// How a call is proven.
#[derive(Debug, Clone)]
enum Proof {
    /// By a fresh proof of the client's key.
    Fresh,
    /// By these texts, each in a header of its own.
    These(Vec<String>),
}

/// A call that is about to be made, from [`Client::request`].
#[derive(Debug, Clone)]
pub struct Request<'c> {
    client: &'c Client,
    method: String,
    path: String,
    app_version: Option<String>,
    proof: Proof,
    access_token: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl<'c> Request<'c> {
    pub(crate) fn new(client: &'c Client, method: &str, path: &str) -> Self {
        Self {
            client,
            method: method.to_owned(),
            path: path.to_owned(),
            app_version: Some(client.app_version().to_owned()),
            proof: Proof::Fresh,
            access_token: None,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sends a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").bytes(body.to_string())
    }

    /// Sends these bytes, and says nothing about their type.
    #[must_use]
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends one more header; an `Authorization` stands in for the token's own.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Claims another version of the app, or none.
    #[must_use]
    pub fn app_version(mut self, version: Option<&str>) -> Self {
        self.app_version = version.map(str::to_owned);
        self
    }

    /// Proves the call by this text.
    #[must_use]
    pub fn proof(self, proof: &str) -> Self {
        self.proofs(&[proof])
    }

    /// Proves the call by these texts, each in a header of its own; none for an unproven call.
    #[must_use]
    pub fn proofs(mut self, proofs: &[&str]) -> Self {
        self.proof = Proof::These(proofs.iter().map(|&proof| proof.to_owned()).collect());
        self
    }

    /// Makes the call in the name of a session.
    #[must_use]
    pub fn token(mut self, access_token: &str) -> Self {
        self.access_token = Some(access_token.to_owned());
        self
    }

    /// Makes the call, once.
    ///
    /// # Errors
    /// [`Trouble::Unanswered`] if no answer arrives.
    pub async fn send(self) -> Result<Answer, Trouble> {
        let url = format!("{}{}", self.client.base(), self.path);
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| Trouble::Address(self.method.clone()))?;
        let token = self.access_token.as_deref();
        let proofs = match &self.proof {
            Proof::Fresh => {
                let bare = url.split('?').next().unwrap_or(&url);
                let iat = self.client.server_time().await?;
                vec![self.client.key().proof(&self.method, bare, iat, token)?]
            }
            Proof::These(proofs) => proofs.clone(),
        };
        let mut request = self.client.http().request(method, &url);
        for proof in proofs {
            request = request.header("DPoP", proof);
        }
        if let Some(version) = &self.app_version {
            request = request.header("X-App-Version", version);
        }
        if let Some(token) = token
            && !self.sets(&AUTHORIZATION)
        {
            request = request.header(AUTHORIZATION, format!("DPoP {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let call = format!("{} {}", self.method, self.path);
        let answer = Answer::read(call, request.send().await?).await?;
        self.client.learn_time(&answer.body);
        Ok(answer)
    }

    fn sets(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name.as_str()))
    }
}
