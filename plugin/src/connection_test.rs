//! The test of a connection, step by step: each says in words what it found and what to do.
//!
//! A step that cannot work because an earlier one failed is not tried, so that the first thing to mend
//! stands first.

use contact_identity::ObjectId;
use entra_directory::connection::{Connection, Credential};
use entra_directory::graph::client::Client;
use entra_directory::graph::error::GraphError;
use entra_directory::graph::tenant::TenantId;
use entra_directory::tenant;
use entra_users::mapping::catalogue;
use entra_users::mapping::sample;
use entra_users::mapping::writing::Writable;
use entra_users::permission::{self, Guarded};
use entra_users::user::Selection;
use sync_core::engine::run_abort::RunAbort;
use sync_core::mapping::person::PersonKind;
use sync_core::ports::{DirectoryError, DirectoryErrorKind, State};
use sync_core::settings::OrgContacts;

use crate::config::settings::Settings;

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// As it should be.
    Passed,
    /// Works, with less than it could.
    Warning,
    /// Does not work.
    Failed,
    /// Not tried.
    NotTried,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `token`, `organization`, `users`, `deleted-items`, where groups are in scope `groups`, where organisational
    /// contacts are included `contacts`, or `permissions`.
    pub name: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What was found.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
    /// The failure's code.
    pub code: Option<String>,
}

const STEPS: [&str; 7] = [
    "token",
    "organization",
    "users",
    "deleted-items",
    GROUPS,
    CONTACTS,
    "permissions",
];

/// The step of documents that have groups in scope.
const GROUPS: &str = "groups";
/// The step of documents that include organisational contacts.
const CONTACTS: &str = "contacts";

/// Samples are a help and no test: without them everything works.
fn sampled(
    client: &Client<'_>,
    roles: &[String],
) -> Result<Vec<(&'static str, String)>, GraphError> {
    let everything = sample::everything(roles);
    let body = client.some_users(&everything)?;
    let page = client.page(&body, &everything)?;
    Ok(sample::samples(&page.users, &everything))
}

fn accepted(connection: &Connection) -> String {
    let with = match connection.credential {
        Credential::Secret { .. } => "secret",
        Credential::Certificate { .. } => "certificate",
        Credential::Federated { .. } => "federated token",
    };
    format!("the directory accepts the client id and the {with}")
}

/// Something of a document that needs a permission beside the one that reads users.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// An attribute.
    Attribute(Guarded),
    /// An attribute that a row of the mapping writes to the directory.
    Write(Writable),
    /// Groups in scope.
    Groups,
    /// Organisational contacts.
    OrgContacts,
    /// To invite guests.
    Invite,
    /// To see who must not be invited.
    BeforeInviting,
}

impl Need {
    /// As the document says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Attribute(guarded) => guarded.attribute,
            Self::Write(writable) => writable.attribute().name,
            Self::Groups => "users-and-groups",
            Self::OrgContacts => "organizationalContacts",
            Self::Invite | Self::BeforeInviting => "contactsWithoutUser",
        }
    }

    /// The least application permission that suffices.
    pub(crate) fn permission(self) -> &'static str {
        match self {
            Self::Attribute(guarded) => guarded.permission,
            Self::Write(writable) => permission::least(writable.rules().permissions),
            Self::Groups => permission::GROUPS,
            Self::OrgContacts | Self::BeforeInviting => permission::ORG_CONTACTS,
            Self::Invite => permission::least(&permission::INVITES),
        }
    }

    fn is_met(self, roles: &[String]) -> bool {
        match self {
            Self::Attribute(guarded) => guarded.is_granted(roles),
            Self::Write(writable) => writable.is_granted(roles),
            Self::Groups => permission::reads_groups(roles),
            Self::OrgContacts | Self::BeforeInviting => permission::reads_org_contacts(roles),
            Self::Invite => permission::has_any(roles, &permission::INVITES),
        }
    }
}

/// What settings need beside the permission that reads users.
pub(crate) fn needs_of(settings: &Settings) -> Vec<Need> {
    let guarded = catalogue::guarded(settings.mapping.selection());
    let mut needs: Vec<_> = guarded.into_iter().map(Need::Attribute).collect();
    let rows = settings.mapping.rows.iter();
    let written = rows.filter(|row| row.direction.writes_directory());
    needs.extend(
        written
            .filter_map(|row| Writable::find(row.attribute))
            .map(Need::Write),
    );
    if settings.groups.is_some() {
        needs.push(Need::Groups);
    }
    if settings.org_contacts == OrgContacts::Include {
        needs.push(Need::OrgContacts);
    }
    if settings.invitations.is_some() {
        needs.extend([Need::Invite, Need::BeforeInviting]);
    }
    needs
}

/// What the token lacks for what needs more than to read users, and what to do.
fn lacking(missing: &[Need]) -> (String, String) {
    let each = |word: &dyn Fn(Need) -> String| {
        let mut words: Vec<String> = Vec::new();
        for word in missing.iter().map(|need| word(*need)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(" and ")
    };
    let names = each(&|need| format!("`{}`", need.word()));
    let permissions = each(&|need| need.permission().to_owned());
    (
        format!("the token lacks {permissions}, for {names}"),
        format!(
            "in the Entra admin centre, under the app's API permissions, add the application permission \
             {permissions} of Microsoft Graph, and grant admin consent; or take {names} out of the configuration"
        ),
    )
}

/// What reading users came to.
#[derive(Clone, Copy, PartialEq)]
enum Users {
    Read,
    /// The application may not.
    Forbidden,
    /// Something else is in the way.
    Failed,
}

/// What can be read; what is not asked for counts as read.
struct Reads {
    users: bool,
    groups: bool,
    contacts: bool,
}

/// A test, as far as it has come.
pub(crate) struct ConnectionTest<'s> {
    settings: &'s Settings,
    pub(crate) checks: Vec<Check>,
    pub(crate) tenant_name: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) samples: Vec<(&'static str, String)>,
}

impl<'s> ConnectionTest<'s> {
    /// A test of what settings need, before its first step.
    pub(crate) fn of(settings: &'s Settings) -> Self {
        Self {
            settings,
            checks: Vec::new(),
            tenant_name: None,
            tenant_id: None,
            samples: Vec::new(),
        }
    }

    /// Takes every step that can work.
    pub(crate) fn run(
        &mut self,
        state: &dyn State,
        connection: &Connection,
        client: &Client<'_>,
    ) -> Result<(), RunAbort> {
        let selection = self.settings.mapping.selection();
        let roles = match client.granted_roles() {
            Ok(roles) => roles,
            Err(error) => {
                self.fail("token", &error.into());
                self.skip_rest("no token was given");
                return Ok(());
            }
        };
        match client.remark() {
            None => self.pass("token", accepted(connection)),
            Some(remark) => self.note("token", CheckStatus::Warning, remark, None),
        }
        match tenant::prove(state, connection, client) {
            Ok(tenant) => self.organization(client, &tenant),
            Err(RunAbort::Directory(error)) if error.kind == DirectoryErrorKind::Unauthorized => {
                self.fail("organization", &error);
                self.skip_rest("it is not the tenant that was connected");
                return Ok(());
            }
            Err(RunAbort::Directory(error)) => self.fail("organization", &error),
            Err(abort) => return Err(abort),
        }
        let users = self.users(client, selection);
        if users == Users::Read {
            self.samples =
                sampled(client, roles.as_deref().unwrap_or_default()).unwrap_or_default();
            self.deleted_items(client);
        } else {
            self.not_tried("deleted-items", "users cannot be read".to_owned());
        }
        let reads_groups = match &self.settings.groups {
            None => true,
            // Groups are allowed by a permission of their own, which is told together with the other.
            Some(_) if users == Users::Failed => {
                self.not_tried(GROUPS, "users cannot be read".to_owned());
                false
            }
            Some(rules) => self.groups(client, roles.as_deref(), &rules.selection.ids),
        };
        let reads_contacts = match self.settings.org_contacts {
            OrgContacts::Skip => true,
            OrgContacts::Include if users == Users::Failed => {
                self.not_tried(CONTACTS, "users cannot be read".to_owned());
                false
            }
            OrgContacts::Include => self.contacts(client),
        };
        let reads = Reads {
            users: users == Users::Read,
            groups: reads_groups,
            contacts: reads_contacts,
        };
        self.permissions(roles.as_deref(), &reads);
        Ok(())
    }

    /// Asks for exactly what a sync asks for. That there is no organisational contact is fine.
    fn contacts(&mut self, client: &Client<'_>) -> bool {
        let mapping = &self.settings.mapping;
        match client.probe(mapping.selection_of(PersonKind::OrgContact)) {
            Ok(()) => {
                self.pass(CONTACTS, "organisational contacts can be read".to_owned());
                true
            }
            Err(error) => {
                self.fail(CONTACTS, &error.into());
                false
            }
        }
    }

    fn organization(&mut self, client: &Client<'_>, tenant: &TenantId) {
        let organization = client.organization();
        match organization.and_then(|told| tenant::check(tenant, &told).map(|()| told)) {
            Ok(organization) => {
                let name = organization
                    .display_name
                    .clone()
                    .unwrap_or_else(|| organization.id.clone());
                self.pass("organization", format!("connected to {name}"));
                self.tenant_name = organization.display_name;
                self.tenant_id = Some(organization.id);
            }
            Err(error) => self.fail("organization", &error.into()),
        }
    }

    /// Asks for exactly what a sync asks for.
    fn users(&mut self, client: &Client<'_>, selection: &Selection) -> Users {
        match client.probe(selection) {
            Ok(()) => {
                self.pass("users", "users can be read".to_owned());
                Users::Read
            }
            Err(error) => {
                let error = DirectoryError::from(error);
                self.fail("users", &error);
                match error.kind {
                    DirectoryErrorKind::Forbidden => Users::Forbidden,
                    _ => Users::Failed,
                }
            }
        }
    }

    fn deleted_items(&mut self, client: &Client<'_>) {
        match client.probe_deleted_items() {
            Ok(()) => self.pass("deleted-items", "deleted users can be looked up".to_owned()),
            Err(error) => {
                self.fail("deleted-items", &error.into());
                // Without them nobody is removed after a full sync; everything else works.
                if let Some(check) = self.checks.last_mut() {
                    check.status = CheckStatus::Warning;
                }
            }
        }
    }

    /// Whether groups can be read; and, for a help, whether those are there that the document names by id.
    fn groups(
        &mut self,
        client: &Client<'_>,
        roles: Option<&[String]>,
        named: &[ObjectId],
    ) -> bool {
        if let Err(error) = client.probe_groups() {
            self.fail(GROUPS, &error.into());
            return false;
        }
        let unknown = client.unknown_groups(named).unwrap_or_default();
        if !unknown.is_empty() {
            let unknown: Vec<_> = unknown.iter().map(ObjectId::as_str).collect();
            self.note(
                GROUPS,
                CheckStatus::Warning,
                format!(
                    "groups can be read; the directory has none with the id {}",
                    unknown.join(", ")
                ),
                Some(
                    "copy the object id from the directory's own page of the group, or take it out of \
                     `include`"
                        .to_owned(),
                ),
            );
        } else if roles.is_some_and(|roles| !permission::reads_hidden_members(roles)) {
            let message = format!(
                "groups can be read; who is in one whose membership is hidden is told only with {}",
                permission::HIDDEN_MEMBERS
            );
            self.pass(GROUPS, message);
        } else {
            self.pass(GROUPS, "groups can be read".to_owned());
        }
        true
    }

    /// What the token says, beside what was tried: the token's roles are for display, the probes decide.
    fn permissions(&mut self, roles: Option<&[String]>, reads: &Reads) {
        let needs = needs_of(self.settings);
        let advice = || {
            let mut permissions = "User.Read.All".to_owned();
            for need in &needs {
                if matches!(need, Need::Groups | Need::OrgContacts) {
                    permissions.push_str(" and ");
                    permissions.push_str(need.permission());
                }
            }
            Some(format!(
                "in the Entra admin centre, under the app's API permissions, add the application permission \
                 {permissions} of Microsoft Graph, and grant admin consent"
            ))
        };
        let mut missing = needs.clone();
        missing.retain(|need| {
            let works = match need {
                Need::Attribute(_) | Need::Write(_) | Need::Invite | Need::BeforeInviting => false,
                Need::Groups => reads.groups,
                Need::OrgContacts => reads.contacts,
            };
            !works && roles.is_some_and(|roles| !need.is_met(roles))
        });
        let reads_users = reads.users;
        let reads_others = reads.groups && reads.contacts;
        match roles {
            Some(roles)
                if !missing.is_empty()
                    && (permission::reads_users(roles) || (reads_users && !reads_others)) =>
            {
                let status = match reads_users && reads_others {
                    true => CheckStatus::Warning,
                    false => CheckStatus::Failed,
                };
                let (message, advice) = lacking(&missing);
                self.note("permissions", status, message, Some(advice));
            }
            Some(roles) if permission::reads_users(roles) => {
                self.pass(
                    "permissions",
                    format!("the token carries {}", roles.join(", ")),
                );
            }
            Some([]) if !reads_users => {
                let message = "the token carries no permission: consent is missing".to_owned();
                self.note("permissions", CheckStatus::Failed, message, advice());
            }
            Some(roles) if !reads_users => {
                let message = format!(
                    "the token carries {}, but nothing that reads users",
                    roles.join(", ")
                );
                self.note("permissions", CheckStatus::Failed, message, advice());
            }
            _ if reads_users && reads_others => {
                self.pass(
                    "permissions",
                    "users can be read, so the permissions suffice".to_owned(),
                );
            }
            _ => self.note(
                "permissions",
                CheckStatus::Failed,
                "the token does not say which permissions it carries".to_owned(),
                advice(),
            ),
        }
    }

    fn pass(&mut self, name: &'static str, message: String) {
        self.note(name, CheckStatus::Passed, message, None);
    }

    fn fail(&mut self, name: &'static str, error: &DirectoryError) {
        self.checks.push(Check {
            name,
            status: CheckStatus::Failed,
            message: error.to_string(),
            advice: Some(error.advice().to_owned()),
            code: Some(error.code().to_owned()),
        });
    }

    fn note(
        &mut self,
        name: &'static str,
        status: CheckStatus,
        message: String,
        advice: Option<String>,
    ) {
        self.checks.push(Check {
            name,
            status,
            message,
            advice,
            code: None,
        });
    }

    /// That nothing else is tried.
    pub(crate) fn skip_rest(&mut self, why: &str) {
        let with_groups = self.settings.groups.is_some();
        let with_contacts = self.settings.org_contacts == OrgContacts::Include;
        let steps = STEPS.into_iter().filter(|step| match *step {
            GROUPS => with_groups,
            CONTACTS => with_contacts,
            _ => true,
        });
        for name in steps.skip(self.checks.len()) {
            self.not_tried(name, format!("not tried: {why}"));
        }
    }

    fn not_tried(&mut self, name: &'static str, message: String) {
        self.note(name, CheckStatus::NotTried, message, None);
    }
}
