//! Old data, read as if written today.
//!
//! A stored version is for ever. When an event's data must change shape, the new shape gets the
//! next version number, and one upcaster that turns the old shape's JSON into the new one's.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::stored::{StoredEvent, Unreadable};

/// One step from a version to the next.
#[derive(Clone, Copy)]
pub struct Upcaster {
    /// The wire name it is for.
    pub name: &'static str,
    /// The version it reads; it yields the next.
    pub from: u16,
    /// The step. Data that it can't make sense of it returns as they are: reading them then fails.
    pub step: fn(Value) -> Value,
}

/// Every step there is.
pub const UPCASTERS: &[Upcaster] = &[];

/// Reads data of version `current` or of any version from which steps lead to it.
pub(crate) fn lift<T: DeserializeOwned>(
    stored: &StoredEvent,
    current: u16,
    upcasters: &[Upcaster],
) -> Result<T, Unreadable> {
    if stored.version == current {
        return Ok(serde_json::from_str(stored.data.get())?);
    }
    let unknown = Unreadable::UnknownVersion { found: stored.version, current };
    if stored.version > current {
        return Err(unknown);
    }
    let mut data: Value = serde_json::from_str(stored.data.get())?;
    for version in stored.version..current {
        let Some(upcaster) =
            upcasters.iter().find(|it| it.name == stored.name && it.from == version)
        else {
            return Err(unknown);
        };
        data = (upcaster.step)(data);
    }
    Ok(serde_json::from_value(data)?)
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::catalogue::{EventSet, Payload, events};

    // The worked example: version 1 of a castle's log wrote `guard: "Ada"`; version 2 has a list,
    // because a gate can have two guards.
    events! {
        /// What happens at a gate.
        enum GateEvent in "gate" {
            /// The gate was opened.
            Opened(GateOpened) = "gate.opened", 2;
        }
    }

    /// See [`GateEvent::Opened`].
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
    struct GateOpened {
        guards: Vec<String>,
    }
    impl Payload for GateOpened {}

    const STEPS: &[Upcaster] = &[Upcaster {
        name: "gate.opened",
        from: 1,
        step: |mut data| {
            if let Some(guard) = data.as_object_mut().and_then(|it| it.remove("guard")) {
                data["guards"] = json!([guard]);
            }
            data
        },
    }];

    fn stored(version: u16, data: &Value) -> StoredEvent {
        serde_json::from_value(json!({
            "id": "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "type": "gate.opened", "version": version,
            "time": "2026-11-24T12:00:00Z", "data": data,
        }))
        .expect("an envelope")
    }

    #[test]
    fn an_old_version_reads_as_if_written_today() {
        let read = GateEvent::read_with(&stored(1, &json!({"guard": "Ada"})), STEPS);
        let expected = GateEvent::Opened(GateOpened { guards: vec!["Ada".to_owned()] });
        assert_eq!(read.expect("lifted"), expected);
        let read = GateEvent::read_with(&stored(2, &json!({"guards": ["Ada"]})), STEPS);
        assert_eq!(read.expect("as written"), expected);
    }

    #[test]
    fn a_newer_version_or_a_gap_in_the_steps_is_refused() {
        let newer = GateEvent::read_with(&stored(3, &json!({"guards": []})), STEPS);
        assert!(matches!(newer, Err(Unreadable::UnknownVersion { found: 3, current: 2 })));
        let gap = GateEvent::read_with(&stored(1, &json!({"guard": "Ada"})), &[]);
        assert!(matches!(gap, Err(Unreadable::UnknownVersion { found: 1, current: 2 })));
    }

    #[test]
    fn data_that_do_not_fit_are_an_error_not_a_default() {
        let read = GateEvent::read_with(&stored(1, &json!({"porter": "Ada"})), STEPS);
        assert!(matches!(read, Err(Unreadable::Data(_))));
    }
}
