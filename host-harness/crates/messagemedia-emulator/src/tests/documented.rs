//! The documented exchanges, with people of our own: what each file of `fixtures` tells holds, in its order. A body
//! has at least what is stated there, and nothing of what is `absent`; `*` stands for some text, and `{name}` for
//! what an earlier step has kept.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

type Kept = BTreeMap<String, String>;

fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// What a fixture states, with what was kept put in.
fn stated(value: &Value, kept: &Kept) -> Value {
    serde_json::from_str(&filled(&value.to_string(), kept)).unwrap()
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
        (Value::String(told), Value::String(stated)) if stated == "*" => !told.is_empty(),
        _ => told == stated,
    }
}

fn hold(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut account = Account::new();
    let mut kept = Kept::new();
    for step in &steps {
        let does = step["does"].as_str().expect("what it does");
        let source = step["source"].as_str().expect("a source");
        assert!(
            source.starts_with("https://github.com/messagemedia/"),
            "{does}"
        );
        account.authorization = match step["credentials"].as_str() {
            None => basic("demo-key:demo-secret"),
            Some("hmac") => "hmac username=\"demo-key\", algorithm=\"hmac-sha256\"".to_owned(),
            Some(credentials) => basic(credentials),
        };
        let method = step["method"].as_str().expect("a method");
        let target = filled(step["path"].as_str().expect("a path"), &kept);
        let answer = account.try_send(method, &target, &stated(&step["send"], &kept));
        let answer = answer.expect("an answer");
        assert_eq!(
            u64::from(answer.status),
            step["status"],
            "{does}: {}",
            answer.text
        );
        let expected = stated(&step["body"], &kept);
        assert!(
            expected.is_null() || agrees(&answer.body, &expected),
            "{does}: {:#}",
            answer.body
        );
        assert!(step["empty"] != true || answer.text.is_empty(), "{does}");
        for pointer in step["absent"].as_array().into_iter().flatten() {
            let found = answer.body.pointer(pointer.as_str().unwrap());
            assert_eq!(found, None, "{does}: {pointer}");
        }
        for (name, pointer) in step["keep"].as_object().into_iter().flatten() {
            let value = answer.body.pointer(pointer.as_str().unwrap()).unwrap();
            kept.insert(name.clone(), value.as_str().unwrap().to_owned());
        }
    }
}

#[test]
fn contacts_are_as_documented() {
    hold("contacts.json");
}

#[test]
fn lists_and_their_members_are_as_documented() {
    hold("lists.json");
}

#[test]
fn custom_fields_are_as_documented() {
    hold("custom_fields.json");
}

#[test]
fn refusals_are_as_documented() {
    hold("refusals.json");
}

#[test]
fn a_change_of_members_has_at_most_a_thousand_each_way() {
    let account = Account::new();
    let list = account.list("Sales");
    let ids: Vec<String> = (0..1001)
        .map(|number| crate::ids::made("nobody", number))
        .collect();
    for name in ["contactsToAddIds", "contactsToRemoveIds"] {
        let answer = account.send(
            "PATCH",
            &format!("/lists/{list}/contacts"),
            json!({name: ids}),
        );
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["invalidFields"][0]["code"], "invalid_length");
    }
}

#[test]
fn the_same_requests_lead_to_the_same_ids() {
    let ids = || {
        let account = Account::new();
        [
            account.contact("+447700900101"),
            account.list("Sales"),
            account.field("email"),
        ]
    };
    assert_eq!(ids(), ids());
}
