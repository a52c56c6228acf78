//! A line of JSON that says where it belongs: everything that is sorted here is such a line.
//!
//! Each begins with `{"stream":"…","sequence":N`. Rows of the log do, and so does whatever is made of
//! them on the way, with a key of its own in the stream's place.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::Write as _;

use memchr::memchr;
use serde::Deserialize;

use crate::row::{Row, is_plain};

/// How every line begins.
pub(crate) const HEAD: &[u8] = b"{\"stream\":\"";
const NEXT: &[u8] = b"\",\"sequence\":";

/// A line, and its place among the others.
#[derive(Debug, Clone, Default)]
pub struct Line {
    bytes: Vec<u8>,
    stream_end: usize,
    sequence: u64,
}

/// The place, read from a line whose members have another order.
#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    stream: Cow<'a, str>,
    sequence: u64,
}

impl Line {
    /// Begins a line; its further members follow by [`Self::member`].
    #[must_use]
    pub fn begin(stream: &str, sequence: u64) -> Self {
        let mut bytes = Vec::with_capacity(256);
        start(&mut bytes, stream, sequence);
        let stream_end = HEAD.len() + stream.len();
        Self { bytes, stream_end, sequence }
    }

    /// Adds a member whose value is JSON already.
    #[must_use]
    pub fn member(mut self, name: &str, json: &str) -> Self {
        // A vector takes whatever is written to it.
        let _ = write!(self.bytes, ",\"{name}\":{json}");
        self
    }

    /// Ends the line.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.bytes.push(b'}');
        self
    }

    /// Takes a whole line, without its line break.
    ///
    /// # Errors
    /// When it is no JSON object that says where it belongs.
    pub fn take(&mut self, bytes: &[u8]) -> serde_json::Result<()> {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.settle()
    }

    /// Finds the place in a line that was read into [`Self::buffer`].
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(crate) fn settle(&mut self) -> serde_json::Result<()> {
        if let Some((stream_end, sequence)) = place(&self.bytes) {
            (self.stream_end, self.sequence) = (stream_end, sequence);
            return Ok(());
        }
        // Somebody else's program has put the members into another order.
        let Place { stream, sequence } = serde_json::from_slice(&self.bytes)?;
        let row: Row<'_> = serde_json::from_slice(&self.bytes)?;
        if !is_plain(&stream) {
            return Err(serde::de::Error::custom("no stream is called so"));
        }
        let mut anew = Vec::with_capacity(self.bytes.len());
        row.write(&mut anew);
        (self.stream_end, self.sequence) = (HEAD.len() + stream.len(), sequence);
        self.bytes = anew;
        Ok(())
    }

    /// Where a line is read into.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The stream's name, or the key in its place.
    #[must_use]
    pub fn stream(&self) -> &str {
        str::from_utf8(self.stream_bytes()).unwrap_or_default()
    }

    pub(crate) fn stream_bytes(&self) -> &[u8] {
        self.bytes.get(HEAD.len()..self.stream_end).unwrap_or_default()
    }

    /// The sequence within the stream.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The line without its line break.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which of two lines comes first.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let streams = self.stream_bytes().cmp(other.stream_bytes());
        streams.then(self.sequence.cmp(&other.sequence))
    }
}

/// Writes how every line begins. Names of streams need no escapes.
pub(crate) fn start(bytes: &mut Vec<u8>, stream: &str, sequence: u64) {
    bytes.extend_from_slice(HEAD);
    bytes.extend_from_slice(stream.as_bytes());
    bytes.extend_from_slice(NEXT);
    let _ = write!(bytes, "{sequence}");
}

/// The place in a line that begins as ours do: where the stream's name ends, and the sequence.
fn place(bytes: &[u8]) -> Option<(usize, u64)> {
    let rest = bytes.strip_prefix(HEAD)?;
    let length = memchr(b'"', rest)?;
    let (stream, rest) = rest.split_at_checked(length)?;
    let rest = rest.strip_prefix(NEXT)?;
    let digits = rest.iter().take_while(|it| it.is_ascii_digit()).count();
    // Nineteen digits always fit; a backslash would escape the quotation mark.
    if stream.contains(&b'\\') || digits == 0 || digits > 19 {
        return None;
    }
    let number = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
    Some((HEAD.len() + length, rest.iter().take(digits).fold(0, number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> serde_json::Result<Line> {
        let mut line = Line::default();
        line.take(text.as_bytes()).map(|()| line)
    }

    #[test]
    fn a_line_says_where_it_belongs() {
        let line = taken(r#"{"stream":"account/acc_1","sequence":12,"id":"x"}"#).unwrap();
        assert_eq!((line.stream(), line.sequence()), ("account/acc_1", 12));
        let made = Line::begin("account/acc_1", 12).member("id", "\"x\"").end();
        assert_eq!(made.bytes(), line.bytes());
    }

    #[test]
    fn members_in_another_order_are_put_in_ours() {
        let text = r#"{"sequence":3,"commit":3,"type":"a.b","version":1,"id":"evt_1","time":"t","data":{},"stream":"s/1"}"#;
        let line = taken(text).unwrap();
        assert_eq!((line.stream(), line.sequence()), ("s/1", 3));
        assert!(line.bytes().starts_with(br#"{"stream":"s/1","sequence":3,"commit":3,"#));
    }

    #[test]
    fn what_says_no_place_is_no_line() {
        assert!(taken("{}").is_err());
        assert!(taken("").is_err());
        assert!(taken(r#"{"stream":"s","sequence":-1}"#).is_err());
    }
}
