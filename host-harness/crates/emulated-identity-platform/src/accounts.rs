//! Who may sign in at the pages: three people, who stand for all that an application has to tell apart.

/// A tenant that is not here, and of which somebody comes to the pages all the same.
pub(crate) const OTHER_TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

/// Global Administrator, by the id of its template
/// (<https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// What everybody has who has no role.
const DEFAULT_USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

/// Somebody with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// An administrator of the tenant.
    Administrator,
    /// Somebody of the tenant who administers nothing.
    Member,
    /// An administrator of another tenant.
    Stranger,
}

impl Account {
    pub(crate) const ALL: [Self; 3] = [Self::Administrator, Self::Member, Self::Stranger];

    /// As the page's links name it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Stranger => "stranger",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.word() == word)
    }

    /// As people are told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Administrator => "Adele Administrator",
            Self::Member => "Max Member",
            Self::Stranger => "Ada of Fabrikam",
        }
    }

    pub(crate) fn user_principal_name(self) -> &'static str {
        match self {
            Self::Administrator => "adele@contoso.example",
            Self::Member => "max@contoso.example",
            Self::Stranger => "ada@fabrikam.example",
        }
    }

    pub(crate) fn object_id(self) -> &'static str {
        match self {
            Self::Administrator => "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
            Self::Member => "bbbbbbbb-1111-2222-3333-cccccccccccc",
            Self::Stranger => "cccccccc-2222-3333-4444-dddddddddddd",
        }
    }

    /// The directory roles that are theirs in the whole tenant.
    pub(crate) fn directory_roles(self) -> [&'static str; 1] {
        match self {
            Self::Administrator | Self::Stranger => [GLOBAL_ADMINISTRATOR],
            Self::Member => [DEFAULT_USER],
        }
    }

    /// The id of their tenant, given that of the one that is here.
    pub(crate) fn tenant_id(self, here: String) -> String {
        match self {
            Self::Administrator | Self::Member => here,
            Self::Stranger => OTHER_TENANT.to_owned(),
        }
    }
}

/// Whether a path names the tenant that is not here.
pub(crate) fn is_other_tenant(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case(OTHER_TENANT)
}
