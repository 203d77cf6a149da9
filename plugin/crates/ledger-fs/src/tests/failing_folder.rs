//! A folder in memory that loses its power: what was not flushed is torn or gone, name by name and byte by byte.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use crate::{Folder, NewFile, ReadAt};

type File = Rc<RefCell<Content>>;

#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    /// How many of them are flushed.
    durable: usize,
}

/// What was done to names since they were flushed.
#[derive(Clone)]
enum Deed {
    Named(String, File),
    Removed(String),
    Renamed(String, String),
}

#[derive(Default)]
struct Disk {
    durable: BTreeMap<String, File>,
    names: BTreeMap<String, File>,
    since: Vec<Deed>,
    /// Deeds until the process is killed; none: it lives.
    left: Option<u32>,
    deeds: u32,
}

/// The disk. Clones are one.
#[derive(Clone, Default)]
pub(super) struct FailingFolder {
    disk: Rc<RefCell<Disk>>,
}

/// Numbers that look random, from a seed.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        // Knuth's constants for a linear congruential generator.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn apply(names: &mut BTreeMap<String, File>, deed: Deed) {
    match deed {
        Deed::Named(name, file) => {
            names.insert(name, file);
        }
        Deed::Removed(name) => {
            names.remove(&name);
        }
        Deed::Renamed(name, other) => {
            if let Some(file) = names.remove(&name) {
                names.insert(other, file);
            }
        }
    }
}

impl FailingFolder {
    /// From here on, the process is killed instead of doing the deed of this number.
    pub(super) fn kill_after(&self, deeds: u32) {
        let mut disk = self.disk.borrow_mut();
        disk.left = Some(deeds);
        disk.deeds = 0;
    }

    /// How many deeds there were since.
    pub(super) fn deeds(&self) -> u32 {
        self.disk.borrow().deeds
    }

    /// The process is gone, and everything it has done is there.
    pub(super) fn restart(&self) {
        self.disk.borrow_mut().left = None;
    }

    /// The power fails: of what was done to names since they were flushed some is lost, and of bytes that were not
    /// flushed the end, or all, is another one.
    pub(super) fn lose_power(&self, numbers: &mut Numbers) {
        let mut disk = self.disk.borrow_mut();
        let mut names = std::mem::take(&mut disk.durable);
        for deed in std::mem::take(&mut disk.since) {
            if numbers.below(2) == 0 {
                apply(&mut names, deed);
            }
        }
        for file in names.values() {
            let mut content = file.borrow_mut();
            let durable = content.durable;
            let unsure = content.bytes.len() - durable;
            if unsure == 0 {
                continue;
            }
            let kept = durable + numbers.below(unsure + 1);
            match numbers.below(2) {
                0 => content.bytes.truncate(kept),
                _ => content.bytes[kept..].fill(0),
            }
            content.durable = content.bytes.len();
        }
        disk.names = names.clone();
        disk.durable = names;
        disk.left = None;
    }

    /// One thing that changes the disk.
    fn deed(&self) -> io::Result<()> {
        let mut disk = self.disk.borrow_mut();
        if disk.left == Some(0) {
            return Err(io::Error::other("killed"));
        }
        disk.left = disk.left.map(|left| left - 1);
        disk.deeds += 1;
        Ok(())
    }

    fn done(&self, deed: Deed) {
        let mut disk = self.disk.borrow_mut();
        apply(&mut disk.names, deed.clone());
        disk.since.push(deed);
    }

    fn file(&self, name: &str) -> io::Result<File> {
        let disk = self.disk.borrow();
        let file = disk.names.get(name).cloned();
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_free(&self, name: &str) -> io::Result<()> {
        if self.disk.borrow().names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(())
    }
}

impl Folder for FailingFolder {
    type File = Opened;
    type New = Opened;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.disk.borrow().names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Opened> {
        let file = self.file(name)?;
        Ok(Opened {
            folder: self.clone(),
            file,
        })
    }

    fn create(&self, name: &str) -> io::Result<Opened> {
        self.is_free(name)?;
        self.deed()?;
        self.done(Deed::Named(name.to_owned(), File::default()));
        self.open(name)
    }

    fn link(&self, name: &str, second: &str) -> io::Result<()> {
        let file = self.file(name)?;
        self.is_free(second)?;
        self.deed()?;
        self.done(Deed::Named(second.to_owned(), file));
        Ok(())
    }

    fn rename(&self, name: &str, other: &str) -> io::Result<()> {
        self.file(name)?;
        self.deed()?;
        self.done(Deed::Renamed(name.to_owned(), other.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.file(name)?;
        self.deed()?;
        self.done(Deed::Removed(name.to_owned()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.deed()?;
        let mut disk = self.disk.borrow_mut();
        disk.durable = disk.names.clone();
        disk.since.clear();
        Ok(())
    }
}

/// A file of it.
pub(super) struct Opened {
    folder: FailingFolder,
    file: File,
}

impl ReadAt for Opened {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.borrow().bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let content = self.file.borrow();
        let offset = usize::try_from(offset).unwrap();
        let piece = content.bytes.get(offset..offset + length);
        Ok(piece.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
    }
}

impl NewFile for Opened {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.folder.deed()?;
        self.file.borrow_mut().bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.folder.deed()?;
        let mut content = self.file.borrow_mut();
        content.durable = content.bytes.len();
        Ok(())
    }
}
