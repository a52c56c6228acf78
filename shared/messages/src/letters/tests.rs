#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use insta::assert_snapshot;
use jiff::Timestamp;
use postern_domain::codes::Code;
use postern_events::vocabulary::Platform;

use super::*;

mod alerts;
mod support;

/// Read once; a process does the same.
static LETTERS: LazyLock<Letters> = LazyLock::new(|| Letters::new().unwrap());
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
        platform: Some(Platform::Android),
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
        platform: Some(Platform::Other),
        ..asker()
    }
}

fn code() -> Code {
    Code::parse("004217", 6).unwrap()
}

fn expires_at() -> Timestamp {
    time("2026-11-25T00:03:41.123Z")
}

fn report() -> String {
    REPORT.to_owned()
}

fn sign_in_code(asker: Asker) -> Letter {
    Letter::SignInCode { code: code(), expires_at: expires_at(), asker, report: Some(report()) }
}

/// The letter to an owner of every kind, and each of its versions.
fn every_kind(asker: &Asker) -> Vec<(&'static str, Letter)> {
    let stranger = || Asker { device: None, ..asker.clone() };
    let (asker, act) = (|| asker.clone(), || Act::from(asker.clone()));
    let code_of = |make: fn(Code, Timestamp, Asker, Option<String>) -> Letter, asker| {
        make(code(), expires_at(), asker, Some(report()))
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
        report: Some(report()),
    };
    let new_device = |by| Letter::NewDevice { asker: asker(), by, report: Some(report()) };
    let paused =
        |until| Letter::CodeEntryPaused { until, act: Act::at(asker().at), report: Some(report()) };
    let changed = |signed_out_others| Letter::PasswordChanged {
        signed_out_others,
        act: act(),
        report: Some(report()),
    };
    vec![
        ("sign-in-code", sign_in_code(asker())),
        ("registration-code", code!(RegistrationCode, asker())),
        ("step-up-code", code!(StepUpCode, asker())),
        ("password-reset-code", code!(PasswordResetCode, stranger())),
        ("email-change-code", code!(EmailChangeCode, stranger())),
        (
            "registration-attempt",
            Letter::RegistrationAttempt { asker: stranger(), report: Some(report()) },
        ),
        (
            "email-change-attempt",
            Letter::EmailChangeAttempt { asker: stranger(), report: Some(report()) },
        ),
        ("new-device", new_device(LetIn::Code)),
        ("new-device-recovery", new_device(LetIn::RecoveryCode)),
        ("code-entry-paused", paused(Some(time("2026-11-25T00:13:41Z")))),
        ("code-entry-off", paused(None)),
        ("password-changed", changed(true)),
        ("password-changed-kept", changed(false)),
        ("password-reset", Letter::PasswordReset { act: act(), report: Some(report()) }),
        (
            "email-changed",
            Letter::EmailChanged {
                new_hint: "j•••@e•••.com".to_owned(),
                act: act(),
                report: Some(report()),
            },
        ),
        ("two-step-disabled", Letter::TwoStepDisabled { act: act(), report: Some(report()) }),
        ("device-removed", removed(Removal::Asked)),
        ("device-reported", removed(Removal::Reported)),
        (
            "recovery-codes-created",
            Letter::RecoveryCodesCreated { act: act(), report: Some(report()) },
        ),
        ("account-erased", Letter::AccountErased { act: act() }),
    ]
}

fn write(letter: &Letter) -> Written {
    write_in(letter, Language::fallback())
}

fn write_in(letter: &Letter, language: Language) -> Written {
    LETTERS.write(letter, language).unwrap()
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
    all.push(support::support_request());
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
    assert!(arabic.html.contains("align=\"right\"") && arabic.html.contains("direction:rtl"));
    assert!(!arabic.html.contains("align=\"left\"") && !arabic.html.contains("direction:ltr"));
}

#[test]
fn a_page_says_that_it_can_be_dark() {
    let html = write(&sign_in_code(asker())).html;
    for needed in [
        "<meta name=\"color-scheme\" content=\"light dark\"",
        "@media (prefers-color-scheme: dark)",
        "role=\"presentation\"",
        "<th scope=\"row\"",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    let heading = |tag: &str| html.matches(tag).count();
    assert_eq!((heading("<h1>"), heading("<h2>"), heading("<h3>")), (1, 1, 0));
}
