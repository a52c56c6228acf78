#![allow(clippy::unwrap_used, reason = "a test may")]

use jiff::Timestamp;
use postern_events::ids::{MessageId, SignInId};
use postern_events::vocabulary::Platform;

use super::*;
use crate::letters::Alert;
use crate::push::RequestId;

pub(in crate::sns) const ARN: &str = "arn:aws:sns:eu-central-1:1:endpoint/APNS/app/1";

pub(in crate::sns) fn request(name: &str) -> Content {
    Content::SignInRequest(Box::new(SignInRequest {
        id: RequestId::SignIn(SignInId::new(Timestamp::UNIX_EPOCH, [2; 10])),
        device: Some(name.to_owned()),
        platform: Platform::Android,
        country: Some("CZ".to_owned()),
        city: None,
        expires_at: "2026-11-24T12:05:00Z".parse().unwrap(),
        alert: Alert { title: "A title".to_owned(), body: "A body".to_owned() },
    }))
}

pub(in crate::sns) fn push(platform: PushPlatform, content: Content) -> Push {
    Push {
        message: MessageId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        arn: ARN.to_owned(),
        platform,
        content,
        life: SignedDuration::from_millis(299_750),
    }
}

/// The payload of a push for its platform.
fn payload(push: &Push, name: &str) -> Value {
    let parcel = Parcel::of(push);
    assert_eq!(parcel.message.as_object().unwrap().len(), 2);
    serde_json::from_str(parcel.message[name].as_str().unwrap()).unwrap()
}

fn told() -> Value {
    json!({
        "v": 1, "type": "sign_in_request", "id": SignInId::new(Timestamp::UNIX_EPOCH, [2; 10]),
        "device": {"name": "Ada’s \"phone\"", "platform": "android"},
        "location": {"country": "CZ", "city": null},
        "expires_at": "2026-11-24T12:05:00Z",
    })
}

#[test]
fn a_request_as_apple_gets_it() {
    let push = push(PushPlatform::Apns, request("Ada’s \"phone\""));
    let wanted = json!({
        "aps": {
            "alert": {"title": "A title", "body": "A body"}, "sound": "default",
            "interruption-level": "time-sensitive",
        },
        "data": {"postern": told()},
    });
    assert_eq!(payload(&push, "APNS"), wanted);
    let sandbox = Push { platform: PushPlatform::ApnsSandbox, ..push };
    assert_eq!(payload(&sandbox, "APNS_SANDBOX"), wanted);
    assert_eq!(Parcel::of(&sandbox).attributes[0].0, "AWS.SNS.MOBILE.APNS_SANDBOX.TTL");
}

#[test]
fn a_request_as_google_gets_it() {
    let push = push(PushPlatform::Fcm, request("Ada’s \"phone\""));
    let id = SignInId::new(Timestamp::UNIX_EPOCH, [2; 10]);
    let payload = payload(&push, "GCM");
    let message = &payload["fcmV1Message"]["message"];
    assert_eq!(message["notification"], json!({"title": "A title", "body": "A body"}));
    let android = json!({"priority": "high", "ttl": "299s", "collapse_key": id});
    assert_eq!(message["android"], android);
    let text = message["data"]["postern"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), told());
    let ttl = ("AWS.SNS.MOBILE.FCM.TTL", "299".to_owned());
    assert_eq!(Parcel::of(&push).attributes, [ttl]);
}

#[test]
fn an_end_shows_nothing() {
    let id = SignInId::new(Timestamp::UNIX_EPOCH, [2; 10]);
    let closed = json!({"v": 1, "type": "request_closed", "id": id});
    let apple = payload(
        &push(PushPlatform::Apns, Content::RequestClosed { id: RequestId::SignIn(id) }),
        "APNS",
    );
    assert_eq!(apple, json!({"aps": {"content-available": 1}, "data": {"postern": closed}}));
    let google = payload(&push(PushPlatform::Fcm, Content::SignedOut), "GCM");
    let told = json!({"v": 1, "type": "signed_out"}).to_string();
    let message =
        json!({"data": {"postern": told}, "android": {"priority": "normal", "ttl": "299s"}});
    assert_eq!(google, json!({"fcmV1Message": {"message": message}}));
    let silent = Parcel::of(&push(PushPlatform::Apns, Content::SignedOut)).attributes;
    let named = |name: &str| silent.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    assert_eq!(named("AWS.SNS.MOBILE.APNS.PUSH_TYPE"), Some("background"));
    assert_eq!(named("AWS.SNS.MOBILE.APNS.PRIORITY"), Some("5"));
    assert_eq!(named("AWS.SNS.MOBILE.APNS.COLLAPSE_ID"), None);
}

#[test]
fn the_longest_name_fits_what_the_platforms_take() {
    let grapheme = format!("\"{}", "\u{301}".repeat(11));
    for platform in [PushPlatform::Apns, PushPlatform::Fcm] {
        let parcel = Parcel::of(&push(platform, request(&grapheme.repeat(400))));
        let longest = parcel.message.as_object().unwrap().values().map(|it| it.as_str().unwrap());
        assert!(longest.map(str::len).max().unwrap() < 2_048);
    }
}
