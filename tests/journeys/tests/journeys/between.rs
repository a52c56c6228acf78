//! Somebody on the way to the tables, who lets calls pass, changes them or holds them for ever: so a
//! command can be killed at one exact moment.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use crate::recounts::tables_at;
use crate::world::World;

/// What becomes of a call.
pub(crate) enum Fate {
    /// It passes, with this body.
    Passes(Vec<u8>),
    /// It is refused as one that can't be understood, which nobody repeats.
    Refused,
    /// It is never answered, and does nothing.
    Held,
}

/// What a call is refused with.
const REFUSAL: &str = r#"{"__type":"com.amazon.coral.validate#ValidationException"}"#;

/// Opens a way to the tables of a stack for a command line, on which `decide` stands: it is told each
/// call's operation and body. The way ends with the test's process.
pub(crate) fn way(
    world: &World,
    decide: impl Fn(&str, Vec<u8>) -> Fate + Send + Sync + 'static,
) -> String {
    let tables = tables_at(world);
    let (to, path) = tables.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (to, decide) = (to.to_owned(), Arc::new(decide));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/{path}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (to, decide) = (to.clone(), Arc::clone(&decide));
            // Whoever was killed doesn't wait for an answer.
            std::thread::spawn(move || pass(client, &to, &*decide));
        }
    });
    address
}

/// Passes one call, and closes the connection after it.
fn pass(
    mut client: TcpStream,
    to: &str,
    decide: &impl Fn(&str, Vec<u8>) -> Fate,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut operation, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "connection" => {}
            "x-amz-target" => {
                value.rsplit('.').next().unwrap().trim().clone_into(&mut operation);
                head.push_str(&line);
            }
            _ if line.trim().is_empty() => break,
            _ => head.push_str(&line),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut answer = Vec::new();
    match decide(&operation, body) {
        Fate::Passes(body) => {
            let mut server = TcpStream::connect(to)?;
            write!(server, "{head}content-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
            server.write_all(&body)?;
            server.read_to_end(&mut answer)?;
        }
        Fate::Refused => write!(
            answer,
            "HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{REFUSAL}",
            REFUSAL.len()
        )?,
        Fate::Held => {
            // Until the other side is gone.
            reader.read_to_end(&mut answer)?;
            return Ok(());
        }
    }
    client.write_all(&answer)
}
