//! What never happens, whatever is asked and whatever was stored.

mod attempts;
mod budgets;
mod events;
mod registrations;
mod texts;
mod totality;
mod world;

use postern_domain::codes::Code;
use postern_events::code::CodeIssued;
use postern_events::ids::AccountId;
use proptest::prelude::*;

use crate::fixtures::{MINUTE, code_of};

/// So many cases, and no file of failures beside the tests: a failure becomes a test of its own.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What somebody types.
#[derive(Debug, Clone)]
enum Typed {
    /// The newest code.
    Newest,
    /// The code before it, or digits if there is none.
    Older,
    /// Some digits.
    Digits(u32),
}

fn any_typed() -> impl Strategy<Value = Typed> {
    prop_oneof![
        1 => Just(Typed::Newest),
        1 => Just(Typed::Older),
        10 => (0..1_000_000_u32).prop_map(Typed::Digits),
    ]
}

/// Seconds that pass: mostly few, sometimes many, now and then another machine's clock is behind.
fn any_wait() -> impl Strategy<Value = i64> {
    prop_oneof![
        12 => 0..90_i64,
        4 => 0..11 * MINUTE,
        2 => 0..30 * 60 * MINUTE,
        1 => 0..100 * 24 * 60 * MINUTE,
        1 => -5..0_i64,
    ]
}

impl Typed {
    /// The digits, given the codes issued so far.
    fn code(&self, issued: &[&CodeIssued], account: AccountId, attempt: &str) -> Code {
        let digits = |number: u32| Code::parse(&format!("{number:06}"), 6).unwrap();
        match (self, issued) {
            (Self::Newest, [.., newest]) => code_of(newest, account, attempt),
            (Self::Older, [.., older, _]) => code_of(older, account, attempt),
            (Self::Newest | Self::Older, _) => digits(0),
            (Self::Digits(number), _) => digits(*number),
        }
    }
}
