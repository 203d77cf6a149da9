//! The documented exchanges, with people of our own: what each file of `fixtures` tells holds, in its order. A
//! body has at least what is stated there, and nothing of what is `absent`; `*` ends a text that goes on. Where an
//! answer gives an object an id of its own, `{id}` is the last one.

use std::path::Path;

use super::*;
use crate::control_interface;

/// The permissions of whoever does not state others.
const ROLES: [&str; 2] = ["GroupMember.Read.All", "Directory.Read.All"];

fn fixture(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    folder.join(name)
}

/// A tenant with the groups of the fixtures, and pages of two.
pub(super) fn tenant() -> Tenant {
    tenant_of("groups/directory.json")
}

fn tenant_of(directory: &str) -> Tenant {
    Tenant::with(DirectorySource::File(fixture(directory)), |options| {
        options.tenant.roles = ROLES.map(str::to_owned).to_vec();
        options.delta_page_size = 2;
    })
}

fn agrees(told: &Value, stated: &Value) -> bool {
    match (told, stated) {
        (Value::Object(told), Value::Object(stated)) => stated
            .iter()
            .all(|(name, value)| told.get(name).is_some_and(|told| agrees(told, value))),
        (Value::Array(told), Value::Array(stated)) => {
            told.len() == stated.len()
                && told
                    .iter()
                    .zip(stated)
                    .all(|(told, stated)| agrees(told, stated))
        }
        (Value::String(told), Value::String(stated)) => match stated.strip_suffix('*') {
            Some(beginning) => told.starts_with(beginning) && told.len() > beginning.len(),
            None => told == stated,
        },
        _ => told == stated,
    }
}

/// What a step asks for, and how.
fn asked(step: &Value) -> (Method, &str) {
    let methods = [
        ("get", Method::GET),
        ("post", Method::POST),
        ("patch", Method::PATCH),
        ("delete", Method::DELETE),
    ];
    let found = methods.into_iter().find_map(|(name, method)| {
        let target = step[name].as_str()?;
        Some((method, target))
    });
    found.unwrap_or_else(|| panic!("nothing is asked in {step}"))
}

fn with_id(target: &str, links: &Value) -> String {
    target.replace("{id}", links["id"].as_str().unwrap_or_default())
}

/// A form, as the sign-in service takes it.
fn submitted(tenant: &Tenant, target: &str, form: &str) -> Answer {
    let mut call = Call::new(Method::POST, target, ROOT);
    set(
        &mut call,
        "content-type",
        "application/x-www-form-urlencoded",
    );
    call.body = form.as_bytes().to_vec();
    tenant.send(call)
}

fn exchange(tenant: &mut Tenant, links: &mut Value, step: &Value) {
    let roles = step["roles"].as_array();
    let roles = roles.map_or_else(
        || ROLES.map(str::to_owned).to_vec(),
        |roles| {
            roles
                .iter()
                .map(|role| role.as_str().unwrap().to_owned())
                .collect()
        },
    );
    tenant.control.grant(roles);
    tenant.renew_token();
    let headers: Vec<(String, String)> = step["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()))
        .collect();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let answer = match asked(step) {
        (Method::GET, link) if link.starts_with('@') => {
            let target = links[link].as_str().expect("a link").to_owned();
            tenant.request(Method::GET, &target, &headers)
        }
        (Method::GET, target) => {
            let target = with_id(target, links);
            tenant.request(Method::GET, &target, &headers)
        }
        (method, target) => match step["form"].as_str() {
            Some(form) => submitted(tenant, target, form),
            None => tenant.write(method, &with_id(target, links), &step["send"]),
        },
    };
    let does = step["does"].as_str().expect("what it does");
    assert!(
        step["source"]
            .as_str()
            .is_some_and(|source| source.starts_with("https://"))
    );
    assert_eq!(
        u64::from(answer.status),
        step["status"],
        "{does}: {}",
        answer.body
    );
    if let Some(text) = step["text"].as_str() {
        assert_eq!(String::from_utf8_lossy(&answer.reply.body), text, "{does}");
        return;
    }
    let stated = &step["body"];
    assert!(agrees(&answer.body, stated), "{does}: {:#}", answer.body);
    for pointer in step["absent"].as_array().into_iter().flatten() {
        let found = answer.body.pointer(pointer.as_str().unwrap());
        assert_eq!(found, None, "{does}: {pointer}");
    }
    for link in ["@odata.nextLink", "@odata.deltaLink", "id"] {
        if let Some(found) = answer.body.get(link) {
            links[link] = found.clone();
        }
    }
}

fn control(tenant: &Tenant, step: &Value, operation: &str) {
    let (method, path) = operation.split_once(' ').expect("method and path");
    let mut call = Call::new(Method::from_bytes(method.as_bytes()).unwrap(), path, ROOT);
    call.body = match &step["send"] {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let reply = control_interface::answer(&tenant.control, &call);
    let said = String::from_utf8_lossy(&reply.body);
    assert!(reply.status.is_success(), "{operation}: {said}");
}

fn hold(directory: &str, name: &str) {
    let text = std::fs::read_to_string(fixture(name)).unwrap();
    let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut tenant = tenant_of(directory);
    let mut links = json!({});
    for step in &steps {
        match step["control"].as_str() {
            Some(operation) => control(&tenant, step, operation),
            None => exchange(&mut tenant, &mut links, step),
        }
    }
}

const GROUPS: &str = "groups/directory.json";
const CONTACTS: &str = "contacts/directory.json";

#[test]
fn lists_of_groups_are_as_documented() {
    hold(GROUPS, "groups/lists.json");
}

#[test]
fn lists_of_members_are_as_documented() {
    hold(GROUPS, "groups/members.json");
}

#[test]
fn rounds_over_groups_and_what_becomes_of_deleted_ones_are_as_documented() {
    hold(GROUPS, "groups/changes.json");
}

#[test]
fn lists_of_organisational_contacts_are_as_documented() {
    hold(CONTACTS, "contacts/lists.json");
}

#[test]
fn rounds_over_organisational_contacts_are_as_documented() {
    hold(CONTACTS, "contacts/changes.json");
}

#[test]
fn a_subscription_lives_as_documented() {
    hold(GROUPS, "subscriptions/life.json");
}

#[test]
fn tokens_and_their_refusals_are_as_documented() {
    hold(GROUPS, "sign-in/tokens.json");
}
