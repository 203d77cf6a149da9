//! The four steps of the set-up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ProgressView, RemovalsView};
use crate::shapes::{BlockShape, CheckShape, ProblemShape, WarningShape};

/// Where a set-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SetupStep {
    /// Tenant, application, secret.
    Connect,
    /// Which attribute becomes which field.
    Map,
    /// What a sync would do.
    Review,
    /// Set up.
    Done,
}

/// A secret, without its value.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretView {
    /// When it was set, RFC 3339.
    pub set_at: String,
    /// Days since.
    pub age_days: u64,
    /// When it expires, as the administrator said, RFC 3339.
    pub expires_at: Option<String>,
    /// It expires within 30 days, or has.
    pub expires_soon: bool,
    /// It has.
    pub expired: bool,
}

/// A certificate, without its private key.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateView {
    /// SHA-1 in capital hexadecimal, as the Entra admin center shows it; absent where the vault does not open it.
    pub thumbprint: Option<String>,
    /// When it was set, RFC 3339.
    pub set_at: String,
    /// When it expires, RFC 3339.
    pub expires_at: String,
    /// It expires within 30 days, or has.
    pub expires_soon: bool,
    /// It has.
    pub expired: bool,
}

/// The consent of the tenant's administrator.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentView {
    /// Whether a link to Microsoft's consent page can be made: tenant and application are known.
    pub possible: bool,
    /// The address to register as redirect URI with the application.
    pub redirect_uri: String,
    /// How the last round trip ended, in words; and whether consent was given.
    pub outcome: Option<String>,
    pub granted: Option<bool>,
}

/// The platform's own application, with which an administrator connects by signing in at Microsoft: a form that is
/// one button, posted to `{root}/setup/microsoft`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformView {
    /// Its client id, by which a tenant's administrator finds it among the enterprise applications.
    pub client_id: String,
    /// The workspace's connection is with it.
    pub in_use: bool,
    /// Consent was given, and the test is being repeated until Microsoft's servers know of it.
    pub spreading: bool,
}

/// Step 1. Posted to `{root}/setup/connect` with `tenant`, `client_id`, `cloud`, `secret` (empty: keeps
/// the one that is set), `secret_expires` (a date or empty), `certificate` (PEM, or PKCS#12 in base64; empty: keeps the one that is set),
/// `certificate_password`, `forget` (`secret`, `certificate` or empty), `version`; button `action` = `save` (saves
/// and tests) or `consent` (saves, then leads to Microsoft).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectView {
    /// Names the state of the settings that this is; a form with another is refused.
    pub version: String,
    /// Being set up, or edited later.
    pub setting_up: bool,
    pub tenant: String,
    pub client_id: String,
    pub cloud: String,
    pub clouds: Vec<Choice>,
    pub secret: Option<SecretView>,
    /// The certificate, which comes before the secret: that stands in for it where it is refused.
    pub certificate: Option<CertificateView>,
    pub consent: ConsentView,
    /// Absent where whoever operates the server has none.
    pub platform: Option<PlatformView>,
    /// Of the last test; empty before the first.
    pub checks: Vec<CheckShape>,
    /// Every check passed or warned.
    pub ready: bool,
    /// RFC 3339.
    pub tested_at: Option<String>,
    pub tenant_name: Option<String>,
    /// When the secret expires, a date or empty: as it is kept, or as it was entered.
    pub secret_expires: String,
    /// What is wrong with what was entered, by field: `tenant`, `client_id`, `cloud`, `secret`,
    /// `secret_expires`, `certificate`, `certificate_password`.
    pub problems: Vec<ProblemShape>,
    /// The permissions that the application needs, each with why.
    pub permissions: Vec<Choice>,
}

/// Something that a store of contacts usually promises and a destination cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaveatView {
    /// Stable: `not-atomic`.
    pub code: String,
    /// What it means for whoever works with the contacts.
    pub meaning: String,
}

/// A server that a destination reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServerView {
    /// Scheme, host, and port where it is not the scheme's own.
    pub root: String,
    pub why: String,
}

/// The secret of a destination, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DestinationSecretView {
    /// RFC 3339.
    pub set_at: String,
}

/// Where the contacts are kept: here, or by a service. Posted to `{root}/setup/destination` with `version`, `settings`
/// (JSON; empty: here) and `secret` (empty: keeps the one that is set).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DestinationView {
    /// As in [`ConnectView`].
    pub version: String,
    pub setting_up: bool,
    /// The object that chooses a destination by its `name` and has its settings; null where the contacts are kept here.
    pub settings: Option<serde_json::Value>,
    /// The same as it stands in the form, or what was entered and not saved.
    #[serde(skip)]
    pub text: String,
    pub secret: Option<DestinationSecretView>,
    /// The names of the destinations that there are.
    pub destinations: Vec<String>,
    /// What the destination is called.
    pub label: Option<String>,
    /// What it reaches with these settings.
    pub servers: Vec<ServerView>,
    /// What it cannot promise.
    pub caveats: Vec<CaveatView>,
    /// What is wrong, at `settings` or `secret`.
    pub problems: Vec<ProblemShape>,
}

/// What disconnecting leaves in the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectView {
    /// The client id of the application, which stays among the tenant's enterprise applications with what it was
    /// granted; absent where none is known.
    pub application: Option<String>,
    /// The tenant is in Microsoft's global cloud.
    pub in_global_cloud: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// What it does, in a sentence.
    pub sentence: String,
}

/// An attribute of the directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeChoice {
    pub name: String,
    pub label: String,
    /// A value that somebody in the directory has.
    pub sample: Option<String>,
}

/// A field of the contacts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldChoice {
    pub name: String,
    pub label: String,
}

/// One row of the mapping. In the form: `row.N.field` (empty: a custom field named by `label`),
/// `row.N.label`, `row.N.attribute`, `row.N.mandatory` (checkbox `on`), N from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MappingRowForm {
    /// The field's name; empty for a custom one.
    pub field: String,
    /// For people; of a custom field, what it is made under.
    pub label: String,
    /// The attribute's name; empty: not chosen yet.
    pub attribute: String,
    /// Somebody without a value is skipped.
    pub mandatory: bool,
    /// The store or the preset demands it: it stays mandatory, and cannot be removed.
    pub fixed: bool,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// The preset demands it, and the settings say that a person may lack it.
    #[serde(skip)]
    pub waived: bool,
}

/// One clause of the filter. In the form: `filter.N.attribute`, `filter.N.operator`, `filter.N.values`
/// (one a line), N from 0; a row that is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilterRow {
    pub attribute: String,
    /// `is`, `is-not`, `filled` or `empty`.
    pub operator: String,
    pub values: String,
}

/// Whether groups of the directory are read, and which. In the form: `scope`, `groups.include` (one a line),
/// `groups.kinds.KIND` (checkbox `on`), `groups.members`, `groups.people`; how the lists of groups are called
/// stays as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupsView {
    /// `users` or `users-and-groups`; the rest counts only with the latter.
    pub scope: String,
    /// Object ids, names, and beginnings of names followed by an asterisk; none: all groups.
    pub include: Vec<String>,
    /// None: all kinds.
    pub kinds: Vec<String>,
    /// `direct` or `transitive`.
    pub members: String,
    /// Who is in scope: `all` or `members`.
    pub people: String,
    pub choices: GroupChoices,
}

/// What can be said of groups.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupChoices {
    pub scope: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub members: Vec<Choice>,
    pub people: Vec<Choice>,
}

/// Something that settings have otherwise than their preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DifferenceView {
    /// What it is: a policy, a field, the schedule.
    pub label: String,
    /// As it is.
    pub value: String,
    /// As the preset has it.
    pub preset: String,
}

/// Settings that were saved and are not in force: whom a sync touches changes only with a plan that
/// somebody approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposalView {
    /// Who saved them.
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

/// A policy, and what each of its values does.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyForm {
    /// The name in the form and in the document: `existing`, `update`, `conflict`, `removed`,
    /// `leftScope`, `disabled`.
    pub name: String,
    pub label: String,
    pub value: String,
    pub choices: Vec<Choice>,
}

/// Step 2. Posted to `{root}/setup/map` with `version`, `preset`, `filled_from`, `filled_in`, rows, filters, groups, the policies by name,
/// `list` (`none`, `one`, `attribute`), `list_name`, `list_attribute`, `schedule` (empty: none),
/// `time_zone`; button `action` = `save`, `add-row`, `remove-row.N`, `add-filter` or `remove-filter.N`;
/// all but `save` only draw the form again, so that it works without script. Cancel is a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingFormView {
    pub version: String,
    /// Being set up (and Save goes on to the review), or edited later.
    pub setting_up: bool,
    pub preset: String,
    pub presets: Vec<Choice>,
    /// What is otherwise than the preset has it. Where nothing is, the preset is in force as a whole; else
    /// the settings are "custom, from" it.
    pub differences: Vec<DifferenceView>,
    /// The preset whose values the rest shows. Where `preset` is another one when it is saved, that one is
    /// applied as a whole, but for what was changed in the form itself.
    pub filled_from: String,
    /// Also what no form shows (where addresses are looked for, what is written only once) is the preset's
    /// when this is saved.
    pub filled_in: bool,
    /// Present where these settings were saved and nobody has put them into force yet.
    pub proposal: Option<ProposalView>,
    pub rows: Vec<MappingRowForm>,
    pub fields: Vec<FieldChoice>,
    /// Whether rows with an own label can be added.
    pub custom_fields: bool,
    pub attributes: Vec<AttributeChoice>,
    /// What people are filtered by beside attributes, and no field holds: licenses and plans.
    pub filtered_by: Vec<AttributeChoice>,
    pub filters: Vec<FilterRow>,
    pub groups: GroupsView,
    pub policies: Vec<PolicyForm>,
    /// `none`, `one` or `attribute`.
    pub list: String,
    pub list_name: String,
    pub list_attribute: String,
    pub schedule: String,
    pub time_zone: String,
    /// What the host's plan allows: "At most every 60 minutes."
    pub schedule_policy: String,
    /// What is wrong and belongs to no row; the pointer is a field's name in the form, or empty.
    pub problems: Vec<ProblemShape>,
    /// Somebody else saved since: what is in the form was not saved. Says who and when.
    pub conflict: Option<String>,
}

/// One number of the review, which leads to the people behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewCount {
    /// In the path of the people: `{root}/plan/{digest}/people?of=CODE`.
    pub code: String,
    pub label: String,
    /// What it means.
    pub sentence: String,
    pub count: u64,
    /// It takes something away.
    pub takes_away: bool,
}

/// Step 3: what a sync would do. Run sync is posted to `{root}/sync` with `approve` = digest and
/// `deletions`; planning anew to `{root}/plan`; giving up settings that wait to `{root}/setup/discard`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    /// Present while the plan is being made.
    pub progress: Option<ProgressView>,
    /// As on the overview.
    pub changes: u64,
    /// Why there is no plan.
    pub failure: Option<String>,
    /// The plan, where there is one.
    pub digest: Option<String>,
    /// RFC 3339.
    pub made_at: Option<String>,
    /// The settings were changed since it was made; it cannot be approved any more.
    pub stale: bool,
    pub counts: Vec<ReviewCount>,
    pub warnings: Vec<WarningShape>,
    /// Limits that would stop the sync.
    pub blocks: Vec<BlockShape>,
    /// No first sync has run yet.
    pub setting_up: bool,
    /// What it takes away. To approve it, the number of deletions is given back.
    pub removals: RemovalsView,
    /// Present where the plan is one of settings that come into force when it is approved.
    pub proposal: Option<ProposalView>,
    /// The service that keeps the contacts; absent where they are kept here.
    pub kept_by: Option<String>,
    /// What that cannot promise.
    pub caveats: Vec<CaveatView>,
    /// With these settings each later sync, also a scheduled one, deletes contacts by itself, as far as the
    /// limits allow.
    pub deletes_by_itself: bool,
}
