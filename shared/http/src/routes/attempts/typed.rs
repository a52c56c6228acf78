//! What was typed as a code: the newest code, or a recovery code in its place, the way back when phone
//! and mailbox are both gone.

use postern_domain::challenge::Guess;
use postern_domain::codes::Code as SignInCode;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::recovery_code::RecoveryCode;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::ids::SessionId;
use postern_store::Extra;
use postern_store::guards::Guarded;
use postern_store::streams::Decided;
use postern_store::vault::RecoverySet;

use super::super::tokens::scribe;
use super::Own;
use super::verify::Guessed;
use crate::call::{Call, Proven};
use crate::problem::Problem;
use crate::refusal::{of_execute, of_sign_in, of_store};

/// A guess, of either kind. Both are claimed, counted and recorded alike.
pub(super) enum Typed {
    Code(Guess),
    Recovery(RecoveryCode),
}

impl Typed {
    pub(super) fn read(call: &Call<Proven, Guessed>) -> Result<Self, Problem> {
        let text = &call.body.code;
        if let Some(code) = SignInCode::parse(text, policy::CODE_DIGITS) {
            return Ok(Self::Code(Guess { code, keys: call.api.parts().code_keys.clone() }));
        }
        RecoveryCode::parse(text).map(Self::Recovery).ok_or_else(|| {
            let form = format!("must be {} digits, or a recovery code", policy::CODE_DIGITS);
            Problem::invalid("/code", form)
        })
    }

    /// Whether it would be compared now. Where no code reaches the owner, a recovery code still is.
    pub(super) fn may(&self, own: &Own, call: &Call<Proven, Guessed>) -> Result<(), Problem> {
        let (state, now) = (own.sign_in.state(), call.now);
        let may = match self {
            Self::Code(_) => state.may_go_on(&own.asking).and_then(|(_, challenge)| {
                challenge.may_guess(now)?;
                Ok(())
            }),
            Self::Recovery(_) => state.may_recover(&own.asking).map(drop),
        };
        may.map_err(|it| of_sign_in(it, now))
    }

    /// Compares. A recovery code that is right is used up in the transaction that lets the device in.
    pub(super) async fn decide(
        &self,
        own: &Own,
        call: &Call<Proven, Guessed>,
        guesses_left: u8,
    ) -> Result<(Decided<SignIn>, Vec<Extra>), Problem> {
        let (api, now) = (&call.api, call.now);
        let (asking, account) = (own.asking.clone(), Box::new(own.open.clone()));
        let trust = call.body.trust_device;
        let session = SessionId::new(now, draw(api.chance()));
        let (command, used) = match self {
            Self::Code(guess) => {
                let guess = guess.clone();
                (SignInCommand::Verify { asking, account, guess, trust, session }, Vec::new())
            }
            Self::Recovery(code) => {
                let (left, used) = use_up(own, call, code).await?;
                let codes_left = left.map(|it| u8::try_from(it).unwrap_or(u8::MAX));
                let command = SignInCommand::Recover {
                    asking,
                    account,
                    codes_left,
                    guesses_left,
                    trust,
                    session,
                };
                (command, used)
            }
        };
        let streams = api.parts().store.streams();
        let decided = streams.decide(own.sign_in.clone(), command, &scribe(api, now)).await;
        Ok((decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?, used))
    }
}

/// How many codes are left behind this one, and the write that uses it up; nothing for one that the
/// account doesn't have.
async fn use_up(
    own: &Own,
    call: &Call<Proven, Guessed>,
    code: &RecoveryCode,
) -> Result<(Option<usize>, Vec<Extra>), Problem> {
    let (parts, account) = (call.api.parts(), own.open.id);
    let codes = parts.store.vault().recovery_codes(account).await;
    let codes: Option<Guarded<RecoverySet>> = codes.map_err(|error| of_store(&error))?;
    let Some(codes) = codes else { return Ok((None, Vec::new())) };
    let given = parts.lookup.recovery_code(account, code);
    let Some(value) = codes.value.without(&given) else { return Ok((None, Vec::new())) };
    let left = value.left();
    let used = parts.store.vault().recovery_put(account, &Guarded { value, ..codes });
    Ok((Some(left), vec![used.map_err(|error| of_store(&error))?]))
}
