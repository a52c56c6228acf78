#![allow(clippy::unwrap_used, reason = "a test may")]

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use postern_events::ids::{AccountId, SupportId};
use postern_store::uploads::{Grants, Uploads};
use tower::ServiceExt as _;

use super::*;
use crate::clients::Clients;
use crate::fixtures::{Ground, noon};

const HOST: &str = "127.0.0.1:4568";
const BUCKET: &str = "postern-uploads";
const PHOTO: &[u8] = b"not really a photo";

/// The endpoint at an address that nobody dials, and what makes addresses of uploads to it.
struct Bucket {
    router: Router,
    files: Files,
    grants: Grants,
    account: AccountId,
    request: SupportId,
}

impl Bucket {
    fn new(ground: &Ground) -> Self {
        let client = Clients::new("http://127.0.0.1:1").with_buckets_at(format!("http://{HOST}"));
        let files = Files::new(ground.files());
        Self {
            router: router(files.clone(), ground.clock.clone(), client.s3()),
            files,
            grants: client.grants(BUCKET),
            account: AccountId::new(noon(), [1; 10]),
            request: SupportId::new(noon(), [2; 10]),
        }
    }

    /// An address for a photo, as the API makes it: path and query.
    async fn address(&self, now: Timestamp) -> String {
        let size = u64::try_from(PHOTO.len()).unwrap();
        let (account, request) = (self.account, self.request);
        let url = self.grants.grant(account, request, 1, "image/png", size, now).await.unwrap();
        url.strip_prefix(&format!("http://{HOST}")).unwrap().to_owned()
    }

    fn key(&self) -> String {
        format!("uploads/{}/{}/1", self.account, self.request)
    }

    fn kept(&self) -> Vec<String> {
        self.files.list(BUCKET, "").unwrap().into_iter().map(|it| it.key).collect()
    }

    async fn ask(&self, request: Request<Body>) -> (u16, String) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn assert_refused(&self, request: Request<Body>, status: u16, code: &str) {
        let (given, body) = self.ask(request).await;
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
        assert_eq!(given, status, "{body}");
        assert!(self.kept().is_empty());
    }
}

/// A photo as a phone sends it.
fn upload(address: &str) -> Request<Body> {
    Request::put(address)
        .header("host", HOST)
        .header("content-type", "image/png")
        .header("content-length", PHOTO.len())
        .body(Body::from(PHOTO))
        .unwrap()
}

#[tokio::test]
async fn a_photo_is_kept_where_the_address_says() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    let address = bucket.address(noon()).await;
    for _ in 0..2 {
        assert_eq!(bucket.ask(upload(&address)).await, (200, String::new()));
    }
    assert_eq!(bucket.kept(), [bucket.key()]);
    let file = ground.files().join(BUCKET).join(bucket.key());
    assert_eq!(std::fs::read(file).unwrap(), PHOTO);
}

#[tokio::test]
async fn an_address_is_good_for_its_time_and_no_longer() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    let address = bucket.address(noon()).await;
    ground.clock.advance(15 * 60).unwrap();
    bucket.assert_refused(upload(&address), 403, "AccessDenied").await;
    let tomorrow = noon() + jiff::SignedDuration::from_hours(24);
    let early = bucket.address(tomorrow).await;
    bucket.assert_refused(upload(&early), 403, "AccessDenied").await;

    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    ground.clock.advance(15 * 60 - 1).unwrap();
    assert_eq!(bucket.ask(upload(&address)).await.0, 200);
}

#[tokio::test]
async fn another_file_than_the_one_that_was_asked_for_is_refused() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    let address = bucket.address(noon()).await;
    let changed = |name: &'static str, value: &str| {
        let mut request = upload(&address);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for other in [
        changed("content-type", "text/html"),
        changed("content-length", "19"),
        changed("host", "localhost:4568"),
        upload(&address.replacen("/1?", "/2?", 1)),
        upload(&address.replacen(BUCKET, "another", 1)),
        upload(&address.replacen("X-Amz-Expires=900", "X-Amz-Expires=9000", 1)),
        upload(&address.replacen("X-Amz-Date=2027", "X-Amz-Date=2028", 1)),
        upload(&format!("{address}&x-amz-acl=public-read")),
    ] {
        bucket.assert_refused(other, 403, "SignatureDoesNotMatch").await;
    }
    let mut endless = upload(&address);
    endless.headers_mut().remove("content-length");
    bucket.assert_refused(endless, 411, "MissingContentLength").await;
    let (path, _) = address.split_once('?').unwrap();
    bucket.assert_refused(upload(path), 403, "AccessDenied").await;
}

#[tokio::test]
async fn a_body_of_another_length_than_it_says_is_refused() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    let address = bucket.address(noon()).await;
    for body in [&PHOTO[1..], &[PHOTO, b"!"].concat()] {
        let mut other = upload(&address);
        *other.body_mut() = Body::from(body.to_vec());
        bucket.assert_refused(other, 400, "IncompleteBody").await;
    }
}

#[tokio::test]
async fn an_address_for_an_upload_is_good_for_nothing_else() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    let address = bucket.address(noon()).await;
    assert_eq!(bucket.ask(upload(&address)).await.0, 200);
    for (method, code) in [
        (Method::GET, "MethodNotAllowed"),
        (Method::HEAD, ""),
        (Method::POST, "MethodNotAllowed"),
        (Method::DELETE, "AccessDenied"),
    ] {
        let mut request = upload(&address);
        *request.method_mut() = method.clone();
        let (status, body) = bucket.ask(request).await;
        assert!([403, 405].contains(&status), "{method}");
        assert!(body.contains(code), "{method}: {body}");
    }
    for path in ["/".to_owned(), format!("/{BUCKET}"), format!("/{BUCKET}?list-type=2")] {
        let request = Request::get(&path).header("host", HOST).body(Body::empty()).unwrap();
        assert!([403, 405].contains(&bucket.ask(request).await.0), "{path}");
    }
    assert_eq!(bucket.kept(), [bucket.key()]);
}

#[tokio::test]
async fn a_key_that_leads_elsewhere_is_refused() {
    let ground = Ground::new();
    let bucket = Bucket::new(&ground);
    for path in ["/b/..%2fa", "/b/a/%2e%2e/b", "/b/.hidden", "/b/a%00"] {
        bucket.assert_refused(upload(path), 400, "InvalidRequest").await;
    }
}

#[tokio::test]
async fn what_an_account_sent_is_found_and_deleted_by_the_sdk() {
    let ground = Ground::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let client = Clients::new("http://127.0.0.1:1").with_buckets_at(base).s3();
    let files = Files::new(ground.files());
    let endpoint = router(files.clone(), ground.clock.clone(), client.clone());
    tokio::spawn(async move { axum::serve(listener, endpoint).await });
    let uploads = Uploads::new(client, BUCKET.to_owned());
    let (ann, ben) = (AccountId::new(noon(), [1; 10]), AccountId::new(noon(), [2; 10]));
    for key in ["x/0", "x/1", "y/0"] {
        for account in [ann, ben] {
            let name = Name::new(BUCKET, &format!("uploads/{account}/{key}")).unwrap();
            files.put(&name, PHOTO).unwrap();
        }
    }
    for _ in 0..2 {
        uploads.forget(ann).await.unwrap();
    }
    let left = files.list(BUCKET, "").unwrap();
    assert_eq!(left.len(), 3);
    assert!(left.iter().all(|it| it.key.starts_with(&format!("uploads/{ben}/"))));
}
