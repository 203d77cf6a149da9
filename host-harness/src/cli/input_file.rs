//! Files that a person gives.

use std::fs;
use std::path::Path;

use configuration_document::text;

use super::wrong_usage::WrongUsage;

/// The text of a file, without its byte order mark; an error names the file, and what to do.
pub(super) fn text(path: &Path) -> Result<String, WrongUsage> {
    let bytes = fs::read(path)
        .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", path.display())))?;
    text::decode(&bytes)
        .map(str::to_owned)
        .map_err(|error| WrongUsage(format!("{} cannot be read: {error}", path.display())))
}
