//! Room for one answer to the connector: what it asks for is read row by row, and no more than this is
//! ever in memory at once, however many rows there are and however long they became.

use super::errors::DatabaseError;

/// The longest answer, roughly in bytes. A page of 999 contacts with all their fields has about 4 MiB.
const LONGEST_ANSWER: usize = 16 << 20;

/// A row's own part of an answer, beside its text.
const ROW: usize = 128;

/// What is left of the room for one answer.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Room {
    pub(super) fn new() -> Self {
        Self(LONGEST_ANSWER)
    }

    /// A row with so many bytes of text is about to be read.
    pub(super) fn row(&mut self, text: usize) -> Result<(), DatabaseError> {
        let left = self.0.checked_sub(text.saturating_add(ROW));
        self.0 = left.ok_or_else(|| {
            DatabaseError::Other(format!(
                "the answer would be longer than {LONGEST_ANSWER} bytes; ask for less at once"
            ))
        })?;
        Ok(())
    }

    /// The same, of a row whose columns are all part of the answer.
    pub(super) fn whole(&mut self, row: &rusqlite::Row<'_>) -> Result<(), DatabaseError> {
        let columns = row.as_ref().column_count();
        let mut text = 0;
        for column in 0..columns {
            let value = row.get_ref(column)?;
            text += value
                .as_bytes_or_null()
                .ok()
                .flatten()
                .map_or(0, <[u8]>::len);
        }
        self.row(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_room_ends_whatever_the_rows_hold() {
        let mut room = Room::new();
        assert!(room.row(LONGEST_ANSWER).is_err());
        let mut room = Room::new();
        let rows = std::iter::repeat_with(|| room.row(0)).take_while(Result::is_ok);
        assert_eq!(rows.count(), LONGEST_ANSWER / ROW);
    }
}
