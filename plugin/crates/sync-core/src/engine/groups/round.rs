//! How far the groups of a round are read, and where the next reading of them starts.

use serde::{Deserialize, Serialize};

use crate::ports::Timestamp;
use crate::run::{Block, RunWarning};

use super::super::proof::Chain;

/// Where the next reading of the groups starts. Saved together with the cursor of the people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCursor {
    /// The deltaLink of the last complete reading.
    pub delta_link: String,
    /// Which of the kept memberships it goes on with.
    pub generation: u32,
    /// When the last reading of all memberships ended.
    pub read_at: Timestamp,
    /// Whether some group waits to be believed.
    #[serde(default)]
    pub waits: bool,
    /// What is remarkable about the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<RunWarning>,
}

/// The groups of an open round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRound {
    /// The page that comes next; `None` once all are read.
    pub link: Option<String>,
    /// Where the next reading starts; known at the end.
    pub delta_link: Option<String>,
    /// Which memberships the round goes by.
    pub generation: u32,
    /// They are read from the beginning, into a generation of their own.
    pub is_fresh: bool,
    /// What they have said was judged; people may be read.
    #[serde(default)]
    pub is_concluded: bool,
    /// Everybody whose memberships have changed waits to be asked for.
    #[serde(default)]
    pub is_asked: bool,
    /// What some pages have said is kept.
    #[serde(default)]
    pub is_laid: bool,
    /// Elements that were read so far.
    #[serde(default)]
    pub stated: u64,
    /// Pages that were read so far, and whether each leads on.
    #[serde(default)]
    pub pages: u64,
    #[serde(default)]
    pub(super) chain: Chain,
    /// A group counts from now on whose members were passed over so far.
    #[serde(default)]
    pub unknown_members: bool,
    /// Nobody can say who is concerned by what has changed: all people have to be read.
    pub everybody: bool,
    /// How often they were begun anew.
    #[serde(default)]
    pub restarts: u8,
    /// Whether some group waits to be believed.
    #[serde(default)]
    pub waits: bool,
    /// What is remarkable about the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<RunWarning>,
    /// What has to be approved before it is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
}

impl GroupRound {
    /// All groups and their members, from the first page.
    pub(super) fn fresh(link: String, before: Option<u32>, restarts: u8) -> Self {
        let generation = before.map_or(1, |generation| generation.wrapping_add(1));
        Self {
            is_fresh: true,
            restarts,
            ..Self::begin(link, generation)
        }
    }

    /// What has changed since the last reading.
    pub(super) fn since(cursor: &GroupCursor) -> Self {
        Self {
            waits: cursor.waits,
            remarks: cursor.remarks.clone(),
            ..Self::begin(cursor.delta_link.clone(), cursor.generation)
        }
    }

    fn begin(link: String, generation: u32) -> Self {
        Self {
            link: Some(link),
            delta_link: None,
            generation,
            is_fresh: false,
            is_concluded: false,
            is_asked: false,
            is_laid: false,
            stated: 0,
            pages: 0,
            chain: Chain::default(),
            unknown_members: false,
            everybody: false,
            restarts: 0,
            waits: false,
            remarks: Vec::new(),
            block: None,
        }
    }

    /// What the next reading goes on with; `None` where this one was not believed, or has not ended.
    pub(in super::super) fn next_cursor(
        &self,
        before: Option<&GroupCursor>,
        now: Timestamp,
    ) -> Option<GroupCursor> {
        let read_at = match before {
            Some(before) if !self.is_fresh => before.read_at,
            _ => now,
        };
        Some(GroupCursor {
            delta_link: self.delta_link.clone()?,
            generation: self.generation,
            read_at,
            waits: self.waits,
            remarks: self.remarks.clone(),
        })
    }
}
