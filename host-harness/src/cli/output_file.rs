//! Files that a command makes for a person: new ones, since what is there may be wanted.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;

use super::wrong_usage::WrongUsage;

/// Writes a file that is not there yet.
///
/// A place where none can be is wrong usage; a disk on which it does not fit is not.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(is_there(path).into());
        }
        Err(error) => {
            return Err(
                WrongUsage(format!("{} cannot be written: {error}", path.display())).into(),
            );
        }
    };
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file would be taken for a whole one. Where it cannot be removed, it is told of all the same.
        let _ = fs::remove_file(path);
    }
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// That nothing is there, for what is only found out at a cost.
pub(super) fn is_free(path: &Path) -> Result<(), WrongUsage> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(is_there(path)),
        Err(_) => Ok(()),
    }
}

/// Makes a folder in which nothing is yet.
pub(super) fn new_folder(path: &Path) -> anyhow::Result<()> {
    let cannot = |error: io::Error| {
        WrongUsage(format!(
            "the folder {} cannot be made: {error}",
            path.display()
        ))
    };
    fs::create_dir_all(path).map_err(cannot)?;
    match fs::read_dir(path).map_err(cannot)?.next() {
        None => Ok(()),
        Some(_) => Err(is_there(path).into()),
    }
}

fn is_there(path: &Path) -> WrongUsage {
    WrongUsage(format!(
        "{} is there already, and nothing is overwritten; remove it, or give another name",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, b"one").unwrap();
        let error = write(&file, b"two").unwrap_err();
        assert!(error.is::<WrongUsage>(), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"one");
        assert!(is_free(&file).is_err());
        assert!(is_free(&folder.path().join("other")).is_ok());
        let error = new_folder(folder.path()).unwrap_err();
        assert!(error.to_string().contains("nothing is overwritten"));
        new_folder(&folder.path().join("new/one")).unwrap();
        let error = write(&folder.path().join("nowhere/file"), b"").unwrap_err();
        assert!(error.is::<WrongUsage>(), "{error}");
    }
}
