//! The four steps of the set-up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ProgressView, RemovalsView};
use crate::shapes::{BlockShape, CheckShape, ProblemShape, WarningShape};

/// Where a set-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SetupStep {
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
pub(crate) struct SecretView {
    /// When it was set, RFC 3339.
    pub(crate) set_at: String,
    /// Days since.
    pub(crate) age_days: u64,
    /// When it expires, as the administrator said, RFC 3339.
    pub(crate) expires_at: Option<String>,
    /// It expires within 30 days, or has.
    pub(crate) expires_soon: bool,
    /// It has.
    pub(crate) expired: bool,
}

/// The consent of the tenant's administrator.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConsentView {
    /// Whether a link to Microsoft's consent page can be made: tenant and application are known.
    pub(crate) possible: bool,
    /// The address to register as redirect URI with the application.
    pub(crate) redirect_uri: String,
    /// How the last round trip ended, in words; and whether consent was given.
    pub(crate) outcome: Option<String>,
    pub(crate) granted: Option<bool>,
}

/// Step 1. Posted to `{root}/setup/connect` with `tenant`, `client_id`, `cloud`, `secret` (empty: keeps
/// the one that is set), `secret_expires` (a date or empty), `version`; button `action` = `save` (saves
/// and tests) or `consent` (saves, then leads to Microsoft).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectView {
    /// Names the state of the settings that this is; a form with another is refused.
    pub(crate) version: String,
    /// Being set up, or edited later.
    pub(crate) setting_up: bool,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) cloud: String,
    pub(crate) clouds: Vec<Choice>,
    pub(crate) secret: Option<SecretView>,
    pub(crate) consent: ConsentView,
    /// Of the last test; empty before the first.
    pub(crate) checks: Vec<CheckShape>,
    /// Every check passed or warned.
    pub(crate) ready: bool,
    /// RFC 3339.
    pub(crate) tested_at: Option<String>,
    pub(crate) tenant_name: Option<String>,
    /// When the secret expires, a date or empty: as it is kept, or as it was entered.
    pub(crate) secret_expires: String,
    /// What is wrong with what was entered, by field: `tenant`, `client_id`, `cloud`, `secret`,
    /// `secret_expires`.
    pub(crate) problems: Vec<ProblemShape>,
    /// The permissions that the application needs, each with why.
    pub(crate) permissions: Vec<Choice>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    /// What it does, in a sentence.
    pub(crate) sentence: String,
}

/// An attribute of the directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AttributeChoice {
    pub(crate) name: String,
    pub(crate) label: String,
    /// A value that somebody in the directory has.
    pub(crate) sample: Option<String>,
}

/// A field of the contacts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldChoice {
    pub(crate) name: String,
    pub(crate) label: String,
}

/// One row of the mapping. In the form: `row.N.field` (empty: a custom field named by `label`),
/// `row.N.label`, `row.N.attribute`, `row.N.mandatory` (checkbox `on`), N from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MappingRowForm {
    /// The field's name; empty for a custom one.
    pub(crate) field: String,
    /// For people; of a custom field, what it is made under.
    pub(crate) label: String,
    /// The attribute's name; empty: not chosen yet.
    pub(crate) attribute: String,
    /// Somebody without a value is skipped.
    pub(crate) mandatory: bool,
    /// The store or the preset demands it: it stays mandatory, and cannot be removed.
    pub(crate) fixed: bool,
    /// What is wrong with it.
    pub(crate) problem: Option<String>,
    /// The preset demands it, and the settings say that a person may lack it.
    #[serde(skip)]
    pub(crate) waived: bool,
}

/// One clause of the filter. In the form: `filter.N.attribute`, `filter.N.operator`, `filter.N.values`
/// (one a line), N from 0; a row that is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FilterRow {
    pub(crate) attribute: String,
    /// `is`, `is-not`, `filled` or `empty`.
    pub(crate) operator: String,
    pub(crate) values: String,
}

/// Something that settings have otherwise than their preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DifferenceView {
    /// What it is: a policy, a field, the schedule.
    pub(crate) label: String,
    /// As it is.
    pub(crate) value: String,
    /// As the preset has it.
    pub(crate) preset: String,
}

/// Settings that were saved and are not in force: whom a sync touches changes only with a plan that
/// somebody approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProposalView {
    /// Who saved them.
    pub(crate) by: String,
    /// RFC 3339.
    pub(crate) at: String,
}

/// A policy, and what each of its values does.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PolicyForm {
    /// The name in the form and in the document: `existing`, `update`, `conflict`, `removed`,
    /// `leftScope`, `disabled`.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) choices: Vec<Choice>,
}

/// Step 2. Posted to `{root}/setup/map` with `version`, `preset`, `filled_from`, `filled_in`, rows, filters, the policies by name,
/// `list` (`none`, `one`, `attribute`), `list_name`, `list_attribute`, `schedule` (empty: none),
/// `time_zone`; button `action` = `save`, `add-row`, `remove-row.N`, `add-filter` or `remove-filter.N`;
/// all but `save` only draw the form again, so that it works without script. Cancel is a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MappingFormView {
    pub(crate) version: String,
    /// Being set up (and Save goes on to the review), or edited later.
    pub(crate) setting_up: bool,
    pub(crate) preset: String,
    pub(crate) presets: Vec<Choice>,
    /// What is otherwise than the preset has it. Where nothing is, the preset is in force as a whole; else
    /// the settings are "custom, from" it.
    pub(crate) differences: Vec<DifferenceView>,
    /// The preset whose values the rest shows. Where `preset` is another one when it is saved, that one is
    /// applied as a whole, but for what was changed in the form itself.
    pub(crate) filled_from: String,
    /// Also what no form shows (where addresses are looked for, what is written only once) is the preset's
    /// when this is saved.
    pub(crate) filled_in: bool,
    /// Present where these settings were saved and nobody has put them into force yet.
    pub(crate) proposal: Option<ProposalView>,
    pub(crate) rows: Vec<MappingRowForm>,
    pub(crate) fields: Vec<FieldChoice>,
    /// Whether rows with an own label can be added.
    pub(crate) custom_fields: bool,
    pub(crate) attributes: Vec<AttributeChoice>,
    pub(crate) filters: Vec<FilterRow>,
    pub(crate) policies: Vec<PolicyForm>,
    /// `none`, `one` or `attribute`.
    pub(crate) list: String,
    pub(crate) list_name: String,
    pub(crate) list_attribute: String,
    pub(crate) schedule: String,
    pub(crate) time_zone: String,
    /// What the host's plan allows: "At most every 60 minutes."
    pub(crate) schedule_policy: String,
    /// What is wrong and belongs to no row; the pointer is a field's name in the form, or empty.
    pub(crate) problems: Vec<ProblemShape>,
    /// Somebody else saved since: what is in the form was not saved. Says who and when.
    pub(crate) conflict: Option<String>,
}

/// One number of the review, which leads to the people behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReviewCount {
    /// In the path of the people: `{root}/plan/{digest}/people?of=CODE`.
    pub(crate) code: String,
    pub(crate) label: String,
    /// What it means.
    pub(crate) sentence: String,
    pub(crate) count: u64,
    /// It takes something away.
    pub(crate) takes_away: bool,
}

/// Step 3: what a sync would do. Run sync is posted to `{root}/sync` with `approve` = digest and
/// `deletions`; planning anew to `{root}/plan`; giving up settings that wait to `{root}/setup/discard`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewView {
    /// Present while the plan is being made.
    pub(crate) progress: Option<ProgressView>,
    /// As on the overview.
    pub(crate) changes: u64,
    /// Why there is no plan.
    pub(crate) failure: Option<String>,
    /// The plan, where there is one.
    pub(crate) digest: Option<String>,
    /// RFC 3339.
    pub(crate) made_at: Option<String>,
    /// The settings were changed since it was made; it cannot be approved any more.
    pub(crate) stale: bool,
    pub(crate) counts: Vec<ReviewCount>,
    pub(crate) warnings: Vec<WarningShape>,
    /// Limits that would stop the sync.
    pub(crate) blocks: Vec<BlockShape>,
    /// No first sync has run yet.
    pub(crate) setting_up: bool,
    /// What it takes away. To approve it, the number of deletions is given back.
    pub(crate) removals: RemovalsView,
    /// Present where the plan is one of settings that come into force when it is approved.
    pub(crate) proposal: Option<ProposalView>,
    /// With these settings each later sync, also a scheduled one, deletes contacts by itself, as far as the
    /// limits allow.
    pub(crate) deletes_by_itself: bool,
}
