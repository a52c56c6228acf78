//! What only the local stack offers: its inbox, its log, its clock, its faults. No deployment has
//! these.

use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client;
use crate::log::{self, Commit};
use crate::mail::Mail;
use crate::push::Push;
use crate::trouble::Trouble;

/// The local stack behind the API.
#[derive(Debug, Clone)]
pub struct Local {
    base: Url,
    http: reqwest::Client,
}

impl Local {
    /// The local stack whose API is at `base`.
    ///
    /// # Errors
    /// [`Trouble::Address`] if that is no address.
    pub fn new(base: &str) -> Result<Self, Trouble> {
        let url = Url::parse(base).map_err(|_| Trouble::Address(base.to_owned()))?;
        Ok(Self { base: url, http: client::http(None)? })
    }

    /// Whether the stack is up.
    pub async fn healthy(&self) -> bool {
        self.ask(Method::GET, "/healthz", &[], None).await.is_ok()
    }

    /// Mails to an address, newest first.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if the answer isn't a list of mails.
    pub async fn emails(&self, to: &str) -> Result<Vec<Mail>, Trouble> {
        let answer = self.ask(Method::GET, "/_local/emails", &[("to", to)], None).await?;
        let list = answer.body.get("emails").unwrap_or(&answer.body).clone();
        serde_json::from_value(list)
            .map_err(|error| Trouble::Unreadable { call: answer.call, why: error.to_string() })
    }

    /// The code that was mailed to an address last, once everything has been delivered.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if no mail with a code has come.
    pub async fn mailed_code(&self, to: &str) -> Result<String, Trouble> {
        self.drain().await?;
        let mails = self.emails(to).await?;
        let code = mails.iter().find_map(Mail::code);
        code.ok_or_else(|| Trouble::Unreadable {
            call: "GET /_local/emails".to_owned(),
            why: format!("none of {} mails has a code", mails.len()),
        })
    }

    /// Pushes to a phone's token, or to all, newest first.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if the answer isn't a list of pushes.
    pub async fn pushes(&self, token: Option<&str>) -> Result<Vec<Push>, Trouble> {
        let query: Vec<_> = token.map(|token| ("token", token)).into_iter().collect();
        let answer = self.ask(Method::GET, "/_local/pushes", &query, None).await?;
        serde_json::from_value(answer.body)
            .map_err(|error| Trouble::Unreadable { call: answer.call, why: error.to_string() })
    }

    /// What no function could handle and was set aside.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if there is no such list.
    pub async fn dead_letters(&self) -> Result<Value, Trouble> {
        Ok(self.ask(Method::GET, "/_local/dead-letters", &[], None).await?.body)
    }

    /// Breaks something on purpose, in the place of all that was broken before; an empty object
    /// mends everything.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if it can't be broken so.
    pub async fn faults(&self, faults: &Value) -> Result<Answer, Trouble> {
        self.ask(Method::POST, "/_local/faults", &[], Some(faults)).await
    }

    /// The log, or one stream of it, as it stands.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if a line isn't a commit.
    pub async fn events(&self, stream: Option<&str>) -> Result<Vec<Commit>, Trouble> {
        log::read(&self.dump(stream).await?)
    }

    /// The log's text, or one stream's, to search in.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if there is none.
    pub async fn dump(&self, stream: Option<&str>) -> Result<String, Trouble> {
        let query: Vec<_> = stream.map(|stream| ("stream", stream)).into_iter().collect();
        let answer = self.ask(Method::GET, "/_local/events", &query, None).await?;
        // A log of a single line is a JSON text by itself.
        Ok(match answer.body {
            Value::String(text) => text,
            Value::Null => String::new(),
            line @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                line.to_string()
            }
        })
    }

    /// Moves the one clock of all parts; answers what it shows now.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if it can't be moved so.
    pub async fn advance(&self, seconds: u64) -> Result<jiff::Timestamp, Trouble> {
        let body = json!({ "advance_seconds": seconds });
        let answer = self.ask(Method::POST, "/_local/clock", &[], Some(&body)).await?;
        answer.text("server_time")?.parse().map_err(|_| Trouble::Unreadable {
            call: answer.call.clone(),
            why: "server_time is no time".to_owned(),
        })
    }

    /// What the clock shows.
    ///
    /// # Errors
    /// [`Trouble::Unreadable`] if it shows nothing.
    pub async fn now(&self) -> Result<jiff::Timestamp, Trouble> {
        self.advance(0).await
    }

    /// Returns once everything that has happened has been reacted to.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if that can't be waited for.
    pub async fn drain(&self) -> Result<Answer, Trouble> {
        self.ask(Method::POST, "/_local/drain", &[], Some(&json!({}))).await
    }

    /// Empties the world.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if it can't be emptied.
    pub async fn reset(&self) -> Result<Answer, Trouble> {
        self.ask(Method::POST, "/_local/reset", &[], Some(&json!({}))).await
    }

    /// Request units by function, table and operation.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if there is no meter.
    pub async fn meter(&self) -> Result<Value, Trouble> {
        Ok(self.ask(Method::GET, "/_local/meter", &[], None).await?.body)
    }

    /// Sets the meter to nothing.
    ///
    /// # Errors
    /// [`Trouble::Refused`] if there is no meter.
    pub async fn reset_meter(&self) -> Result<Answer, Trouble> {
        self.ask(Method::DELETE, "/_local/meter", &[], None).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Trouble> {
        let call = format!("{method} {path}");
        let mut url = self.base.clone();
        url.set_path(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = Answer::read(call, request.send().await?).await?;
        let status = answer.status;
        answer.require(if status == 204 { 204 } else { 200 })
    }
}
