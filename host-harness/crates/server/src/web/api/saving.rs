//! Saving the first two steps, and asking for consent: what the forms do, for a front end of one's own.
//!
//! What is saved names the `version` that it was made from. Where somebody saved since, the answer is 409 and
//! nothing was changed. A request that comes twice is told apart by that, too.

use api_types::shapes::ProblemShape;
use api_types::views::{ConnectView, FilterRow, MappingFormView, MappingRowForm};
use axum::Json;
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::extract::{Answer, CsrfProtected, EmptyBody, JsonBody};
use crate::services::setup;
use crate::services::setup::connection_form::{ConnectForm, Forget};
use crate::services::setup::save_mapping::Saved;
use crate::settings::{GroupsForm, POLICIES, SettingsForm};
use crate::web::consent;
use crate::web::failure::{Failure, FailureBody};
use crate::web::platform;

/// A key that `GET` tells and that nobody changes: it may be given back, whatever it says, and may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = serde_json::Value)]
pub(super) struct Told(IgnoredAny);

/// The first step: what `GET …/api/connection` tells, with changes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ConnectionBody {
    /// Of the connection that was looked at.
    version: String,
    tenant: String,
    client_id: String,
    /// Absent: the global one.
    cloud: Option<String>,
    /// The secret's value. Absent, empty, or as it is told: the one that is set stays.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<SecretString>,
    /// A date, such as `2027-06-30`. Empty: not known. Absent: not known of a secret that is set now, and as
    /// it was of one that stays.
    secret_expires: Option<String>,
    /// A certificate with its private key: PEM, or PKCS#12 in base64. Absent, empty, or as it is told: the one that
    /// is set stays.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    certificate: Option<SecretString>,
    /// What opens it, where it needs that.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, write_only)]
    certificate_password: Option<SecretString>,
    /// What goes: `secret` or `certificate`, once the other one has taken its place.
    #[serde(default)]
    forget: String,
    #[serde(default, rename = "settingUp")]
    _setting_up: Told,
    #[serde(default, rename = "clouds")]
    _clouds: Told,
    #[serde(default, rename = "consent")]
    _consent: Told,
    #[serde(default, rename = "platform")]
    _platform: Told,
    #[serde(default, rename = "checks")]
    _checks: Told,
    #[serde(default, rename = "ready")]
    _ready: Told,
    #[serde(default, rename = "testedAt")]
    _tested_at: Told,
    #[serde(default, rename = "tenantName")]
    _tenant_name: Told,
    #[serde(default, rename = "problems")]
    _problems: Told,
    #[serde(default, rename = "permissions")]
    _permissions: Told,
}

pub(super) fn secret<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<SecretString>, D::Error> {
    /// What is told of a secret has no value in it.
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "no secret, expected a text, or what is told of the secret"
    )]
    enum Secret {
        Value(String),
        Told {
            #[serde(rename = "setAt")]
            _set_at: String,
        },
    }
    Ok(match Option::<Secret>::deserialize(value)? {
        Some(Secret::Value(secret)) if !secret.is_empty() => Some(SecretString::from(secret)),
        Some(Secret::Value(_) | Secret::Told { .. }) | None => None,
    })
}

#[utoipa::path(put, path = "/w/{workspace}/api/connection",
    params(("workspace" = String, Path)), request_body = ConnectionBody,
    description = "Saves the first step. It is not tested with that: see `POST …/api/test`.",
    responses((status = 200, body = ConnectView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
pub(super) async fn save_connection(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<ConnectionBody>,
) -> Answer<ConnectView> {
    let ws = &user.ws;
    let known_expiry = match &body.secret {
        Some(_) => None,
        None => Some(setup::connection_form::connect_view(ws)?.secret_expires),
    };
    let form = ConnectForm {
        version: version(&body.version)?,
        tenant: body.tenant.trim().to_owned(),
        client_id: body.client_id.trim().to_owned(),
        cloud: body.cloud.unwrap_or_else(|| "global".to_owned()),
        secret: body.secret.unwrap_or_default(),
        secret_expires: body.secret_expires.or(known_expiry).unwrap_or_default(),
        certificate: body.certificate.unwrap_or_default(),
        certificate_password: body.certificate_password.unwrap_or_default(),
        forget: Forget::named(&body.forget).ok_or_else(|| {
            Failure::unprocessable(vec![ProblemShape {
                pointer: "forget".to_owned(),
                message: "There is no such choice: secret, certificate, or nothing.".to_owned(),
            }])
        })?,
    };
    let problems = setup::connection_form::check_connection(ws, &form)?;
    if !problems.is_empty() {
        let problems = problems.into_iter().map(|problem| ProblemShape {
            pointer: key_of(&problem.pointer, &[]),
            ..problem
        });
        return Err(Failure::unprocessable(problems.collect()).into());
    }
    setup::save_connection::save_connection(ws, &form, &user.session.who)?;
    Ok(Json(setup::connection_form::connect_view(ws)?))
}

/// The second step: what `GET …/api/settings` tells, with changes. What stands there only to choose from may
/// be left out.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SettingsBody {
    /// Of the settings that were looked at.
    version: String,
    /// Where it is another one than `filledFrom`, it is applied as a whole: mapping, what is mandatory,
    /// policies, lists and schedule become its own, but for what is otherwise here than it was told.
    preset: String,
    /// The preset whose values were told. Absent: that of the settings.
    #[serde(default)]
    filled_from: String,
    /// Also what is not told (where addresses are looked for, what is written only once) becomes the
    /// preset's.
    #[serde(default)]
    filled_in: bool,
    rows: Vec<RowBody>,
    #[serde(default)]
    filters: Vec<FilterBody>,
    /// Absent: as they were.
    groups: Option<GroupsBody>,
    #[serde(default)]
    policies: Vec<PolicyBody>,
    /// `none`, `one` or `attribute`.
    list: String,
    #[serde(default)]
    list_name: String,
    #[serde(default)]
    list_attribute: String,
    /// Empty: only on request.
    #[serde(default)]
    schedule: String,
    /// IANA name.
    time_zone: String,
    #[serde(default, rename = "settingUp")]
    _setting_up: Told,
    #[serde(default, rename = "presets")]
    _presets: Told,
    #[serde(default, rename = "differences")]
    _differences: Told,
    #[serde(default, rename = "proposal")]
    _proposal: Told,
    #[serde(default, rename = "fields")]
    _fields: Told,
    #[serde(default, rename = "customFields")]
    _custom_fields: Told,
    #[serde(default, rename = "attributes")]
    _attributes: Told,
    #[serde(default, rename = "filteredBy")]
    _filtered_by: Told,
    #[serde(default, rename = "schedulePolicy")]
    _schedule_policy: Told,
    #[serde(default, rename = "problems")]
    _problems: Told,
    #[serde(default, rename = "conflict")]
    _conflict: Told,
}

/// One row of the mapping.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RowBody {
    /// Empty: a custom field, named by the label.
    #[serde(default)]
    field: String,
    #[serde(default)]
    label: String,
    attribute: String,
    #[serde(default)]
    mandatory: bool,
    #[serde(default, rename = "fixed")]
    _fixed: Told,
    #[serde(default, rename = "problem")]
    _problem: Told,
}

/// One clause of the filter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FilterBody {
    attribute: String,
    /// `is`, `is-not`, `filled` or `empty`.
    operator: String,
    /// One a line.
    #[serde(default)]
    values: String,
}

/// Whether groups are read, and which.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupsBody {
    /// `users` or `users-and-groups`.
    scope: String,
    /// Object ids, names, and beginnings of names followed by an asterisk; none: all groups.
    #[serde(default)]
    include: Vec<String>,
    /// None: all kinds.
    #[serde(default)]
    kinds: Vec<String>,
    /// `direct`, or `transitive`. Absent: `direct`.
    members: Option<String>,
    /// `all`, or `members`. Absent: `all`.
    people: Option<String>,
    #[serde(default, rename = "choices")]
    _choices: Told,
}

/// A policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyBody {
    name: String,
    value: String,
    #[serde(default, rename = "label")]
    _label: Told,
    #[serde(default, rename = "choices")]
    _choices: Told,
}

impl SettingsBody {
    /// As the form says it.
    fn into_form(self) -> Result<SettingsForm, Failure> {
        let body = self;
        let unknown = |(number, policy): (usize, &PolicyBody)| {
            (!POLICIES.contains(&policy.name.as_str())).then(|| ProblemShape {
                pointer: format!("policies[{number}].name"),
                message: format!(
                    "There is no such policy. Known here: {}.",
                    POLICIES.join(", ")
                ),
            })
        };
        let unknown: Vec<_> = body
            .policies
            .iter()
            .enumerate()
            .filter_map(unknown)
            .collect();
        if !unknown.is_empty() {
            return Err(Failure::unprocessable(unknown));
        }
        Ok(SettingsForm {
            version: version(&body.version)?,
            preset: body.preset,
            filled_from: body.filled_from,
            filled_in: body.filled_in,
            rows: body.rows.into_iter().map(RowBody::into_row).collect(),
            filters: body.filters.into_iter().map(FilterBody::into_row).collect(),
            groups: body.groups.map(GroupsBody::into_form),
            policies: body
                .policies
                .into_iter()
                .map(|policy| (policy.name, policy.value))
                .collect(),
            list: body.list,
            list_name: body.list_name,
            list_attribute: body.list_attribute,
            schedule: body.schedule,
            time_zone: body.time_zone,
        })
    }
}

/// The version that a body was made from.
pub(super) fn version(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| {
        Failure::unprocessable(vec![ProblemShape {
            pointer: "version".to_owned(),
            message: "This must be the `version` that GET tells.".to_owned(),
        }])
    })
}

/// The key of a body for the name of an input, as forms and the connector have it; of policies, the body may
/// have any and in any order.
pub(super) fn key_of(input: &str, policies: &[String]) -> String {
    let (first, rest) = input.split_once('.').unwrap_or((input, ""));
    let numbered = |list: &str| match rest.split_once('.') {
        Some((number, part)) => format!("{list}[{number}].{part}"),
        None => format!("{list}[{rest}]"),
    };
    match first {
        "row" => numbered("rows"),
        "filter" => numbered("filters"),
        "mapping" => "rows".to_owned(),
        "scope" => "groups.scope".to_owned(),
        "groups" if !rest.is_empty() => input.to_owned(),
        policy if POLICIES.contains(&policy) => {
            match policies.iter().position(|name| name == policy) {
                Some(number) => format!("policies[{number}].value"),
                None => "policies".to_owned(),
            }
        }
        _ => {
            let mut words = input.split('_');
            let first = words.next().unwrap_or_default().to_owned();
            words.fold(first, |key, word| {
                let (letter, rest) = word.split_at(word.len().min(1));
                key + &letter.to_ascii_uppercase() + rest
            })
        }
    }
}

impl RowBody {
    fn into_row(self) -> MappingRowForm {
        MappingRowForm {
            field: self.field,
            label: self.label,
            attribute: self.attribute,
            mandatory: self.mandatory,
            ..MappingRowForm::default()
        }
    }
}

impl GroupsBody {
    fn into_form(self) -> GroupsForm {
        let usual = GroupsForm::default();
        GroupsForm {
            scope: self.scope,
            include: self.include,
            kinds: self.kinds,
            members: self.members.unwrap_or(usual.members),
            people: self.people.unwrap_or(usual.people),
        }
    }
}

impl FilterBody {
    fn into_row(self) -> FilterRow {
        FilterRow {
            attribute: self.attribute,
            operator: self.operator,
            values: self.values,
        }
    }
}

#[utoipa::path(put, path = "/w/{workspace}/api/settings",
    params(("workspace" = String, Path)), request_body = SettingsBody,
    description = "Saves the second step. In a connected workspace, settings that change whom a sync touches or \
                   what it writes are not in force yet (`proposal` is there): those of before are, also for the \
                   schedule, until a plan is approved that shows what they do. Then, and in a workspace that is \
                   being set up, `POST …/api/plan` is next.",
    responses((status = 200, body = MappingFormView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody), (status = 422, body = FailureBody)))]
pub(super) async fn save_settings(
    CsrfProtected(user): CsrfProtected,
    JsonBody(body): JsonBody<SettingsBody>,
) -> Answer<MappingFormView> {
    let ws = &user.ws;
    let policies: Vec<_> = body
        .policies
        .iter()
        .map(|policy| policy.name.clone())
        .collect();
    let form = body.into_form()?;
    let (saved, _) = setup::save_mapping::save_mapping(ws, form, &user.session.who).await?;
    match saved {
        Saved::Yes | Saved::Proposed => Ok(Json(setup::mapping_form::mapping_view(ws).await?)),
        Saved::No(view) => Err(refusal(*view, &policies).into()),
    }
}

#[utoipa::path(post, path = "/w/{workspace}/api/settings/discard", params(("workspace" = String, Path)),
    description = "Gives up settings that were saved and that nobody has put into force.",
    responses((status = 200, body = MappingFormView), (status = 403, body = FailureBody),
        (status = 409, body = FailureBody)))]
pub(super) async fn discard_settings(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Answer<MappingFormView> {
    setup::save_mapping::discard_proposal(&user.ws, &user.session.who)?;
    Ok(Json(setup::mapping_form::mapping_view(&user.ws).await?))
}

/// Why settings were not saved, from the form that says so.
fn refusal(view: MappingFormView, policies: &[String]) -> Failure {
    if let Some(conflict) = view.conflict {
        return Failure::conflict(conflict);
    }
    let rows = view.rows.into_iter().enumerate();
    let of_rows = rows.filter_map(|(number, row)| {
        Some(ProblemShape {
            pointer: format!("rows[{number}]"),
            message: row.problem?,
        })
    });
    let problems = view.problems.into_iter().map(|problem| ProblemShape {
        pointer: key_of(&problem.pointer, policies),
        ..problem
    });
    Failure::unprocessable(problems.chain(of_rows).collect())
}

/// A round trip to Microsoft that begins.
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentBody {
    /// Where the administrator's browser is to be led. It comes back to this server's `/consent`, in this
    /// session, within an hour.
    address: String,
}

#[utoipa::path(post, path = "/w/{workspace}/api/consent", params(("workspace" = String, Path)),
    description = "Begins a round trip to Microsoft's consent page, for the connection that is saved.",
    responses((status = 200, body = ConsentBody), (status = 400, body = FailureBody),
        (status = 403, body = FailureBody)))]
pub(super) async fn ask_for_consent(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Answer<ConsentBody> {
    let address = consent::begin(&user)?;
    Ok(Json(ConsentBody { address }))
}

#[utoipa::path(post, path = "/w/{workspace}/api/consent/platform", params(("workspace" = String, Path)),
    description = "Begins to connect with the platform's application: consent, then a sign-in, at Microsoft. It ends at \
        this server, with the connection saved and tested. 400 where the platform has none.",
    responses((status = 200, body = ConsentBody), (status = 400, body = FailureBody),
        (status = 403, body = FailureBody), (status = 409, body = FailureBody)))]
pub(super) async fn connect_with_platform(
    CsrfProtected(user): CsrfProtected,
    EmptyBody: EmptyBody,
) -> Answer<ConsentBody> {
    let address = platform::begin(&user)?;
    Ok(Json(ConsentBody { address }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_by_the_key_of_the_body() {
        let policies = ["update", "removed"].map(str::to_owned);
        for (input, key) in [
            ("tenant", "tenant"),
            ("secret_expires", "secretExpires"),
            ("time_zone", "timeZone"),
            ("filled_from", "filledFrom"),
            ("row.3", "rows[3]"),
            ("row.3.attribute", "rows[3].attribute"),
            ("filter.0.operator", "filters[0].operator"),
            ("mapping", "rows"),
            ("filters", "filters"),
            ("scope", "groups.scope"),
            ("groups.members", "groups.members"),
            ("groups", "groups"),
            ("removed", "policies[1].value"),
            ("leftScope", "policies"),
            ("", ""),
        ] {
            assert_eq!(key_of(input, &policies), key, "{input}");
        }
    }
}
