//! Why an engine could not be built: one error that names the place and the mend.

use std::fmt;

/// A configuration, rule file or part given in code that cannot be used.
///
/// Printed it reads `rasp.toml:12: unknown key `mod`; did you mean `mode`?`. An engine that was
/// in force stays in force when a reload fails with one.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    file: Option<String>,
    line: Option<usize>,
    message: String,
    mend: Option<String>,
}

impl BuildError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { file: None, line: None, message: message.into(), mend: None }
    }

    /// Names the file, unless a nearer one is known already.
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }

    pub(crate) fn at_line(mut self, line: usize) -> Self {
        self.line.get_or_insert(line);
        self
    }

    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// The file, where the error lies in one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line in the file, from 1.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn mend_text(&self) -> Option<&str> {
        self.mend.as_deref()
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(formatter, "{file}:{line}: ")?,
            (Some(file), None) => write!(formatter, "{file}: ")?,
            (None, Some(line)) => write!(formatter, "line {line}: ")?,
            (None, None) => {}
        }
        formatter.write_str(&self.message)?;
        self.mend.as_ref().map_or(Ok(()), |mend| write!(formatter, "; {mend}"))
    }
}

impl fmt::Debug for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for BuildError {}
