//! Login activity.

use jiff::Timestamp;
use postern_store::keys::stream_parts;
use postern_store::views::{AttemptReplay, ViewItem};

use super::{Emit, NotProjected, Projection, fact, of_fact, unreadable};
use crate::line::Line;
use crate::row::Row;

#[derive(Default)]
pub(super) struct Attempts(Option<AttemptReplay>);

impl Projection for Attempts {
    fn wants(&self, stream: &str) -> bool {
        stream.starts_with("sign_in/")
    }

    fn row(&mut self, row: &Row<'_>, _: &mut Emit<'_>) -> Result<(), NotProjected> {
        let stored = row.stored().map_err(|it| unreadable(&row.stream, row.sequence, it))?;
        if self.0.is_none() {
            let id = stream_parts(&row.stream).and_then(|(_, id)| id.parse().ok());
            self.0 = id.map(AttemptReplay::new);
        }
        let Some(attempt) = &mut self.0 else { return Ok(()) };
        let added = attempt.add(row.commit, &stored);
        added.map_err(|it| unreadable(&row.stream, row.sequence, it))
    }

    fn end(&mut self, emit: &mut Emit<'_>) -> Result<(), NotProjected> {
        let Some(attempt) = self.0.take() else { return Ok(()) };
        if let Some(item) = attempt.item()? {
            emit(fact(&key_of(&item), 0, &item)?)?;
        }
        Ok(())
    }

    fn item(&self, facts: &[Line], as_of: Timestamp) -> Result<Option<String>, NotProjected> {
        let Some(line) = facts.last() else { return Ok(None) };
        let item: ViewItem = of_fact(line)?;
        Ok(if item.is_over(as_of) { None } else { Some(serde_json::to_string(&item)?) })
    }
}

/// An item's place among all items of the views.
pub(super) fn key_of(item: &ViewItem) -> String {
    format!("{}#{}", item.key, item.item)
}
