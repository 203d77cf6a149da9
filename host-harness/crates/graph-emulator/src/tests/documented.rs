//! Exchanges that Microsoft documents, as files of `fixtures`: what each file tells holds, in its order. A body has
//! at least what is stated there, and nothing of what is `absent`; `*` ends a text that goes on. A step that is no
//! request is an operation of the control interface.

use std::path::{Path, PathBuf};

use super::*;
use crate::control_interface;

/// A file of the folder `fixtures`.
pub(super) fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    folder.join(name)
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

const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

fn exchange(tenant: &mut Tenant, usual: &[&str], links: &mut Value, step: &Value) {
    let roles = step["roles"].as_array();
    let roles = roles.map_or_else(
        || usual.iter().map(|role| (*role).to_owned()).collect(),
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
    let (method, target) = METHODS
        .iter()
        .find_map(|method| Some((method, step[method.to_lowercase()].as_str()?)))
        .unwrap_or_else(|| panic!("no method in {step}"));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let target = match target.strip_prefix('@') {
        Some(_) => links[target].as_str().expect("a link").to_owned(),
        None => target.to_owned(),
    };
    let answer = match &step["send"] {
        Value::Null => tenant.request(method, &target, &headers),
        body => tenant.write(method, &target, body),
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
    for link in ["@odata.nextLink", "@odata.deltaLink"] {
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

/// What a file tells holds of a tenant whose application has the usual permissions where a step states no others.
pub(super) fn hold(mut tenant: Tenant, usual: &[&str], name: &str) {
    let text = std::fs::read_to_string(fixture(name)).unwrap();
    let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut links = json!({});
    for step in &steps {
        match step["control"].as_str() {
            Some(operation) => control(&tenant, step, operation),
            None => exchange(&mut tenant, usual, &mut links, step),
        }
    }
}
