//! The main job as a story, told while it happens.

use std::io::Write;

use serde_json::json;

use crate::answer::Answer;
use crate::client::Client;
use crate::local::Local;
use crate::push::Push;
use crate::trouble::Trouble;
use crate::{log, mail};

/// The password that the tour's account is opened with.
const PASSWORD: &str = "otter-Plinth-96-lagoon";

/// Plays the main job against a running local stack and tells it to `out`.
///
/// # Errors
/// The first answer that is not what the story needs.
pub async fn play(base: &str, out: &mut impl Write) -> Result<(), Trouble> {
    let first = phone(base, "Blue phone", "ios")?;
    let second = phone(base, "Red tablet", "android")?;
    let email = format!("ada.{}@example.com", first.key().thumbprint().to_lowercase());
    let story = Story { local: Local::new(base)?, email, first, second };
    story.register(out).await?;
    story.sign_in_again(out).await?;
    let id = story.ask_on_the_second(out).await?;
    story.read_the_code(&id, out).await?;
    story.remove(out).await?;
    story.tell_the_log(out).await
}

fn phone(base: &str, name: &str, platform: &str) -> Result<Client, Trouble> {
    Ok(Client::new(base)?.described(json!({
        "name": name, "model": "Sample", "platform": platform, "os_version": "26.1",
    })))
}

/// Who takes part.
struct Story {
    local: Local,
    email: String,
    first: Client,
    second: Client,
}

impl Story {
    async fn register(&self, out: &mut impl Write) -> Result<(), Trouble> {
        writeln!(out, "1. A phone registers {}.", self.email)?;
        let opened = self.first.register(&self.email, PASSWORD).await?.require(202)?;
        let code = self.local.mailed_code(&self.email).await?;
        writeln!(out, "   A mail brings the code {code}.")?;
        let done = self.first.verify_registration(opened.text("id")?, &code).await?.require(200)?;
        writeln!(out, "   The code completes it: {}.", device(&done))?;
        let account = self.first.account().await?.require(200)?;
        writeln!(out, "   Two-step verification is {}.", account.body["two_step"])?;
        Ok(())
    }

    async fn sign_in_again(&self, out: &mut impl Write) -> Result<(), Trouble> {
        writeln!(out, "2. The same phone signs in again with the password alone.")?;
        let done = self.first.sign_in(&self.email, PASSWORD).await?.require(201)?;
        writeln!(out, "   {}, no code: {}.", done.text("status")?, device(&done))?;
        let token = self.first.key().thumbprint();
        self.first.register_push("apns", &token, "allowed").await?.require(204)?;
        writeln!(out, "   It may be told of sign-in requests from now on.")?;
        Ok(())
    }

    async fn ask_on_the_second(&self, out: &mut impl Write) -> Result<String, Trouble> {
        writeln!(out, "3. A second device signs in with the right password.")?;
        let asked = self.second.sign_in(&self.email, PASSWORD).await?.require(201)?;
        writeln!(
            out,
            "   {}: a code goes by {} to {} device, good for {} s, {} guesses.",
            asked.text("status")?,
            asked.text("method")?,
            asked.body["sent_to"]["devices"],
            asked.body["expires_in"],
            asked.body["attempts_left"],
        )?;
        self.local.drain().await?;
        let pushes = self.local.pushes(Some(&self.first.key().thumbprint())).await?;
        let told = pushes.first().and_then(Push::postern).unwrap_or_default();
        writeln!(out, "   The first phone is told, without the code: {told}.")?;
        Ok(asked.text("id")?.to_owned())
    }

    async fn read_the_code(&self, id: &str, out: &mut impl Write) -> Result<(), Trouble> {
        let shown = self.first.open_request(id).await?.require(200)?;
        let code = shown.text("code")?;
        let asks = &shown.body["device"]["name"];
        writeln!(out, "4. It shows that {asks} asks, and the code {code}; the owner mistypes it.")?;
        let wrong = self.second.verify(id, &mail::wrong_code(code, 1)).await?.require(403)?;
        writeln!(out, "   {}: {} guesses left.", wrong.code(), wrong.body["attempts_left"])?;
        let early = self.second.resend(id).await?.require(429)?;
        writeln!(out, "   {}: wait {} s.", early.code(), early.header("retry-after"))?;
        self.second.resend_by(id, "email").await?.require(202)?;
        let mailed = self.local.mailed_code(&self.email).await?;
        writeln!(out, "   \"Receive code via email\" need not wait, and brings {mailed}.")?;
        let done = self.second.verify(id, &mailed).await?.require(200)?;
        writeln!(out, "   {}: {}.", done.text("status")?, device(&done))?;
        Ok(())
    }

    async fn remove(&self, out: &mut impl Write) -> Result<(), Trouble> {
        writeln!(out, "5. The first phone looks at its devices.")?;
        let list = self.first.devices().await?.require(200)?;
        for device in list.body["devices"].as_array().into_iter().flatten() {
            let here = if device["current"] == json!(true) { " (this one)" } else { "" };
            writeln!(out, "   - {}{here}", device["name"])?;
        }
        let second = self.second.session().ok_or(Trouble::SignedOut)?;
        self.first.remove_device(&second.device).await?.require(204)?;
        let out_now = self.second.account().await?.require(401)?;
        writeln!(out, "   It removes the second, whose very next call gets {}.", out_now.code())?;
        let asked = self.second.sign_in(&self.email, PASSWORD).await?.require(201)?;
        writeln!(out, "   Signing in there again: {}.", asked.text("status")?)?;
        Ok(())
    }

    async fn tell_the_log(&self, out: &mut impl Write) -> Result<(), Trouble> {
        self.local.drain().await?;
        writeln!(out, "6. All of it is in the log, without a code or a name:")?;
        for commit in self.local.events(None).await? {
            let names = log::names(std::slice::from_ref(&commit)).join(", ");
            writeln!(out, "   {} #{}: {names}", commit.stream, commit.version)?;
        }
        Ok(())
    }
}

/// What an answer says about the device that it let in.
fn device(answer: &Answer) -> String {
    let device = &answer.body["session"]["device"];
    let trusted = device["trusted"].as_bool().unwrap_or(false);
    let id = device["id"].as_str().unwrap_or("no device");
    format!("{id} is {}trusted", if trusted { "" } else { "not " })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_session_lets_no_device_in() {
        let answer = Answer {
            call: String::new(),
            status: 201,
            headers: reqwest::header::HeaderMap::new(),
            body: json!({ "session": null }),
        };
        assert_eq!(device(&answer), "no device is not trusted");
    }
}
