//! A card: its content lines in their order, as they were read.

use thiserror::Error;

use crate::line::Line;

/// The versions of vCard that are written, each where it is there or is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// RFC 2426.
    V3,
    /// RFC 6350.
    V4,
}

impl Version {
    /// As it stands in a card.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::V3 => "3.0",
            Self::V4 => "4.0",
        }
    }
}

/// Why a text is no card that could be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unfit {
    /// It has no beginning, no end, or several of them.
    #[error("it is not one vCard")]
    NotOneCard,
    /// It says another version than 3.0 and 4.0, or none.
    #[error("it is of a version that is not written here")]
    Version,
}

/// A card of version 3.0 or 4.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    version: Version,
    lines: Vec<Line>,
}

impl Card {
    /// Reads a card.
    pub(crate) fn read(text: &str) -> Result<Self, Unfit> {
        let lines = lines(text);
        let is = |line: &Line, name: &str| {
            line.name() == name && line.value().trim().eq_ignore_ascii_case("VCARD")
        };
        let begins = lines.iter().filter(|line| is(line, "BEGIN")).count();
        let is_whole = begins == 1
            && lines.first().is_some_and(|line| is(line, "BEGIN"))
            && lines.last().is_some_and(|line| is(line, "END"));
        if !is_whole {
            return Err(Unfit::NotOneCard);
        }
        let mut versions = lines.iter().filter(|line| line.name() == "VERSION");
        let version = match versions.next().map(|line| line.value().trim()) {
            Some("3.0") => Version::V3,
            Some("4.0") => Version::V4,
            _ => return Err(Unfit::Version),
        };
        Ok(Self { version, lines })
    }

    /// A card with nothing but what frames one.
    pub(crate) fn empty(version: Version) -> Self {
        Self {
            version,
            lines: vec![
                Line::new("BEGIN", "VCARD"),
                Line::new("VERSION", version.text()),
                Line::new("END", "VCARD"),
            ],
        }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// The card as it is sent: every line ends in CRLF (RFC 6350, section 3.2).
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(line.raw());
            text.push_str("\r\n");
        }
        text
    }

    /// The lines of a property, by its name in upper case, each with its place.
    pub(crate) fn all<'c>(&'c self, name: &'c str) -> impl Iterator<Item = (usize, &'c Line)> {
        let lines = self.lines.iter().enumerate();
        lines.filter(move |(_, line)| line.name() == name)
    }

    /// Every line, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    /// The first line of a property.
    pub(crate) fn first(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name() == name)
    }

    /// The place of the first line of a property.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.name() == name)
    }

    /// The line at a place.
    pub(crate) fn line(&self, place: usize) -> Option<&Line> {
        self.lines.get(place)
    }

    pub(crate) fn replace(&mut self, place: usize, line: Line) {
        if let Some(slot) = self.lines.get_mut(place) {
            *slot = line;
        }
    }

    /// Puts a line before the one at a place.
    pub(crate) fn insert(&mut self, place: usize, line: Line) {
        self.lines.insert(place.min(self.last()), line);
    }

    /// Adds a line at the end.
    pub(crate) fn add(&mut self, line: Line) {
        self.lines.insert(self.last(), line);
    }

    /// Takes a line away, and the label that nothing else in its group needs (`item1.X-ABLabel`, as Apple's programs
    /// write it).
    pub(crate) fn remove(&mut self, place: usize) {
        if place >= self.last() {
            return;
        }
        let removed = self.lines.remove(place);
        let Some(group) = removed.group() else {
            return;
        };
        let is_of_group = |line: &Line| {
            line.group()
                .is_some_and(|other| other.eq_ignore_ascii_case(group))
        };
        let is_label = |line: &Line| matches!(line.name(), "X-ABLABEL" | "X-ABADR");
        let is_needed = self
            .lines
            .iter()
            .any(|line| is_of_group(line) && !is_label(line));
        if !is_needed {
            self.lines
                .retain(|line| !(is_of_group(line) && is_label(line)));
        }
    }

    /// The place of the last line, which ends the card.
    fn last(&self) -> usize {
        self.lines.len().saturating_sub(1)
    }
}

/// The content lines of a text. Lines end in CRLF, or in LF alone: that is what XML makes of them (XML 1.0, section
/// 2.11). Empty lines are nothing.
fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<String> = Vec::new();
    for physical in text.trim_start_matches('\u{feff}').split('\n') {
        let physical = physical.strip_suffix('\r').unwrap_or(physical);
        let is_continued = physical.starts_with([' ', '\t']);
        match lines.last_mut() {
            Some(line) if is_continued => {
                line.push_str("\r\n");
                line.push_str(physical);
            }
            _ if physical.is_empty() => {}
            _ => lines.push(physical.to_owned()),
        }
    }
    lines.into_iter().map(Line::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nPHOTO;ENCODING=b:AAAA\r\n\tBBBB\r\n \
                        CCCC\r\nitem1.URL:x\r\nitem1.X-ABLabel:Desk\r\nEND:VCARD\r\n";

    #[test]
    fn a_card_is_written_back_as_it_was_read() {
        assert_eq!(Card::read(CARD).unwrap().text(), CARD);
        let through_xml = CARD.replace("\r\n", "\n");
        assert_eq!(Card::read(&through_xml).unwrap().text(), CARD);
    }

    #[test]
    fn what_is_not_one_card_of_these_versions_is_told_apart() {
        for text in [
            "",
            "BEGIN:VCARD\r\nVERSION:3.0\r\n",
            "VERSION:3.0\r\nEND:VCARD\r\n",
            &CARD.repeat(2),
            "<html>",
        ] {
            assert_eq!(Card::read(text), Err(Unfit::NotOneCard), "{text}");
        }
        for version in ["2.1", "5.0", ""] {
            let text = CARD.replace("3.0", version);
            assert_eq!(Card::read(&text), Err(Unfit::Version), "{version}");
        }
        let lower = CARD.replace("BEGIN:VCARD", "begin:vcard");
        assert!(Card::read(&lower).is_ok());
    }

    #[test]
    fn a_line_takes_its_label_along_and_leaves_that_of_others() {
        let mut card = Card::read(CARD).unwrap();
        let (place, _) = card.all("URL").next().unwrap();
        card.remove(place);
        assert!(card.first("X-ABLABEL").is_none());
        let mut shared = Card::read(&CARD.replace("FN:", "item1.FN:")).unwrap();
        let (place, _) = shared.all("URL").next().unwrap();
        shared.remove(place);
        assert!(shared.first("X-ABLABEL").is_some());
    }

    #[test]
    fn the_end_stays_the_end() {
        let mut card = Card::empty(Version::V4);
        card.add(Line::new("FN", "Ana"));
        card.insert(99, Line::new("NOTE", "x"));
        card.remove(99);
        assert_eq!(
            card.text(),
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana\r\nNOTE:x\r\nEND:VCARD\r\n"
        );
    }
}
