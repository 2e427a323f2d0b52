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
    /// An error about a file that was to be made.
    pub fn of_new_file(path: &std::path::Path, error: &io::Error) -> Self {
        let folder = path.parent().filter(|folder| error.kind() == ErrorKind::NotFound && !folder.is_dir());
        match folder {
            Some(folder) => Self::Wrong(format!(
                "{}: there is no directory `{}`; make it, or name another file",
                path.display(),
                folder.display()
            )),
            None => Self::of_file(path, error),
        }
    }

    /// An error about a file.
    pub fn of_file(path: &std::path::Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            ErrorKind::NotFound => Self::Wrong(format!("{path}: there is no such file")),
            _ => Self::Wrong(format!("{path}: {error}")),
        }
    }
}
