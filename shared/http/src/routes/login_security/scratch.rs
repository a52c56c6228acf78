#![allow(warnings, clippy::all, clippy::pedantic)]
use std::sync::Arc;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::*;
use axum::Json;
use axum::extract::FromRequestParts;
use postern_domain::account::*;
use postern_domain::ports::{Clock, draw};
use postern_domain::password::Password;
use postern_events::ids::*;
use postern_events::personal::Personal;
use postern_events::vocabulary::*;
use postern_runtime::chance::SystemChance;
use postern_runtime::places::{Place, Places};
use postern_runtime::secrets::Secrets;
use postern_store::Store;
use postern_store::keys;
use postern_store::model::Scribe;
use postern_store::sessions::{RefreshSecret, Session};
use postern_store::streams::StreamContext;
use postern_store::uploads::Uploads;
use serde_json::{Value, json};
use crate::answer::RequestId;
use crate::call::{Call, MaybeSignedIn, Proven};
use crate::problem::{Code, Problem};
use crate::sessions::SignedIn;
use crate::{Api, Settings, Surroundings};
use crate::body::{Members, Nothing};

struct Now;
impl Clock for Now { fn now(&self) -> jiff::Timestamp { noon() } }
fn noon() -> jiff::Timestamp { "2026-11-24T12:00:00Z".parse().unwrap() }

struct World { api: Api, account: AccountId, device: DeviceId, session: Session, _dir: tempfile::TempDir }

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let db = dynoxide::Database::new(folder.path().join("t.db").to_str().unwrap()).unwrap();
    let l = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let a = l.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(l, db));
    let config = aws_sdk_dynamodb::Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("x"))
        .credentials_provider(Credentials::new("test","test",None,None,"test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http()).endpoint_url(format!("http://{a}")).build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    for t in keys::TABLES {
        let mut call = client.create_table().table_name(format!("{}{}", keys::DEFAULT_PREFIX, t.name)).billing_mode(BillingMode::PayPerRequest);
        let range = t.range.map(|(n,k)| (n, KeyType::Range, k));
        for (n, r, k) in [Some((t.hash, KeyType::Hash, keys::KeyType::Text)), range].into_iter().flatten() {
            let s = match k { keys::KeyType::Text => ScalarAttributeType::S, keys::KeyType::Number => ScalarAttributeType::N };
            call = call.key_schema(KeySchemaElement::builder().attribute_name(n).key_type(r).build().unwrap())
              .attribute_definitions(AttributeDefinition::builder().attribute_name(n).attribute_type(s).build().unwrap());
        }
        call.send().await.unwrap();
    }
    let s3 = aws_sdk_s3::Config::builder().behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new("x")).credentials_provider(aws_sdk_s3::config::Credentials::new("test","test",None,None,"test"))
        .endpoint_url("http://127.0.0.1:9").force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http()).build();
    let settings = Settings { function: "test", public_url: "https://api.example".into(), minimum_version: "2.3".parse().unwrap(), latest_version: "2.3".parse().unwrap(), email_sender: "x@y.z".into(), support_url: "https://x".into() };
    let api = Api::assemble(Store::new(client, keys::DEFAULT_PREFIX), &Secrets::generate(&SystemChance).unwrap(), settings,
        Surroundings { clock: Arc::new(Now), chance: Arc::new(SystemChance), places: Places::unknown(), uploads: Uploads::new(aws_sdk_s3::Client::from_conf(s3), "bucket".into()) }).unwrap();
    let ch = SystemChance;
    let account = AccountId::new(noon(), draw(&ch));
    let parts = api.parts();
    let pw = postern_store::password::hash(&parts.peppers, &Password::parse("violet teapot under seven bridges").unwrap(), &ch).unwrap();
    let key = parts.store.vault().reserve(account, &pw, noon() + jiff::SignedDuration::from_mins(10), &ch).await.unwrap();
    let device = DeviceId::new(noon(), draw(&ch));
    let dk = parts.lookup.device(account, &[1; 32]);
    let email = "ada@example.com";
    let address_key = parts.lookup.address(email);
    let description = DeviceDescription { name: "Ada's phone".into(), model: "P1".into(), os_version: "18".into() };
    let origin = Origin { ip: "192.0.2.1".parse().unwrap(), city: None };
    let command = AccountCommand::Register(Box::new(Registration { account, email: Personal::Clear(email.into()), address_key, locale: "de".into(), verification: VerificationId::new(noon(), draw(&ch)),
        device: NewDevice { id: device, key: dk, platform: Platform::Ios, description: Personal::Clear(description.clone()), origin: Personal::Clear(origin.clone()), by: postern_events::account::TrustedBy::Registration(VerificationId::new(noon(), draw(&ch))) } }));
    let scribe = Scribe { now: noon() - jiff::SignedDuration::from_hours(30), chance: Arc::new(SystemChance), data_key: Some(key.clone()) };
    let streams = parts.store.streams();
    let decided = streams.decide(StreamContext::<Account>::new(account), command, &scribe).await.unwrap();
    let meta = api.meta(&RequestId("r".into()), "t");
    let staged = [decided.stage(&meta).unwrap()];
    streams.commit_together(&staged, vec![parts.store.guards().claim_put(address_key, account).unwrap(), parts.store.vault().keep(account).unwrap()], draw(&ch)).await.unwrap();
    let ev = EventId::new(noon(), draw(&ch));
    let session = Session { account, id: SessionId::new(noon(), draw(&ch)), device, key: dk, trusted: true, trust_generation: 0, secret_hash: RefreshSecret::new(&ch).hash(), amr: vec![], auth_time: noon(), step_up_until: None, created_at: noon(), expires_at: noon() + jiff::SignedDuration::from_hours(1), platform: Platform::Ios,
        description: key.seal(ev, postern_events::personal::PersonalField::Device, &description).unwrap(), origin: key.seal(ev, postern_events::personal::PersonalField::Origin, &origin).unwrap() };
    parts.store.sessions().put(&session).await.unwrap();
    World { api, account, device, session, _dir: folder }
}

impl World {
    async fn signed_in(&self, stepped: bool) -> SignedIn {
        let mut session = self.api.parts().store.sessions().get(self.account, self.session.id, noon()).await.unwrap().unwrap();
        if stepped { session.step_up_until = Some(noon() + jiff::SignedDuration::from_mins(1)); }
        let account = self.api.parts().store.streams().load::<Account>(self.account).await.unwrap().state().open().unwrap().clone();
        SignedIn { session, account }
    }
    fn call<C, B: Members>(&self, caller: C, body: Value) -> Call<C, B> {
        let body = crate::body::members::<B>(body.to_string().as_bytes()).unwrap_or_else(|p| panic!("{p:?}"));
        Call { api: self.api.clone(), request: RequestId("req".into()), now: noon(), source: "192.0.2.1".parse().unwrap(), caller, place: Place::default(), repeat: None, body }
    }
}
fn code<T>(r: Result<T, Problem>) -> Code { match r { Ok(_) => panic!("fine"), Err(p) => { println!("  {p:?}"); p.code() } } }
fn v<T: serde::Serialize>(r: Result<Json<T>, Problem>) -> Value { match r { Ok(Json(t)) => { let v = json!(t); println!("{v:#}"); v } Err(p) => panic!("{p:?}") } }

#[tokio::test]
async fn all() {
    let w = world().await;
    let s = async |st| w.signed_in(st).await;
    v(super::show(w.call(s(false).await, json!({}))).await);
    assert_eq!(code(super::change(w.call(s(false).await, json!({"method":"email"}))).await), Code::StepUpRequired);
    v(super::change(w.call(s(false).await, json!({}))).await);
    assert_eq!(code(super::change(w.call(s(true).await, json!({"method":"app"}))).await), Code::ChannelUnavailable);
    let x = v(super::change(w.call(s(true).await, json!({"method":"email","two_step_enabled":false}))).await);
    assert_eq!(x["two_step_enabled"], false); assert_eq!(x["method"], "email");
    let now = s(false).await;
    assert_eq!(now.session.trust_generation, 1); assert_eq!(now.account.trust_generation, 1);
    // stale session
    let mut stale = s(true).await; stale.session.trust_generation = 0;
    assert_eq!(code(super::change(w.call(stale, json!({"two_step_enabled":true}))).await), Code::InvalidToken);
    // ended session at commit: two-step on then off
    v(super::change(w.call(s(true).await, json!({"two_step_enabled":true}))).await);
    let gone = s(true).await;
    w.api.parts().store.sessions().delete(w.account, w.session.id).await.unwrap();
    assert_eq!(code(super::change(w.call(gone.clone(), json!({"two_step_enabled":false}))).await), Code::InvalidToken);
    w.api.parts().store.sessions().put(&gone.session).await.unwrap();
    // recovery codes
    use super::super::{recovery_codes, devices, account, activity, support};
    let none = Session { step_up_until: None, ..gone.session.clone() };
    w.api.parts().store.sessions().put(&none).await.unwrap();
    assert_eq!(code(recovery_codes::create(w.call(s(false).await, json!({}))).await), Code::StepUpRequired);
    let a = v(recovery_codes::create(w.call(s(true).await, json!({}))).await);
    let b = v(recovery_codes::create(w.call(s(true).await, json!({}))).await);
    assert_ne!(a, b); assert_eq!(b["codes"].as_array().unwrap().len(), 10);
    assert_eq!(v(super::show(w.call(s(false).await, json!({}))).await)["recovery_codes_left"], 10);
    // devices
    v(devices::list(w.call(s(false).await, json!({}))).await);
    let req = |p: &str| p.to_owned();
    let named = |id: String| super::super::Named::<DeviceId>(id.parse().ok());
    let d = v(devices::rename(named(w.device.to_string()), w.call(s(false).await, json!({"name":" Küche "}))).await);
    assert_eq!(d["name"], "Küche"); assert_eq!(d["model"], "P1");
    assert_eq!(v(devices::list(w.call(s(false).await, json!({}))).await)["devices"][0], d);
    assert_eq!(code(devices::rename(named("dev_01ARZ3NDEKTSV4RRFFQ69G5FAV".into()), w.call(s(false).await, json!({"name":"x"}))).await), Code::NotFound);
    assert_eq!(code(devices::rename(named(w.device.to_string()), w.call(s(false).await, json!({"name":""}))).await), Code::InvalidRequest);
    // account
    v(account::show(w.call(s(false).await, json!({}))).await);
    assert_eq!(v(account::change(w.call(s(false).await, json!({"locale":"cs-CZ"}))).await)["locale"], "cs-CZ");
    assert_eq!(code(account::change(w.call(s(false).await, json!({"locale":"../x"}))).await), Code::InvalidRequest);
    // activity
    let (p, _) = axum::http::Request::builder().uri("/v1/activity?limit=5").body(()).unwrap().into_parts();
    let mut p = p;
    let q = activity::Query::from_request_parts(&mut p, &()).await.unwrap();
    v(activity::list(q, w.call(s(false).await, json!({}))).await);
    // support
    let body = json!({"message":"help\nme","app_version":"2.3","device":{"name":"n","model":"m","platform":"ios","os_version":"1"},"attachments":[{"name":"a.png","content_type":"image/png","size":10}]});
    let r = support::create(w.call(MaybeSignedIn::SignedIn(Box::new(s(false).await)), body.clone())).await;
    println!("{:#}", json!(r.map(|(c, Json(t))| { assert_eq!(c, 201); t }).map_err(|p| format!("{p:?}")).unwrap()));
    let mut with = body.clone(); with["email"] = json!("ada@example.com");
    let mut nobody = body.clone(); nobody["email"] = json!("bob@example.com");
    for i in 0..6 {
        for b in [&with, &nobody] {
            let r = support::create(w.call(MaybeSignedIn::Proven(Proven { thumbprint: [3; 32] }), b.clone())).await;
            match r { Ok((c, Json(t))) => { assert!(i < 5); if i == 0 { println!("{:#}", json!(t)) } }, Err(p) => { assert_eq!((i, p.code()), (5, Code::RateLimited)); } }
        }
    }
    assert_eq!(code(support::create(w.call(MaybeSignedIn::Proven(Proven { thumbprint: [3; 32] }), body.clone())).await), Code::InvalidRequest);
    assert_eq!(code(support::create(w.call(MaybeSignedIn::SignedIn(Box::new(s(false).await)), with.clone())).await), Code::InvalidRequest);
    let r = support::create(w.call(MaybeSignedIn::SignedIn(Box::new(s(false).await)), body.clone())).await;
    assert!(r.is_ok());
    v(super::show(w.call(s(false).await, json!({}))).await);
}
