//! The file of one commit: a line that says what it is, its number, its writes, and a checksum over all of that.

use crate::bytes::{Reader, put_sized};
use crate::error::{Doing as _, LedgerError};
use crate::folder::{Folder, ReadAt as _};
use crate::ledger::Write;
use crate::names;

const FORM: &[u8] = b"ledger-fs commit 1\n";
const CHECKSUM: usize = 4;
/// What a commit has at most: 16 MiB of keys and values, and what stands around each of them.
const LONGEST: u64 = 64 << 20;

/// A commit as it stands in its file.
pub(crate) fn written(number: u64, writes: &[Write]) -> Vec<u8> {
    let mut bytes = FORM.to_vec();
    bytes.extend_from_slice(&number.to_le_bytes());
    for write in writes {
        put_sized(&mut bytes, write.key.as_bytes());
        bytes.push(u8::from(write.value.is_some()));
        if let Some(value) = &write.value {
            put_sized(&mut bytes, value);
        }
    }
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The writes of a commit, and how many bytes its file has.
///
/// # Errors
///
/// Where it cannot be read, or is not what was written.
pub(crate) fn read<F: Folder>(folder: &F, number: u64) -> Result<(Vec<Write>, u64), LedgerError> {
    let name = names::commit(number);
    let file = folder.open(&name).doing("opening", &name)?;
    let length = file.length().doing("reading", &name)?;
    let whole = usize::try_from(length)
        .ok()
        .filter(|_| length <= LONGEST)
        .ok_or_else(|| damaged(&name, "it is longer than any commit"))?;
    let bytes = file.read_at(0, whole).doing("reading", &name)?;
    let writes = parsed(number, &bytes).map_err(|what| damaged(&name, what))?;
    Ok((writes, length))
}

fn damaged(name: &str, what: &'static str) -> LedgerError {
    LedgerError::Damaged {
        file: name.to_owned(),
        what,
    }
}

fn parsed(number: u64, bytes: &[u8]) -> Result<Vec<Write>, &'static str> {
    let (bytes, checksum) = bytes
        .split_last_chunk::<CHECKSUM>()
        .ok_or("it is cut off")?;
    if crc32fast::hash(bytes) != u32::from_le_bytes(*checksum) {
        return Err("its checksum is another one");
    }
    let bytes = bytes
        .strip_prefix(FORM)
        .ok_or("it is of another form than this version reads")?;
    let mut reader = Reader::new(bytes);
    if reader.u64() != Some(number) {
        return Err("it is another commit than its name says");
    }
    let mut writes = Vec::new();
    while !reader.is_at_end() {
        writes.push(write(&mut reader).ok_or("it is cut off")?);
    }
    Ok(writes)
}

fn write(reader: &mut Reader<'_>) -> Option<Write> {
    let key = reader.text()?.to_owned();
    let value = match reader.byte()? {
        0 => None,
        _ => Some(reader.sized()?.to_vec()),
    };
    Some(Write { key, value })
}
