//! A configuration after validation: presets applied, defaults filled in, names resolved. Only the
//! rest of this room makes one.

use std::time::Duration;

use entra_directory::connection::Connection;
use entra_directory::directory::Listing;
use entra_users::mapping::Reader;
use entra_users::mapping::catalogue::Attribute;
use entra_users::mapping::filter::Filter;
use entra_users::mapping::rows::Mapping;
use sync_core::mapping::person::PersonKind;
use sync_core::settings::{
    FilterRemark, GroupRules, Invitations, Limit, ListRule, OrgContacts, Policies,
};

/// Everything a run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The preset, by its name.
    pub preset: &'static str,
    /// `None` where the document says nothing of tenant and credentials.
    pub connection: Option<Connection>,
    /// Attribute to field.
    pub mapping: Mapping,
    /// Who is in scope.
    pub filter: Filter,
    /// The product's behaviour.
    pub policies: Policies,
    /// Lists.
    pub lists: ListRule,
    /// Groups; `None` where users alone are read.
    pub groups: Option<GroupRules>,
    /// Whether organisational contacts are read.
    pub org_contacts: OrgContacts,
    /// As written; valid.
    pub schedule: Option<String>,
    /// A full round at least this often.
    pub full_round_every: Duration,
    /// Removals of one run.
    pub removal_limit: Limit,
    /// Values of one field going from filled to empty in one run.
    pub blank_limit: Limit,
    /// People whom one run gives something to the directory about.
    pub directory_limit: Limit,
    /// Values of one attribute of the directory going from filled to empty in one run.
    pub directory_blank_limit: Limit,
    /// How contacts that are nobody's are invited; `None`: nothing is done about them.
    pub invitations: Option<Invitations>,
    /// People whom one run invites.
    pub invitation_limit: Limit,
    /// How everybody is listed.
    pub listing: Listing,
    /// Values of how many people are written to the directory a second, at most.
    pub writes_a_second: u32,
    /// SHA-256, in hexadecimal, of all that decides who is read and what is written. The schedule
    /// and the credentials are not part of it; the tenant is.
    pub fingerprint: String,
    /// What is allowed, but perhaps not meant.
    pub warnings: Vec<String>,
}

impl Settings {
    /// What reads users as these settings say. `organization` is the tenant's display name, for the
    /// names of lists.
    #[must_use]
    pub fn reader(&self, organization: &str) -> Reader {
        let disabled = self.policies.disabled;
        Reader::new(
            PersonKind::User,
            &self.mapping,
            &self.filter,
            disabled,
            &self.lists,
            organization,
        )
    }

    /// What a sync goes by; where and how the directory is read is no part of it.
    #[must_use]
    pub fn for_sync(&self) -> sync_core::settings::Settings {
        let remark = |(attribute, message): (&Attribute, String)| FilterRemark {
            label: attribute.label.to_owned(),
            message,
        };
        sync_core::settings::Settings {
            rows: self.mapping.rows.clone(),
            policies: self.policies.clone(),
            lists: self.lists.clone(),
            groups: self.groups.clone(),
            org_contacts: self.org_contacts,
            schedule: self.schedule.clone(),
            full_round_every: self.full_round_every,
            removal_limit: self.removal_limit,
            blank_limit: self.blank_limit,
            directory_limit: self.directory_limit,
            directory_blank_limit: self.directory_blank_limit,
            invitations: self.invitations.clone(),
            invitation_limit: self.invitation_limit,
            fingerprint: self.fingerprint.clone(),
            filter_remarks: self.filter.surprises().into_iter().map(remark).collect(),
        }
    }
}
