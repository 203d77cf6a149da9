//! The names of the contract's enumerations: one table for databases, published JSON, logs and people.
//!
//! They are those of `wit/`. A name is kept for ever: it stands in databases, and scripts rely on it.

use crate::{CheckStatus, Effect, Evidence, Origin, ReportStatus, RunMode, RunStatus, Side};

/// Gives an enumeration without payloads its names.
macro_rules! names {
    ($type:ident { $($case:ident = $name:literal,)+ }) => {
        impl $type {
            /// Every case, in the order in which they are told.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)+
                }
            }

            /// The one with this name, where there is one.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$case),)+
                    _ => None,
                }
            }
        }
    };
}

names!(Effect {
    Create = "create",
    Update = "update",
    Link = "link",
    Reactivate = "reactivate",
    Unlink = "unlink",
    Deactivate = "deactivate",
    Delete = "delete",
    Invite = "invite",
    Unchanged = "unchanged",
    Skip = "skip",
});

names!(Side {
    Directory = "directory",
    Contact = "contact",
});

names!(RunMode {
    Incremental = "incremental",
    Full = "full",
});

names!(RunStatus {
    Running = "running",
    Succeeded = "succeeded",
    Warnings = "warnings",
    Failed = "failed",
    Blocked = "blocked",
    Stopped = "stopped",
    Incomplete = "incomplete",
});

names!(ReportStatus {
    NeverRun = "never-run",
    Syncing = "syncing",
    Succeeded = "succeeded",
    Warnings = "warnings",
    Failed = "failed",
    Blocked = "blocked",
    Incomplete = "incomplete",
});

names!(CheckStatus {
    Passed = "passed",
    Warning = "warning",
    Failed = "failed",
    NotTried = "not-tried",
});

names!(Origin {
    Directory = "directory",
    Local = "local",
    Host = "host",
    Nobody = "nobody",
    Contested = "contested",
});

impl Evidence {
    /// Its kind, and after a colon what it names.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::DeletedSoft => "deleted-soft".to_owned(),
            Self::DeletedPermanently => "deleted-permanently".to_owned(),
            Self::FoundInDeletedItems => "found-in-deleted-items".to_owned(),
            Self::NotFoundAnywhere => "not-found-anywhere".to_owned(),
            Self::AccountDisabled => "account-disabled".to_owned(),
            Self::LeftScope(clause) => format!("left-scope: {clause}"),
            Self::Undone(run) => format!("undone: {run}"),
            Self::Other(kind) => kind.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_has_a_name_of_its_own_and_is_found_by_it() {
        for effect in Effect::ALL {
            assert_eq!(Effect::named(effect.name()), Some(*effect));
        }
        for status in RunStatus::ALL {
            assert_eq!(RunStatus::named(status.name()), Some(*status));
        }
        assert_eq!(Effect::ALL.len(), 10);
        assert_eq!(RunStatus::ALL.len(), 7);
        assert_eq!(RunMode::named("Full"), None);
        assert_eq!(RunMode::named(""), None);
    }

    #[test]
    fn evidence_says_what_it_names() {
        let left = Evidence::LeftScope("department".to_owned());
        assert_eq!(left.text(), "left-scope: department");
        assert_eq!(Evidence::DeletedSoft.text(), "deleted-soft");
    }
}
