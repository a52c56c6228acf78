//! The functions' own carrier, with phones that move, vanish and are switched off.

use postern_events::vocabulary::PushPlatform;
use postern_messages::push::{Content, Push, PushFailed, Registration, SendPush as _};
use postern_messages::sns::{PushApplications, SnsPush};

use super::*;

const ANNS: &str = "dev_01KTEXJ4AR0000000000000001";
const BENS: &str = "dev_01KTEXJ4AR0000000000000002";

async fn carrier(ground: &Ground, faults: &Faults) -> (SnsPush, Sns) {
    let sns = Sns::new(ground, faults).await;
    let applications = PushApplications {
        apns: Some(APNS.to_owned()),
        apns_sandbox: Some(SANDBOX.to_owned()),
        fcm: None,
    };
    (SnsPush::new(sns.client.clone(), applications), sns)
}

fn phone(device: &str, token: &str, arn: Option<&str>) -> Registration {
    Registration {
        device: device.parse().unwrap(),
        platform: PushPlatform::Apns,
        token: token.to_owned(),
        arn: arn.map(str::to_owned),
    }
}

fn push(arn: &str) -> Push {
    Push {
        message: "msg_01KTEXJ4AR0000000000000000".parse().unwrap(),
        arn: arn.to_owned(),
        platform: PushPlatform::Apns,
        content: Content::SignedOut,
        life: jiff::SignedDuration::from_mins(5),
    }
}

#[tokio::test]
async fn a_phone_that_is_made_known_is_reached() {
    let ground = Ground::new();
    let (carrier, sns) = carrier(&ground, &Faults::default()).await;
    let arn = carrier.register(&phone(ANNS, "t", None)).await.unwrap();
    assert_eq!(carrier.register(&phone(ANNS, "t", Some(&arn))).await.unwrap(), arn);
    assert_eq!(carrier.register(&phone(ANNS, "t", None)).await.unwrap(), arn);
    let receipt = carrier.send(&push(&arn)).await.unwrap();
    let pushes = sns.pushes.pushes(Some("t")).unwrap();
    assert_eq!(Some(&pushes[0].id), receipt.carrier_id.as_ref());
    assert_eq!(pushes[0].payload["data"]["postern"]["type"], "signed_out");
}

#[tokio::test]
async fn a_phone_that_changes_hands_belongs_to_the_last_who_registered_it() {
    let ground = Ground::new();
    let (carrier, sns) = carrier(&ground, &Faults::default()).await;
    let anns = carrier.register(&phone(ANNS, "t", None)).await.unwrap();
    assert_eq!(carrier.register(&phone(BENS, "t", None)).await.unwrap(), anns);
    assert_eq!(sns.attributes(&anns).await.unwrap()["CustomUserData"], BENS);
    let other = carrier.register(&phone(ANNS, "new", None)).await.unwrap();
    assert_eq!(carrier.register(&phone(BENS, "new", Some(&anns))).await.unwrap(), other);
    assert_eq!(sns.attributes(&other).await.unwrap()["CustomUserData"], BENS);
}

#[tokio::test]
async fn a_phone_that_is_switched_off_or_forgotten_comes_back_by_registering() {
    let ground = Ground::new();
    let (carrier, _sns) = carrier(&ground, &faults(r#"{"push":"disabled","times":1}"#)).await;
    let arn = carrier.register(&phone(ANNS, "t", None)).await.unwrap();
    assert_eq!(carrier.send(&push(&arn)).await, Err(PushFailed::Disabled));
    assert_eq!(carrier.send(&push(&arn)).await, Err(PushFailed::Disabled));
    assert_eq!(carrier.register(&phone(ANNS, "t", Some(&arn))).await.unwrap(), arn);
    carrier.send(&push(&arn)).await.unwrap();
    carrier.remove(&arn).await.unwrap();
    carrier.remove(&arn).await.unwrap();
    assert_eq!(carrier.send(&push(&arn)).await, Err(PushFailed::Gone));
    let again = carrier.register(&phone(ANNS, "t", Some(&arn))).await.unwrap();
    assert_ne!(again, arn);
    carrier.send(&push(&again)).await.unwrap();
}

#[tokio::test]
async fn sns_that_is_down_is_told_from_a_phone_that_is_gone() {
    let (ground, faults) = (Ground::new(), Faults::default());
    let (carrier, _sns) = carrier(&ground, &faults).await;
    let arn = carrier.register(&phone(ANNS, "t", None)).await.unwrap();
    faults.replace(&serde_json::from_str(r#"{"push":"down"}"#).unwrap());
    let away = PushFailed::Unavailable;
    assert_eq!(carrier.send(&push(&arn)).await, Err(away));
    assert_eq!(carrier.register(&phone(ANNS, "t", Some(&arn))).await, Err(away));
    assert_eq!(carrier.remove(&arn).await, Err(away));
    faults.clear();
    carrier.send(&push(&arn)).await.unwrap();
}
