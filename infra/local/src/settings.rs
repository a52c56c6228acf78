//! What can be set from outside, and every reason why the stack may fail to start.

use std::io;
use std::path::PathBuf;

/// Where the API listens unless `POSTERN_PORT` says otherwise.
pub const DEFAULT_PORT: u16 = 8080;
/// Where the state lives unless `POSTERN_DIR` says otherwise.
pub const DEFAULT_DIR: &str = ".postern";

/// How this stack is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The API's port on 127.0.0.1; 0 lets the system choose a free one.
    pub port: u16,
    /// The folder that keeps everything this stack knows.
    pub dir: PathBuf,
    /// The file with the places of IP addresses, if there is one.
    pub geo_database: Option<PathBuf>,
    /// The file that lists which rights on tables the functions use, if anybody wants to know.
    pub rights: Option<PathBuf>,
}

impl Settings {
    /// Reads the settings through `variable`, which is [`std::env::var_os`] outside of tests.
    pub fn read(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<Self, StartError> {
        let port = match variable("POSTERN_PORT") {
            None => DEFAULT_PORT,
            Some(text) => text
                .to_str()
                .and_then(|port| port.parse().ok())
                .ok_or_else(|| StartError::Port(text.to_string_lossy().into_owned()))?,
        };
        let path = |name| variable(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let dir = path("POSTERN_DIR").unwrap_or_else(|| PathBuf::from(DEFAULT_DIR));
        let geo_database = path("POSTERN_GEO_DATABASE");
        Ok(Self { port, dir, geo_database, rights: path("POSTERN_RIGHTS") })
    }
}

/// Why the stack did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `POSTERN_PORT` holds something else than a port.
    #[error("POSTERN_PORT is {0:?}, which is not a port (0 to 65535)")]
    Port(String),
    /// Another program listens there.
    #[error("port {0} is in use by another program; set POSTERN_PORT to another one, or to 0")]
    PortTaken(u16),
    /// The system refuses the listener for another reason.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The state folder, or a file in it, can't be created or written.
    #[error("cannot write to the state folder {}", path.display())]
    Folder {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two stacks on one folder would overwrite each other's work.
    #[error("the state folder {} is in use by another running stack; set POSTERN_DIR to another one", .0.display())]
    FolderInUse(PathBuf),
    /// The state was written by another version of this program.
    #[error(
        "the state folder {} holds state of layout {found}, and this program reads layout {wanted}; \
         remove the folder, or set POSTERN_DIR to another one",
        path.display()
    )]
    OtherLayout {
        /// The state folder.
        path: PathBuf,
        /// The layout found there.
        found: i64,
        /// The layout of this program.
        wanted: i64,
    },
    /// A file in the state folder is not what its name says.
    #[error("cannot read the state in {}; remove the folder, or set POSTERN_DIR to another one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The process can't listen for the signals that end it.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// A server ended although nobody asked it to.
    #[error("a server of the local stack failed")]
    Serve(#[source] io::Error),
    /// A part that the stack is made of could not be put together.
    #[error("cannot put the parts together")]
    Compose(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StartError {
    /// What went wrong and why, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line.replace(['\r', '\n'], " ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn read(port: Option<&str>, dir: Option<&str>) -> Result<Settings, StartError> {
        Settings::read(|name| match name {
            "POSTERN_PORT" => port.map(Into::into),
            "POSTERN_DIR" => dir.map(Into::into),
            _ => None,
        })
    }

    #[test]
    fn without_variables_the_api_listens_on_8080_and_keeps_its_state_here() {
        let settings = read(None, None).unwrap();
        let expected =
            Settings { port: 8080, dir: ".postern".into(), geo_database: None, rights: None };
        assert_eq!(settings, expected);
        assert_eq!(read(Some("0"), Some("elsewhere")).unwrap().port, 0);
    }

    #[test]
    fn a_database_of_places_is_taken_where_one_is_named() {
        let named = |path: &str| {
            let only = |name: &str| (name == "POSTERN_GEO_DATABASE").then(|| path.into());
            Settings::read(only).unwrap().geo_database
        };
        assert_eq!(named("places.mmdb"), Some("places.mmdb".into()));
        assert_eq!(named(""), None);
    }

    #[test]
    fn what_is_not_a_port_is_told_in_one_line() {
        for text in ["", "x", "65536", "-1", "80\n80"] {
            let line = read(Some(text), None).unwrap_err().line();
            assert!(line.starts_with("POSTERN_PORT is"), "{line}");
            assert_eq!(line.lines().count(), 1);
        }
    }
}
