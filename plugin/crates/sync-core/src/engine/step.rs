//! What a round does next.

use serde::{Deserialize, Serialize};

use crate::contact::{ContactId, ObjectId};

/// What a round does next. Links are kept as text; they are checked again when they are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Read a page of the list of users, and when it ends follow the bookmark.
    Listing {
        /// The page.
        link: String,
        /// Where the changes made meanwhile will be found.
        bookmark: String,
    },
    /// Read a page of changes.
    Following {
        /// The page.
        link: String,
    },
    /// Every page is read, and the round is proven: decide about those who had to wait.
    Waiting {
        /// Where the next round will start.
        delta_link: String,
    },
    /// Ask for people who could not be written before, and whom the round has not shown.
    Retrying {
        /// The last entry of the ledger that was looked at.
        after: Option<ObjectId>,
        /// How many were asked for.
        asked: u32,
        /// Where the next round will start.
        delta_link: String,
    },
    /// Ask for linked people who were not seen; in a full round.
    Verifying {
        /// The last one asked for.
        after: Option<ObjectId>,
        /// Where the next round will start.
        delta_link: String,
    },
    /// Look for contacts that are nobody's, where those are invited.
    Inviting {
        /// The last one that was looked at.
        after: Option<ContactId>,
        /// Where the next round will start.
        delta_link: String,
    },
    /// Every page is read and everybody unseen was asked for: judge what is staged, and apply it.
    Closed {
        /// Where the next round will start.
        delta_link: String,
    },
    /// The breakers were asked and let it pass.
    Removing {
        /// Where the next round will start.
        delta_link: String,
    },
}
