//! Files of text: read within a limit.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::build_error::BuildError;

/// How large one file may be.
const FILE_BYTES_MAX: usize = 1 << 20;

/// Reads a file; errors call it `file`.
pub(super) fn read(path: &Path, file: &str) -> Result<String, BuildError> {
    read_up_to(path, file, FILE_BYTES_MAX)
}

/// Reads a file of at most so many bytes.
pub(super) fn read_up_to(path: &Path, file: &str, bytes_max: usize) -> Result<String, BuildError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => BuildError::new("there is no such file").in_file(file),
        _ => BuildError::new(format!("cannot be read: {error}")).in_file(file),
    };
    let mut bytes = Vec::new();
    let source = File::open(path).map_err(unreadable)?;
    source.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    check_size_up_to(bytes.len(), file, bytes_max)?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
        BuildError::new("the bytes are no UTF-8 from this line on")
            .in_file(file)
            .at_line(line)
            .mend("save the file as UTF-8")
    })
}

pub(super) fn check_size(bytes: usize, file: &str) -> Result<(), BuildError> {
    check_size_up_to(bytes, file, FILE_BYTES_MAX)
}

fn check_size_up_to(bytes: usize, file: &str, bytes_max: usize) -> Result<(), BuildError> {
    if bytes <= bytes_max {
        return Ok(());
    }
    let message = format!("the file is larger than {} MiB", bytes_max >> 20);
    Err(BuildError::new(message).in_file(file).mend("move rules into files of their own"))
}
