//! The catalogue as files: each event's JSON Schema as text, what it is called, what is personal.

use crate::catalogue::{Entry, catalogue};

/// `name.v1`, from which the names of an event's files are made.
#[must_use]
pub fn stem(name: &str, version: u16) -> String {
    format!("{name}.v{version}")
}

/// The name and the version that a stem is made of, if it is one.
#[must_use]
pub fn of_stem(stem: &str) -> Option<(&str, u16)> {
    let (name, version) = stem.rsplit_once(".v")?;
    let number: u16 = version.parse().ok()?;
    (number > 0 && version == number.to_string()).then_some((name, number))
}

/// The event of this name, if there is one.
#[must_use]
pub fn entry(name: &str) -> Option<Entry> {
    catalogue().into_iter().find(|it| it.name == name)
}

impl Entry {
    /// The JSON Schema of its data, as it lies in `schemas/`: pretty, with a line's end.
    ///
    /// # Errors
    /// When the schema can't be written as JSON.
    pub fn schema_text(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(&(self.schema)())?;
        text.push('\n');
        Ok(text)
    }

    /// The members of its data that hold sealed values, by name.
    #[must_use]
    pub fn personal_members(&self) -> Vec<String> {
        let schema = (self.schema)();
        let Some(members) = schema.get("properties").and_then(|it| it.as_object()) else {
            return Vec::new();
        };
        let sealed = members.iter().filter(|(_, it)| it.to_string().contains("#/$defs/Sealed"));
        sealed.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_reads_back_and_nothing_else_does() {
        assert_eq!(of_stem(&stem("account.erased", 12)), Some(("account.erased", 12)));
        for other in ["account.erased", "account.erased.v0", "account.erased.v01", "a.vx", "a.v+1"]
        {
            assert_eq!(of_stem(other), None, "{other}");
        }
    }
}
