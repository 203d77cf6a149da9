//! `conflicts`: what both sides have changed, and who decides.

use serde_json::{Value, json};

use super::desk::Desk;
use super::shapes::has_keys;
use crate::world::{object_id, person};

/// Both sides have changed the company of the first of two.
async fn in_conflict() -> Desk {
    let desk = Desk::with(vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")]).await;
    desk.connect(json!({
        "preset": "mirror", "conflicts": "ask",
        "mapping": { "givenName": "first_name", "mail": "email",
            "companyName": { "field": "company", "direction": "two-way" } },
    }));
    desk.run(&["sync"]).with(0);
    let contacts = desk.contacts();
    let zoe = contacts
        .iter()
        .find(|one| one["fields"]["first_name"] == "Zoe");
    let id = zoe.unwrap()["id"].as_str().unwrap().to_owned();
    desk.run(&["contacts", "edit", &id, "company", "Fabrikam"])
        .with(0);
    let company = json!({ "companyName": "Northwind" });
    desk.emulator
        .control()
        .edit_user(&object_id(1), company)
        .unwrap();
    desk.run(&["sync"]).with(0);
    desk
}

fn companies(desk: &Desk) -> Vec<Value> {
    let contacts = desk.contacts();
    contacts
        .iter()
        .map(|one| one["fields"]["company"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_shown_with_both_values_and_decided_for_one_side() {
    let desk = in_conflict().await;
    let shown = desk.run(&["conflicts", "--json"]).with(0).json();
    let [one] = &shown.as_array().unwrap()[..] else {
        panic!("{shown}");
    };
    has_keys(
        one,
        "objectId attribute field label directory contact base seenAt run decided directoryAlone",
    );
    assert_eq!(one["objectId"], object_id(1));
    assert_eq!(
        (&one["directory"], &one["contact"]),
        (&json!("Northwind"), &json!("Fabrikam"))
    );
    assert_eq!(one["decided"], Value::Null);
    desk.run(&["conflicts"]).with(0).saying("Northwind");
    let told = desk
        .run(&["explain", &object_id(1), "--json"])
        .with(0)
        .json();
    let fields = told[0]["fields"].as_array().unwrap();
    let company = fields.iter().find(|field| field["field"] == "company");
    let company = company.unwrap();
    assert_eq!(
        (&company["origin"], &company["directory"]),
        (&json!("contested"), &json!("Northwind"))
    );
    assert!(
        companies(&desk).contains(&json!("Fabrikam")),
        "until somebody decides"
    );

    desk.run(&["conflicts", &object_id(2), "--take", "contact"])
        .with(2);
    desk.run(&["conflicts", &object_id(1), "--take", "nobody"])
        .with(2);
    desk.run(&["conflicts", &object_id(1), "--take", "directory"])
        .with(0)
        .saying("The next sync does it");
    let plan = desk.run(&["plan", "--details"]).with(0);
    assert!(plan.out.contains("Northwind"), "{plan:#?}");
    desk.run(&["sync"]).with(0);
    assert!(companies(&desk).contains(&json!("Northwind")));
    desk.run(&["sync"]).with(0);
    desk.run(&["conflicts"])
        .with(0)
        .saying("Nothing is to be decided");
}
