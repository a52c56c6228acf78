//! Every mail there is, as its reader finds it.

use postern_client::mail::Mail;

use crate::letters::{Letters, letters_in};

/// What comes to the owner's address in a whole life, and who did it. A stranger's name for a
/// phone is nothing to be read by others, and many have a part in a pause.
const HOME: [(&str, &str); 21] = [
    ("Your Postern registration code", "Android"),
    ("You already have a Postern account", "Android"),
    ("Your Postern sign-in code", "Phone 4"),
    ("A new device signed in to your Postern account", "Phone 4"),
    ("Your Postern confirmation code", "Phone 4"),
    ("New recovery codes for your Postern account", "Phone 1"),
    ("A device was removed from your Postern account", "Phone 1"),
    ("Your e-mail address belongs to your Postern account", "Android"),
    ("Two-step verification was turned off for your Postern account", "Phone 1"),
    ("Your Postern sign-in code", "Phone 5"),
    ("Your Postern sign-in code", "Phone 6"),
    ("Sign-in codes are paused for your Postern account", ""),
    ("Your Postern sign-in code", "Phone 7"),
    ("A new device signed in to your Postern account", "Phone 7"),
    ("A device was removed from your Postern account", "Phone 7"),
    ("Your Postern password was changed", "Phone 1"),
    ("Your Postern password reset code", "127.0.1.1"),
    ("Your Postern password was reset", "127.0.1.1"),
    ("Your Postern sign-in code", "Phone 1"),
    ("A new device signed in to your Postern account", "Phone 1"),
    ("The e-mail address of your Postern account was changed", "Phone 1"),
];
/// And to the address that the account has moved to.
const MOVED: [(&str, &str); 2] = [
    ("Your Postern code for a new e-mail address", "Android"),
    ("Your Postern account was erased", "Phone 1"),
];
/// Who mails, whatever about and in whatever language.
const SENDER: &str = "no-reply@postern.example";
/// The last mail of all: there is no account any more to report anything for.
const LAST: &str = "account was erased";
/// Which of the mails bring a code.
const WITH_A_CODE: [&str; 5] =
    ["registration code", "sign-in code", "confirmation code", "reset code", "code for a new"];

/// Isolates around values in right-to-left text (UAX 9): they are there to be read over.
fn shown(text: &str) -> String {
    text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "")
}

/// The values of the lines that tell who, where and when.
fn facts(mail: &Mail) -> Vec<String> {
    let text = shown(&mail.text);
    let lines = text.lines().filter_map(|line| line.strip_prefix("- "));
    lines.map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

fn subjects(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.subject.as_str()).collect()
}

/// Lines that are nothing but a code.
fn codes(text: &str) -> Vec<&str> {
    let is_code = |it: &&str| it.len() >= 6 && it.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().map(str::trim).filter(is_code).collect()
}

/// What is true of a mail in any language.
fn is_complete(mail: &Mail, language: &str, direction: &str, coded: bool, last: bool) {
    let about = format!("{} ({language})", mail.subject);
    assert_eq!(mail.from, SENDER, "{about}");
    let code = codes(&mail.text);
    assert_eq!(code.len(), usize::from(coded), "{about}: {}", mail.text);
    for code in code {
        assert_eq!(mail.html.matches(&format!(">{code}<")).count(), 1, "{about}: {}", mail.html);
    }
    assert!(!mail.subject.chars().any(|it| it.is_ascii_digit()), "{about}");
    let tags = format!("lang=\"{language}\" dir=\"{direction}\"");
    assert!(mail.html.contains(&tags), "{about}: {}", mail.html);

    let html = shown(&mail.html);
    let facts = facts(mail);
    assert!(!facts.is_empty(), "{about}: {}", mail.text);
    for fact in &facts {
        assert!(html.contains(fact.as_str()), "{about}: {fact}: {html}");
    }
    let at: jiff::Timestamp = mail.at.parse().unwrap();
    let when = facts.last().unwrap();
    let minutes = [at, at - jiff::SignedDuration::from_mins(1)];
    let told = |it: &jiff::Timestamp| {
        let (date, time) = (it.strftime("%Y-%m-%d"), it.strftime("%H:%M"));
        when.contains(&date.to_string()) && when.contains(&time.to_string())
    };
    assert!(minutes.iter().any(told), "{about}: {when} and not {at}");

    let token = mail.report_token();
    assert_eq!(token.is_none(), last, "{about}: {}", mail.text);
    no_address_but(token, mail);
}

/// Nothing is fetched from anywhere, and there is no other link than the one to report.
fn no_address_but(token: Option<&str>, mail: &Mail) {
    let page = "/v1/security-reports#";
    for text in [&mail.text, &mail.html] {
        let links = text.split("://").skip(1).filter(|it| !it.starts_with("www.w3.org/"));
        for link in links {
            let (_, rest) = link.split_once(page).unwrap_or_else(|| panic!("{link:.60}"));
            let token = token.unwrap_or_else(|| panic!("{link:.60}"));
            assert!(rest.starts_with(token), "{link:.200}");
        }
    }
    let links = mail.html.matches(page).count();
    assert_eq!(links, usize::from(token.is_some()), "{}: {}", mail.subject, mail.html);
    let html = mail.html.to_lowercase();
    for fetched in ["src=", "url(", "@import", "<img", "<link", "<script", "<iframe", "background="]
    {
        assert!(!html.contains(fetched), "{}: {fetched}", mail.subject);
    }
}

/// Every mail of a life, with whether it brings a code and whether it is the last.
fn all_complete(letters: &Letters, language: &str, direction: &str) {
    assert_eq!((letters.home.len(), letters.moved.len()), (HOME.len(), MOVED.len()));
    let expected = HOME.iter().chain(&MOVED);
    for (mail, (subject, _)) in letters.to_people().zip(expected) {
        assert_eq!(mail.subject == *subject, language == "en", "{language}: {}", mail.subject);
        let coded = WITH_A_CODE.iter().any(|it| subject.contains(it));
        is_complete(mail, language, direction, coded, subject.contains(LAST));
    }
}

/// C3, C6, C8, L4: whatever happens to an account is told once, at the right address, by the one
/// sender, and says who did it.
#[tokio::test]
async fn every_act_is_told_once_to_the_right_address_and_says_who_did_it() {
    let letters = letters_in("en").await;
    assert_eq!(subjects(&letters.home), HOME.map(|(subject, _)| subject));
    assert_eq!(subjects(&letters.moved), MOVED.map(|(subject, _)| subject));
    assert_eq!(letters.support.len(), 1);
    let told = letters.to_people().zip(HOME.iter().chain(&MOVED));
    let told = told.map(|(mail, (subject, who))| (*subject, *who, facts(mail).join("; ")));
    let unsaid: Vec<_> = told.filter(|(_, who, facts)| !facts.contains(who)).collect();
    assert_eq!(unsaid, []);
    let every = letters.to_people().chain(&letters.support);
    for mail in every {
        assert_eq!(mail.from, SENDER, "{}", mail.subject);
    }
    all_complete(&letters, "en", "ltr");
}

/// L3, C6, H4: the same life in Czech.
#[tokio::test]
async fn every_mail_is_complete_in_czech() {
    all_complete(&letters_in("cs-CZ").await, "cs", "ltr");
}

/// H4: the same life in German.
#[tokio::test]
async fn every_mail_is_complete_in_german() {
    all_complete(&letters_in("de").await, "de", "ltr");
}

/// H4: the same life in Arabic, which is read from right to left.
#[tokio::test]
async fn every_mail_is_complete_in_arabic() {
    all_complete(&letters_in("ar-EG").await, "ar", "rtl");
}

/// H4: a language that nobody has written for is answered in English.
#[tokio::test]
async fn every_mail_is_complete_for_somebody_whose_language_is_missing() {
    all_complete(&letters_in("tlh").await, "en", "ltr");
}
