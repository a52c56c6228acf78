//! Each account's state.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{Emit, NotProjected, Projection, fact, of_fact, unreadable};
use crate::folding::Fold;
use crate::line::Line;
use crate::row::Row;

#[derive(Default)]
pub(super) struct Accounts {
    stream: String,
    fold: Fold,
    sequence: u64,
}

impl Projection for Accounts {
    fn wants(&self, stream: &str) -> bool {
        stream.starts_with("account/")
    }

    fn row(&mut self, row: &Row<'_>, _: &mut Emit<'_>) -> Result<(), NotProjected> {
        if self.sequence == 0 {
            row.stream.as_ref().clone_into(&mut self.stream);
            self.fold = Fold::of(&self.stream);
        }
        self.sequence = row.sequence;
        let failed = |it| unreadable(&row.stream, row.sequence, it);
        let stored = row
            .stored()
            .map_err(|it| failed(Box::<dyn std::error::Error + Send + Sync>::from(it)))?;
        self.fold.add(&stored).map_err(|it| failed(it.into()))
    }

    fn end(&mut self, emit: &mut Emit<'_>) -> Result<(), NotProjected> {
        if self.sequence > 0 {
            let state = RawValue::from_string(self.fold.json()?)?;
            emit(fact(&self.stream, self.sequence, &state)?)?;
        }
        self.sequence = 0;
        Ok(())
    }

    fn item(&self, facts: &[Line], _: Timestamp) -> Result<Option<String>, NotProjected> {
        let Some(line) = facts.last() else { return Ok(None) };
        let state: Box<RawValue> = of_fact(line)?;
        let (key, version) = (line.stream(), line.sequence());
        Ok(Some(format!("{{\"key\":\"{key}\",\"version\":{version},\"state\":{}}}", state.get())))
    }
}
