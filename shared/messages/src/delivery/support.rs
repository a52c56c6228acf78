//! What somebody asks support for, with what is known around it.

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::{Account, nobody};
use postern_events::catalogue::EventSet as _;
use postern_events::support::{Plea, Requested, SupportEvent};
use postern_store::StoreError;
use postern_store::keys;
use postern_store::streams::Commit;

use super::Delivery;
use super::asked::{Asked, Cause, Wanted, What};
use super::mails::Addressed;
use super::topic::Topic;
use super::withheld::{ERASED, Withheld};
use crate::language::Language;
use crate::letters::{Attached, Letter, SupportRequest};
use crate::mailer::SendMail;
use crate::push::SendPush;

/// Whether a stream is a request for help.
pub(super) fn is_request(stream: &str) -> bool {
    keys::stream_parts(stream).is_some_and(|(aggregate, _)| aggregate == SupportEvent::AGGREGATE)
}

/// What a commit of such a stream asks for: a mail to support, unless nobody's account is meant.
pub(super) fn wanted(commit: &Commit) -> Result<Wanted, StoreError> {
    let mut wanted = Wanted::default();
    for stored in &commit.events {
        let read = SupportEvent::read(stored).map_err(|why| StoreError::Broken {
            what: format!("event {} of stream {}", stored.id, commit.stream),
            source: why.into(),
        });
        let SupportEvent::Requested(requested) = read?;
        let Some(account) = requested.account else { continue };
        let (stream, version) = (commit.stream.clone(), commit.version);
        let cause = Cause { by: stored.id, at: stored.time, stream, version };
        let what = What::Mail(Topic::Help(Arc::new(requested)));
        wanted.messages.push(Asked { account, what, deadline: cause.notice_deadline(), cause });
    }
    Ok(wanted)
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// To support, in its language.
    pub(super) async fn help(
        &self,
        asked: &Asked,
        requested: &Requested,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let account = asked.account;
        let key = self.data_key(account, now).await?.ok_or(ERASED)?;
        let plea = requested.plea.as_ref().ok_or(ERASED)?;
        let Plea { message, attachments: names } = key.open(plea).map_err(Withheld::unwritable)?;
        let found = self.store.streams().load::<Account>(account).await?;
        let open = found.state().open();
        let address = open.and_then(|it| key.open(&it.email).ok());
        // Whoever only named the address got a place that doesn't tell whether it has an account.
        let unproven = open.filter(|_| requested.by.is_none()).map(|it| nobody(it.address_key));
        let folder = unproven.unwrap_or(account);
        let mut names = names.into_iter();
        let file = |(number, file): (usize, &postern_events::support::Attachment)| Attached {
            name: names.next().unwrap_or_default(),
            content_type: file.content_type.clone(),
            size: file.size,
            at: keys::upload(folder, requested.request, number),
        };
        let request = SupportRequest {
            request: requested.request,
            account,
            proven: requested.by.is_some(),
            address,
            message,
            app_version: requested.app_version.clone(),
            platform: requested.platform,
            device: requested.description.as_ref().and_then(|it| key.open(it).ok()),
            attachments: requested.attachments.iter().enumerate().map(file).collect(),
            history: self.history(account, now).await?,
            at: asked.cause.at,
        };
        Ok(Addressed {
            to: self.support.clone(),
            language: Language::fallback(),
            letter: Letter::SupportRequest(Box::new(request)),
        })
    }
}
