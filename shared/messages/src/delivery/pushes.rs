//! From what is asked for to the push, and to whom it is really allowed to go.

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_events::ids::DeviceId;
use postern_events::message::{GivenUp, NotTaken};
use postern_events::vocabulary::Platform;
use postern_store::vault::PushEndpoint;

use super::Delivery;
use super::asked::{Asked, Telling};
use super::look::{Living, of_attempted, of_signed_in};
use super::requests::Request;
use super::withheld::{SUPERSEDED, UNREACHED, Withheld};
use crate::language::Language;
use crate::letters::Asking;
use crate::mailer::{Receipt, SendMail};
use crate::push::{Content, Push, PushFailed, SendPush, SignInRequest};

/// Looks at everything, and with it tries, at most. Three are what a phone needs that has to be made
/// known and is forgotten by the carrier once more, or a carrier that fails twice in a row.
///
/// All of it ends within [`postern_domain::policy::MESSAGE_LEASE`]: three tries of 3 s each, and
/// after the first two of them a registration of up to three calls of 6 s each, are 45 s, which
/// leaves the tables 15 s of the 60.
const LOOKS: u8 = 3;

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Looks again at everything the push depends on, now that it is claimed, and hands it over. A
    /// phone that the carrier doesn't know is made known first; a try that failed in a way that
    /// passes is repeated. Before each try everything is looked at anew, so that whatever was
    /// acknowledged by then (a removal, a token that another account took over) is heeded by it.
    pub(super) async fn send_push(
        &self,
        asked: &Asked,
        telling: &Telling,
        device: DeviceId,
    ) -> Result<Receipt, Withheld> {
        let mut because = NotTaken::Unavailable;
        for look in 1..=LOOKS {
            let now = self.clock.now();
            if now >= asked.deadline {
                return Err(Withheld::Pointless(GivenUp::Expired));
            }
            let (endpoint, content) = self.look(asked, telling, device, now).await?;
            let why = match &endpoint.endpoint {
                None => PushFailed::Gone,
                Some(arn) => {
                    let (message, arn, platform) =
                        (asked.message(), arn.clone(), endpoint.platform);
                    let life = asked.deadline.duration_since(now);
                    let push = Push { message, arn, platform, content, life };
                    match self.pusher.send(&push).await {
                        Ok(receipt) => return Ok(receipt),
                        Err(why) => why,
                    }
                }
            };
            match (why, telling) {
                // Nobody makes a phone known only to tell it goodbye.
                (PushFailed::Gone, Telling::SignedOut) => return Err(UNREACHED),
                // No try is left that would use the name.
                (PushFailed::Gone, _) if look == LOOKS => because = NotTaken::Unavailable,
                (PushFailed::Gone, Telling::Request(_) | Telling::RequestClosed(_)) => {
                    if let Err(why) = self.make_known(asked.account, &endpoint).await? {
                        return Err(self.not_reached(asked, &endpoint, why).await);
                    }
                }
                (PushFailed::Unavailable, _) => because = why.into(),
                // Whoever asks for fewer is not asked again at once.
                (PushFailed::Throttled | PushFailed::Disabled | PushFailed::Rejected, _) => {
                    return Err(self.not_reached(asked, &endpoint, why).await);
                }
            }
        }
        Err(Withheld::NotTaken(because))
    }

    /// What a push to this device would say now, and the endpoint that it would go to. The account
    /// is read last: from then on only the carrier stands between a removal and its effect.
    async fn look(
        &self,
        asked: &Asked,
        telling: &Telling,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<(PushEndpoint, Content), Withheld> {
        let endpoint = self.store.vault().push_endpoint(asked.account, device).await?;
        match telling {
            Telling::Request(request) => {
                let living = match request {
                    Request::SignIn(it) => self.living_sign_in(asked, it, now).await?,
                    Request::MailedSignIn(it) => self.mailed_sign_in(it, now).await?,
                    Request::StepUp(it) => self.living_process(asked, it, now).await?,
                };
                let endpoint = reached(&living.account, device, endpoint, now)?;
                let request = self.sign_in_request(asked, request, &living)?;
                Ok((endpoint, Content::SignInRequest(Box::new(request))))
            }
            Telling::RequestClosed(request) => {
                let account = self.open_account(asked.account).await?;
                let endpoint = reached(&account, device, endpoint, now)?;
                Ok((endpoint, Content::RequestClosed { id: request.id() }))
            }
            Telling::SignedOut => {
                let endpoint = endpoint.ok_or(UNREACHED)?;
                let owner = self.store.guards().push_claim(endpoint.key).await?;
                // Whoever uses the phone now is not meant.
                let theirs = owner == Some((asked.account, device));
                if theirs { Ok((endpoint, Content::SignedOut)) } else { Err(SUPERSEDED) }
            }
        }
    }

    fn sign_in_request(
        &self,
        asked: &Asked,
        request: &Request,
        living: &Living,
    ) -> Result<SignInRequest, Withheld> {
        let at = asked.cause.at;
        let (who, asking) = match request {
            Request::SignIn(it) => (of_attempted(it, &living.key, at), Asking::Code),
            Request::MailedSignIn(it) => (of_attempted(it, &living.key, at), Asking::CodeByMail),
            Request::StepUp(it) => (of_signed_in(it, &living.key, at), Asking::StepUp),
        };
        let language = Language::negotiate(&living.account.locale);
        let alert = self.letters.alert(asking, &who, language).map_err(Withheld::unwritable)?;
        Ok(SignInRequest {
            id: request.id(),
            device: who.device,
            platform: who.platform.unwrap_or(Platform::Other),
            country: who.country,
            city: who.city,
            expires_at: living.challenge.newest().expires_at,
            alert,
        })
    }

    /// What a carrier's refusal means for a message. A phone that is not reached any more is noted
    /// on the account, so that nobody counts on it; a device that was told goodbye is on no account.
    async fn not_reached(
        &self,
        asked: &Asked,
        endpoint: &PushEndpoint,
        why: PushFailed,
    ) -> Withheld {
        match why {
            PushFailed::Throttled | PushFailed::Unavailable => Withheld::NotTaken(why.into()),
            PushFailed::Disabled | PushFailed::Rejected | PushFailed::Gone => {
                if asked.signs_out().is_some() {
                    return UNREACHED;
                }
                self.disable(asked, endpoint).await.err().unwrap_or(UNREACHED)
            }
        }
    }
}

/// The endpoint, if the device is trusted still, is thought to be reached, and has registered just
/// this one.
fn reached(
    account: &OpenAccount,
    device: DeviceId,
    endpoint: Option<PushEndpoint>,
    now: Timestamp,
) -> Result<PushEndpoint, Withheld> {
    let trusted = account.device(device, now).ok_or(SUPERSEDED)?;
    let push = trusted.push.filter(|it| it.alive).ok_or(UNREACHED)?;
    let endpoint = endpoint.ok_or(UNREACHED)?;
    if endpoint.since != push.since {
        // It has registered anew between two of our reads.
        return Err(Withheld::NotTaken(NotTaken::Unavailable));
    }
    Ok(endpoint)
}
