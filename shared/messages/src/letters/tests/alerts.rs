use insta::assert_snapshot;
use postern_events::vocabulary::Platform;

use super::*;

/// An alert as it stands on a lock screen.
fn alert_in(asking: Asking, asker: &Asker, language: Language) -> String {
    let alert = LETTERS.alert(asking, asker, language).unwrap();
    format!("{}\n{}", alert.title, alert.body)
}

fn alert(asker: &Asker) -> String {
    alert_in(Asking::Code, asker, Language::fallback())
}

#[test]
fn the_alerts_as_people_read_them() {
    let nameless =
        Asker { platform: Some(Platform::Ios), country: asker().country, ..nobody_knows() };
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
