//! The directory in which compiled components are kept between starts.
//!
//! A compiled component is native code that this process runs, so whoever can write into the
//! directory controls the process. The directory is made private, and one that is not is refused.
//! The engine itself keys the files by the component's content and by its own version and settings.

use super::error::RuntimeError;
use std::fs;
use std::io;
use std::path::Path;
use wasmtime::{Cache, CacheConfig};

/// Opens the cache in `directory`, which is made where it does not exist.
pub(super) fn open(directory: &Path) -> Result<Cache, RuntimeError> {
    let failed = |source| RuntimeError::Cache {
        directory: directory.to_owned(),
        source,
    };
    create_private(directory).map_err(failed)?;
    let directory = directory.canonicalize().map_err(failed)?;
    if let Some(problem) = openness(&directory).map_err(failed)? {
        return Err(RuntimeError::CacheNotPrivate { directory, problem });
    }
    let mut config = CacheConfig::new();
    config.with_directory(&directory);
    Cache::new(config).map_err(|error| failed(io::Error::other(format!("{error:#}"))))
}

#[cfg(unix)]
fn create_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

#[cfg(not(unix))]
fn create_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// What lets others write into the directory, if something does.
#[cfg(unix)]
fn openness(directory: &Path) -> io::Result<Option<&'static str>> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(directory)?;
    // A file of our own tells who we are.
    let own_user = tempfile::tempfile_in(directory)?.metadata()?.uid();
    Ok(if metadata.uid() != own_user {
        Some("it belongs to another user")
    } else if metadata.mode() & 0o022 != 0 {
        Some("its group or everybody may write into it")
    } else {
        None
    })
}

/// Elsewhere a user's directories are private unless they were opened on purpose.
#[cfg(not(unix))]
fn openness(_directory: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_directory_is_made_private() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("one/two");
        open(&directory).unwrap();
        assert_eq!(
            fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }

    #[test]
    fn a_directory_that_others_can_write_into_is_refused() {
        for mode in [0o770, 0o702, 0o777] {
            let directory = tempfile::tempdir().unwrap();
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode)).unwrap();
            let error = open(directory.path()).unwrap_err();
            assert!(
                matches!(error, RuntimeError::CacheNotPrivate { .. }),
                "{mode:o}: {error}"
            );
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(open(file.path()), Err(RuntimeError::Cache { .. })));
    }
}
