//! The file of a table: entries in order of their keys, in blocks of about 16 KiB; behind them the first key, the place
//! and the checksum of each block, and at the end where that stands.

use crate::bytes::{Reader, put_sized};
use crate::error::{Doing as _, LedgerError};
use crate::folder::{Folder, NewFile, ReadAt};
use crate::ledger::Entry;
use crate::names;

const FORM: &[u8] = b"ledger-fs table 1\n";
/// The last bytes of a table that was written to its end.
const END: &[u8; 8] = b"ledgerT1";
/// Place, length and checksum of the list of blocks, the table's number, and [`END`].
const FOOTER: usize = 8 + 8 + 4 + 8 + 8;
/// A block ends with the entry that makes it this long.
const BLOCK: usize = 16 << 10;

/// Where a block stands.
#[derive(Debug)]
pub(crate) struct Block {
    /// The smallest key in it.
    pub(crate) first: String,
    offset: u64,
    length: usize,
    checksum: u32,
}

/// Writes a table from entries that come in order.
pub(crate) struct TableWriter<N> {
    file: N,
    name: String,
    written: u64,
    block: Vec<u8>,
    first: Option<String>,
    index: Vec<u8>,
}

impl<N: NewFile> TableWriter<N> {
    pub(crate) fn new(file: N, name: &str) -> Result<Self, LedgerError> {
        let mut writer = Self {
            file,
            name: name.to_owned(),
            written: 0,
            block: Vec::new(),
            first: None,
            index: Vec::new(),
        };
        writer.write(FORM)?;
        Ok(writer)
    }

    pub(crate) fn add(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.first.get_or_insert_with(|| entry.key.clone());
        put_sized(&mut self.block, entry.key.as_bytes());
        put_sized(&mut self.block, &entry.value);
        if self.block.len() >= BLOCK {
            self.end_block()?;
        }
        Ok(())
    }

    /// Ends the table, and waits until it is durable.
    pub(crate) fn finish(mut self, number: u64) -> Result<(), LedgerError> {
        self.end_block()?;
        let index = std::mem::take(&mut self.index);
        let mut footer = Vec::with_capacity(FOOTER);
        footer.extend_from_slice(&self.written.to_le_bytes());
        footer.extend_from_slice(&(index.len() as u64).to_le_bytes());
        footer.extend_from_slice(&crc32fast::hash(&index).to_le_bytes());
        footer.extend_from_slice(&number.to_le_bytes());
        footer.extend_from_slice(END);
        self.write(&index)?;
        self.write(&footer)?;
        self.file.sync().doing("flushing", &self.name)
    }

    fn end_block(&mut self) -> Result<(), LedgerError> {
        let Some(first) = self.first.take() else {
            return Ok(());
        };
        let block = std::mem::take(&mut self.block);
        put_sized(&mut self.index, first.as_bytes());
        self.index.extend_from_slice(&self.written.to_le_bytes());
        self.index
            .extend_from_slice(&(block.len() as u64).to_le_bytes());
        self.index
            .extend_from_slice(&crc32fast::hash(&block).to_le_bytes());
        self.write(&block)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        self.file.write(bytes).doing("writing", &self.name)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// A table that is there: its blocks, and how many bytes it has.
pub(crate) struct TableFile<R> {
    file: R,
    name: String,
    pub(crate) blocks: Vec<Block>,
    pub(crate) length: u64,
}

impl<R: ReadAt> TableFile<R> {
    /// Opens the table of a number, and reads where its blocks are.
    pub(crate) fn open<F: Folder<File = R>>(folder: &F, number: u64) -> Result<Self, LedgerError> {
        let name = names::table(number);
        let file = folder.open(&name).doing("opening", &name)?;
        let length = file.length().doing("reading", &name)?;
        let mut table = Self {
            file,
            name,
            blocks: Vec::new(),
            length,
        };
        let footer = length
            .checked_sub(FOOTER as u64)
            .ok_or_else(|| table.damaged("it is cut off"))?;
        let footer = table.read(footer, FOOTER)?;
        let (offset, size, checksum) = footer_of(&footer, number)
            .ok_or_else(|| table.damaged("its end is not that of a table"))?;
        let is_inside = offset
            .checked_add(size)
            .is_some_and(|end| end.checked_add(FOOTER as u64) == Some(length));
        let size = usize::try_from(size).ok().filter(|_| is_inside);
        let size = size.ok_or_else(|| table.damaged("its list of blocks is elsewhere"))?;
        let index = table.read(offset, size)?;
        if crc32fast::hash(&index) != checksum {
            return Err(table.damaged("the checksum of its list of blocks is another one"));
        }
        table.blocks = blocks(&index).ok_or_else(|| table.damaged("its blocks cannot be told"))?;
        Ok(table)
    }

    /// The entries of a block, in order.
    pub(crate) fn entries(&self, block: &Block) -> Result<Vec<Entry>, LedgerError> {
        let bytes = self.read(block.offset, block.length)?;
        if crc32fast::hash(&bytes) != block.checksum {
            return Err(self.damaged("the checksum of a block is another one"));
        }
        let mut reader = Reader::new(&bytes);
        let mut entries = Vec::new();
        while !reader.is_at_end() {
            let entry = entry(&mut reader).ok_or_else(|| self.damaged("a block is cut off"))?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, LedgerError> {
        self.file
            .read_at(offset, length)
            .doing("reading", &self.name)
    }

    fn damaged(&self, what: &'static str) -> LedgerError {
        LedgerError::Damaged {
            file: self.name.clone(),
            what,
        }
    }
}

fn footer_of(footer: &[u8], number: u64) -> Option<(u64, u64, u32)> {
    let mut reader = Reader::new(footer);
    let found = (reader.u64()?, reader.u64()?, reader.u32()?);
    let is_whole = reader.u64()? == number && reader.take(END.len())? == END;
    is_whole.then_some(found)
}

fn blocks(index: &[u8]) -> Option<Vec<Block>> {
    let mut reader = Reader::new(index);
    let mut blocks = Vec::new();
    while !reader.is_at_end() {
        blocks.push(Block {
            first: reader.text()?.to_owned(),
            offset: reader.u64()?,
            length: usize::try_from(reader.u64()?).ok()?,
            checksum: reader.u32()?,
        });
    }
    Some(blocks)
}

fn entry(reader: &mut Reader<'_>) -> Option<Entry> {
    Some(Entry {
        key: reader.text()?.to_owned(),
        value: reader.sized()?.to_vec(),
    })
}
