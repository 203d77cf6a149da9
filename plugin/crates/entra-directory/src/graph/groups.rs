//! A page of groups with those who are in them
//! (<https://learn.microsoft.com/graph/api/group-delta>).
//!
//! An element may be a whole group, a part of one, or a group with nothing but members; it may come again. What a
//! property holds that is not what the documentation says is passed over: it says nothing.

use std::borrow::Cow;

use contact_identity::ObjectId;
use entra_users::permission::HIDDEN_MEMBERS;
use guest_kit::json;
use guest_kit::percent;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sync_core::contact::Tombstone;
use sync_core::engine::groups::feed::{GroupItem, GroupProperties, Member, StatedGroup};
use sync_core::settings::{GroupKind, GroupRules};

use super::error::GraphError;
use super::link::{GraphRoot, Link};
use super::page::{self, Next};

/// The properties that are asked for, with the members.
const SELECT: &str = "id,displayName,description,groupTypes,mailEnabled,securityEnabled,visibility,\
                      membershipRule,membershipRuleProcessingState,members";

/// Groups that a filter of the delta query may name
/// (<https://learn.microsoft.com/graph/api/group-delta>).
const MOST_NAMED: usize = 50;

/// Membership that is told to nobody without a permission of its own
/// (<https://learn.microsoft.com/graph/api/group-list-members>).
const HIDDEN: &str = "HiddenMembership";

/// The path of the first page: of a few groups alone where no others can matter.
pub(super) fn first_page(rules: &GroupRules) -> String {
    let selection = &rules.selection;
    let only = !selection.ids.is_empty()
        && selection.ids.len() <= MOST_NAMED
        && selection.names.is_empty()
        && selection.prefixes.is_empty()
        && !rules.transitive;
    if !only {
        return format!("/groups/delta?$select={SELECT}");
    }
    let clauses: Vec<String> = selection
        .ids
        .iter()
        .map(|id| format!("id eq '{}'", id.as_str().replace('\'', "''")))
        .collect();
    let filter = percent::encode(&clauses.join(" or "));
    format!("/groups/delta?$select={SELECT}&$filter={filter}")
}

/// One page.
#[derive(Debug)]
pub struct GroupsPage {
    /// In the page's order.
    pub groups: Vec<GroupItem>,
    /// Where it goes on.
    pub next: Next,
}

#[derive(Deserialize)]
struct Document<'page> {
    #[serde(rename = "@odata.nextLink", borrow, default)]
    next_link: Option<Cow<'page, str>>,
    #[serde(rename = "@odata.deltaLink", borrow, default)]
    delta_link: Option<Cow<'page, str>>,
    #[serde(borrow)]
    value: Option<Vec<Element<'page>>>,
}

/// A property that is left out is not one that is null.
#[derive(Deserialize)]
struct Element<'page> {
    #[serde(default)]
    id: Value,
    #[serde(rename = "displayName", default, deserialize_with = "stated")]
    display_name: Option<Value>,
    #[serde(default)]
    description: Value,
    #[serde(rename = "groupTypes", default)]
    group_types: Value,
    #[serde(rename = "mailEnabled", default)]
    mail_enabled: Value,
    #[serde(rename = "securityEnabled", default)]
    security_enabled: Value,
    #[serde(default)]
    visibility: Value,
    #[serde(rename = "membershipRule", default)]
    rule: Value,
    #[serde(rename = "membershipRuleProcessingState", default)]
    rule_state: Value,
    #[serde(rename = "@removed", default)]
    removed: Option<Value>,
    #[serde(rename = "members@delta", borrow, default)]
    members: Vec<MemberElement<'page>>,
}

/// A property that is there, be it as null.
fn stated<'de, D: Deserializer<'de>>(property: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(property).map(Some)
}

#[derive(Deserialize)]
struct MemberElement<'page> {
    #[serde(rename = "@odata.type", borrow, default)]
    kind: Option<Cow<'page, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'page, str>>,
    #[serde(rename = "@removed", default)]
    removed: Option<Value>,
}

/// Reads a page. `roles` are the permissions of the token, where they are known.
///
/// # Errors
///
/// As [`page::parse`].
pub fn parse(
    bytes: &[u8],
    roles: Option<&[String]>,
    root: &GraphRoot,
) -> Result<GroupsPage, GraphError> {
    let unexpected = |detail| GraphError::UnexpectedShape {
        host: root.host().to_owned(),
        detail,
    };
    let document: Document<'_> = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            unexpected("it is no page of groups")
        } else {
            GraphError::NotJson {
                host: root.host().to_owned(),
            }
        }
    })?;
    let next = page::next(
        document.next_link.as_deref(),
        document.delta_link.as_deref(),
        root,
    )?;
    let elements = document
        .value
        .ok_or_else(|| unexpected("it has no value"))?;
    let reads_hidden = roles.is_some_and(|roles| roles.iter().any(|role| role == HIDDEN_MEMBERS));
    Ok(GroupsPage {
        groups: elements
            .into_iter()
            .filter_map(|element| item(element, reads_hidden))
            .collect(),
        next,
    })
}

fn item(element: Element<'_>, reads_hidden: bool) -> Option<GroupItem> {
    let id = ObjectId::parse(element.id.as_str()?).ok()?;
    if let Some(removed) = &element.removed {
        let reason = removed.get("reason").and_then(Value::as_str);
        return Some(GroupItem::Gone {
            id,
            tombstone: if reason == Some("changed") {
                Tombstone::Soft
            } else {
                Tombstone::Permanent
            },
        });
    }
    let properties = properties(&element, reads_hidden);
    let mut others = 0;
    let mut members = Vec::with_capacity(element.members.len());
    for told in element.members {
        let kind = told.kind.as_deref().unwrap_or_default();
        let is_group = kind.ends_with("microsoft.graph.group");
        // Of a member that left, the service may say no more than who it was.
        let is_somebody = is_group || kind.ends_with("microsoft.graph.user");
        let is_open = kind.is_empty() && told.removed.is_some();
        match told.id.and_then(|id| ObjectId::parse(&id).ok()) {
            Some(id) if is_somebody || is_open => members.push(Member {
                id,
                is_group,
                stays: told.removed.is_none(),
            }),
            _ => others += 1,
        }
    }
    Some(GroupItem::Stated(StatedGroup {
        id,
        properties,
        members,
        others,
    }))
}

/// What the element says of the group; `None` where it says nothing of it, or only that it may not be told.
fn properties(element: &Element<'_>, reads_hidden: bool) -> Option<GroupProperties> {
    let told_name = element.display_name.as_ref()?;
    let types: Vec<&str> = element
        .group_types
        .as_array()
        .map(|types| types.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mail_enabled = element.mail_enabled.as_bool();
    let security_enabled = element.security_enabled.as_bool();
    let kind = if types.contains(&"Unified") {
        GroupKind::Microsoft365
    } else if mail_enabled == Some(true) {
        GroupKind::MailEnabled
    } else if security_enabled.or(mail_enabled).is_some() {
        GroupKind::Security
    } else {
        return None;
    };
    let is_filled = types.contains(&"DynamicMembership");
    let text = |value: &Value| {
        let text = value.as_str().map(str::trim).unwrap_or_default();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let is_hidden = element.visibility.as_str() == Some(HIDDEN) && !reads_hidden;
    Some(GroupProperties {
        name: text(told_name),
        description: text(&element.description),
        kind,
        rule: is_filled.then(|| rule(&element.rule, &element.rule_state)),
        is_hidden,
    })
}

/// A number by which a rule is known again: the first bits of its hash.
fn rule(rule: &Value, state: &Value) -> u64 {
    let text = json::to_text(&Value::from(vec![rule.clone(), state.clone()]));
    let digest: [u8; 32] = Sha256::digest(text).into();
    let (words, _) = digest.as_chunks::<8>();
    words.first().map_or(0, |word| u64::from_le_bytes(*word))
}

/// The link of the first page.
pub(super) fn first_link(root: &GraphRoot, rules: &GroupRules) -> Link {
    Link::of_path(root, &first_page(rules))
}

#[cfg(test)]
mod tests;
