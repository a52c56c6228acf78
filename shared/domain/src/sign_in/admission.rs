//! Who is let in: behind the password at once, or by a code.

use jiff::Timestamp;
use postern_events::ids::SessionId;
use postern_events::sign_in::{
    AttemptInputs, Attempted, AuthenticationMethod, Completed, SignInEvent,
};
use postern_events::vocabulary::Purpose;

use super::{Attempt, RightPassword};
use crate::account::OpenAccount;
use crate::challenge::first_issue;
use crate::policy;

/// Behind the right password: a session for a trusted key or without the second step, else a code
/// by the account's method if that reaches the owner, else by one that does, else nothing.
pub(super) fn open(password: RightPassword, now: Timestamp) -> Vec<SignInEvent> {
    let account = &password.account;
    let trusted = account.trusted(password.key, now).map(|it| it.id);
    let inputs = AttemptInputs {
        trusted: trusted.is_some(),
        two_step: account.two_step,
        method: account.method,
        reachable: password.channels.map(|it| it.available()).unwrap_or_default(),
        attempt_generation: account.attempt_generation,
        trust_generation: account.trust_generation,
        pushable: password.channels.map(|it| u8::try_from(it.pushable).unwrap_or(u8::MAX)),
    };
    let method = password.channels.and_then(|it| it.chosen(account.method));
    let skips_code = !account.needs_code(password.key, now);
    let device = trusted.unwrap_or(password.device);
    let mut events = vec![SignInEvent::Attempted(Attempted {
        attempt: password.id,
        account: account.id,
        key: password.key,
        device,
        platform: password.platform,
        description: password.description,
        origin: password.origin,
        country: password.country,
        located_by: password.located_by,
        inputs,
        policy: policy::VERSION,
    })];
    if skips_code {
        events.push(SignInEvent::Completed(Completed {
            device,
            trusted: trusted.is_some(),
            session: password.session,
            amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop],
        }));
    } else if let Some(method) = method {
        let issued = first_issue(Purpose::SignIn, method, password.material, now);
        events.push(SignInEvent::CodeIssued(issued));
    }
    events
}

/// Lets the device in; trusted if it wants to be and there is room for it.
pub(super) fn admit(
    attempt: &Attempt,
    account: &OpenAccount,
    trust: bool,
    session: SessionId,
    now: Timestamp,
) -> Completed {
    let known = account.trusted(attempt.key, now);
    let trusted = known.is_some() || (trust && account.has_room(now));
    Completed {
        device: known.map_or(attempt.device, |it| it.id),
        trusted,
        session,
        amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop, AuthenticationMethod::Otp],
    }
}
