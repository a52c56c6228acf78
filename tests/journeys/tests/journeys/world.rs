//! Who and what a journey starts with, and what every answer must look like.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::local::Local;
use postern_client::log::{self, Commit};
use postern_journeys::stack::Stack;
use serde_json::{Value, json};

/// The owner's address, and what a hint makes of it.
pub(crate) const EMAIL: &str = "jana.novotna@example.com";
/// See [`EMAIL`].
pub(crate) const HINT: &str = "j•••@e•••.com";
/// The owner's password.
pub(crate) const PASSWORD: &str = "otter-Plinth-96-lagoon";
/// What everybody else tries.
pub(crate) const WRONG_PASSWORD: &str = "otter-Plinth-96-lagoom";

/// A stack and the people in front of it.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) local: Local,
    phones: AtomicU8,
}

impl World {
    /// An empty world.
    pub(crate) async fn open() -> Self {
        Self::open_with(BTreeMap::new()).await
    }

    /// An empty world whose stack is started with these environment variables.
    pub(crate) async fn open_with(settings: BTreeMap<&'static str, OsString>) -> Self {
        let stack = Stack::start_with(settings).await.unwrap();
        let local = Local::new(stack.local()).unwrap();
        Self { stack, local, phones: AtomicU8::new(0) }
    }

    /// A device that nobody has seen yet, at an address that nobody has called from.
    pub(crate) fn phone(&self) -> Client {
        let number = self.phones.fetch_add(1, Ordering::Relaxed) + 1;
        let client = Client::new(self.stack.base()).unwrap().at(source(1, number)).unwrap();
        client.described(json!({
            "name": format!("Phone {number}"),
            "model": "Testfone",
            "platform": "android",
            "os_version": "16",
        }))
    }

    /// The phone on which [`EMAIL`] has just been registered.
    pub(crate) async fn owner(&self) -> Client {
        let phone = self.phone();
        let opened = ok(phone.register(EMAIL, PASSWORD).await, 202);
        let code = self.code().await;
        let done = phone.verify_registration(&id(&opened), &code).await;
        assert_eq!(ok(done, 200).body["status"], "complete");
        phone
    }

    /// A second device that the owner has let in; it is trusted.
    pub(crate) async fn second(&self) -> Client {
        let phone = self.phone();
        let attempt = asked(&phone).await;
        let done = ok(phone.verify(&attempt, &self.code().await).await, 200);
        assert_eq!(done.body["session"]["device"]["trusted"], true);
        phone
    }

    /// The code that the owner was mailed last.
    pub(crate) async fn code(&self) -> String {
        self.local.mailed_code(EMAIL).await.unwrap()
    }

    /// How many mails have come to an address by now.
    pub(crate) async fn mails(&self, to: &str) -> usize {
        self.local.drain().await.unwrap();
        self.local.emails(to).await.unwrap().len()
    }

    /// The log by now, or one stream of it.
    pub(crate) async fn log(&self, stream: Option<&str>) -> Vec<Commit> {
        self.local.drain().await.unwrap();
        self.local.events(stream).await.unwrap()
    }

    /// The names of what happened in an attempt, in order.
    pub(crate) async fn story(&self, attempt: &str) -> Vec<String> {
        let aggregate = if attempt.starts_with("sin_") { "sign_in" } else { "verification" };
        let commits = self.log(Some(&format!("{aggregate}/{attempt}"))).await;
        log::names(&commits).into_iter().map(str::to_owned).collect()
    }

    /// How many events there are by now.
    pub(crate) async fn events(&self) -> usize {
        log::names(&self.log(None).await).len()
    }

    /// Moves the clock to where `time` is `seconds` away, or up to a second more.
    pub(crate) async fn advance_until(&self, time: &str, seconds: i64) {
        let time: jiff::Timestamp = time.parse().unwrap();
        let now = self.local.now().await.unwrap();
        let left = time.duration_since(now).as_secs() - seconds;
        self.local.advance(u64::try_from(left).unwrap()).await.unwrap();
    }
}

/// An address of this computer to call from.
pub(crate) fn source(net: u8, host: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, net, host))
}

/// Signs the owner in on a device that needs a code; names the attempt.
pub(crate) async fn asked(phone: &Client) -> String {
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
    id(&asked)
}

/// The identifier in an answer.
pub(crate) fn id(answer: &Answer) -> String {
    answer.text("id").unwrap().to_owned()
}

/// An answer of that status, with what every answer carries.
pub(crate) fn ok(answer: Result<Answer, impl std::fmt::Debug>, status: u16) -> Answer {
    let answer = answer.unwrap();
    assert_eq!(answer.status, status, "{}: {}", answer.call, answer.body);
    assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.call);
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.call);
    assert!(answer.header("strict-transport-security").contains("max-age="), "{}", answer.call);
    assert!(!answer.header("x-request-id").is_empty(), "{}", answer.call);
    answer
}

/// A problem document of that status and code, as every refusal has to be.
pub(crate) fn refused(
    answer: Result<Answer, impl std::fmt::Debug>,
    status: u16,
    code: &str,
) -> Answer {
    let answer = ok(answer, status);
    let body = &answer.body;
    assert_eq!(answer.code(), code, "{}: {body}", answer.call);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.call);
    assert_eq!(body["status"], status, "{}: {body}", answer.call);
    assert_eq!(body["request_id"], answer.header("x-request-id"), "{}", answer.call);
    for member in ["type", "title", "detail"] {
        assert!(body[member].is_string(), "{} has no {member}: {body}", answer.call);
    }
    if status == 429 {
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!(wait > 0, "{}", answer.call);
    }
    if status == 401 && code != "invalid_credentials" {
        assert!(answer.header("www-authenticate").starts_with("DPoP"), "{}", answer.call);
    }
    answer
}

/// A body without what may differ between two answers that say the same.
pub(crate) fn alike(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    let members = body.as_object_mut().unwrap();
    for own in ["request_id", "instance", "id"] {
        members.remove(own);
    }
    body
}
