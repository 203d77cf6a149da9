//! A page of groups with those who are in them
//! (<https://learn.microsoft.com/graph/api/group-delta>).
//!
//! An element may be a whole group, a part of one, or a group with nothing but members; it may come again. What a
//! property holds that is not what the documentation says is passed over: it says nothing.

use contact_identity::ObjectId;
use entra_users::permission::HIDDEN_MEMBERS;
use guest_kit::json;
use guest_kit::percent;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sync_core::contact::Tombstone;
use sync_core::engine::groups::feed::{GroupItem, GroupProperties, Member, StatedGroup};
use sync_core::settings::{GroupKind, GroupRules, OrgContacts};

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

/// Reads a page. `roles` are the permissions of the token, where they are known; `org_contacts` says whether
/// those are people.
///
/// # Errors
///
/// As [`page::parse`].
pub fn parse(
    bytes: &[u8],
    roles: Option<&[String]>,
    org_contacts: OrgContacts,
    root: &GraphRoot,
) -> Result<GroupsPage, GraphError> {
    let unexpected = |detail| GraphError::UnexpectedShape {
        host: root.host().to_owned(),
        detail,
    };
    let page = json::value(bytes).ok_or_else(|| GraphError::NotJson {
        host: root.host().to_owned(),
    })?;
    let link = |name| page.get(name).and_then(Value::as_str);
    let next = page::next(link("@odata.nextLink"), link("@odata.deltaLink"), root)?;
    let elements = page.get("value").and_then(Value::as_array);
    let elements = elements.ok_or_else(|| unexpected("it is no page of groups"))?;
    let reads_hidden = roles.is_some_and(|roles| roles.iter().any(|role| role == HIDDEN_MEMBERS));
    Ok(GroupsPage {
        groups: elements
            .iter()
            .filter_map(|element| item(element, reads_hidden, org_contacts))
            .collect(),
        next,
    })
}

fn item(element: &Value, reads_hidden: bool, org_contacts: OrgContacts) -> Option<GroupItem> {
    let id = id_of(element)?;
    if let Some(removed) = removal(element) {
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
    let told = element.get("members@delta").and_then(Value::as_array);
    let told = told.map(Vec::as_slice).unwrap_or_default();
    let members: Vec<Member> = told
        .iter()
        .filter_map(|told| member(told, org_contacts))
        .collect();
    Some(GroupItem::Stated(StatedGroup {
        id,
        properties: properties(element, reads_hidden),
        others: (told.len() - members.len()) as u64,
        members,
    }))
}

fn id_of(element: &Value) -> Option<ObjectId> {
    ObjectId::parse(element.get("id")?.as_str()?).ok()
}

fn removal(element: &Value) -> Option<&Value> {
    element.get("@removed").filter(|removed| !removed.is_null())
}

/// A member that is a person or a group.
fn member(told: &Value, org_contacts: OrgContacts) -> Option<Member> {
    let kind = told.get("@odata.type").and_then(Value::as_str);
    let is = |name| kind.is_some_and(|kind| kind.ends_with(name));
    let is_group = is("microsoft.graph.group");
    let is_person = is("microsoft.graph.user")
        || (org_contacts == OrgContacts::Include && is("microsoft.graph.orgContact"));
    let stays = removal(told).is_none();
    // Of a member that left, the service may say no more than who it was.
    let is_open = kind.is_none() && !stays;
    let id = id_of(told).filter(|_| is_group || is_person || is_open)?;
    Some(Member {
        id,
        is_group,
        stays,
    })
}

/// What the element says of the group; `None` where it says nothing of it, or only that it may not be told.
fn properties(element: &Value, reads_hidden: bool) -> Option<GroupProperties> {
    // A name that is null is one that may not be told; one that is left out is that of a part.
    let told_name = element.get("displayName")?;
    let property = |name| element.get(name).unwrap_or(&Value::Null);
    let types: Vec<&str> = property("groupTypes")
        .as_array()
        .map(|types| types.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mail_enabled = property("mailEnabled").as_bool();
    let security_enabled = property("securityEnabled").as_bool();
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
    let rule = || {
        rule(
            property("membershipRule"),
            property("membershipRuleProcessingState"),
        )
    };
    Some(GroupProperties {
        name: text(told_name),
        description: text(property("description")),
        kind,
        rule: is_filled.then(rule),
        is_hidden: property("visibility").as_str() == Some(HIDDEN) && !reads_hidden,
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
