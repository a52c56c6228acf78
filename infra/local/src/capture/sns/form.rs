//! A request of the query protocol: one flat form.

use std::collections::BTreeMap;

use super::Refused;

/// The members of a form by name.
pub(super) struct Form {
    members: BTreeMap<String, String>,
}

impl Form {
    /// Reads a form. Every text is one.
    pub(super) fn read(body: &str) -> Self {
        Self { members: form_urlencoded::parse(body.as_bytes()).into_owned().collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(String::as_str)
    }

    /// A member that must be there and say something.
    pub(super) fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            Refused::Invalid(format!("{name} Reason: no value for required parameter"))
        })
    }

    /// A map, whose entries are numbered from one and have a member each for key and value.
    pub(super) fn map(
        &self,
        name: &str,
        key: &str,
        value: &str,
    ) -> Result<BTreeMap<String, String>, Refused> {
        (1_u32..)
            .map_while(|n| Some((n, self.get(&format!("{name}.entry.{n}.{key}"))?)))
            .map(|(n, entry)| {
                let value = self.get(&format!("{name}.entry.{n}.{value}"));
                let missing = || Refused::Invalid(format!("{name} Reason: {entry} has no value"));
                Ok((entry.to_owned(), value.ok_or_else(missing)?.to_owned()))
            })
            .collect()
    }
}
