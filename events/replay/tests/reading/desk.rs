//! A place to work at: folders that go away, and the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Everything that can be replayed.
pub(crate) const VIEWS: [&str; 4] = ["accounts", "activity", "devices", "guards"];

pub(crate) struct Desk(TempDir);

/// What a command came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `postern`; words that begin with `@` are names of files here.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.run_in(words, |it| {
            it.env("XDG_CACHE_HOME", self.path("cache"));
        })
    }

    /// The same with another environment.
    pub(crate) fn run_in(&self, words: &[&str], set: impl FnOnce(&mut Command)) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
        for it in words {
            match it.strip_prefix('@') {
                Some(name) => command.arg(self.path(name)),
                None => command.arg(it),
            };
        }
        set(&mut command);
        let ran = command.output().unwrap();
        let text = |it: Vec<u8>| String::from_utf8(it).unwrap();
        Ran { code: ran.status.code().unwrap(), out: text(ran.stdout), err: text(ran.stderr) }
    }

    /// Runs what has to succeed, and gives its answer.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let Ran { code, out, err } = self.run(words);
        assert_eq!(code, 0, "{words:?}: {err}{out}");
        out
    }

    /// Runs what has to be refused, and gives what it says.
    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let Ran { code, out, err } = self.run(words);
        assert_eq!((code, out.as_str()), (1, ""), "{words:?}: {err}");
        err
    }

    /// All views of a log, one after the other.
    pub(crate) fn replay(&self, from: &str, more: &[&str]) -> Vec<String> {
        let replay = |view| self.done(&[&["replay", view, "--from", from], more].concat());
        VIEWS.map(replay).to_vec()
    }

    /// What `verify` answers, and its exit code.
    pub(crate) fn verify(&self, from: &str) -> (Value, i32) {
        let Ran { code, out, err } = self.run(&["verify", "--json", "--from", from]);
        let told = serde_json::from_str(&out);
        (told.unwrap_or_else(|it| panic!("{it}: {code} {out}{err}")), code)
    }

    /// Nothing stays in the user's cache.
    pub(crate) fn is_tidy(&self) -> bool {
        let cache = self.path("cache/postern");
        !cache.exists() || fs::read_dir(cache).unwrap().next().is_none()
    }
}

/// Every file in a folder with its bytes, by its name there.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(it) = folders.pop() {
        for entry in fs::read_dir(it).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
