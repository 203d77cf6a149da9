//! The directory in which compiled components are kept between starts.
//!
//! A compiled component is native code that this process runs, so whoever can write into the
//! directory controls the process. The directory is made private, and one that is not is refused.
//! A file's name is a digest of the component and of the engine's version and settings, so a file
//! fits or is not found.

use super::error::RuntimeError;
use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Compiled components in a private directory.
#[derive(Clone, Debug)]
pub(super) struct ArtifactCache {
    directory: PathBuf,
    hits: Arc<AtomicUsize>,
}

impl ArtifactCache {
    /// Opens the cache in `directory`, which is made where it does not exist.
    pub(super) fn open(directory: &Path) -> Result<Self, RuntimeError> {
        let failed = |source| RuntimeError::Cache {
            directory: directory.to_owned(),
            source,
        };
        create_private(directory).map_err(failed)?;
        let directory = directory.canonicalize().map_err(failed)?;
        if let Some(problem) = openness(&directory).map_err(failed)? {
            return Err(RuntimeError::CacheNotPrivate { directory, problem });
        }
        Ok(Self {
            directory,
            hits: Arc::default(),
        })
    }

    /// The compiled component, from the directory where it is there, and kept there otherwise.
    pub(super) fn compile(&self, engine: &Engine, component: &[u8]) -> wasmtime::Result<Component> {
        let path = self.directory.join(file_name(engine, component));
        if let Some(found) = self.find(engine, &path) {
            return Ok(found);
        }
        let compiled = Component::from_binary(engine, component)?;
        // A full disk costs the next start a second, and nothing else.
        let _ = compiled
            .serialize()
            .map(|artifact| self.keep(&artifact, &path));
        Ok(compiled)
    }

    /// How often a component was found.
    pub(super) fn hits(&self) -> usize {
        self.hits.load(Ordering::Relaxed)
    }

    fn find(&self, engine: &Engine, path: &Path) -> Option<Component> {
        if !path.is_file() {
            return None;
        }
        // SAFETY: the file is one that `keep` wrote for this engine, byte for byte: its directory
        // belongs to this user and nobody else can write into it, which `open` has checked, and it
        // got its name only once it was complete. wasmtime itself refuses a file of another engine.
        #[expect(
            unsafe_code,
            reason = "wasmtime offers no other way to load a compiled component"
        )]
        let found = unsafe { Component::deserialize_file(engine, path) }.ok()?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(found)
    }

    /// Writes under another name first, so that a file of this name is complete.
    fn keep(&self, artifact: &[u8], path: &Path) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(artifact)?;
        file.persist(path)?;
        Ok(())
    }
}

fn file_name(engine: &Engine, component: &[u8]) -> String {
    let mut compatibility = DefaultHasher::new();
    engine
        .precompile_compatibility_hash()
        .hash(&mut compatibility);
    let digest: String = Sha256::digest(component)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{digest}-{:016x}.cwasm", compatibility.finish())
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
        ArtifactCache::open(&directory).unwrap();
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
            let error = ArtifactCache::open(directory.path()).unwrap_err();
            assert!(
                matches!(error, RuntimeError::CacheNotPrivate { .. }),
                "{mode:o}: {error}"
            );
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(
            ArtifactCache::open(file.path()),
            Err(RuntimeError::Cache { .. })
        ));
    }
}
