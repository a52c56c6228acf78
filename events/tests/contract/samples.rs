//! One morning of Ada's, told in every event there is: the source of golden files not yet written.
//!
//! An event with optional members is told twice: with all of them, even where no one process has
//! them all, and with none.

mod account;
mod message;
mod sign_in;
mod support;
mod verification;

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use postern_events::catalogue::EventSet;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified};
use postern_events::ids::{
    AccountId, DeviceId, EventId, MessageId, SessionId, SignInId, SupportId, VerificationId,
};
use postern_events::personal::{Personal, Token};
use postern_events::schema::stem;
use postern_events::stored::StoredEvent;
use postern_events::vocabulary::{AddressKey, DeviceKey, Method, Nonce, Purpose};

const EMAIL: &str = "Y44BrtuiVi6LMBnQtskI2dvGti77tkOzq8eJJmvGy5Z08pHV4In0RZOwBN1zxysYiQoJlO5Tzqa2dBts36i3BU-CRUnU_A";
const FORMER_EMAIL: &str = "oA4VB_UyEkWM0j1r7L9b1cEUvKW91QDi5R4BQN6Zte7x7y4I-AWPzo9ad3UWs7wffmVX6aXfbUhWI-lGQsuMVcl1mNrkf6xbd6g";
const DEVICE: &str = "Tp-rytlQYFln4Mt4PHHvKh4mhRDAPtihE0mRTsii9DrpYynoprFBTj97zY_KpIf9q2S_PxvJojsRF4awP5YSsD712SWc-oQ1WOS_w9XyF2csZtXX5w9SLffSWHuutx-q1-RnfQohi-9kG5IuVimAK95l";
const ORIGIN: &str = "OZHg9CDxa0ocjO41H44eoY2cCNPuxRFjHaqDIyNawn2hmsjHSJL7Dc9rG_p_9lNSBJ1HePPCev2RRWOkrsfKXXUIDEGpiYKCe0EfWg4qVAs8Z1QmXPA38FNAUzxyB02B";
const PLEA: &str = "VhNvUu6gnm4oWkpCBaQ623R0PE5wyuHsUeBknWKAcPTTVwseOFBg_EGqkZvBjTREIq3_Yf4F6NBl5FYdkYNKy45qCmoyNvehcFXtFoggdMHMuob12DSSewolICqEJ8Auk7CQEoe7HceFrOzbM8rjJ0c-93elQwumQsQrnidIjrHsFclmp2CBzClAWOA";
const LOCATED_BY: &str = "mmdb 2026-11-01";
const POLICY: u16 = 1;

type Sample = (String, StoredEvent);

/// Every golden file of today's versions: its name and the event in it.
pub(crate) fn samples() -> Vec<Sample> {
    [
        account::samples(),
        sign_in::samples(),
        verification::samples(),
        message::samples(),
        support::samples(),
    ]
    .concat()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_str("2026-11-24T09:00:00.125Z").unwrap() + SignedDuration::from_mins(minutes)
}

fn stored<E: EventSet>(event: &E, suffix: &str) -> Sample {
    let stem = stem(event.name(), event.version());
    let time = at(7);
    let stored = StoredEvent {
        id: EventId::derived(time, &[b"golden", stem.as_bytes(), suffix.as_bytes()]),
        name: event.name().to_owned(),
        version: event.version(),
        time,
        data: event.data().expect("sealed"),
    };
    (format!("{stem}{suffix}.json"), stored)
}

fn full<E: EventSet>(event: &E) -> Sample {
    stored(event, "")
}

fn minimal<E: EventSet>(event: &E) -> Sample {
    stored(event, ".minimal")
}

fn sealed<T>(token: &str) -> Personal<T> {
    Personal::Sealed(Token::parse(token).expect("base64url"))
}

fn ada() -> AccountId {
    AccountId::derived(at(0), &[b"ada"])
}

fn phone() -> DeviceId {
    DeviceId::derived(at(0), &[b"phone"])
}

fn tablet() -> DeviceId {
    DeviceId::derived(at(5), &[b"tablet"])
}

fn key() -> DeviceKey {
    DeviceKey::from_bytes([
        205, 233, 187, 19, 216, 149, 4, 196, 172, 35, 225, 113, 219, 121, 63, 199,
    ])
}

fn address_key() -> AddressKey {
    AddressKey::from_bytes([13, 71, 240, 6, 99, 181, 47, 250, 18, 144, 201, 3, 88, 167, 62, 29])
}

fn registration() -> VerificationId {
    VerificationId::derived(at(0), &[b"registration"])
}

fn reset() -> VerificationId {
    VerificationId::derived(at(6), &[b"reset"])
}

fn email_change() -> VerificationId {
    VerificationId::derived(at(6), &[b"e-mail change"])
}

fn attempt() -> SignInId {
    SignInId::derived(at(5), &[b"attempt"])
}

fn session() -> SessionId {
    SessionId::derived(at(7), &[b"session"])
}

fn request() -> SupportId {
    SupportId::derived(at(7), &[b"request"])
}

fn asked() -> EventId {
    EventId::derived(at(5), &[b"asked"])
}

fn asked_message() -> MessageId {
    MessageId::derived(at(6), &[b"asked"])
}

fn issued(purpose: Purpose) -> CodeIssued {
    CodeIssued {
        purpose,
        method: Method::Email,
        issue: 1,
        kid: "2026-11".to_owned(),
        nonce: Nonce::from_bytes([
            9, 122, 48, 201, 77, 15, 230, 164, 91, 2, 188, 53, 247, 110, 36, 140,
        ]),
        expires_at: at(10),
    }
}

fn resent() -> CodeResent {
    CodeResent { method: Method::Email, issue: 1 }
}

fn rejected() -> CodeRejected {
    CodeRejected { issue: 1, attempts_left: 4 }
}

fn verified() -> CodeVerified {
    CodeVerified { issue: 1, method: Method::Email }
}
