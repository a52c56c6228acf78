//! Faults on purpose: what breaks now, and how often it still does.
//!
//! They are asked for at the seams that the local stack has anyway: the endpoints that the AWS
//! clients talk to, the stream, the schedule, the carriers. The parts themselves know nothing of
//! them. They are kept in memory only, so a killed and restarted stack is a sound one.

mod asked;
mod crashing;

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::watch;

pub use self::asked::Asked;
pub use self::crashing::Crashing;

/// The function whose faults are `project`.
const PROJECT: &str = "project";
/// The function whose faults are `notify`.
const NOTIFY: &str = "notify";

/// What is wrong with SES.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailFault {
    /// It takes a mail that never arrives.
    Bounce,
    /// It asks for fewer mails.
    Throttle,
    /// It fails.
    Down,
}

/// What is wrong with SNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// The platform doesn't know the phone any more, so SNS disables its endpoint.
    Disabled,
    /// It fails.
    Down,
}

/// What is wrong with the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreFault {
    /// A transaction of somebody else holds what is to be appended.
    Conflict,
    /// They ask for fewer requests.
    Throttle,
    /// They fail.
    Down,
    /// What is appended is there, and the answer that says so is lost.
    LostAnswer,
}

/// What is wrong with the function `project`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectFault {
    /// It is given nothing.
    Paused,
}

/// What is wrong with the function `notify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyFault {
    /// It is given nothing and not swept.
    Paused,
    /// It is given each batch twice.
    Twice,
    /// It crashes when it is about to hand a message to a carrier.
    CrashAfterClaim,
    /// It crashes when a carrier has just taken a message.
    CrashAfterSend,
}

/// One thing that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// With SES.
    Email(EmailFault),
    /// With SNS.
    Push(PushFault),
    /// With the tables.
    Store(StoreFault),
    /// With `project`.
    Project(ProjectFault),
    /// With `notify`.
    Notify(NotifyFault),
}

/// What holds a function up, by the function's name, in the order in which it is told.
const PAUSES: [(&str, Fault); 2] =
    [(NOTIFY, Fault::Notify(NotifyFault::Paused)), (PROJECT, Fault::Project(ProjectFault::Paused))];

/// A fault that is there until it has struck often enough, or is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Armed {
    fault: Fault,
    /// How often it still strikes; without end where nothing is said. Never zero.
    left: Option<u32>,
}

/// All faults there are just now. Clones are the same faults.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    armed: Arc<watch::Sender<Vec<Armed>>>,
}

impl Faults {
    /// Puts what is asked for in the place of all that was wrong before.
    pub fn replace(&self, asked: &Asked) {
        self.armed.send_replace(asked.armed());
    }

    /// Makes everything sound again.
    pub fn clear(&self) {
        self.armed.send_replace(Vec::new());
    }

    /// Whether `fault` is there, without using it up.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.armed.borrow().iter().any(|one| one.fault == fault)
    }

    /// Whether `fault` strikes now. One that was to strike so many times is gone after the last.
    #[must_use = "a fault that strikes has to do something"]
    pub fn strike(&self, fault: Fault) -> bool {
        let mut struck = false;
        self.armed.send_if_modified(|armed| {
            armed.retain_mut(|one| {
                if one.fault != fault {
                    return true;
                }
                struck = true;
                one.left = one.left.map(|left| left.saturating_sub(1));
                one.left != Some(0)
            });
            struck
        });
        struck
    }

    /// Whether `function` is to be given its batch once more, although it was handled.
    #[must_use = "a fault that strikes has to do something"]
    pub fn repeats(&self, function: &str) -> bool {
        function == NOTIFY && self.strike(Fault::Notify(NotifyFault::Twice))
    }

    /// Whether `function` is to be given nothing.
    #[must_use]
    pub fn pauses(&self, function: &str) -> bool {
        PAUSES.iter().any(|(name, pause)| *name == function && self.has(*pause))
    }

    /// The functions that are given nothing.
    #[must_use]
    pub fn paused(&self) -> Vec<&'static str> {
        PAUSES.iter().filter(|(_, pause)| self.has(*pause)).map(|(name, _)| *name).collect()
    }

    /// Returns when `function` may be given something.
    pub async fn resumed(&self, function: &str) {
        let mut changes = self.armed.subscribe();
        while self.pauses(function) {
            // The sender lives as long as `self`, so this can't fail.
            let _ = changes.changed().await;
        }
    }

    /// Tells whenever a fault comes, strikes or goes.
    #[must_use]
    pub fn changes(&self) -> FaultChanges {
        FaultChanges(self.armed.subscribe())
    }
}

/// Tells of changes to the faults from when it was made.
#[derive(Debug)]
pub struct FaultChanges(watch::Receiver<Vec<Armed>>);

impl FaultChanges {
    /// Returns at the next change.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left to change anything.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests;
