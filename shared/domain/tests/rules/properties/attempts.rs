//! Any number of attempts at one account, in any order, at any times.

use jiff::SignedDuration;
use postern_events::vocabulary::{Alerts, Method};
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::World;
use super::{Typed, any_typed, any_wait, cases};
use crate::fixtures::PHONE;

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Open { from: u8, two_step: bool, method: Method },
    Guess { on: Index, typed: Typed, trust: bool },
    Resend { on: Index, method: Option<Method> },
    Cancel { on: Index },
    Deny { on: Index },
    Push { device: Index, allowed: bool },
    Remove { device: Index, by: Index, stepped_up: bool },
    SignOutEverywhere { by: u8 },
    PutOut,
    Resume,
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let own = prop_oneof![Just(Method::App), Just(Method::Email)];
    let method = prop_oneof![Just(None), Just(Some(Method::App)), Just(Some(Method::Email))];
    prop_oneof![
        6 => any_wait().prop_map(Step::Wait),
        6 => (PHONE..6, prop::bool::weighted(0.9), own)
            .prop_map(|(from, two_step, method)| Step::Open { from, two_step, method }),
        30 => (index(), any_typed(), any::<bool>())
            .prop_map(|(on, typed, trust)| Step::Guess { on, typed, trust }),
        8 => (index(), method).prop_map(|(on, method)| Step::Resend { on, method }),
        1 => index().prop_map(|on| Step::Cancel { on }),
        1 => index().prop_map(|on| Step::Deny { on }),
        2 => (index(), any::<bool>()).prop_map(|(device, allowed)| Step::Push { device, allowed }),
        1 => (index(), index(), any::<bool>())
            .prop_map(|(device, by, stepped_up)| Step::Remove { device, by, stepped_up }),
        1 => (PHONE..6).prop_map(|by| Step::SignOutEverywhere { by }),
        1 => Just(Step::PutOut),
        2 => Just(Step::Resume),
    ]
}

/// Takes a step; nothing but a right code may lower the count of wrong ones.
fn take(world: &mut World, step: &Step) {
    let before = world.wrong_in_a_row();
    world.forgiven = false;
    match step {
        Step::Wait(seconds) => world.now += SignedDuration::from_secs(*seconds),
        Step::Open { from, two_step, method } => world.open(*from, *two_step, *method),
        Step::Guess { on, typed, trust } => {
            if let Some(on) = world.recent(*on) {
                world.guess(on, typed, *trust);
            }
        }
        Step::Resend { on, method } => {
            if let Some(on) = world.recent(*on) {
                world.resend(on, *method);
            }
        }
        Step::Cancel { on } => {
            if let Some(on) = world.recent(*on) {
                world.cancel(on);
            }
        }
        Step::Deny { on } => {
            if let Some(on) = world.recent(*on) {
                world.deny(on);
            }
        }
        Step::Push { device, allowed } => {
            let alerts = if *allowed { Alerts::Allowed } else { Alerts::Denied };
            world.register_push(*device, alerts);
        }
        Step::Remove { device, by, stepped_up } => world.remove(*device, *by, *stepped_up),
        Step::SignOutEverywhere { by } => world.sign_out_everywhere(*by),
        Step::PutOut => world.put_out(),
        Step::Resume => world.resume(),
    }
    let after = world.wrong_in_a_row();
    assert!(after >= before || world.forgiven, "{step:?} forgave wrong codes");
    assert!(!world.forgiven || after == 0);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn nobody_gets_in_by_guessing_and_no_count_is_ever_lowered(
        steps in prop::collection::vec(any_step(), 1..160),
    ) {
        let mut world = World::new();
        for step in &steps {
            take(&mut world, step);
            world.check();
        }
        world.check_stored();
    }
}
