//! What `connect` remembers for the other commands, in files of JSON.

use std::path::Path;
use std::{fs, io};

use anyhow::Context as _;
use serde::de::DeserializeOwned;

/// What a file remembers; nothing where there is none.
///
/// # Errors
///
/// Where it cannot be read, and where it holds something else.
pub(super) fn read<T: DeserializeOwned + Default>(file: &Path) -> anyhow::Result<T> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged; run `connect` again", file.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}
