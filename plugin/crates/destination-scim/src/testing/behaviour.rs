//! What servers differ in, each as it was seen at one or read of one.

/// How a server is. The default is the best there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// It says what it is: config, schemas, resource types.
    pub says: bool,
    /// It has versions, and checks them.
    pub versions: bool,
    /// Whether users are changed by PATCH.
    pub patch: Patching,
    /// A PATCH is answered with the user; else with nothing.
    pub tells_after_patch: bool,
    /// Which filters it answers.
    pub filters: Filters,
    /// Case counts in filters by user name.
    pub exact_user_names: bool,
    /// Two users can have one name.
    pub twins: bool,
    /// The most resources on a page.
    pub page: usize,
    /// Every page that is asked for by a query is the first.
    pub stuck: bool,
    /// `active` is text.
    pub active_as_text: bool,
    /// Whoever becomes inactive is deleted.
    pub deletes_inactive: bool,
    /// How members are taken out of groups.
    pub takes_out: TakingOut,
    /// Groups tell their members.
    pub tells_members: bool,
    /// Somebody who is put into a group twice is in it twice.
    pub joins_twice: bool,
    /// Somebody who is deleted leaves the groups.
    pub forgets_members: bool,
    /// Names of attributes begin with a capital letter.
    pub capitals: bool,
    /// The title cannot be changed, which is not said.
    pub keeps_titles: bool,
    /// For so long, pages and filters do not show somebody new. Milliseconds.
    pub lag_ms: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            says: true,
            versions: true,
            patch: Patching::Works,
            tells_after_patch: true,
            filters: Filters::All,
            exact_user_names: false,
            twins: false,
            page: 1_000,
            stuck: false,
            active_as_text: false,
            deletes_inactive: false,
            takes_out: TakingOut::Path,
            tells_members: true,
            joins_twice: false,
            forgets_members: true,
            capitals: false,
            keeps_titles: false,
            lag_ms: 0,
        }
    }
}

/// What becomes of a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patching {
    /// It is performed.
    Works,
    /// 501, and the config says so.
    No,
    /// 501, and the config says otherwise.
    NoAgainstItsWord,
    /// It answers with success and does nothing.
    Ignored,
}

/// What becomes of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filters {
    /// It is applied.
    All,
    /// Of one term only; else 400.
    OneTerm,
    /// Everybody is the answer.
    Ignored,
    /// 400.
    No,
}

/// What becomes of an operation that takes members out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakingOut {
    /// `members[value eq "1"]`; values are refused.
    Path,
    /// `members` with values; a path that selects is refused.
    Values,
    /// A path that selects is refused, and values are not read: everybody goes.
    Everybody,
    /// A path that selects does nothing, which is not said; values are read.
    Silent,
    /// Neither; members can be stated by PUT.
    No,
}
