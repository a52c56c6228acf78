//! Thousands of histories of one account, each drawn from a seed: its owner, new devices, attackers
//! and workers act step by step and all at once, on a store that promises only what a table does,
//! while parts fail. Whatever happens, the invariants of `watch` hold.
//!
//! `POSTERN_SEED=17 cargo test -p postern-domain --test simulation -- --nocapture` plays one history
//! and tells it; `POSTERN_SEEDS=50000` plays more of them. `PLANTED.md` lists bugs that were planted
//! to see them found.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a failing seed tells its story")]

mod actors;
mod cast;
mod chance;
mod run;
mod store;
mod watch;
mod world;

use std::thread;

use crate::run::play;
use crate::world::Counts;

/// Histories in an ordinary run.
const SEEDS: u64 = 2_000;
/// The end of a story, which is where it broke.
const LAST_STEPS: usize = 60;

/// What must really have happened, or the histories would prove nothing.
const HAPPENED: [&str; 66] = [
    "address changed",
    "answer lost",
    "attempt called off",
    "attempt opened",
    "cancelled",
    "clock jumped far",
    "clock jumped to an instant",
    "clock set back",
    "closed in the same moment",
    "code rejected",
    "completed by a code",
    "compromised password",
    "conflict on purpose",
    "crashed",
    "deferred",
    "delivered out of order",
    "delivered twice",
    "denied",
    "device not pushed to any more",
    "device removed",
    "erased",
    "fanned out",
    "former password",
    "found written already",
    "guess refused by a pause",
    "guess refused by the attempt",
    "held by a reset",
    "lease taken over",
    "let in without a code",
    "locked",
    "mail sent",
    "method chosen",
    "nothing left to guess at",
    "password changed",
    "password refused",
    "password reset",
    "pause lifted",
    "paused",
    "process refused by a pause",
    "process refused by its guesses",
    "process's code rejected",
    "push disabled",
    "push sent",
    "pushes spent",
    "put out by an operator",
    "race lost",
    "recovered",
    "recovery codes made",
    "recovery refused",
    "reported",
    "right password",
    "sends spent",
    "sent again",
    "sent too soon",
    "session is over",
    "shown without a push",
    "step-up required",
    "stepped up at once",
    "stepped up by a code",
    "superseded",
    "too young",
    "two-step off",
    "two-step on",
    "unreachable",
    "wrong password",
    "wrong recovery code",
];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Names the seed of a history that ends in a panic of its own.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("history {} came to a sudden end; POSTERN_SEED={0} tells it", self.0);
        }
    }
}

/// Plays these seeds; a broken rule ends everything, with the last steps of its history.
fn play_all(seeds: impl Iterator<Item = u64>) -> Counts {
    let mut counts = Counts::new();
    for seed in seeds {
        let named = Named(seed);
        let history = play(seed, false);
        drop(named);
        if let Some(broken) = history.broken {
            let story = play(seed, true).story;
            let last = &story[story.len().saturating_sub(LAST_STEPS)..];
            eprintln!("{}", last.join("\n"));
            panic!("history {seed}: {broken}");
        }
        for (what, count) in history.counts {
            *counts.entry(what).or_default() += count;
        }
    }
    counts
}

/// On all cores there are, each with its share of the seeds.
fn play_up_to(end: u64) -> Counts {
    let cores = u64::try_from(thread::available_parallelism().map_or(1, usize::from)).unwrap();
    let share = |core: u64| move || play_all((core..end).step_by(usize::try_from(cores).unwrap()));
    let shares: Vec<_> = (0..cores).map(|core| thread::spawn(share(core))).collect();
    let mut counts = Counts::new();
    for share in shares {
        for (what, count) in share.join().expect("a broken rule was told above") {
            *counts.entry(what).or_default() += count;
        }
    }
    counts
}

#[test]
fn no_history_breaks_an_invariant() {
    if let Some(seed) = number("POSTERN_SEED") {
        let history = play(seed, true);
        println!("{}\n{:#?}", history.story.join("\n"), history.counts);
        assert_eq!(history.broken, None, "history {seed}");
        return;
    }
    let counts = play_up_to(number("POSTERN_SEEDS").unwrap_or(SEEDS));
    println!("{counts:#?}");
    for what in HAPPENED {
        assert!(counts.contains_key(what), "it never happened: {what}");
    }
}

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in 0..5 {
        let (one, two) = (play(seed, true), play(seed, true));
        assert_eq!((one.story, one.counts), (two.story, two.counts));
    }
}
