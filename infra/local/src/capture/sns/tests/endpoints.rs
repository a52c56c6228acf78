//! How endpoints are made, changed and forgotten.

use super::*;

fn number(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

#[tokio::test]
async fn an_endpoint_is_made_once_for_the_same_token_and_user_data() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let arn = sns.create(APNS, "t<&>\u{e9}", "dev_1 & \"more\"").await.unwrap();
    let wanted = format!("arn:aws:sns:local:000000000000:endpoint/APNS/postern/{}", number(1));
    assert_eq!(arn, wanted);
    assert_eq!(sns.create(APNS, "t<&>\u{e9}", "dev_1 & \"more\"").await.unwrap(), arn);
    let attributes =
        [("CustomUserData", "dev_1 & \"more\""), ("Enabled", "true"), ("Token", "t<&>\u{e9}")];
    assert_eq!(sns.attributes(&arn).await.unwrap(), owned(&attributes).collect());

    let message = format!(
        "Invalid parameter: Token Reason: Endpoint {arn} already exists with the same Token, but \
         different attributes."
    );
    let other = sns.create(APNS, "t<&>\u{e9}", "dev_2").await.unwrap_err();
    assert_eq!(other, refused("InvalidParameter", &message));

    let elsewhere = sns.create(SANDBOX, "t<&>\u{e9}", "dev_2").await.unwrap();
    assert!(elsewhere.contains(":endpoint/APNS_SANDBOX/postern/"), "{elsewhere}");
}

#[tokio::test]
async fn an_application_or_a_token_that_is_none_makes_no_endpoint() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    for nowhere in [
        "arn:aws:sns:local:000000000000:app/ADM/postern",
        "arn:aws:sns:local:000000000000:app/APNS/",
        "arn:aws:sns:local:000000000000:app/APNS/a/b",
        "arn:aws:sns:eu-west-1:000000000000:app/APNS/postern",
    ] {
        let error = sns.create(nowhere, "t", "").await.unwrap_err();
        assert_eq!(error, refused("NotFound", "PlatformApplication does not exist"));
    }
    assert_eq!(sns.create(APNS, "", "").await.unwrap_err().0, "InvalidParameter");
    let long = "x".repeat(2049);
    assert_eq!(sns.create(APNS, "t", &long).await.unwrap_err().0, "InvalidParameter");
    sns.create(APNS, "t", &long[1..]).await.unwrap();
}

#[tokio::test]
async fn what_is_set_of_an_endpoint_is_what_is_got_and_the_rest_stays() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let arn = sns.create(FCM, "old", "dev_1").await.unwrap();
    sns.set(&arn, &[("Token", "new"), ("Enabled", "false")]).await.unwrap();
    let wanted = [("CustomUserData", "dev_1"), ("Enabled", "false"), ("Token", "new")];
    assert_eq!(sns.attributes(&arn).await.unwrap(), owned(&wanted).collect());
    sns.set(&arn, &[("CustomUserData", "dev_2"), ("Enabled", "TRUE")]).await.unwrap();
    let wanted = [("CustomUserData", "dev_2"), ("Enabled", "true"), ("Token", "new")];
    assert_eq!(sns.attributes(&arn).await.unwrap(), owned(&wanted).collect());

    let other = sns.create(FCM, "old", "dev_3").await.unwrap();
    assert_ne!(other, arn);
    let (code, message) = sns.set(&other, &[("Token", "new")]).await.unwrap_err();
    assert_eq!(code, "InvalidParameter");
    assert!(message.contains(&arn), "{message}");
    for wrong in [("Enabled", "perhaps"), ("Token", ""), ("Colour", "red")] {
        assert_eq!(sns.set(&arn, &[wrong]).await.unwrap_err().0, "InvalidParameter");
    }
}

#[tokio::test]
async fn a_deleted_endpoint_is_not_found_and_its_name_never_comes_again() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let arn = sns.create(APNS, "t", "dev_1").await.unwrap();
    for _ in 0..2 {
        sns.client.delete_endpoint().endpoint_arn(&arn).send().await.unwrap();
    }
    let missing = refused("NotFound", "Endpoint does not exist");
    assert_eq!(sns.attributes(&arn).await.unwrap_err(), missing);
    assert_eq!(sns.set(&arn, &[("Enabled", "true")]).await.unwrap_err(), missing);
    assert_eq!(sns.publish(&arn, &apns("{}")).await.unwrap_err().0, "NotFound");
    assert_ne!(sns.create(APNS, "t", "dev_1").await.unwrap(), arn);
    let borrowed = arn.replace("APNS", "GCM").replace(&number(1), &number(2));
    assert_eq!(sns.attributes(&borrowed).await.unwrap_err(), missing);
}
