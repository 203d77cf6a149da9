//! Files and directories that hold people's data are their owner's alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a directory, and those above it, where they are missing. What is made may be entered by its owner
/// alone; what is there already stays as its owner wanted it.
///
/// # Errors
///
/// Where it cannot be made, or something else has its name.
pub fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file that its owner alone can read, where there is none.
///
/// One that is there is not opened: where a process closes a file, all its locks on that file are gone,
/// those of the databases that it has open, too (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).
///
/// # Errors
///
/// Where it cannot be made.
pub fn create_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_file() => Ok(()),
        made => made.map(drop),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_the_owners_alone_and_what_was_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        let open = directory.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        let made = open.join("made/deeper");
        create_directory(&made).unwrap();
        create_directory(&made).unwrap();
        assert_eq!(
            [mode(&open), mode(&open.join("made")), mode(&made)],
            [0o755, 0o700, 0o700]
        );
        create_file(&made.join("file")).unwrap();
        assert_eq!(mode(&made.join("file")), 0o600);
    }
}
