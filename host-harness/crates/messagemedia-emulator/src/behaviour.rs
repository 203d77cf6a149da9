//! What an account may be like, and a client must cope with: everything that the documents of the API leave
//! open (<https://github.com/messagemedia/sinchengage-developer>, `docs/api/contacts` and `spec`).

use emulator_controls::bounds::{HOUR_MS, within};
use serde::{Deserialize, Serialize};

/// What an array in the body of an update does to the one that is there.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrays {
    /// It takes its place.
    #[default]
    Replace,
    /// What it names is added to it or changed in it; the rest stays.
    Merge,
}

/// How an update empties a property or the value of a custom field.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clear {
    /// With `""`; a `null` of a property is passed over as if it were not there.
    #[default]
    EmptyString,
    /// With `null`; an empty text is refused.
    Null,
    /// Not at all: both are refused.
    Refused,
}

/// Whether two may have what one would do with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Twins {
    /// The second is refused with 409.
    #[default]
    Conflict,
    /// They may.
    Allowed,
}

/// How a property without a value is told.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// As `""`.
    #[default]
    EmptyString,
    /// As `null`.
    Null,
    /// Not at all.
    Absent,
}

/// How a filter names several values.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryArrays {
    /// `contactIds=a&contactIds=b`; a comma is part of a value.
    #[default]
    Repeated,
    /// `contactIds=a,b`; of several parameters the first counts.
    Comma,
}

/// What becomes of an id that is nobody's, in a change of a list's members.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownMembers {
    /// The whole request is refused with 400 `invalid_reference`, which names the ids.
    #[default]
    Refused,
    /// It is passed over.
    Ignored,
}

/// How a request for the members of a list that is not there is refused: no 404 is documented for it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownList {
    /// With 404.
    #[default]
    NotFound,
    /// With 400 `invalid_reference`.
    InvalidReference,
}

/// What a channel becomes that an update states without its subscription.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OmittedSubscription {
    /// A channel that is there stays as it is, a new one is subscribed.
    #[default]
    Kept,
    /// Subscribed, also one that had opted out.
    Subscribed,
}

/// How the account behaves. The defaults are the gentlest reading of the documents.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Behaviour {
    /// What an array in an update does.
    pub arrays: Arrays,
    /// How an update empties something.
    pub clear: Clear,
    /// Whether two contacts may have one channel.
    pub duplicate_channels: Twins,
    /// Whether two lists may have one name.
    pub list_names: Twins,
    /// How a property without a value is told.
    pub empty: Empty,
    /// How a filter names several values.
    pub query_arrays: QueryArrays,
    /// What becomes of unknown ids in a change of a list's members.
    pub unknown_members: UnknownMembers,
    /// How a request for the members of a list that is not there is refused.
    pub unknown_list: UnknownList,
    /// What a channel becomes that an update states without its subscription.
    pub omitted_subscription: OmittedSubscription,
    /// How old a change of a contact must be, in milliseconds, before the pages show it. By its id a contact is
    /// always as it is.
    pub visibility_delay_ms: u64,
    /// Whether joining or leaving a list counts as a modification of the contact.
    pub membership_touches_last_modified: bool,
    /// Elements of a page for which no size is asked.
    pub default_page_size: usize,
    /// The longest target of a request, in bytes; a longer one is refused with 414, as proxies do.
    pub longest_target: usize,
    /// Whether adding one contact to a list is answered with 201 instead of 200. Both are documented.
    pub added_is_created: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            arrays: Arrays::default(),
            clear: Clear::default(),
            duplicate_channels: Twins::default(),
            list_names: Twins::default(),
            empty: Empty::default(),
            query_arrays: QueryArrays::default(),
            unknown_members: UnknownMembers::default(),
            unknown_list: UnknownList::default(),
            omitted_subscription: OmittedSubscription::default(),
            visibility_delay_ms: 0,
            membership_touches_last_modified: false,
            default_page_size: 20,
            longest_target: 8192,
            added_is_created: false,
        }
    }
}

impl Behaviour {
    /// Checks that an account can behave so.
    ///
    /// # Errors
    ///
    /// What cannot be, in a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        within("visibilityDelayMs", self.visibility_delay_ms, 0..=HOUR_MS)?;
        within("defaultPageSize", self.default_page_size as u64, 1..=1_000)?;
        within("longestTarget", self.longest_target as u64, 256..=1 << 20)
    }
}
