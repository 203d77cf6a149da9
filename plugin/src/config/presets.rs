//! The presets: four products' behaviour as values.
//!
//! A preset is nothing but defaults. Whatever a document says in `sync` replaces the preset's value
//! of that key as a whole; in particular a `mapping` in the document replaces the preset's, and is
//! then asked for the fields that the preset cannot do without.
//!
//! | | `additive` | `mirror` | `lifecycle` | `messaging` |
//! |---|---|---|---|---|
//! | contact with the address, not linked | skipped | linked | linked | linked |
//! | linked contact | never updated | updated, directory wins | updated, directory wins | updated, merged |
//! | account disabled | not created | – | deactivated | left scope |
//! | removed from the directory, left the filter | kept | unlinked | deactivated | unlinked |
//! | mandatory | first and last name, email | – | email | telephone number |
//! | list | – | one | – | one per department |
//! | schedule | every 6 h | every hour | every 60 min | as the document says |

use entra_users::mapping::rows::AddressSource;
use sync_core::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription};
use sync_core::settings::{Agents, Conflict, Disabled, Existing, ListRule, Policies, Removing};

/// A named set of defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Preset {
    /// Adds people, never touches a contact that is there.
    Additive,
    /// Keeps contacts the same as the directory.
    Mirror,
    /// Makes, deactivates and reactivates contacts as accounts come and go.
    Lifecycle,
    /// Keeps who can be written to, in a list for each department. The default: documents that were
    /// written before presets had names mean this one.
    #[default]
    Messaging,
}

/// The words of a document.
pub(super) const PRESETS: &[(&str, Preset)] = &[
    ("additive", Preset::Additive),
    ("mirror", Preset::Mirror),
    ("lifecycle", Preset::Lifecycle),
    ("messaging", Preset::Messaging),
];

/// What a preset says.
pub(super) struct Defaults {
    pub(super) policies: Policies,
    pub(super) lists: ListRule,
    pub(super) schedule: Option<&'static str>,
    pub(super) addresses: &'static [AddressSource],
    /// Empty: the document has to say it.
    pub(super) mapping: &'static [DefaultRow],
    pub(super) mandatory: &'static [Sought],
    /// Written when a contact is made, never afterwards.
    pub(super) only_on_create: &'static [Sought],
}

/// A row that a preset maps by default, where the store has the field.
pub(super) struct DefaultRow {
    pub(super) attribute: &'static str,
    pub(super) field: Sought,
}

/// A field of the store, known by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    GivenName,
    FamilyName,
    DisplayName,
    Email,
    MobilePhone,
    Company,
    /// Whichever telephone number is mapped.
    AnyPhone,
}

const fn row(attribute: &'static str, field: Sought) -> DefaultRow {
    DefaultRow { attribute, field }
}

const NAME_AND_EMAIL: &[DefaultRow] = &[
    row("givenName", Sought::GivenName),
    row("surname", Sought::FamilyName),
    row("mail", Sought::Email),
];

const PERSON_AT_WORK: &[DefaultRow] = &[
    row("givenName", Sought::GivenName),
    row("surname", Sought::FamilyName),
    row("mail", Sought::Email),
    row("mobilePhone", Sought::MobilePhone),
    row("companyName", Sought::Company),
];

const DISPLAY_NAME_AND_EMAIL: &[DefaultRow] = &[
    row("displayName", Sought::DisplayName),
    row("mail", Sought::Email),
];

const ANY_ADDRESS: &[AddressSource] = &[
    AddressSource::Mail,
    AddressSource::OtherMails,
    AddressSource::UserPrincipalName,
];

/// Description of every list a preset makes.
pub(super) const LIST_DESCRIPTION: &str = "Synced contacts";

impl Preset {
    /// As a document names it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Additive => "additive",
            Self::Mirror => "mirror",
            Self::Lifecycle => "lifecycle",
            Self::Messaging => "messaging",
        }
    }

    /// The table.
    pub(super) fn defaults(self) -> Defaults {
        match self {
            Self::Additive => Defaults {
                policies: Policies {
                    existing: Existing::Skip,
                    update: false,
                    conflict: Conflict::KeepLocal,
                    removed: Removing::Keep,
                    left_scope: Removing::Keep,
                    disabled: Disabled::NotCreated,
                    agents: Agents::Skip,
                },
                lists: ListRule::None,
                schedule: Some("every 6 h"),
                addresses: ANY_ADDRESS,
                mapping: NAME_AND_EMAIL,
                mandatory: &[Sought::GivenName, Sought::FamilyName, Sought::Email],
                only_on_create: &[],
            },
            Self::Mirror => Defaults {
                policies: Policies {
                    existing: Existing::Link,
                    update: true,
                    conflict: Conflict::SourceWins,
                    removed: Removing::Unlink,
                    left_scope: Removing::Unlink,
                    disabled: Disabled::Ignore,
                    agents: Agents::Skip,
                },
                lists: ListRule::One {
                    name: "{organization} Users".to_owned(),
                    description: LIST_DESCRIPTION.to_owned(),
                },
                schedule: Some("every 1 h"),
                addresses: ANY_ADDRESS,
                mapping: PERSON_AT_WORK,
                mandatory: &[],
                only_on_create: &[],
            },
            Self::Lifecycle => Defaults {
                policies: Policies {
                    existing: Existing::Link,
                    update: true,
                    conflict: Conflict::SourceWins,
                    removed: Removing::Deactivate,
                    left_scope: Removing::Deactivate,
                    disabled: Disabled::Deactivate,
                    agents: Agents::Skip,
                },
                lists: ListRule::None,
                schedule: Some("every 60 min"),
                addresses: &[AddressSource::Mail, AddressSource::UserPrincipalName],
                mapping: DISPLAY_NAME_AND_EMAIL,
                mandatory: &[Sought::Email],
                only_on_create: &[Sought::Email],
            },
            Self::Messaging => Defaults {
                policies: Policies {
                    existing: Existing::Link,
                    update: true,
                    conflict: Conflict::Merge,
                    removed: Removing::Unlink,
                    left_scope: Removing::Unlink,
                    disabled: Disabled::LeavesScope,
                    agents: Agents::Skip,
                },
                lists: ListRule::PerAttribute {
                    attribute: "department",
                    description: LIST_DESCRIPTION.to_owned(),
                    longest: None,
                },
                schedule: None,
                addresses: ANY_ADDRESS,
                mapping: &[],
                mandatory: &[Sought::AnyPhone],
                only_on_create: &[],
            },
        }
    }
}

impl Sought {
    /// For a sentence.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::GivenName => "the first name",
            Self::FamilyName => "the last name",
            Self::DisplayName => "the display name",
            Self::Email => "the email address",
            Self::MobilePhone => "the mobile phone number",
            Self::Company => "the company",
            Self::AnyPhone => "a telephone number",
        }
    }

    /// The attribute that usually fills it.
    pub(super) const fn usual_attribute(self) -> &'static str {
        match self {
            Self::GivenName => "givenName",
            Self::FamilyName => "surname",
            Self::DisplayName => "displayName",
            Self::Email => "mail",
            Self::MobilePhone | Self::AnyPhone => "mobilePhone",
            Self::Company => "companyName",
        }
    }

    const fn role(self) -> FieldRole {
        match self {
            Self::GivenName => FieldRole::GivenName,
            Self::FamilyName => FieldRole::FamilyName,
            Self::DisplayName => FieldRole::DisplayName,
            Self::Email => FieldRole::Email,
            Self::MobilePhone | Self::AnyPhone => FieldRole::Phone,
            Self::Company => FieldRole::Company,
        }
    }

    /// The name under which stores that tell no role usually have it.
    const fn well_known_name(self) -> &'static str {
        match self {
            Self::GivenName => "first_name",
            Self::FamilyName => "last_name",
            Self::DisplayName => "display_name",
            Self::Email => "email",
            Self::MobilePhone => "mobile_phone",
            Self::Company => "company",
            Self::AnyPhone => "phone_number",
        }
    }

    /// The store's field: by its role, else by its usual name.
    pub(super) fn find(self, store: &StoreDescription) -> Option<&FieldDescription> {
        store
            .field_with_role(&self.role())
            .or_else(|| store.field(self.well_known_name()))
    }

    /// Whether a field of the store is the one.
    pub(super) fn is(self, field: &FieldDescription, store: &StoreDescription) -> bool {
        match self {
            Self::AnyPhone => {
                field.kind == FieldKind::Phone || field.role == Some(FieldRole::Phone)
            }
            _ => self.find(store).is_some_and(|own| own.name == field.name),
        }
    }
}
