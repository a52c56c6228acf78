//! Requests for help.

use postern_domain::budget::SUPPORT_REQUESTS;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::support::{Support, SupportCommand};
use postern_events::ids::SupportId;
use postern_events::message::MessageKind;
use postern_events::personal::Personal;
use postern_events::support::{Attachment, Plea, Requested};
use postern_store::streams::{Offline, StreamContext};

use super::asking::Cause;
use super::life::{ACCOUNT, ANONYMOUS, Life, Step, Stop, write};
use super::people::{Caller, LOCATED_BY};

const PLEAS: [&str; 4] = [
    "The code does not arrive, neither in the app nor by mail. What can I do?",
    "I have lost my old phone and cannot sign in on the new one. Please help me, it is urgent.",
    "Somebody else seems to be in my account. There is a device in the list that I do not know.",
    "How do I turn the codes off?",
];
const APP_VERSIONS: [&str; 3] = ["2.3.0", "2.4.1", "2.5.0"];

impl Life<'_> {
    /// Asks for help: on a phone that is signed in, or by naming the address.
    pub(super) fn plead(&mut self, caller: &Caller, phone: Option<usize>) -> Step<()> {
        self.call(ACCOUNT);
        let by = phone.map(|it| self.acting(it)).transpose()?.map(|it| it.device);
        let known = self.account.state().open().map(|it| it.id);
        SUPPORT_REQUESTS.take(&mut self.counts.pleas, self.now).map_err(Stop::refused)?;
        let id = SupportId::new(self.now, draw(&self.chance));
        let plea = self.plea();
        let photos = plea.attachments.iter().map(|_| Attachment {
            content_type: "image/jpeg".to_owned(),
            size: 180_000 + self.chance.below(1_500_000),
        });
        let requested = Requested {
            request: id,
            account: known,
            by,
            attachments: photos.collect(),
            plea: known.map(|_| Personal::Clear(plea)),
            app_version: (*self.chance.pick(&APP_VERSIONS)).to_owned(),
            platform: caller.platform,
            description: known.map(|_| Personal::Clear(caller.description.clone())),
            origin: known.map(|_| Personal::Clear(caller.origin.clone())),
            country: Some(caller.country()),
            located_by: Some(LOCATED_BY.to_owned()),
            policy: policy::VERSION,
        };
        let command = SupportCommand::Request(Box::new(requested));
        let meta = self.meta(&by.map_or_else(|| ANONYMOUS.to_owned(), |it| it.to_string()));
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        let context = StreamContext::<Support>::new(id);
        let done = write(&context, command, &writer, &meta, &mut self.log)?;
        let (Some(account), Some(first)) = (known, done.events.first()) else { return Ok(()) };
        let cause = Cause { stamp: first.stamp, stream: context.stream() };
        self.ask(cause.mail(account, MessageKind::SupportRequest));
        Ok(())
    }

    fn plea(&self) -> Plea {
        let files = if self.chance.happens(3_000) { 1 + self.chance.place(3) } else { 0 };
        let attachments = (1..=files).map(|it| format!("screenshot-{it}.jpg")).collect();
        Plea { message: (*self.chance.pick(&PLEAS)).to_owned(), attachments }
    }
}
