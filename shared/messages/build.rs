//! Turns the mails' layouts from MJML into the HTML that mail programs draw; what is filled in per
//! mail stays as it is written.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use mrml::prelude::parser::ParserOptions;
use mrml::prelude::parser::memory_loader::MemoryIncludeLoader;
use mrml::prelude::render::RenderOptions;

/// What every layout includes.
const HEAD: &str = "head.mjml";
/// The layouts.
const LAYOUTS: [&str; 2] = ["letter", "support"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates");
    let templates = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("templates");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let head = fs::read_to_string(templates.join(HEAD))?;
    let loader = MemoryIncludeLoader::from(vec![(HEAD, head)]);
    let parser = ParserOptions { include_loader: Box::new(loader) };
    // Without fonts to look for, none is ever fetched by whoever reads a mail.
    let render = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
    for name in LAYOUTS {
        let source = fs::read_to_string(templates.join(format!("{name}.mjml")))?;
        let parsed = mrml::parse_with_options(source, &parser)?;
        if !parsed.warnings.is_empty() {
            return Err(format!("{name}.mjml: {:?}", parsed.warnings).into());
        }
        fs::write(out.join(format!("{name}.html")), parsed.element.render(&render)?)?;
    }
    Ok(())
}
