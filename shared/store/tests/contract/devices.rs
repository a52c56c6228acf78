//! The view of trusted devices, whatever order its commits arrive in.

mod ada;
mod renames;

use std::sync::Arc;

use postern_domain::ports::draw;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::{
    AccountEvent, DeviceRevoked, DeviceSeen, PasswordChanged, PasswordReset, RevokedBecause,
    SignedOutByOperator, SignedOutEverywhere, TrustedBy, TwoStepDisabled,
};
use postern_events::ids::{SessionId, VerificationId};
use postern_events::vocabulary::{DeviceKey, Platform};
use postern_store::keys;
use postern_store::streams::Commit;
use postern_store::views::{Projected, REVOKED_KNOWN_FOR};

use crate::costs::Cost;
use crate::world::{World, later, noon};
use ada::Ada;

#[tokio::test]
async fn a_trusted_device_shows_as_sealed_and_where_it_signed_in_last() {
    let ada = Ada::new().await;
    let (device, other) = (ada.device(), ada.device());
    let trusted = ada.trust(device, 0).await;
    assert_eq!(ada.project(&trusted).await, Projected::Shown);
    let AccountEvent::DeviceTrusted(told) = read(&trusted) else { panic!("{trusted:?}") };
    let first = ada.shown().await.remove(0);
    assert_eq!((&first.description, &first.origin), (&told.description, &told.origin));
    assert_eq!((first.device, first.platform, first.seen_at), (device, Platform::Ios, noon()));
    assert!(ada.data_key.open(&first.description).is_ok());

    let sign_in = ada.sign_in(device, true, 60).await;
    assert_eq!(ada.project(&sign_in).await, Projected::Shown);
    let second = ada.shown().await.remove(0);
    assert_eq!((second.seen_at, second.country.as_deref()), (later(60), Some("CZ")));
    assert_ne!(second.origin, first.origin);

    ada.project(&ada.trust(other, 90).await).await;
    ada.world.costs.take();
    assert_eq!(ada.shown().await.len(), 2);
    assert_eq!(ada.world.costs.take(), Cost { read: 1.0, write: 0.0 });
}

fn read(commit: &Commit) -> AccountEvent {
    use postern_events::catalogue::EventSet as _;
    AccountEvent::read(&commit.events[0]).unwrap()
}

#[tokio::test]
async fn in_every_order_and_repeated_the_newest_sight_is_shown() {
    let world = Arc::new(World::new().await);
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let ada = Ada::in_world(world.clone()).await;
        let device = ada.device();
        let commits = [
            ada.trust(device, 0).await,
            ada.sign_in(device, true, 60).await,
            ada.sign_in(device, true, 120).await,
        ];
        for place in order {
            ada.project(&commits[place]).await;
            assert_eq!(ada.project(&commits[place]).await, Projected::Known);
        }
        let shown = ada.shown().await;
        ends.push((shown.len(), shown[0].seen_at, shown[0].country.clone()));
    }
    assert!(ends.iter().all(|it| *it == (1, later(120), Some("CZ".into()))), "{ends:?}");
}

#[tokio::test]
async fn in_every_order_and_repeated_a_removed_device_stays_away() {
    let world = Arc::new(World::new().await);
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let ada = Ada::in_world(world.clone()).await;
        let device = ada.device();
        let commits = [
            ada.trust(device, 0).await,
            ada.sign_in(device, true, 60).await,
            ada.revoke(device, 90).await,
        ];
        for place in order {
            ada.project(&commits[place]).await;
            assert_eq!(ada.project(&commits[place]).await, Projected::Known);
        }
        assert!(ada.shown().await.is_empty(), "{order:?}");
    }
}

#[tokio::test]
async fn what_is_left_of_a_removed_device_says_nothing_and_has_an_end() {
    let ada = Ada::new().await;
    let device = ada.device();
    ada.project(&ada.trust(device, 0).await).await;
    ada.project(&ada.revoke(device, 90).await).await;
    let found = ada
        .world
        .client
        .query()
        .table_name("postern-views")
        .key_condition_expression("#key = :key")
        .expression_attribute_names("#key", keys::KEY)
        .expression_attribute_values(
            ":key",
            aws_sdk_dynamodb::types::AttributeValue::S(keys::devices(ada.account)),
        )
        .send()
        .await
        .unwrap();
    let mut names: Vec<_> = found.items()[0].keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, [keys::EXPIRES, keys::ITEM, keys::KEY, keys::REVOKED]);
    let end = found.items()[0][keys::EXPIRES].as_n().unwrap();
    assert_eq!(*end, (later(90) + REVOKED_KNOWN_FOR).as_second().to_string());
}

#[tokio::test]
async fn whatever_ends_trust_removes_all_that_it_revokes_and_no_other() {
    let world = Arc::new(World::new().await);
    let session = SessionId::new(noon(), draw(&*world.chance));
    let verification = VerificationId::new(noon(), draw(&*world.chance));
    let ends: [fn(_, _, _, _) -> AccountEvent; 5] = [
        |by, revoked, session, _| {
            AccountEvent::SignedOutEverywhere(SignedOutEverywhere { by, session, revoked })
        },
        |by, revoked, session, _| {
            let policy = 1;
            AccountEvent::TwoStepDisabled(TwoStepDisabled { by, session, revoked, policy })
        },
        |by, revoked, session, _| {
            let (signed_out_others, policy) = (true, 1);
            let changed = PasswordChanged { by, session, signed_out_others, revoked, policy };
            AccountEvent::PasswordChanged(changed)
        },
        |_, revoked, _, verification| {
            let (keys, held, policy) = (Vec::new(), true, 1);
            let reset = PasswordReset { verification, keys, held, revoked, policy };
            AccountEvent::PasswordReset(reset)
        },
        |_, revoked, _, _| {
            AccountEvent::SignedOutByOperator(SignedOutByOperator { revoked, policy: 1 })
        },
    ];
    for end in ends {
        let ada = Ada::in_world(world.clone()).await;
        let devices = [ada.device(), ada.device(), ada.device()];
        for device in devices {
            ada.project(&ada.trust(device, 0).await).await;
        }
        let event = end(devices[0], devices[1..].to_vec(), session, verification);
        let out = ada.account(60, vec![event]).await;
        assert_eq!(ada.project(&out).await, Projected::Shown, "{out:?}");
        assert_eq!(ada.project(&out).await, Projected::Known, "{out:?}");
        let shown: Vec<_> = ada.shown().await.into_iter().map(|it| it.device).collect();
        assert_eq!(shown, devices[..1], "{out:?}");
    }
}

#[tokio::test]
async fn one_commit_may_end_one_trust_and_begin_another() {
    let ada = Ada::new().await;
    let (old, new) = (ada.device(), ada.device());
    ada.project(&ada.trust(old, 0).await).await;
    let (key, because) = (DeviceKey::from_bytes([1; 16]), RevokedBecause::Unused);
    let revoked = DeviceRevoked { device: old, key, because, by: None, policy: 1 };
    let by = TrustedBy::SignIn(ada.sign_in_id());
    let both = vec![AccountEvent::DeviceRevoked(revoked), ada.trusted(new, by)];
    ada.project(&ada.account(60, both).await).await;
    let shown: Vec<_> = ada.shown().await.into_iter().map(|it| it.device).collect();
    assert_eq!(shown, [new]);
}

#[tokio::test]
async fn a_device_that_is_let_in_without_trust_is_not_shown() {
    let ada = Ada::new().await;
    let device = ada.device();
    let untrusted = ada.sign_in(device, false, 0).await;
    assert_eq!(ada.project(&untrusted).await, Projected::Nothing);
    let id = ada.sign_in_id();
    let waiting = ada.commit::<SignIn>(id, 0, vec![ada.attempted(id, device, true)]).await;
    assert_eq!(ada.project(&waiting).await, Projected::Nothing, "nobody was let in");
    let used = ada.account(0, vec![AccountEvent::DeviceSeen(DeviceSeen { device })]).await;
    assert_eq!(ada.project(&used).await, Projected::Nothing);
    assert!(ada.shown().await.is_empty());
}

#[tokio::test]
async fn the_country_comes_from_what_made_the_device_trusted() {
    let ada = Ada::new().await;
    let (one, two) = (ada.device(), ada.device());
    let id = ada.sign_in_id();
    ada.commit::<SignIn>(id, 0, vec![ada.attempted(id, one, false)]).await;
    let trusted = ada.trusted(one, TrustedBy::SignIn(id));
    ada.project(&ada.account(60, vec![trusted]).await).await;

    let id = VerificationId::new(noon(), draw(&*ada.world.chance));
    ada.commit::<Verification>(id, 0, vec![ada.opened(id, two)]).await;
    let trusted = ada.trusted(two, TrustedBy::Registration(id));
    ada.project(&ada.account(90, vec![trusted]).await).await;

    let mut expected = [(one, Some("CZ")), (two, Some("AT"))];
    expected.sort_unstable();
    let shown = ada.shown().await;
    let shown: Vec<_> = shown.iter().map(|it| (it.device, it.country.as_deref())).collect();
    assert_eq!(shown, expected);
}
