//! What is asked of a folder, and a real one. A trait, so that tests can let the power fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Files in one folder, by name.
pub trait Folder {
    /// A file that is there.
    type File: ReadAt;
    /// A file that is being written.
    type New: NewFile;

    /// The names of all files.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Opens a file for reading. It can be read after its name was deleted.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is none.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Makes a file that is not there yet.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` where there is one.
    fn create(&self, name: &str) -> io::Result<Self::New>;

    /// Gives a file a second name, in one step.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` where the second name is taken.
    fn link(&self, name: &str, second: &str) -> io::Result<()>;

    /// Gives a file another name, in one step, in the place of the file that has it.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    fn rename(&self, name: &str, other: &str) -> io::Result<()>;

    /// Deletes a name.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Waits until all names are as they are now also after the power has failed.
    ///
    /// # Errors
    ///
    /// Where that cannot be had.
    fn sync(&self) -> io::Result<()>;
}

/// A file that is read in pieces.
pub trait ReadAt {
    /// How many bytes it has.
    ///
    /// # Errors
    ///
    /// Where it cannot be told.
    fn length(&self) -> io::Result<u64>;

    /// Exactly so many bytes from there.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` where there are fewer.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// A file that is being written.
pub trait NewFile {
    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// Where they could not be written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until its bytes outlive a failure of the power.
    ///
    /// # Errors
    ///
    /// Where that cannot be had.
    fn sync(&mut self) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The folder at a path, which has to be there.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn path_of(&self, name: &str) -> PathBuf {
        Path::new(&self.path).join(name)
    }
}

impl Folder for Directory {
    type File = File;
    type New = File;

    fn names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.path)?.map(|entry| {
            // A name that is no text is none of the ledger's.
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
        });
        names.collect()
    }

    fn open(&self, name: &str) -> io::Result<File> {
        File::open(self.path_of(name))
    }

    fn create(&self, name: &str) -> io::Result<File> {
        let path = self.path_of(name);
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    fn link(&self, name: &str, second: &str) -> io::Result<()> {
        fs::hard_link(self.path_of(name), self.path_of(second))
    }

    fn rename(&self, name: &str, other: &str) -> io::Result<()> {
        fs::rename(self.path_of(name), self.path_of(other))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path_of(name))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

impl ReadAt for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl NewFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
