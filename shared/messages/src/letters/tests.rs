#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{Ipv4Addr, Ipv6Addr};

use insta::assert_snapshot;
use jiff::Timestamp;
use postern_domain::codes::Code;
use postern_domain::message::Message;
use postern_events::message::MessageKind;
use postern_events::vocabulary::{DeviceDescription, Method, Platform};

use super::*;

/// Where the reader says that it wasn't them.
const REPORT: &str = "https://postern.example/v1/security-reports#sin_1.evt_1.k1.TAG";
/// The one address in a page that is nothing but a name.
const XMLNS: &str = "xmlns=\"http://www.w3.org/1999/xhtml\"";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn asker() -> Asker {
    Asker {
        device: Some("Ada’s phone".to_owned()),
        platform: Platform::Android,
        country: Some("CZ".to_owned()),
        city: Some("Prague".to_owned()),
        ip: Some(Ipv4Addr::new(203, 0, 113, 7).into()),
        at: time("2026-11-24T23:58:41.123Z"),
    }
}

fn nobody_knows() -> Asker {
    Asker {
        device: None,
        country: None,
        city: None,
        ip: None,
        platform: Platform::Other,
        ..asker()
    }
}

fn code() -> Code {
    Code::parse("004217", 6).unwrap()
}

fn expires_at() -> Timestamp {
    time("2026-11-25T00:03:41.123Z")
}

fn report() -> Option<String> {
    Some(REPORT.to_owned())
}

fn sign_in_code(asker: Asker) -> Letter {
    Letter::SignInCode { code: code(), expires_at: expires_at(), asker, report: report() }
}

/// The letter to an owner of every kind, and each of its versions.
fn every_kind(asker: &Asker) -> Vec<(&'static str, Letter)> {
    let stranger = || Asker { device: None, ..asker.clone() };
    let (asker, act) = (|| asker.clone(), || Act::from(asker.clone()));
    let code_of = |make: fn(Code, Timestamp, Asker, Option<String>) -> Letter, asker| {
        make(code(), expires_at(), asker, report())
    };
    macro_rules! code {
        ($kind:ident, $asker:expr) => {
            code_of(
                |code, expires_at, asker, report| Letter::$kind { code, expires_at, asker, report },
                $asker,
            )
        };
    }
    let removed = |because| Letter::DeviceRemoved {
        name: Some("Old tablet".to_owned()),
        platform: Some(Platform::Ios),
        because,
        act: act(),
        report: report(),
    };
    let new_device = |by| Letter::NewDevice { asker: asker(), by, report: report() };
    let paused =
        |until| Letter::CodeEntryPaused { until, act: Act::at(asker().at), report: report() };
    let changed = |signed_out_others| Letter::PasswordChanged {
        signed_out_others,
        act: act(),
        report: report(),
    };
    vec![
        ("sign-in-code", sign_in_code(asker())),
        ("registration-code", code!(RegistrationCode, asker())),
        ("step-up-code", code!(StepUpCode, asker())),
        ("password-reset-code", code!(PasswordResetCode, stranger())),
        ("email-change-code", code!(EmailChangeCode, stranger())),
        (
            "registration-attempt",
            Letter::RegistrationAttempt { asker: stranger(), report: report() },
        ),
        (
            "email-change-attempt",
            Letter::EmailChangeAttempt { asker: stranger(), report: report() },
        ),
        ("new-device", new_device(LetIn::Code)),
        ("new-device-recovery", new_device(LetIn::RecoveryCode)),
        ("code-entry-paused", paused(Some(time("2026-11-25T00:13:41Z")))),
        ("code-entry-off", paused(None)),
        ("password-changed", changed(true)),
        ("password-changed-kept", changed(false)),
        ("password-reset", Letter::PasswordReset { act: act(), report: report() }),
        (
            "email-changed",
            Letter::EmailChanged {
                new_hint: "j•••@e•••.com".to_owned(),
                act: act(),
                report: report(),
            },
        ),
        ("two-step-disabled", Letter::TwoStepDisabled { act: act(), report: report() }),
        ("device-removed", removed(Removal::Asked)),
        ("device-reported", removed(Removal::Reported)),
        ("recovery-codes-created", Letter::RecoveryCodesCreated { act: act(), report: report() }),
        ("account-erased", Letter::AccountErased { act: act() }),
    ]
}

fn write(letter: &Letter) -> Written {
    write_in(letter, Language::fallback())
}

fn write_in(letter: &Letter, language: Language) -> Written {
    Letters::new().unwrap().write(letter, language).unwrap()
}

/// What a reader of the HTML sees, word by word.
fn seen(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1.split_once('>').unwrap().1;
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        rest = tag.split_once('>').unwrap().1;
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#x2f;", "/");
    plain.replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&")
}

/// A page without its head, which is the same in all of them, one tag a line.
fn body(html: &str) -> String {
    let (_, body) = html.split_once("<body").unwrap();
    format!("<body{body}").replace('>', ">\n").replace("\n\n", "\n")
}

#[test]
fn the_letters_as_people_read_them_in_every_language() {
    for language in Language::all() {
        for (name, letter) in every_kind(&asker()) {
            let written = write_in(&letter, language);
            let tag = language.tag();
            assert_snapshot!(
                format!("{tag}-{name}.txt"),
                format!("Subject: {}\n\n{}", written.subject, written.text)
            );
            assert_snapshot!(format!("{tag}-{name}.html"), body(&written.html));
        }
    }
}

#[test]
fn a_whole_page_as_mail_programs_get_it() {
    assert_snapshot!("page.html", write(&sign_in_code(asker())).html);
}

#[test]
fn what_is_not_known_is_called_unknown() {
    assert_snapshot!("unknown.txt", write(&sign_in_code(nobody_knows())).text);
}

#[test]
fn what_is_not_known_of_an_act_is_left_out() {
    let act = Act::at(asker().at);
    let nothing = write(&Letter::PasswordReset { act: act.clone(), report: None });
    assert_eq!(nothing.text.lines().filter(|it| it.starts_with("- ")).count(), 1);
    let named = Act { device: Some("Ada’s phone".to_owned()), ..act };
    let named = write(&Letter::PasswordReset { act: named, report: None });
    assert!(named.text.contains("- Device: “Ada’s phone”\n- Time: "), "{}", named.text);
}

#[test]
fn a_name_that_looks_like_markup_or_a_link_is_text() {
    let name = "<a href=\"https://evil.example\">Win!</a> & www.evil.example {{ subject }}";
    let ip = Some(Ipv6Addr::LOCALHOST.into());
    let hostile = Asker { device: Some(name.to_owned()), ip, ..asker() };
    let written = write(&Letter::NewDevice { asker: hostile, by: LetIn::Code, report: None });
    assert_snapshot!("hostile.txt", written.text.replace('\u{2060}', "⁀"));
    assert_snapshot!("hostile.html", body(&written.html).replace('\u{2060}', "⁀"));
    for text in [&written.text, &written.html] {
        assert!(!text.contains("https://"), "{text}");
        assert!(!text.contains("www.evil"), "{text}");
        assert!(!text.contains("evil.example"), "{text}");
    }
    assert!(!written.html.contains("<a"), "{}", written.html);
    assert!(seen(&written.html).replace('\u{2060}', "").contains(name), "{}", written.html);
}

#[test]
fn text_and_html_say_the_same() {
    let words = |text: &str| -> Vec<String> {
        let bare = text.replace(['\u{2068}', '\u{2069}'], "").replace(REPORT, "");
        let bare = bare.replace(": ", " ").replace("\n- ", "\n");
        bare.split_whitespace().map(|it| it.trim_end_matches(':').to_owned()).collect()
    };
    for language in Language::all() {
        for (_, letter) in every_kind(&asker()).into_iter().chain(every_kind(&nobody_knows())) {
            let written = write_in(&letter, language);
            let text = words(&format!("{}\n{}", written.subject, written.text));
            assert_eq!(text, words(&seen(&written.html)));
        }
    }
}

#[test]
fn the_code_stands_alone_on_one_line_and_never_in_the_subject() {
    let asker = Asker { device: Some("004217".to_owned()), ..asker() };
    for language in Language::all() {
        for (name, letter) in every_kind(&asker) {
            let written = write_in(&letter, language);
            let alone = written.text.lines().filter(|line| *line == "004217").count();
            assert_eq!(alone, usize::from(name.ends_with("-code")), "{name}");
            assert!(!written.subject.contains("004217"));
            assert!(!format!("{letter:?}{written:?}").contains("004217"));
        }
    }
}

#[test]
fn the_link_stands_once_in_each_layout_and_the_log_never_sees_it() {
    for language in Language::all() {
        for (name, letter) in every_kind(&asker()) {
            let written = write_in(&letter, language);
            let times = usize::from(name != "account-erased");
            assert_eq!(written.text.lines().filter(|it| *it == REPORT).count(), times, "{name}");
            assert_eq!(written.text.matches("https:").count(), times, "{name}");
            let href = format!("href=\"{REPORT}\"");
            assert_eq!(written.html.matches(&href).count(), times, "{name}");
            assert_eq!(written.html.matches("https:").count(), times, "{name}");
            assert!(!format!("{letter:?}{written:?}").contains("TAG"));
        }
    }
}

#[test]
fn a_link_can_not_leave_its_attribute() {
    let report = Some("https://x.example/\"><script>'&".to_owned());
    let letter = Letter::PasswordReset { act: Act::at(asker().at), report };
    let html = write(&letter).html;
    assert!(html.contains("href=\"https://x.example/&quot;&gt;&lt;script&gt;&#x27;&amp;\""));
}

#[test]
fn nothing_is_fetched_and_nothing_leads_anywhere_but_to_the_report() {
    let mut all: Vec<_> = every_kind(&asker()).into_iter().map(|(_, letter)| letter).collect();
    all.push(support_request());
    for letter in all {
        let html = write(&letter).html.replace(REPORT, "").replace(XMLNS, "");
        let html = html.replace("href=\"\"", "");
        for forbidden in
            ["href", "src=", "url(", "http:", "https:", "@import", "<script", "<img", "<link"]
        {
            assert!(!html.contains(forbidden), "{forbidden} in {:?}", letter.kind());
        }
    }
}

/// An alert as it stands on a lock screen.
fn alert_in(asking: Asking, asker: &Asker, language: Language) -> String {
    let alert = Letters::new().unwrap().alert(asking, asker, language).unwrap();
    format!("{}\n{}", alert.title, alert.body)
}

fn alert(asker: &Asker) -> String {
    alert_in(Asking::Code, asker, Language::fallback())
}

#[test]
fn the_alerts_as_people_read_them() {
    let nameless = Asker { platform: Platform::Ios, country: asker().country, ..nobody_knows() };
    let city = Asker { city: asker().city, ..nobody_knows() };
    let all = [asker(), nameless, city, nobody_knows()];
    assert_snapshot!("alerts.txt", all.each_ref().map(alert).join("\n\n"));
    for language in Language::all() {
        let every = [Asking::Code, Asking::CodeByMail, Asking::StepUp]
            .map(|asking| all.each_ref().map(|it| alert_in(asking, it, language)).join("\n\n"));
        assert_snapshot!(format!("{}-alerts.txt", language.tag()), every.join("\n\n"));
    }
}

#[test]
fn an_alert_holds_no_address_and_a_name_in_it_is_text_that_ends() {
    let name = "www.evil.example ".repeat(40);
    let shown = alert(&Asker { device: Some(name), ..asker() });
    assert!(!shown.contains("203.0.113.7") && !shown.contains("evil.example"), "{shown}");
    assert!(shown.replace('\u{2060}', "").contains("“www.evil.example www.evil.example www.ev”"));
}

#[test]
fn the_last_minute_of_a_code_is_less_than_one() {
    let life = |expires_at: &str| {
        let expires_at = time(expires_at);
        let letter = Letter::SignInCode { code: code(), expires_at, asker: asker(), report: None };
        write(&letter).text.lines().nth(4).unwrap().to_owned()
    };
    assert!(life("2026-11-24T23:59:40Z").contains("for less than a minute, until"));
    assert!(life("2026-11-25T00:00:00Z").contains("for 1 minute, until 2026-11-25 00:00 UTC"));
    assert!(life("2026-11-25T00:03:40Z").contains("for 4 minutes, until"));
}

#[test]
fn every_language_can_write_every_letter() {
    for language in Language::all() {
        for (_, letter) in every_kind(&asker()).into_iter().chain(every_kind(&nobody_knows())) {
            let written = write_in(&letter, language);
            let (lang, dir) = (language.tag(), language.direction());
            let tag = format!("lang=\"{lang}\" dir=\"{dir}\"");
            assert_eq!(written.html.matches(&tag).count(), 2, "the page and its article");
            assert!(!written.text.contains(['{', '}']));
            assert!(!written.html.contains("{{") && !written.html.contains("{%"));
            assert_eq!(written.language, language);
        }
    }
}

#[test]
fn from_right_to_left_figures_are_read_from_left_to_right() {
    let arabic = write_in(&sign_in_code(asker()), Language::negotiate("ar"));
    for figures in ["004217", "203.0.113.7"] {
        assert!(arabic.html.contains(&format!("<bdi dir=\"ltr\">{figures}</bdi>")), "{figures}");
    }
    assert!(arabic.text.contains("\u{2068}203.0.113.7\u{2069}"));
    assert!(arabic.html.contains("text-align:right"));
    assert!(!arabic.html.contains("text-align:left"));
}

#[test]
fn a_page_says_that_it_can_be_dark() {
    let html = write(&sign_in_code(asker())).html;
    for needed in [
        "<meta name=\"color-scheme\" content=\"light dark\"",
        "@media (prefers-color-scheme: dark)",
        "role=\"presentation\"",
        "<th scope=\"row\">",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    let heading = |tag: &str| html.matches(tag).count();
    assert_eq!((heading("<h1>"), heading("<h2>"), heading("<h3>")), (1, 1, 0));
}

fn support_request() -> Letter {
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
        assert!(!layout.contains("evil.example") && !layout.contains("<b>now"), "{layout}");
    }
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
