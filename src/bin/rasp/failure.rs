//! Why a command did not come to its end.

use std::io::{self, ErrorKind};

use tower_rasp::BuildError;

/// Why a command did not come to its end.
#[derive(Debug)]
pub enum Failure {
    /// Something is wrong, in words that name the place and the mend.
    Wrong(String),
    /// The pipe that the output goes to is closed.
    NobodyReads,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe { Self::NobodyReads } else { Self::Wrong(error.to_string()) }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl Failure {
    /// An error about a file.
    pub fn of_file(path: &std::path::Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            ErrorKind::NotFound => Self::Wrong(format!("{path}: there is no such file")),
            _ => Self::Wrong(format!("{path}: {error}")),
        }
    }
}
