//! What guessing a code costs, and what it doesn't.

use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::world::{World, asked, ok, refused};

/// S4: five guesses, and then not even the right code.
#[tokio::test]
async fn the_fifth_wrong_code_closes_the_attempt_for_the_right_one_too() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    for left in (0..5).rev() {
        let guess = wrong_code(&code, left + 1);
        let wrong = refused(phone.verify(&attempt, &guess).await, 403, "code_incorrect");
        assert_eq!(wrong.body["attempts_left"], left);
    }
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    let story = world.story(&attempt).await;
    assert_eq!(story.iter().filter(|name| *name == "sign_in.code_rejected").count(), 5);
    assert!(story.contains(&"sign_in.locked".to_owned()), "{story:?}");
    assert_eq!(phone.session(), None);
}

/// S4, S9: what can't be a code is a slip of the app, not a guess of its user.
#[tokio::test]
async fn a_guess_that_has_not_the_form_of_a_code_costs_nothing() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let story = world.story(&attempt).await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let guesses = [
        json!("abcdef"),
        json!("١٢٣٤٥٦"),
        json!("１２３４５６"),
        json!(code.parse::<u32>().unwrap()),
        json!(&code[..5]),
        json!(format!("{code}0")),
        json!(format!(" {code}")),
        json!(format!("{} {}", &code[..3], &code[3..])),
        json!(format!("{code}\n")),
        json!("-12345"),
        json!("+12345"),
        json!("1e0005"),
        json!(""),
        json!([code]),
        Value::Null,
    ];
    for guess in guesses {
        let answer = phone.call("POST", &path, Some(&json!({ "code": guess }))).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/code", "{guess}");
    }
    let polled = ok(phone.poll(&attempt).await, 200);
    assert_eq!(polled.body["attempts_left"], 5);
    assert_eq!(world.story(&attempt).await, story);
    ok(phone.verify(&attempt, &code).await, 200);
}
