//! A recovery code in the code's place: the way back when phone and mailbox are both gone.

use postern_domain::ports::draw;
use postern_domain::recovery_code::RecoveryCode;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::ids::{SessionId, SignInId};
use postern_store::guards::Guarded;
use postern_store::streams::{DECISIONS, Decided, wait};
use postern_store::vault::{RecoveryKey, RecoverySet};

use super::super::Named;
use super::super::tokens::scribe;
use super::verify::{Guessed, admit, answered_before, claim, completed, reject};
use super::{Own, own};
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_execute, of_sign_in, of_store};
use crate::view::Progress;

/// Claimed, compared and recorded as a code is, and counted with the codes. The one that was right is
/// gone with the transaction that lets the device in.
pub(super) async fn judge(
    id: Named<SignInId>,
    call: &Call<Proven, Guessed>,
) -> Result<Progress, Problem> {
    let code = RecoveryCode::parse(&call.body.code).ok_or_else(|| {
        let form = "must be 6 digits from 0 to 9, or a recovery code";
        Problem::invalid("/code", form)
    })?;
    let id = id.known()?;
    let mut current = own(id, call).await?;
    if let Some(answer) = Box::pin(answered_before(&current, call)).await? {
        return Ok(answer);
    }
    may_recover(&current, call)?;
    let (claim, mut guard) = claim(&current, call).await?;
    let given = call.api.parts().lookup.recovery_code(current.open.id, &code);
    for lost in 0..DECISIONS {
        let codes = codes(&current, call).await?;
        let left = codes.value.without(&given);
        let decided = decide(&current, call, left.as_ref(), claim.left).await?;
        let done = match (completed(&decided), left) {
            (Some(completed), Some(left)) => {
                let used = Guarded { value: left, ..codes };
                let vault = call.api.parts().store.vault();
                let used = vault.recovery_put(current.open.id, &used);
                let also = vec![used.map_err(|error| of_store(&error))?];
                Box::pin(admit(&current, call, decided, &completed, guard, also)).await?
            }
            (Some(_) | None, _) => reject(&current, call, decided, claim).await?,
        };
        if let Some(view) = done {
            return Ok(view);
        }
        wait(call.api.chance(), lost).await;
        current = own(id, call).await?;
        if let Some(answer) = Box::pin(answered_before(&current, call)).await? {
            return Ok(answer);
        }
        may_recover(&current, call)?;
        guard = current.guard(call).await?;
        if !guard.value.is_open(&id.to_string(), call.now) {
            return Err(Problem::new(Code::AttemptClosed));
        }
    }
    Err(contended())
}

fn may_recover(own: &Own, call: &Call<Proven, Guessed>) -> Result<(), Problem> {
    let may = own.sign_in.state().may_recover(&own.asking);
    may.map(drop).map_err(|it| of_sign_in(it, call.now))
}

/// The account's codes; an account that never had any has none that could be right.
async fn codes(own: &Own, call: &Call<Proven, Guessed>) -> Result<Guarded<RecoverySet>, Problem> {
    let codes = call.api.parts().store.vault().recovery_codes(own.open.id).await;
    let none = Guarded { value: RecoverySet { keys: Vec::<RecoveryKey>::new() }, revision: 0 };
    Ok(codes.map_err(|error| of_store(&error))?.unwrap_or(none))
}

async fn decide(
    own: &Own,
    call: &Call<Proven, Guessed>,
    left: Option<&RecoverySet>,
    guesses_left: u8,
) -> Result<Decided<SignIn>, Problem> {
    let (api, now) = (&call.api, call.now);
    let command = SignInCommand::Recover {
        asking: own.asking.clone(),
        account: Box::new(own.open.clone()),
        codes_left: left.map(|it| u8::try_from(it.left()).unwrap_or(u8::MAX)),
        guesses_left,
        trust: call.body.trust_device,
        session: SessionId::new(now, draw(api.chance())),
    };
    let streams = api.parts().store.streams();
    let decided = streams.decide(own.sign_in.clone(), command, &scribe(api, now)).await;
    decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))
}
