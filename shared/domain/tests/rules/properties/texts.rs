//! Text from outside, of any kind.

use postern_domain::codes::Code;
use postern_domain::email::EmailAddress;
use postern_domain::password::Password;
use postern_domain::text::{device_name, locale};
use proptest::prelude::*;

use super::cases;

/// Text that is an address now and then.
fn any_address() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => ("[\\w.+-]{1,12}", "[\\w-]{1,12}", "[a-z]{2,4}")
            .prop_map(|(local, host, top)| format!("{local}@{host}.{top}")),
        1 => ("[A-Za-z0-9]{1,12}", "[A-Za-z0-9]{1,12}")
            .prop_map(|(local, host)| format!("{local}@{host}.example")),
        1 => "\\PC*",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn normalising_an_address_twice_is_normalising_it_once(text in any_address()) {
        if let Ok(address) = EmailAddress::parse(&text) {
            let once = address.normalised();
            let again = EmailAddress::parse(&once).expect("still an address");
            prop_assert_eq!(again.normalised(), once);
        }
    }

    #[test]
    fn mail_goes_to_one_address_on_one_line(text in any_address()) {
        if let Ok(address) = EmailAddress::parse(&text) {
            let text = address.to_text();
            let breaks = |c: char| c.is_control() || c.is_whitespace() || ",;<>()\"".contains(c);
            prop_assert!(!text.contains(breaks) && text.matches('@').count() == 1, "{}", text);
            prop_assert_eq!(EmailAddress::parse(&text).map(|it| it.to_text()), Ok(text));
        }
    }

    #[test]
    fn nothing_typed_makes_parsing_panic(text in any::<String>()) {
        let _ = Code::parse(&text, 6);
        let _ = device_name(&text).map(|it| assert!(!it.chars().any(char::is_control)));
        let _ = locale(&text);
        let _ = Password::parse(&text).map(|it| it.judge("ada@example.com"));
    }

    #[test]
    fn any_six_digits_are_a_guess(number in 0..1_000_000_u32) {
        let text = format!("{number:06}");
        let guess = Code::parse(&text, 6);
        prop_assert_eq!(guess.as_ref().map(Code::reveal), Some(text.as_str()));
    }
}
