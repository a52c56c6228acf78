//! Lists the languages: every file in `locales/` is one, named by its tag.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The language that everybody falls back to; it comes first.
const FALLBACK: &str = "en";
/// The message that says in which direction a language is written.
const DIRECTION: &str = "language-direction";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut tags = Vec::new();
    for entry in fs::read_dir(root.join("locales"))? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("ftl")) {
            let tag = path.file_stem().and_then(OsStr::to_str).ok_or("a name that isn't text")?;
            tags.push((tag.to_owned(), direction(&path)?));
        }
    }
    tags.sort_by_key(|(tag, _)| (tag != FALLBACK, tag.clone()));
    if tags.first().is_none_or(|(tag, _)| tag != FALLBACK) {
        return Err(format!("locales/{FALLBACK}.ftl is missing").into());
    }
    let mut known = String::from("&[\n");
    for (tag, direction) in tags {
        let words = format!(
            "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))",
            format!("/locales/{tag}.ftl")
        );
        writeln!(known, "Known {{ tag: {tag:?}, direction: {direction:?}, words: {words} }},")?;
    }
    known.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("known.rs"), known)?;
    Ok(())
}

/// The direction that a language's file says.
fn direction(file: &Path) -> Result<&'static str, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", file.display());
    let said = fs::read_to_string(file)?;
    let said = said.lines().find_map(|line| {
        let (message, value) = line.split_once('=')?;
        (message.trim_end() == DIRECTION).then(|| value.trim().to_owned())
    });
    match said.as_deref() {
        Some("ltr") => Ok("ltr"),
        Some("rtl") => Ok("rtl"),
        _ => Err(format!("{} must say {DIRECTION} = ltr or rtl", file.display()).into()),
    }
}
