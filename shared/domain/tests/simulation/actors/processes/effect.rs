//! What a right code of a process leads to, in the transaction that records it.

use jiff::SignedDuration;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::decider::Decider;
use postern_domain::guard::AccountGuard;
use postern_domain::verification::Outcome;
use postern_events::vocabulary::{AddressKey, Purpose};

use crate::cast;
use crate::store::{Act, Loaded, Write};
use crate::world::{Process, World};

/// A session that was stepped up may do sensitive things for so long.
pub(super) const STEP_UP_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// What a right code says.
pub(super) fn outcome(on: &Process) -> Outcome {
    match on.session.filter(|_| on.purpose == Purpose::StepUp) {
        Some(session) => Outcome::Session(session),
        None => Outcome::Fulfilled,
    }
}

/// What is written with it.
pub(super) fn writes(
    on: &Process,
    account: &Loaded<Account>,
    guard: (AccountGuard, u64),
    world: &mut World,
) -> Vec<Write> {
    let (now, (mut value, revision)) = (world.acting.now, guard);
    let command = match (on.purpose, on.session) {
        (Purpose::StepUp, Some(session)) => {
            value.verified(&on.id.to_string());
            let acts = vec![Act::SteppedUp];
            return vec![
                Write::Guard { revision, value: Box::new(value), acts },
                Write::StepUp(session, now + STEP_UP_LIFE),
                Write::AccountUnchanged { version: account.version },
            ];
        }
        (Purpose::PasswordReset, _) => AccountCommand::ResetPassword { verification: on.id, now },
        _ => AccountCommand::ChangeEmail {
            email: cast::sealed(),
            address_key: AddressKey::from_bytes([104; 16]),
            verification: on.id,
            by: cast::phone(),
        },
    };
    value.close(&on.id.to_string());
    let events = account.state.decide(command).expect("the account is open");
    let mut writes = vec![Write::Account(world.append(account.version, now, events))];
    let mut acts = Vec::new();
    if on.purpose == Purpose::PasswordReset {
        value.forgive(true);
        acts.push(Act::Forgiven { lift: true });
        writes.push(Write::Password(world.chance.next()));
    }
    writes.push(Write::Guard { revision, value: Box::new(value), acts });
    writes
}
