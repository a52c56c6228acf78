//! Photos for support: each goes to its own address, as it was announced, and not for long.

use std::fs;
use std::path::{Path, PathBuf};

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::letters::{SUPPORT, mails};
use crate::support::{plea, read, with};
use crate::world::{EMAIL, World, id, ok};

/// What is uploaded: nobody looks whether it is a photo.
pub(crate) const PHOTO: &[u8] = b"four-legged friend";

/// A request for help with a photo of [`PHOTO`]'s size.
pub(crate) async fn asked_with_photo(phone: &Client) -> Answer {
    let file = json!([{ "name": "screen.png", "content_type": "image/png", "size": PHOTO.len() }]);
    ok(phone.ask_for_help(&with(plea(phone), "attachments", file)).await, 201)
}

/// Where the first file of an answer goes.
pub(crate) fn place(answer: &Answer) -> &str {
    answer.body["uploads"][0]["url"].as_str().unwrap()
}

/// Every file that somebody has uploaded, by its name in the bucket.
pub(crate) fn files(world: &World) -> Vec<(String, Vec<u8>)> {
    let root = world.stack.folder().join("s3");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((name_in(&root, &path), fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn name_in(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// Tries an upload that has to be refused.
async fn is_refused(world: &World, url: &str, content_type: &str, content: &[u8]) {
    let answer = world.phone().upload(url, content_type, content.to_owned()).await.unwrap();
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert_eq!(files(world), []);
}

/// H2: what was announced is taken at the address that was given for it; support reads where it lies.
#[tokio::test]
async fn a_photo_that_was_announced_is_taken_and_support_finds_it() {
    let world = World::open().await;
    let owner = world.owner().await;
    let asked = asked_with_photo(&owner).await;
    let upload = &asked.body["uploads"][0];
    assert_eq!(upload["name"], "screen.png");
    assert_eq!(upload["content_type"], "image/png");
    assert_eq!(upload["size"], PHOTO.len());
    assert!(upload["expires_in"].as_u64().unwrap() > 0);
    for _ in 0..2 {
        let taken = owner.upload(place(&asked), "image/png", PHOTO.to_owned()).await.unwrap();
        assert_eq!(taken.status, 200, "{}", taken.body);
    }
    let account = ok(owner.account().await, 200).body["id"].take();
    let key = format!("uploads/{}/{}/0", account.as_str().unwrap(), id(&asked));
    assert_eq!(files(&world), [(format!("postern-uploads/{key}"), PHOTO.to_owned())]);
    let mail = mails(&world, SUPPORT).await.remove(0);
    let line = format!("- screen.png, image/png, {} bytes, {key}", PHOTO.len());
    assert!(read(&mail.text).contains(&line), "{}", mail.text);
    // Where it may be put is nobody's business but the sender's.
    assert!(!mail.text.contains("X-Amz") && !mail.html.contains("X-Amz"));
}

/// H2: nothing else is taken there: no other kind, no other size, no other place.
#[tokio::test]
async fn a_file_that_was_not_announced_so_is_refused() {
    let world = World::open().await;
    let owner = world.owner().await;
    let asked = asked_with_photo(&owner).await;
    let url = place(&asked);
    is_refused(&world, url, "text/html", PHOTO).await;
    is_refused(&world, url, "image/jpeg", PHOTO).await;
    is_refused(&world, url, "image/svg+xml", PHOTO).await;
    is_refused(&world, url, "image/png", &PHOTO[1..]).await;
    is_refused(&world, url, "image/png", &[PHOTO, b"!"].concat()).await;
    let request = id(&asked);
    let elsewhere = url.replacen(&format!("{request}/0"), &format!("{request}/1"), 1);
    is_refused(&world, &elsewhere, "image/png", PHOTO).await;
    let other = url.replacen(&request, "sup_01J00000000000000000000000", 1);
    is_refused(&world, &other, "image/png", PHOTO).await;
    let (bare, _) = url.split_once('?').unwrap();
    is_refused(&world, bare, "image/png", PHOTO).await;
    let longer = url.replacen("X-Amz-Expires=", "X-Amz-Expires=9", 1);
    is_refused(&world, &longer, "image/png", PHOTO).await;
}

/// H2: an address is good for a while, and nothing that was uploaded is given out again.
#[tokio::test]
async fn an_upload_s_address_is_good_for_its_time_and_for_nothing_else() {
    let world = World::open().await;
    let owner = world.owner().await;
    let asked = asked_with_photo(&owner).await;
    let life = asked.body["uploads"][0]["expires_in"].as_u64().unwrap();
    assert_eq!(life, 15 * 60);
    world.local.advance(life - 5).await.unwrap();
    let taken = owner.upload(place(&asked), "image/png", PHOTO.to_owned()).await.unwrap();
    assert_eq!(taken.status, 200, "{}", taken.body);
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    for url in [place(&asked), place(&asked).split_once('?').unwrap().0] {
        let shown = browser.get(url).send().await.unwrap();
        assert!(shown.status().is_client_error(), "{}", shown.status());
    }
    world.local.advance(5).await.unwrap();
    let late = owner.upload(place(&asked), "image/png", b"another picture !!".to_vec()).await;
    assert_eq!(late.unwrap().status, 403);
    assert_eq!(files(&world)[0].1, PHOTO);
}

/// H2, H1: each of five photos has a place of its own; whoever only names an address has one, too.
#[tokio::test]
async fn every_photo_has_a_place_of_its_own() {
    let world = World::open().await;
    let owner = world.owner().await;
    let types = ["image/png", "image/jpeg", "image/png", "image/png", "image/jpeg"];
    let file = |(number, kind): (usize, &&str)| json!({ "name": format!("{number}"), "content_type": kind, "size": PHOTO.len() });
    let all: Vec<Value> = types.iter().enumerate().map(file).collect();
    let body = with(plea(&owner), "attachments", json!(all));
    let asked = ok(owner.ask_for_help(&body).await, 201).body;
    for (upload, kind) in asked["uploads"].as_array().unwrap().iter().zip(types) {
        let url = upload["url"].as_str().unwrap();
        let taken = owner.upload(url, kind, PHOTO.to_owned()).await.unwrap();
        assert_eq!(taken.status, 200, "{}", taken.body);
    }
    assert_eq!(files(&world).len(), 5);

    let stranger = world.phone();
    let body = with(with(plea(&stranger), "attachments", json!(all[..1])), "email", json!(EMAIL));
    let asked = ok(stranger.ask_for_help_from_outside(&body).await, 201);
    let taken = stranger.upload(place(&asked), "image/png", PHOTO.to_owned()).await.unwrap();
    assert_eq!(taken.status, 200, "{}", taken.body);
    let account = ok(owner.account().await, 200).body["id"].take();
    assert!(!place(&asked).contains(account.as_str().unwrap()), "it tells whose the address is");
    assert_eq!(files(&world).len(), 6);
}
