//! What `POST /_local/faults` asks for.

use std::num::NonZeroU32;

use serde::{Deserialize, Deserializer};

use super::{Armed, EmailFault, Fault, NotifyFault, ProjectFault, PushFault, StoreFault};

/// All that is to be wrong from now on; nothing where nothing is named.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// With SES.
    #[serde(deserialize_with = "named")]
    pub email: Option<EmailFault>,
    /// With SNS.
    #[serde(deserialize_with = "named")]
    pub push: Option<PushFault>,
    /// With the tables.
    #[serde(deserialize_with = "named")]
    pub store: Option<StoreFault>,
    /// With the function `project`.
    #[serde(deserialize_with = "named")]
    pub project: Option<ProjectFault>,
    /// With the function `notify`.
    #[serde(deserialize_with = "named")]
    pub notify: Option<NotifyFault>,
    /// How often each of them strikes; until it is cleared where nothing is said.
    #[serde(deserialize_with = "named")]
    pub times: Option<NonZeroU32>,
}

/// A member that is there has a value: `null` is none.
fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Asked {
    /// What is armed by it. A pause is a state and no stroke, so it can't be counted.
    pub(super) fn armed(&self) -> Vec<Armed> {
        let faults = [
            self.email.map(Fault::Email),
            self.push.map(Fault::Push),
            self.store.map(Fault::Store),
            self.project.map(Fault::Project),
            self.notify.map(Fault::Notify),
        ];
        let times = self.times.map(NonZeroU32::get);
        let arm = |fault| match fault {
            Fault::Project(ProjectFault::Paused) | Fault::Notify(NotifyFault::Paused) => {
                Armed { fault, left: None }
            }
            Fault::Email(_)
            | Fault::Push(_)
            | Fault::Store(_)
            | Fault::Notify(
                NotifyFault::Twice | NotifyFault::CrashAfterClaim | NotifyFault::CrashAfterSend,
            ) => Armed { fault, left: times },
        };
        faults.into_iter().flatten().map(arm).collect()
    }
}
