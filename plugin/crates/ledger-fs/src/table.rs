//! Looking things up in a table, and going through it together with what was written since.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::iter::Peekable;
use std::ops::Bound;
use std::rc::Rc;

use crate::error::LedgerError;
use crate::folder::{Folder, ReadAt};
use crate::ledger::Entry;
use crate::table_file::TableFile;

/// What was written since a table: values, and `None` for what was deleted.
pub(crate) type Recent = BTreeMap<String, Option<Vec<u8>>>;

/// A table, with the block that was read last.
pub(crate) struct Table<R> {
    file: TableFile<R>,
    last: RefCell<Option<(usize, Rc<Vec<Entry>>)>>,
}

impl<R: ReadAt> Table<R> {
    pub(crate) fn open<F: Folder<File = R>>(folder: &F, number: u64) -> Result<Self, LedgerError> {
        Ok(Self {
            file: TableFile::open(folder, number)?,
            last: RefCell::default(),
        })
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> u64 {
        self.file.length
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(block) = self.block_of(key) else {
            return Ok(None);
        };
        let entries = self.block(block)?;
        let place = entries.binary_search_by(|entry| entry.key.as_str().cmp(key));
        let found = place.ok().and_then(|place| entries.get(place));
        Ok(found.map(|entry| entry.value.clone()))
    }

    /// The last block whose first key is not behind this one.
    fn block_of(&self, key: &str) -> Option<usize> {
        let behind = self
            .file
            .blocks
            .partition_point(|block| block.first.as_str() <= key);
        behind.checked_sub(1)
    }

    /// The entries of a block; none behind the last one.
    fn block(&self, number: usize) -> Result<Rc<Vec<Entry>>, LedgerError> {
        if let Some((last, entries)) = &*self.last.borrow()
            && *last == number
        {
            return Ok(Rc::clone(entries));
        }
        let entries = match self.file.blocks.get(number) {
            Some(block) => self.file.entries(block)?,
            None => Vec::new(),
        };
        let entries = Rc::new(entries);
        *self.last.borrow_mut() = Some((number, Rc::clone(&entries)));
        Ok(entries)
    }
}

/// A place in a table.
struct Cursor<'t, R> {
    table: &'t Table<R>,
    block: usize,
    entries: Rc<Vec<Entry>>,
    place: usize,
}

impl<'t, R: ReadAt> Cursor<'t, R> {
    /// Before the first entry whose key is not before this one.
    fn at(table: &'t Table<R>, key: &str) -> Result<Self, LedgerError> {
        let block = table.block_of(key).unwrap_or(0);
        let entries = table.block(block)?;
        let place = entries.partition_point(|entry| entry.key.as_str() < key);
        Ok(Self {
            table,
            block,
            entries,
            place,
        })
    }

    fn peek(&mut self) -> Result<Option<&Entry>, LedgerError> {
        while self.place >= self.entries.len() && self.block < self.table.file.blocks.len() {
            self.block += 1;
            self.entries = self.table.block(self.block)?;
            self.place = 0;
        }
        Ok(self.entries.get(self.place))
    }

    /// The entry that was looked at last, and goes on behind it.
    fn take(&mut self) -> Option<Entry> {
        let entry = self.entries.get(self.place).cloned();
        self.place += 1;
        entry
    }
}

/// All entries from a key on, in order: those of the table, but for what was written since.
pub(crate) struct Merged<'t, R> {
    table: Option<Cursor<'t, R>>,
    recent: Peekable<Range<'t, String, Option<Vec<u8>>>>,
}

impl<'t, R: ReadAt> Merged<'t, R> {
    pub(crate) fn from(
        table: Option<&'t Table<R>>,
        recent: &'t Recent,
        key: &str,
    ) -> Result<Self, LedgerError> {
        let from = (Bound::Included(key), Bound::Unbounded);
        Ok(Self {
            table: table.map(|table| Cursor::at(table, key)).transpose()?,
            recent: recent.range::<str, _>(from).peekable(),
        })
    }

    /// The next entry.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, LedgerError> {
        loop {
            let older = match &mut self.table {
                Some(cursor) => cursor.peek()?.map(|entry| entry.key.as_str()),
                None => None,
            };
            let newer = self.recent.peek().map(|(key, _)| key.as_str());
            let order = match (older, newer) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(older), Some(newer)) => older.cmp(newer),
            };
            // What was written since takes the place of what is in the table.
            let older = match &mut self.table {
                Some(cursor) if order != Ordering::Greater => cursor.take(),
                _ => None,
            };
            if order == Ordering::Less {
                return Ok(older);
            }
            if let Some((key, Some(value))) = self.recent.next() {
                return Ok(Some(Entry {
                    key: key.clone(),
                    value: value.clone(),
                }));
            }
        }
    }
}
