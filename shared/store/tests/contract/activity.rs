//! The view of login activity, whatever order its commits arrive in.

use postern_domain::account::OpenAccount;
use postern_domain::challenge::Material;
use postern_domain::channels::Channels;
use postern_domain::ports::draw;
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand};
use postern_events::ids::{AccountId, DeviceId, EventId, SessionId, SignInId};
use postern_events::personal::{Personal, PersonalField};
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Nonce, Origin, Platform,
};
use postern_store::keys;
use postern_store::seal::DataKey;
use postern_store::streams::Commit;
use postern_store::views::{Activity, Outcome, Projected};

use crate::vault::reserve;
use crate::world::{World, later, meta, noon};

fn key() -> DeviceKey {
    DeviceKey::from_bytes([1; 16])
}

fn material() -> Material {
    Material { kid: "c1".into(), nonce: Nonce::from_bytes([1; 16]) }
}

fn asking(seconds: i64) -> Asking {
    Asking { key: key(), generation: 1, now: later(seconds) }
}

fn by_mail_only() -> Channels {
    Channels {
        showing: 0,
        pushable: 0,
        pushes_left: 10,
        pushes_again_at: noon(),
        mails_left: 5,
        mails_again_at: noon(),
        without_mail: None,
    }
}

fn opened(world: &World, account: AccountId, data_key: &DataKey) -> OpenAccount {
    let event = EventId::new(noon(), draw(&*world.chance));
    OpenAccount {
        id: account,
        email: data_key.seal(event, PersonalField::Email, &"ada@example.com".to_owned()).unwrap(),
        address_key: AddressKey::from_bytes([2; 16]),
        email_since: noon(),
        email_proven_at: noon(),
        email_undeliverable: false,
        password_since: noon(),
        password_compromised: false,
        password_by: None,
        reported_at: None,
        reset: None,
        locale: "en".into(),
        two_step: true,
        method: Method::Email,
        devices: Vec::new(),
        attempt_generation: 1,
        trust_generation: 1,
        created_at: noon(),
    }
}

fn open(world: &World, id: SignInId, account: AccountId, data_key: &DataKey) -> SignInCommand {
    let account = opened(world, account, data_key);
    let description = DeviceDescription {
        name: "Ada's tablet".into(),
        model: "Difference".into(),
        os_version: "2".into(),
    };
    let origin = Origin { ip: "192.0.2.7".parse().unwrap(), city: Some("Prague".into()) };
    let password = Box::new(RightPassword {
        id,
        account,
        channels: Some(by_mail_only()),
        key: key(),
        device: DeviceId::new(noon(), draw(&*world.chance)),
        session: SessionId::new(noon(), draw(&*world.chance)),
        platform: Platform::Android,
        description: Personal::Clear(description),
        origin: Personal::Clear(origin),
        country: Some("CZ".into()),
        located_by: None,
        material: material(),
    });
    SignInCommand::Open { password, now: noon() }
}

/// An attempt that is opened, asks for its code once more, and is given up.
async fn three_commits(world: &World, account: AccountId, data_key: &DataKey) -> Vec<Commit> {
    let (id, streams) = (SignInId::new(noon(), draw(&*world.chance)), world.store.streams());
    let resend = SignInCommand::Resend {
        asking: asking(90),
        method: None,
        channels: by_mail_only(),
        material: material(),
    };
    let cancel = SignInCommand::Cancel { asking: asking(100) };
    for command in [open(world, id, account, data_key), resend, cancel] {
        let context = streams.load::<SignIn>(id).await.unwrap();
        let decided = streams.decide(context, command, &world.scribe_with(data_key)).await;
        streams.commit_one(decided.unwrap(), &meta()).await.unwrap();
    }
    streams.load_commits(&keys::stream::<SignIn>(id)).await.unwrap()
}

async fn shown(world: &World, account: AccountId, at: i64) -> Vec<Activity> {
    let page = world.store.views().activity(account, later(at), 10, None).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

#[tokio::test]
async fn in_every_order_and_repeated_the_view_ends_alike() {
    let world = World::new().await;
    let views = world.store.views();
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let account = world.account();
        let data_key = reserve(&world, account, 600).await;
        let commits = three_commits(&world, account, &data_key).await;
        for place in order {
            views.project_activity(&commits[place]).await.unwrap();
            let repeated = views.project_activity(&commits[place]).await.unwrap();
            assert_eq!(repeated, Projected::Known);
        }
        let end = shown(&world, account, 200).await.remove(0);
        assert_eq!(
            data_key.open(end.origin.as_ref().unwrap()).unwrap().ip.to_string(),
            "192.0.2.7"
        );
        assert_eq!(end.country.as_deref(), Some("CZ"));
        ends.push((end.outcome, end.method, end.at, end.platform));
    }
    let expected = (Outcome::Cancelled, Some(Method::Email), noon(), Platform::Android);
    assert_eq!(ends, [expected; 6]);
}

#[tokio::test]
async fn an_attempt_nobody_finishes_shows_as_expired_and_is_not_shown_for_ever() {
    let world = World::new().await;
    let account = world.account();
    let data_key = reserve(&world, account, 600).await;
    let commits = three_commits(&world, account, &data_key).await;
    world.store.views().project_activity(&commits[0]).await.unwrap();
    assert_eq!(shown(&world, account, 599).await[0].outcome, Outcome::CodeRequired);
    assert_eq!(shown(&world, account, 600).await[0].outcome, Outcome::Expired);
    assert!(shown(&world, account, 400 * 24 * 3_600).await.is_empty());
}

/// What is shown of an attempt that is opened and then meets this.
async fn shown_after(
    world: &World,
    account: AccountId,
    then: impl FnOnce(&DataKey) -> SignInCommand,
) -> Activity {
    let streams = world.store.streams();
    let data_key = reserve(world, account, 600).await;
    let id = SignInId::new(noon(), draw(&*world.chance));
    for command in [open(world, id, account, &data_key), then(&data_key)] {
        let context = streams.load::<SignIn>(id).await.unwrap();
        let decided = streams.decide(context, command, &world.scribe_with(&data_key)).await;
        streams.commit_one(decided.unwrap(), &meta()).await.unwrap();
        let commit = streams.newest_commit(&keys::stream::<SignIn>(id)).await.unwrap().unwrap();
        world.store.views().project_activity(&commit).await.unwrap();
    }
    let mut items = shown(world, account, 60).await;
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[tokio::test]
async fn an_attempt_that_its_owner_denies_or_reports_shows_as_denied() {
    let world = World::new().await;
    let by = DeviceId::new(noon(), draw(&*world.chance));
    let asked_by = EventId::new(noon(), draw(&*world.chance));
    for command in [
        SignInCommand::Deny { by, generation: 1, now: later(30) },
        SignInCommand::Report { asked_by },
    ] {
        let activity = shown_after(&world, world.account(), |_| command).await;
        assert_eq!(activity.outcome, Outcome::Denied);
    }
}

#[tokio::test]
async fn a_recovery_code_signs_in_and_does_not_tell_how_it_travelled() {
    let world = World::new().await;
    let id = world.account();
    let recover = |data_key: &DataKey| SignInCommand::Recover {
        asking: asking(30),
        account: Box::new(opened(&world, id, data_key)),
        codes_left: Some(9),
        guesses_left: 4,
        trust: false,
        session: SessionId::new(noon(), draw(&*world.chance)),
    };
    let activity = shown_after(&world, id, recover).await;
    assert_eq!((activity.outcome, activity.method), (Outcome::SignedIn, Some(Method::Email)));
}

#[tokio::test]
async fn a_wrong_password_shows_to_the_accounts_owner_and_to_nobody_else() {
    let world = World::new().await;
    let (account, streams) = (world.account(), world.store.streams());
    for whose in [Some(account), None] {
        let id = SignInId::new(noon(), draw(&*world.chance));
        let refuse = || SignInCommand::Refuse {
            account: whose,
            platform: Platform::Web,
            country: None,
            located_by: None,
        };
        streams.execute::<SignIn>(id, refuse, || world.scribe(), &meta()).await.unwrap();
        let commit = streams.newest_commit(&keys::stream::<SignIn>(id)).await.unwrap().unwrap();
        let expected = if whose.is_some() { Projected::Shown } else { Projected::Nothing };
        assert_eq!(world.store.views().project_activity(&commit).await.unwrap(), expected);
    }
    let items = shown(&world, account, 0).await;
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].outcome, items[0].device), (Outcome::Refused, None));
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let world = World::new().await;
    let (account, views) = (world.account(), world.store.views());
    let data_key = reserve(&world, account, 600).await;
    for _ in 0..5 {
        for commit in three_commits(&world, account, &data_key).await {
            views.project_activity(&commit).await.unwrap();
        }
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = views.activity(account, later(200), 2, cursor).await.unwrap();
        seen.extend(page.items.iter().map(|it| it.id));
        (cursor, pages) = (page.next, pages + 1);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (5, 3));
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
}
