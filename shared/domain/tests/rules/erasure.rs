//! An account that is erased: only behind a step-up, and for ever.

use postern_domain::account::{Account, AccountCommand, AccountRefusal, Order};
use postern_domain::policy;
use postern_events::account::{
    AccountEvent, Erased, PasswordReset, Registered, SignedOutByOperator, SignedOutEverywhere,
    TwoStepEnabled,
};
use postern_events::vocabulary::Method;

use crate::fixtures::*;
use crate::passwords_and_resets::reset;
use crate::settings::{OFF, settle};
use crate::stream::Stream;
use crate::trust::open;

fn erased() -> AccountEvent {
    AccountEvent::Erased(Erased { by: Some(device(PHONE)), email: sealed() })
}

fn gone() -> Stream<Account> {
    open(account()).and(at(1), vec![erased()])
}

#[test]
fn an_account_is_erased_behind_a_step_up_only() {
    let account = open(account());
    let erase = |acting| AccountCommand::Erase { acting };
    let refused = account.when(erase(acting(PHONE, 0)));
    assert_eq!(refused, Err(AccountRefusal::StepUpRequired));
    assert_eq!(account.when(erase(stepped_up(PHONE, 0))), Ok(vec![erased()]));
}

#[test]
fn nothing_can_be_asked_of_an_erased_account() {
    for command in [
        reset(2),
        settle(OFF),
        AccountCommand::Erase { acting: stepped_up(PHONE, 2) },
        AccountCommand::ChangePassword { acting: stepped_up(PHONE, 2), sign_out_others: false },
        AccountCommand::CreateRecoveryCodes { acting: stepped_up(PHONE, 2) },
        AccountCommand::Operate(Order::Disclose),
        AccountCommand::Operate(Order::SignOut),
        AccountCommand::Operate(Order::Erase),
        AccountCommand::TrustDevice { device: Box::new(new_device(TABLET)), now: at(2) },
        AccountCommand::PauseCodeEntry { wrong_in_a_row: 10, until: None },
        AccountCommand::ChooseLocale { locale: "cs".to_owned(), by: device(PHONE) },
        AccountCommand::ChangeEmail {
            email: sealed(),
            address_key: address_key(),
            verification: registration(),
            by: device(PHONE),
        },
    ] {
        assert_eq!(gone().when(command), Err(AccountRefusal::NoAccount));
    }
}

#[test]
fn nothing_that_is_recorded_later_brings_an_erased_account_back() {
    let later = vec![
        AccountEvent::Registered(Registered {
            account: ada(),
            email: sealed(),
            address_key: address_key(),
            locale: "en".to_owned(),
            method: Method::App,
            verification: registration(),
            policy: policy::VERSION,
        }),
        AccountEvent::PasswordReset(PasswordReset {
            verification: registration(),
            keys: vec![],
            held: false,
            revoked: vec![],
            policy: policy::VERSION,
        }),
        AccountEvent::TwoStepEnabled(TwoStepEnabled { by: None, policy: policy::VERSION }),
        AccountEvent::SignedOutEverywhere(SignedOutEverywhere {
            by: device(PHONE),
            session: session(),
            revoked: vec![],
        }),
        AccountEvent::SignedOutByOperator(SignedOutByOperator {
            revoked: vec![],
            policy: policy::VERSION,
        }),
        erased(),
    ];
    assert_eq!(gone().and(at(2), later).state, Account::Erased);
}

#[test]
fn an_erased_accounts_name_is_never_given_again() {
    let register = AccountCommand::Register(Box::new(postern_domain::account::Registration {
        account: ada(),
        email: sealed(),
        address_key: address_key(),
        locale: "en".to_owned(),
        verification: registration(),
        device: new_device(PHONE),
    }));
    assert_eq!(gone().when(register), Err(AccountRefusal::Exists));
}
