//! Organisational contacts beyond what is documented: many of them, what goes wrong with them, and what they are to
//! groups.

use super::*;
use crate::Fault;

const PARTNER: &str = "cccccccc-0000-4000-8000-000000000009";

fn tenant(contacts: u64) -> Tenant {
    let company = DirectorySource::Synthetic {
        users: 3,
        seed: SEED,
    };
    Tenant::with(company, |options| {
        options.synthetic_contacts = contacts;
        options.tenant.roles = ["OrgContact.Read.All", "GroupMember.Read.All"]
            .map(str::to_owned)
            .to_vec();
    })
}

#[test]
fn a_company_has_them_from_its_seed_and_its_people_stay_the_same() {
    let (one, two) = (tenant(1_050), tenant(1_050));
    let (all, _) = one.all("/v1.0/contacts?$top=999");
    assert_eq!(all.len(), 1_050);
    assert_eq!(all, two.all("/v1.0/contacts?$top=999").0);
    let (round, last) = one.all("/v1.0/contacts/delta?$select=displayName");
    assert_eq!(round.len(), 1_050);
    assert!(last.body["@odata.deltaLink"].is_string());
    let ids: std::collections::BTreeSet<_> = all.iter().map(|one| one["id"].as_str()).collect();
    assert_eq!(ids.len(), 1_050);
    let filled = |name: &str| all.iter().filter(|one| !one[name].is_null()).count();
    assert!((900..990).contains(&filled("mail")), "{}", filled("mail"));
    assert!(
        all.iter()
            .any(|one| one["phones"].as_array().unwrap().len() == 2)
    );
    // Nobody else is another person because of them.
    assert_eq!(one.control.overview().users, 3);
    assert_eq!(tenant(0).get("/v1.0/contacts").ok().users().len(), 0);
}

#[test]
fn they_are_throttled_and_asked_for_in_a_batch_as_users_are() {
    let tenant = tenant(2);
    tenant.control.inject(Fault {
        path: Some("/v1.0/contacts".to_owned()),
        status: Some(429),
        retry_after: Some("7".to_owned()),
        times: Some(1),
        ..Fault::default()
    });
    let throttled = tenant.get("/v1.0/contacts");
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, Some("7"))
    );
    let id = tenant.get("/v1.0/contacts").ok().users()[0]["id"].clone();
    let id = id.as_str().unwrap();
    let asked = json!({"requests": [
        {"id": "0", "method": "GET", "url": format!("/contacts/{id}?$select=id")},
        {"id": "1", "method": "GET", "url": format!("/contacts/{PARTNER}?$select=id")},
    ]});
    let answers = tenant.post("/v1.0/$batch", &asked).ok().body["responses"].clone();
    let status = |id: &str| {
        let mut answers = answers.as_array().unwrap().iter();
        answers.find(|answer| answer["id"] == id).unwrap()["status"].clone()
    };
    assert_eq!((status("0"), status("1")), (json!(200), json!(404)));
}

#[test]
fn one_that_is_deleted_leaves_its_groups_and_is_nobody_any_more() {
    let tenant = tenant(0);
    let control = &tenant.control;
    control
        .add_contact(json!({"id": PARTNER, "displayName": "Partner"}))
        .unwrap();
    let group = control
        .add_group(json!({"displayName": "Allies", "members": [PARTNER]}))
        .unwrap();
    let members = format!("/v1.0/groups/{group}/members?$select=id");
    assert_eq!(tenant.get(&members).ok().ids(), [PARTNER]);
    control.delete_contact(PARTNER).unwrap();
    assert!(tenant.get(&members).ok().users().is_empty());
    assert_eq!(control.group(&group).unwrap()["members"], json!([]));
    assert!(control.contact(PARTNER).is_none());
    for refused in [
        control.delete_contact(PARTNER),
        control.edit_contact(PARTNER, json!({"mail": "a@b.example"})),
    ] {
        assert!(refused.is_err());
    }
    let odd = json!({"displayName": "Partner", "userPrincipalName": "partner@contoso.com"});
    assert!(
        control.add_contact(odd).is_err(),
        "no account, no user name"
    );
}
