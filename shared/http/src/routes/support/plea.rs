//! What somebody writes to support, and the files they announce: text of a stranger, which people
//! read in a mail.

use postern_domain::policy;
use postern_domain::text::BadText;
use postern_events::support::{Attachment, Plea};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::body;
use crate::problem::Problem;

/// The bytes of a message: what its characters may have of them, bounded for the sake of mails.
const MESSAGE_BYTES: usize = 12_000;
/// The characters of a file's name.
const FILE_NAME_CHARACTERS: usize = 100;

/// A file as its author announces it.
pub(super) struct GivenFile(File);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Attachment)]
pub(super) struct File {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Its media type: `image/jpeg`, `image/png`, `image/heic` or `image/webp`.
    #[schema(pattern = "^image/(jpeg|png|heic|webp)$")]
    content_type: String,
    /// Its bytes.
    #[schema(minimum = 1, maximum = 5_242_880)]
    size: u64,
}

impl<'de> Deserialize<'de> for GivenFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        body::object(deserializer).map(Self)
    }
}

/// What was written and announced, checked.
#[derive(Debug)]
pub(super) struct Told {
    message: String,
    pub(super) files: Vec<Announced>,
}

/// A file that may be uploaded.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) name: String,
    pub(super) content_type: &'static str,
    pub(super) size: u64,
}

impl Told {
    pub(super) fn read(message: &str, files: &[GivenFile]) -> Result<Self, Problem> {
        let message = page(message).map_err(|bad| Problem::invalid("/message", bad.to_string()))?;
        if files.len() > policy::ATTACHMENTS {
            let most = format!("must have at most {} files", policy::ATTACHMENTS);
            return Err(Problem::invalid("/attachments", most));
        }
        let announced = files.iter().enumerate().map(|(place, GivenFile(it))| it.announced(place));
        Ok(Self { message, files: announced.collect::<Result<_, _>>()? })
    }

    /// The personal part, for the event.
    pub(super) fn plea(&self) -> Plea {
        let attachments = self.files.iter().map(|it| it.name.clone()).collect();
        Plea { message: self.message.clone(), attachments }
    }

    /// What is not personal about the files.
    pub(super) fn attachments(&self) -> Vec<Attachment> {
        let attachment =
            |it: &Announced| Attachment { content_type: it.content_type.to_owned(), size: it.size };
        self.files.iter().map(attachment).collect()
    }
}

impl File {
    fn announced(&self, place: usize) -> Result<Announced, Problem> {
        let bad = |member: &str, why: String| {
            Problem::invalid(&format!("/attachments/{place}/{member}"), why)
        };
        let name = line(&self.name).map_err(|why| bad("name", why.to_string()))?;
        let mut types = policy::ATTACHMENT_TYPES.into_iter();
        let content_type = types.find(|it| *it == self.content_type).ok_or_else(|| {
            bad("content_type", format!("must be one of {}", policy::ATTACHMENT_TYPES.join(", ")))
        })?;
        if !(1..=policy::ATTACHMENT_BYTES).contains(&self.size) {
            let most = policy::ATTACHMENT_BYTES;
            return Err(bad("size", format!("must be a number from 1 to {most}")));
        }
        Ok(Announced { name, content_type, size: self.size })
    }
}

/// Text of several lines, with the line ends of any system.
fn page(text: &str) -> Result<String, BadText> {
    let text = text.replace("\r\n", "\n");
    let text = shown(&text, |it| matches!(it, '\n' | '\t'))?;
    let fits = text.chars().count() <= policy::SUPPORT_CHARACTERS && text.len() <= MESSAGE_BYTES;
    fits.then(|| text.to_owned()).ok_or(BadText::TooLong)
}

/// Text of one line.
fn line(text: &str) -> Result<String, BadText> {
    let text = shown(text, |_| false)?;
    let fits = text.chars().count() <= FILE_NAME_CHARACTERS;
    fits.then(|| text.to_owned()).ok_or(BadText::TooLong)
}

/// Text that shows what it holds: something, and no control or direction characters.
fn shown(text: &str, may_control: impl Fn(char) -> bool) -> Result<&str, BadText> {
    let trimmed = text.trim();
    let controls = |it: char| (it.is_control() && !may_control(it)) || turns_text(it);
    if text.chars().any(controls) {
        Err(BadText::Control)
    } else if trimmed.is_empty() {
        Err(BadText::Empty)
    } else {
        Ok(trimmed)
    }
}

/// Line separators and the bidirectional controls (Unicode UAX #9), which could make text read as
/// something else than it is.
fn turns_text(it: char) -> bool {
    matches!(
        it,
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use postern_words::language::Language;
    use postern_words::words::Words;
    use serde_json::{Value, json};

    use super::*;

    fn file(name: &str, content_type: &str, size: u64) -> GivenFile {
        let file = json!({ "name": name, "content_type": content_type, "size": size });
        serde_json::from_value(file).unwrap()
    }

    /// What is pointed at, or nothing.
    fn pointer(message: &str, files: &[GivenFile]) -> Option<String> {
        let problem = Told::read(message, files).err()?;
        let document = problem.document(&Words::new(), Language::fallback(), "req");
        document["errors"][0]["pointer"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_message_has_lines_and_shows_all_that_it_holds() {
        let told = Told::read(" no code\r\narrives\t:( ", &[]).unwrap();
        assert_eq!(told.plea().message, "no code\narrives\t:(");
        for bad in ["", " \n ", "a\u{0}", "a\rb", "a\u{202e}b", "a\u{1b}[31m"] {
            assert_eq!(pointer(bad, &[]).as_deref(), Some("/message"), "{bad:?}");
        }
    }

    #[test]
    fn a_message_is_a_page_long_at_most() {
        assert_eq!(pointer(&"é".repeat(3_000), &[]), None);
        assert_eq!(pointer(&"e".repeat(3_001), &[]).as_deref(), Some("/message"));
        assert_eq!(pointer(&"👩".repeat(3_000), &[]), None);
    }

    #[test]
    fn five_photos_can_be_announced_and_nothing_else() {
        let photo = || file("screen.png", "image/png", 5 * 1_024 * 1_024);
        let five = || (0..5).map(|_| photo()).collect::<Vec<_>>();
        assert_eq!(pointer("help", &five()), None);
        let six: Vec<_> = five().into_iter().chain([photo()]).collect();
        assert_eq!(pointer("help", &six).as_deref(), Some("/attachments"));
        for (bad, member) in [
            (file("", "image/png", 1), "name"),
            (file(&"n".repeat(101), "image/png", 1), "name"),
            (file("a\nb", "image/png", 1), "name"),
            (file("a", "image/svg+xml", 1), "content_type"),
            (file("a", "IMAGE/PNG", 1), "content_type"),
            (file("a", "image/png", 0), "size"),
            (file("a", "image/png", 5 * 1_024 * 1_024 + 1), "size"),
        ] {
            let pointed = pointer("help", &[photo(), bad]);
            assert_eq!(pointed, Some(format!("/attachments/1/{member}")));
        }
    }

    #[test]
    fn a_file_is_an_object_and_nothing_else() {
        let list: Value = json!(["a", "image/png", 1]);
        assert!(serde_json::from_value::<GivenFile>(list).is_err());
    }

    #[test]
    fn names_are_personal_and_types_are_not() {
        let told = Told::read("help", &[file("me.png", "image/png", 7)]).unwrap();
        assert_eq!(told.plea().attachments, ["me.png"]);
        let attachment = Attachment { content_type: "image/png".to_owned(), size: 7 };
        assert_eq!(told.attachments(), [attachment]);
    }
}
