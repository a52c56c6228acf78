#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::{Ipv4Addr, Ipv6Addr};

use insta::assert_snapshot;

use super::*;

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

fn sign_in_code(asker: Asker) -> Letter {
    Letter::SignInCode { code: code(), expires_at: time("2026-11-25T00:03:41.123Z"), asker }
}

fn every_kind(asker: &Asker) -> [Letter; 4] {
    let asker = || asker.clone();
    [
        Letter::RegistrationCode {
            code: code(),
            expires_at: time("2026-11-25T00:03:41.123Z"),
            asker: asker(),
        },
        sign_in_code(asker()),
        Letter::RegistrationAttempt { asker: Asker { device: None, ..asker() } },
        Letter::NewDevice { asker: asker() },
    ]
}

fn write(letter: &Letter) -> Written {
    Letters::new().unwrap().write(letter, Language::fallback()).unwrap()
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

#[test]
fn the_letters_as_people_read_them() {
    for letter in every_kind(&asker()) {
        let written = write(&letter);
        let name = format!("{:?}", letter.kind());
        assert_snapshot!(
            format!("{name}.txt"),
            format!("Subject: {}\n\n{}", written.subject, written.text)
        );
        assert_snapshot!(format!("{name}.html"), written.html);
    }
}

#[test]
fn what_is_not_known_is_called_unknown() {
    assert_snapshot!("unknown.txt", write(&sign_in_code(nobody_knows())).text);
}

#[test]
fn a_name_that_looks_like_markup_or_a_link_is_text() {
    let name = "<a href=\"https://evil.example\">Win!</a> & www.evil.example";
    let ip = Some(Ipv6Addr::LOCALHOST.into());
    let hostile = Asker { device: Some(name.to_owned()), ip, ..asker() };
    let written = write(&Letter::NewDevice { asker: hostile });
    assert_snapshot!("hostile.txt", written.text.replace('\u{2060}', "⁀"));
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
    for letter in every_kind(&asker()).iter().chain(&every_kind(&nobody_knows())) {
        let written = write(letter);
        let words = |text: &str| -> Vec<String> {
            let bare = text.replace(": ", " ").replace("\n- ", "\n");
            bare.split_whitespace().map(|it| it.trim_end_matches(':').to_owned()).collect()
        };
        let text = words(&format!("{}\n{}", written.subject, written.text));
        assert_eq!(text, words(&seen(&written.html)));
    }
}

#[test]
fn the_code_stands_alone_on_one_line_and_never_in_the_subject() {
    for letter in every_kind(&Asker { device: Some("004217".to_owned()), ..asker() }) {
        let written = write(&letter);
        let alone = written.text.lines().filter(|line| *line == "004217").count();
        let carries_one = match letter {
            Letter::RegistrationCode { .. } | Letter::SignInCode { .. } => 1,
            Letter::RegistrationAttempt { .. } | Letter::NewDevice { .. } => 0,
        };
        assert_eq!(alone, carries_one);
        assert!(!written.subject.contains("004217"));
    }
}

#[test]
fn nothing_is_fetched_and_nothing_leads_anywhere() {
    for letter in every_kind(&asker()) {
        let html = write(&letter).html;
        for forbidden in ["href", "src=", "url(", "http:", "https:", "<script", "<img", "<link"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}

/// An alert as it stands on a lock screen.
fn alert(asker: &Asker) -> String {
    let alert = Letters::new().unwrap().sign_in_alert(asker, Language::fallback()).unwrap();
    format!("{}\n{}", alert.title, alert.body)
}

#[test]
fn the_alerts_as_people_read_them() {
    let nameless = Asker { platform: Platform::Ios, country: asker().country, ..nobody_knows() };
    let city = Asker { city: asker().city, ..nobody_knows() };
    let all = [asker(), nameless, city, nobody_knows()];
    assert_snapshot!("alerts.txt", all.map(|it| alert(&it)).join("\n\n"));
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
        let letter =
            Letter::SignInCode { code: code(), expires_at: time(expires_at), asker: asker() };
        write(&letter).text.lines().nth(4).unwrap().to_owned()
    };
    assert!(life("2026-11-24T23:59:40Z").contains("for less than a minute, until"));
    assert!(life("2026-11-25T00:00:00Z").contains("for 1 minute, until 2026-11-25 00:00 UTC"));
    assert!(life("2026-11-25T00:03:40Z").contains("for 4 minutes, until"));
}

#[test]
fn every_language_can_write_every_letter() {
    let letters = Letters::new().unwrap();
    for language in Language::all() {
        for letter in every_kind(&asker()).iter().chain(&every_kind(&nobody_knows())) {
            let written = letters.write(letter, language).unwrap();
            let tag = format!("lang=\"{}\" dir=\"{}\"", language.tag(), language.direction());
            assert!(written.html.contains(&tag));
            assert!(!written.text.contains('{'));
        }
        for asker in [asker(), nobody_knows()] {
            assert!(!letters.sign_in_alert(&asker, language).unwrap().body.contains('{'));
        }
    }
}
