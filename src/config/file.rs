//! stub
use super::Settings;
use crate::build_error::BuildError;
use std::path::Path;
/// stub
pub fn from_path(path: &Path) -> Result<Settings, BuildError> {
    let _ = path;
    Settings::builtin()
}
/// stub
pub fn from_text(_file: &str, _text: &str, _base: &Path) -> Result<Settings, BuildError> {
    Settings::builtin()
}
