//! Counting events, stream by stream.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_domain::policy::ATTEMPT_LIFE;
use postern_events::catalogue::EventSet as _;
use postern_events::message::{MessageEvent, MessageKind};
use postern_events::sign_in::{AuthenticationMethod, SignInEvent};
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::Method;
use serde::Serialize;

use super::{Stats, Times};

/// Seconds.
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// What is counted, and the stream that is being read.
#[derive(Default)]
pub(super) struct Counting {
    stats: Stats,
    stream: String,
    attempt: Option<Attempt>,
    message: Option<Message>,
    /// When attempts end that nothing else has ended.
    open: Vec<Timestamp>,
    times: BTreeMap<(&'static str, &'static str), Vec<u32>>,
}

/// An attempt that needs a code.
struct Attempt {
    issued: Option<(Timestamp, Method)>,
    verified: bool,
    ended: bool,
    /// When it ends by itself.
    ends_at: Timestamp,
}

/// A message that was taken up.
struct Message {
    asked: Timestamp,
    channel: &'static str,
    code: bool,
    sent: bool,
    delivered: bool,
}

impl Counting {
    pub(super) fn add(&mut self, stream: &str, stored: &StoredEvent) -> Result<(), Unreadable> {
        if self.stream != stream {
            self.end();
            stream.clone_into(&mut self.stream);
        }
        self.stats.events += 1;
        self.stats.from = Some(self.stats.from.map_or(stored.time, |it| it.min(stored.time)));
        self.stats.to = Some(self.stats.to.map_or(stored.time, |it| it.max(stored.time)));
        match stream.split_once('/').map(|it| it.0) {
            Some(SignInEvent::AGGREGATE) => self.sign_in(stored.time, SignInEvent::read(stored)?),
            Some(VerificationEvent::AGGREGATE) => {
                if matches!(VerificationEvent::read(stored)?, VerificationEvent::CodeRejected(_)) {
                    self.stats.wrong_codes += 1;
                }
            }
            Some(MessageEvent::AGGREGATE) => self.message(stored.time, MessageEvent::read(stored)?),
            Some(_) | None => {}
        }
        Ok(())
    }

    fn sign_in(&mut self, at: Timestamp, event: SignInEvent) {
        let funnel = &mut self.stats.funnel;
        let mut ended = None;
        match event {
            SignInEvent::Attempted(it) => {
                funnel.attempts += 1;
                if it.inputs.trusted || !it.inputs.two_step {
                    funnel.without_code += 1;
                } else {
                    funnel.code_needed += 1;
                    let ends_at = at + ATTEMPT_LIFE;
                    self.attempt =
                        Some(Attempt { issued: None, verified: false, ended: false, ends_at });
                }
            }
            SignInEvent::Refused(it) => {
                let country = it.country.unwrap_or_else(|| "unknown".to_owned());
                *self.stats.refused_by_country.entry(country).or_default() += 1;
                let hour = u8::try_from(at.as_second().rem_euclid(DAY) / HOUR).unwrap_or_default();
                *self.stats.refused_by_hour.entry(hour).or_default() += 1;
                self.stats.refused_without_account += u64::from(it.account.is_none());
            }
            SignInEvent::CodeIssued(it) => {
                if let Some(attempt) = &mut self.attempt {
                    funnel.code_issued += u64::from(attempt.issued.is_none());
                    attempt.issued = Some((at, it.method));
                }
            }
            SignInEvent::CodeRejected(_) => self.stats.wrong_codes += 1,
            SignInEvent::CodeVerified(_) => {
                if let Some(attempt) = &mut self.attempt {
                    funnel.verified += 1;
                    attempt.verified = true;
                    if let Some((issued, method)) = attempt.issued {
                        self.took("verified", name_of(method), issued, at);
                    }
                }
            }
            SignInEvent::RecoveryCodeUsed(_) => {
                funnel.verified += u64::from(self.attempt.is_some());
            }
            SignInEvent::Completed(it) => {
                if self.attempt.take().is_some() {
                    funnel.completed += 1;
                    let with_code = it.amr.contains(&AuthenticationMethod::Otp);
                    funnel.trusted += u64::from(it.trusted && with_code);
                }
            }
            SignInEvent::Denied(_) => ended = Some("denied"),
            SignInEvent::Reported(_) => ended = Some("reported"),
            SignInEvent::Cancelled(it) if it.because.is_some() => ended = Some("superseded"),
            SignInEvent::Cancelled(_) => ended = Some("cancelled"),
            SignInEvent::Locked(_) => ended = Some("locked"),
            SignInEvent::CodeResent(_) => {}
        }
        if let (Some(word), Some(attempt)) = (ended, &mut self.attempt) {
            attempt.ended = true;
            *self.stats.funnel.lost.entry(word.to_owned()).or_default() += 1;
        }
    }

    fn message(&mut self, at: Timestamp, event: MessageEvent) {
        if let MessageEvent::Claimed(it) = &event {
            if self.message.is_none() {
                let channel = name_of(it.channel);
                let of = self.stats.deliveries.entry(channel.to_owned()).or_default();
                of.messages += 1;
                self.message = Some(Message {
                    asked: it.asked_by.time(),
                    channel,
                    code: is_code(it.kind),
                    sent: false,
                    delivered: false,
                });
            }
            return;
        }
        let Some(message) = &mut self.message else { return };
        let (asked, channel, code) = (message.asked, message.channel, message.code);
        let mut failure = None;
        let mut took = None;
        match event {
            MessageEvent::Claimed(_) | MessageEvent::Delayed(_) => {}
            MessageEvent::Sent(_) => {
                if !std::mem::replace(&mut message.sent, true) {
                    let of = self.stats.deliveries.entry(channel.to_owned()).or_default();
                    of.sent += 1;
                    took = Some("sent");
                }
            }
            MessageEvent::Delivered(_) => {
                if !std::mem::replace(&mut message.delivered, true) {
                    took = Some("delivered");
                }
            }
            MessageEvent::Deferred(it) => failure = Some(format!("deferred {}", word(&it.because))),
            MessageEvent::Failed(it) => failure = Some(format!("failed {}", word(&it.because))),
            MessageEvent::Bounced(it) => failure = Some(format!("bounced {}", word(&it.bounce))),
            MessageEvent::Complained(_) => failure = Some("complained".to_owned()),
            MessageEvent::Rejected(_) => failure = Some("rejected".to_owned()),
        }
        if let Some(what) = failure {
            let of = self.stats.deliveries.entry(channel.to_owned()).or_default();
            *of.failures.entry(what).or_default() += 1;
        }
        if let Some(what) = took.filter(|_| code) {
            self.took(what, channel, asked, at);
        }
    }

    fn took(&mut self, what: &'static str, channel: &'static str, from: Timestamp, to: Timestamp) {
        let took = to.as_millisecond().saturating_sub(from.as_millisecond());
        let took = u32::try_from(took.max(0)).unwrap_or(u32::MAX);
        self.times.entry((channel, what)).or_default().push(took);
    }

    /// The stream has no further events: an attempt that nobody ended ran out.
    fn end(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            let funnel = &mut self.stats.funnel;
            funnel.unreachable += u64::from(attempt.issued.is_none());
            if !attempt.ended && attempt.issued.is_some() && !attempt.verified {
                self.open.push(attempt.ends_at);
            }
        }
        self.message = None;
    }

    pub(super) fn stats(mut self) -> Stats {
        self.end();
        for ends_at in self.open {
            let over = self.stats.to.is_some_and(|it| it >= ends_at);
            let word = if over { "expired" } else { "still open" };
            *self.stats.funnel.lost.entry(word.to_owned()).or_default() += 1;
        }
        for ((channel, what), times) in self.times {
            let channel = self.stats.time_to_code.entry(channel.to_owned()).or_default();
            let place = match what {
                "sent" => &mut channel.sent,
                "delivered" => &mut channel.delivered,
                _ => &mut channel.verified,
            };
            *place = Times::of(times);
        }
        self.stats
    }
}

impl Times {
    fn of(mut all: Vec<u32>) -> Self {
        all.sort_unstable();
        // The nearest rank: the smallest time that so many are not above.
        let rank = |percent: usize| {
            let place = (all.len() * percent).div_ceil(100).saturating_sub(1);
            all.get(place).copied().map(u64::from).unwrap_or_default()
        };
        Self {
            count: u64::try_from(all.len()).unwrap_or_default(),
            p50_ms: rank(50),
            p90_ms: rank(90),
            p99_ms: rank(99),
            max_ms: rank(100),
        }
    }
}

fn name_of(method: Method) -> &'static str {
    match method {
        Method::App => "app",
        Method::Email => "email",
    }
}

/// A word as events spell it.
fn word(it: &impl Serialize) -> String {
    let word = serde_json::to_value(it).ok();
    word.and_then(|it| it.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// Whether somebody waits for the message to go on.
fn is_code(kind: MessageKind) -> bool {
    match kind {
        MessageKind::RegistrationCode
        | MessageKind::SignInCode
        | MessageKind::SignInRequest
        | MessageKind::StepUpCode
        | MessageKind::PasswordResetCode
        | MessageKind::EmailChangeCode => true,
        MessageKind::RegistrationAttempt
        | MessageKind::NewDevice
        | MessageKind::RequestClosed
        | MessageKind::SignedOut
        | MessageKind::EmailChangeAttempt
        | MessageKind::CodeEntryPaused
        | MessageKind::PasswordChanged
        | MessageKind::PasswordReset
        | MessageKind::EmailChanged
        | MessageKind::TwoStepDisabled
        | MessageKind::DeviceRemoved
        | MessageKind::RecoveryCodesCreated
        | MessageKind::AccountErased
        | MessageKind::SupportRequest => false,
    }
}
