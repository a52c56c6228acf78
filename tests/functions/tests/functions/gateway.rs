//! HTTP calls as API Gateway hands them to a function, and answers as it takes them back.

use std::collections::BTreeMap;

use postern_client::key::DeviceKey;
use postern_domain::ports::Clock as _;
use postern_runtime::clock::SystemClock;
use serde_json::{Value, json};

use crate::function::PUBLIC_URL;
use crate::recorded::recorded;

/// A call in the payload format 2.0 of an HTTP API.
pub(crate) fn event(method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Value {
    let mut event = recorded("api.client-config");
    let given = event["headers"].as_object_mut().unwrap();
    given.remove("x-app-version");
    for (name, value) in headers {
        given.insert(name.to_ascii_lowercase(), json!(value));
    }
    event["routeKey"] = json!("$default");
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["method"] = json!(method);
    event["requestContext"]["http"]["path"] = json!(path);
    if !body.is_null() {
        event["body"] = json!(body.to_string());
    }
    event
}

/// A fresh key's proof for a call to this address, made now.
pub(crate) fn proof(method: &str, url: &str) -> String {
    let now = SystemClock.now().as_second();
    DeviceKey::generate().unwrap().proof(method, url, now, None).unwrap()
}

/// A fresh key's proof for a call to this path of the public URL.
pub(crate) fn public_proof(method: &str, path: &str) -> String {
    proof(method, &format!("{PUBLIC_URL}{path}"))
}

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn read(answer: &Value) -> Self {
        assert_eq!(answer["isBase64Encoded"], false, "the gateway passes text on as it is");
        let headers = answer["headers"].as_object().unwrap().iter();
        Self {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            text: answer["body"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// That it is a problem of this status and code, whole and in form, with these members more.
    pub(crate) fn assert_problem(&self, status: u64, code: &str, title: &str, more: &Value) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self.assert_guarded();
        let mut said = self.json();
        // What a person should do, in their language, and a hint for developers.
        let detail = said["detail"].take();
        assert!(detail.as_str().is_some_and(|it| it.ends_with('.')), "{self:?}");
        said.as_object_mut().unwrap().remove("reason");
        let mut expected = json!({
            "type": format!("urn:postern:problem:{code}"),
            "title": title,
            "status": status,
            "detail": null,
            "code": code,
            "request_id": self.headers["x-request-id"],
        });
        for (name, value) in more.as_object().unwrap() {
            if name != "detail" {
                expected[name] = value.clone();
            }
        }
        assert_eq!(said, expected);
    }

    /// That it has the headers that every answer has.
    pub(crate) fn assert_guarded(&self) {
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(self.headers["x-content-type-options"], "nosniff");
        assert!(self.headers.contains_key("strict-transport-security"));
        assert!(self.headers["x-request-id"].starts_with("req_"));
    }
}
