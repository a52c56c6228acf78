//! What can be asked of SNS here: to know a phone, and to push to it.

use postern_domain::ports::Clock as _;

use super::form::Form;
use super::message::payload;
use super::xml::element;
use super::{Capture, Refused};
use crate::capture::NewPush;
use crate::capture::endpoints::{Application, Changes, EndpointError};
use crate::faults::{Fault, PushFault};

/// The attribute that says whether pushes are sent.
const ENABLED: &str = "Enabled";
/// The attribute that names the app on the phone.
const TOKEN: &str = "Token";
/// The attribute that is the owner's to fill.
const USER_DATA: &str = "CustomUserData";
/// SNS's own limit of [`USER_DATA`], in bytes.
const MAX_USER_DATA: usize = 2048;

impl Capture {
    /// Performs one action; the result is the XML inside of its answer. SNS that is down performs
    /// none.
    pub(super) fn perform(&self, action: &str, form: &Form) -> Result<String, Refused> {
        if self.faults.strike(Fault::Push(PushFault::Down)) {
            return Err(Refused::Down);
        }
        match action {
            "CreatePlatformEndpoint" => self.create(form),
            "GetEndpointAttributes" => self.attributes(form),
            "SetEndpointAttributes" => self.change(form),
            "DeleteEndpoint" => self.delete(form),
            "Publish" => self.publish(form),
            _ => Err(Refused::Action),
        }
    }

    fn create(&self, form: &Form) -> Result<String, Refused> {
        let application = Application::named(form.need("PlatformApplicationArn")?)
            .ok_or(Refused::NotFound("PlatformApplication does not exist"))?;
        let mut given = changes(form)?;
        if let Some(user_data) = form.get(USER_DATA) {
            given.user_data = Some(user_data_of(user_data)?);
        }
        let endpoint = self.endpoints.create(&application, form.need(TOKEN)?, &given)?;
        Ok(element("EndpointArn", &endpoint.arn()))
    }

    fn attributes(&self, form: &Form) -> Result<String, Refused> {
        let endpoint = self.endpoints.find(form.need("EndpointArn")?)?;
        let enabled = endpoint.enabled.to_string();
        let mut all = vec![(ENABLED, &enabled), (TOKEN, &endpoint.token)];
        if !endpoint.user_data.is_empty() {
            all.push((USER_DATA, &endpoint.user_data));
        }
        let entries = all.into_iter().map(|(name, value)| {
            format!("<entry>{}{}</entry>", element("key", name), element("value", value))
        });
        Ok(format!("<Attributes>{}</Attributes>", entries.collect::<String>()))
    }

    fn change(&self, form: &Form) -> Result<String, Refused> {
        self.endpoints.change(form.need("EndpointArn")?, &changes(form)?)?;
        Ok(String::new())
    }

    fn delete(&self, form: &Form) -> Result<String, Refused> {
        self.endpoints.delete(form.need("EndpointArn")?)?;
        Ok(String::new())
    }

    fn publish(&self, form: &Form) -> Result<String, Refused> {
        let arn = form.need("TargetArn")?;
        let endpoint = self.endpoints.find(arn).map_err(|error| match error {
            EndpointError::Missing => {
                Refused::NotFound("No endpoint found for the target arn specified")
            }
            EndpointError::TokenOf(_) | EndpointError::State(_) => error.into(),
        })?;
        if !endpoint.enabled {
            return Err(Refused::Disabled);
        }
        if self.faults.strike(Fault::Push(PushFault::Disabled)) {
            let disabled = Changes { enabled: Some(false), ..Changes::default() };
            self.endpoints.change(arn, &disabled)?;
            return Err(Refused::Disabled);
        }
        if form.get("MessageStructure") != Some("json") {
            return Err(Refused::Invalid("MessageStructure Reason: only json is captured".into()));
        }
        let push = NewPush {
            platform: endpoint.platform(),
            payload: payload(form.need("Message")?, endpoint.platform())?,
            attributes: form.map("MessageAttributes", "Name", "Value.StringValue")?,
            token: endpoint.token,
        };
        Ok(element("MessageId", &self.pushes.take(&push, self.clock.now())?))
    }
}

/// The attributes of an endpoint that a request gives.
fn changes(form: &Form) -> Result<Changes, Refused> {
    let mut changes = Changes::default();
    for (name, value) in form.map("Attributes", "key", "value")? {
        match name.as_str() {
            ENABLED => changes.enabled = Some(enabled_of(&value)?),
            TOKEN if value.is_empty() => return Err(wrong("Token Reason: is empty")),
            TOKEN => changes.token = Some(value),
            USER_DATA => changes.user_data = Some(user_data_of(&value)?),
            _ => return Err(wrong("Attributes Reason: Invalid attribute name")),
        }
    }
    Ok(changes)
}

fn enabled_of(text: &str) -> Result<bool, Refused> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_| wrong("Attributes Reason: Invalid value for attribute: Enabled"))
}

fn user_data_of(text: &str) -> Result<String, Refused> {
    if text.len() > MAX_USER_DATA {
        return Err(wrong("CustomUserData Reason: is over 2048 bytes"));
    }
    Ok(text.to_owned())
}

fn wrong(why: &str) -> Refused {
    Refused::Invalid(why.to_owned())
}
