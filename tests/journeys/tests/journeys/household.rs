//! Somebody's whole story, told step by step so that it can break off anywhere and go on.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::local::Local;
use postern_client::mail::wrong_code;
use postern_client::trouble::Trouble;

use crate::world::{PASSWORD, id, ok, refused};

/// How far the story has come, by what was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    New,
    Registering,
    Registered,
    Reachable,
    SignedInAgain,
    Asked,
    Mistyped,
    LetIn,
    Removed,
}

/// No answer came: what was asked for may have happened or not.
#[derive(Debug)]
pub(crate) struct Unanswered;

/// Two phones and what they know for certain.
pub(crate) struct Household {
    pub(crate) stage: Stage,
    email: String,
    local: Local,
    first: Client,
    second: Client,
    /// The registration, then the attempt of the second phone.
    attempt: String,
    code: String,
    /// Whether the next step was asked for once and not answered.
    doubt: bool,
}

impl Household {
    pub(crate) fn new(email: String, local: Local, [first, second]: [Client; 2]) -> Self {
        let (attempt, code) = (String::new(), String::new());
        Self { stage: Stage::New, email, local, first, second, attempt, code, doubt: false }
    }

    /// Takes the next step. One that was in doubt may turn out to have been taken already.
    pub(crate) async fn step(&mut self) -> Result<(), Unanswered> {
        let again = std::mem::replace(&mut self.doubt, true);
        self.stage = match self.stage {
            Stage::New => self.register().await?,
            Stage::Registering => self.complete_registration(again).await?,
            Stage::Registered => {
                let token = self.first.key().thumbprint();
                let said = self.first.register_push("fcm", &token, "allowed").await;
                ok(Ok::<_, Unanswered>(answered(said)?), 204);
                Stage::Reachable
            }
            Stage::Reachable => {
                signed_in(self.first.sign_in(&self.email, PASSWORD).await)?;
                Stage::SignedInAgain
            }
            Stage::SignedInAgain => self.ask().await?,
            Stage::Asked => self.mistype(again).await?,
            Stage::Mistyped => self.enter(again).await?,
            Stage::LetIn | Stage::Removed => self.remove(again).await?,
        };
        self.doubt = false;
        Ok(())
    }

    /// Whether a step was asked for and not answered.
    pub(crate) fn in_doubt(&self) -> bool {
        self.doubt
    }

    async fn register(&mut self) -> Result<Stage, Unanswered> {
        let opened = answered(self.first.register(&self.email, PASSWORD).await)?;
        self.attempt = id(&ok(Ok::<_, Unanswered>(opened), 202));
        Ok(Stage::Registering)
    }

    async fn complete_registration(&mut self, again: bool) -> Result<Stage, Unanswered> {
        let code = answered(self.local.mailed_code(&self.email).await)?;
        let done = answered(self.first.verify_registration(&self.attempt, &code).await)?;
        if was_taken(&done, again) {
            signed_in(self.first.sign_in(&self.email, PASSWORD).await)?;
        } else {
            assert_eq!(ok(Ok::<_, Unanswered>(done), 200).body["status"], "complete");
        }
        Ok(Stage::Registered)
    }

    async fn ask(&mut self) -> Result<Stage, Unanswered> {
        let asked = answered(self.second.sign_in(&self.email, PASSWORD).await)?;
        let asked = ok(Ok::<_, Unanswered>(asked), 201);
        assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
        assert_eq!(asked.body["method"], "app", "{}", asked.body);
        self.attempt = id(&asked);
        Ok(Stage::Asked)
    }

    async fn mistype(&mut self, again: bool) -> Result<Stage, Unanswered> {
        let shown = answered(self.first.open_request(&self.attempt).await)?;
        let shown = ok(Ok::<_, Unanswered>(shown), 200);
        shown.text("code").unwrap().clone_into(&mut self.code);
        let wrong = wrong_code(&self.code, 1);
        let wrong = answered(self.second.verify(&self.attempt, &wrong).await)?;
        let left = refused(Ok::<_, Unanswered>(wrong), 403, "code_incorrect").body["attempts_left"]
            .clone();
        assert!(left == 4 || again && left == 3, "{left}");
        Ok(Stage::Mistyped)
    }

    async fn enter(&mut self, again: bool) -> Result<Stage, Unanswered> {
        let done = answered(self.second.verify(&self.attempt, &self.code).await)?;
        if was_taken(&done, again) {
            signed_in(self.second.sign_in(&self.email, PASSWORD).await)?;
        } else {
            assert_eq!(ok(Ok::<_, Unanswered>(done), 200).body["status"], "complete");
        }
        Ok(Stage::LetIn)
    }

    async fn remove(&mut self, again: bool) -> Result<Stage, Unanswered> {
        let second = self.second.session().unwrap().device;
        let removed = answered(self.first.remove_device(&second).await)?;
        if again && removed.status == 404 {
            refused(Ok::<_, Unanswered>(removed), 404, "not_found");
        } else {
            ok(Ok::<_, Unanswered>(removed), 204);
        }
        Ok(Stage::Removed)
    }

    /// Everything that was ever answered is still true.
    pub(crate) async fn check(&self) {
        assert!(!self.doubt, "{} has a step in doubt", self.email);
        if self.stage >= Stage::Registered {
            ok(self.first.refresh().await, 200);
            ok(self.first.account().await, 200);
        }
        if self.stage >= Stage::Reachable {
            let listed = ok(self.first.devices().await, 200).body;
            assert_eq!(listed["devices"][0]["push"], "reachable", "{listed}");
        }
        if self.stage < Stage::Asked {
            return;
        }
        let polled = ok(self.second.poll(&self.attempt).await, 200).body;
        if self.stage < Stage::LetIn {
            assert_eq!(polled["status"], "code_required", "{polled}");
            return;
        }
        assert_eq!(polled["status"], "complete", "{polled}");
        refused(self.second.verify(&self.attempt, &self.code).await, 410, "attempt_closed");
        if self.stage == Stage::LetIn {
            ok(self.second.refresh().await, 200);
            ok(self.second.account().await, 200);
        } else {
            assert_eq!(ok(self.second.refresh().await, 401).code(), "invalid_token");
            assert_eq!(ok(self.second.account().await, 401).header("retry-after"), "");
        }
    }
}

/// What was answered, or that nothing was; a client that fails otherwise is broken.
fn answered<T>(result: Result<T, Trouble>) -> Result<T, Unanswered> {
    match result {
        Ok(answer) => Ok(answer),
        Err(Trouble::Unanswered(_)) => Err(Unanswered),
        Err(
            other @ (Trouble::Address(_)
            | Trouble::Unreadable { .. }
            | Trouble::Refused { .. }
            | Trouble::SignedOut
            | Trouble::Key
            | Trouble::Telling(_)),
        ) => panic!("{}", other.in_full()),
    }
}

fn signed_in(result: Result<Answer, Trouble>) -> Result<(), Unanswered> {
    let done = ok(Ok::<_, Unanswered>(answered(result)?), 201);
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    Ok(())
}

/// Whether a code that is given again had been taken the first time.
fn was_taken(answer: &Answer, again: bool) -> bool {
    again && answer.code() == "attempt_closed"
}
