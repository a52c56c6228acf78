use insta::assert_snapshot;
use postern_domain::message::Message;
use postern_events::message::MessageKind;
use postern_events::vocabulary::{DeviceDescription, Method, Platform};

use super::*;

pub(super) fn support_request() -> Letter {
    let at = asker().at;
    let row = |channel, state| Delivered { at, kind: MessageKind::SignInCode, channel, state };
    Letter::SupportRequest(Box::new(SupportRequest {
        request: "sup_01J00000000000000000000001".parse().unwrap(),
        account: "acc_01J00000000000000000000002".parse().unwrap(),
        proven: true,
        address: Some("ada@example.com".to_owned()),
        message: "No code arrives.\n\nSee www.evil.example <b>now</b> {{ subject }}".to_owned(),
        app_version: "2.3.0".to_owned(),
        platform: Platform::Android,
        device: Some(DeviceDescription {
            name: "Ada’s phone".to_owned(),
            model: "Pixel 9".to_owned(),
            os_version: "16".to_owned(),
        }),
        attachments: vec![Attached {
            name: "login security.png".to_owned(),
            content_type: "image/png".to_owned(),
            size: 48_213,
            at: "uploads/acc_01J00000000000000000000002/sup_01J00000000000000000000001/1"
                .to_owned(),
        }],
        history: vec![row(Method::Email, Message::Bounced), row(Method::App, Message::Sent)],
        at,
    }))
}

#[test]
fn support_reads_english_and_no_one_s_markup() {
    let written = write_in(&support_request(), Language::negotiate("ar"));
    assert_eq!(written.language, Language::fallback());
    let text = format!("Subject: {}\n\n{}", written.subject, written.text);
    assert_snapshot!("support.txt", text.replace('\u{2060}', "⁀"));
    assert_snapshot!("support.html", body(&written.html).replace('\u{2060}', "⁀"));
    for layout in [&written.text, &written.html] {
        assert!(!layout.contains("evil.example"), "{layout}");
    }
    assert!(!written.html.contains("<b>"), "{}", written.html);
}

#[test]
fn without_files_and_codes_support_is_told_that_there_are_none() {
    let Letter::SupportRequest(mut request) = support_request() else { unreachable!() };
    (request.proven, request.address, request.device) = (false, None, None);
    (request.attachments, request.history) = (Vec::new(), Vec::new());
    let written = write(&Letter::SupportRequest(request));
    assert_snapshot!("support-bare.txt", written.text);
    assert_eq!(written.html.matches("None.").count(), 2);
}
