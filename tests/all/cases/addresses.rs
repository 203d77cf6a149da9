//! Addresses as people and directories write them: what is one address finds one contact, and what
//! is no address finds none.

use host_harness::contract::RunStatus;
use serde_json::json;

use crate::world::{World, person_with};

/// What the contact has, and what the directory says.
const SAME: [(&str, &str); 5] = [
    ("zoe.vance@contoso.example", "Zoe.VANCE@Contoso.Example"),
    ("jo.berg@contoso.example", " jo.berg@contoso.example \t"),
    ("Pat.O'Brien@contoso.example", "pat.o'brien@contoso.example"),
    ("zo\u{eb}@contoso.example", "ZO\u{cb}@contoso.example"),
    ("stra\u{df}e@contoso.example", "Stra\u{df}e@contoso.example"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_address_finds_its_contact_whatever_its_case_space_and_apostrophe() {
    for (here, there) in SAME {
        let user = person_with(1, "Given", "Surname", json!({ "mail": there }));
        let world = World::with(vec![user], json!({ "preset": "mirror" }))
            .begin()
            .await;
        let known = world.add_contact(&[("email", here), ("Shoe size", "42")]);
        let run = world.sync().await;
        assert_eq!(run.status, RunStatus::Succeeded, "{there:?}: {run:?}");
        assert_eq!(
            (run.counts.created, run.counts.updated),
            (0, 1),
            "{there:?}"
        );
        let contact = world.contact_of(1).unwrap();
        assert_eq!(contact.id, known, "{there:?}");
        assert_eq!(contact.fields["email"], there.trim(), "as it is there");
        assert_eq!(contact.fields["Shoe size"], "42");
        assert_eq!(world.contacts().len(), 1);
        assert_eq!(world.full_sync().await.counts.unchanged, 1, "{there:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_composed_of_other_code_points_is_another_address_and_stays_as_it_is() {
    // The same to the eye. Mail systems need not take them for one, so nobody is linked for it.
    for (here, there) in [
        ("zo\u{eb}@contoso.example", "zoe\u{308}@contoso.example"),
        ("zoe\u{308}@contoso.example", "zo\u{eb}@contoso.example"),
    ] {
        let user = person_with(1, "Given", "Surname", json!({ "mail": there }));
        let world = World::with(vec![user], json!({ "preset": "mirror" }))
            .begin()
            .await;
        let known = world.add_contact(&[("email", here)]);
        let run = world.sync().await;
        assert_eq!(
            (run.counts.created, run.counts.updated),
            (1, 0),
            "{there:?}"
        );
        let contact = world.contact_of(1).unwrap();
        assert_ne!(contact.id, known);
        assert_eq!(contact.fields["email"], there);
        let contacts = world.contacts();
        let left = contacts.iter().find(|contact| contact.id == known).unwrap();
        assert_eq!((left.linked, &*left.fields["email"]), (false, here));
        assert_eq!(world.full_sync().await.counts.unchanged, 1);
        assert_eq!(world.contacts(), contacts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_address_the_next_source_that_is_filled_counts() {
    let without = |id, otherwise: serde_json::Value| {
        let mut all = json!({ "mail": null });
        let (Some(all), Some(more)) = (all.as_object_mut(), otherwise.as_object()) else {
            unreachable!("both are objects")
        };
        all.extend(more.clone());
        person_with(id, "Given", "Surname", json!(all))
    };
    let users = vec![
        without(1, json!({ "userPrincipalName": "plain@contoso.example" })),
        without(
            2,
            json!({
                "userType": "Guest",
                "userPrincipalName": "ann_o_partner.example#EXT#@contoso.onmicrosoft.com",
            }),
        ),
        without(
            3,
            json!({
                "userPrincipalName": "third@contoso.example",
                "otherMails": ["third@home.example", "third@more.example"],
            }),
        ),
        without(
            4,
            json!({ "userPrincipalName": "#EXT#@contoso.onmicrosoft.com" }),
        ),
    ];
    let sync = json!({
        "preset": "mirror", "addresses": ["mail", "otherMails", "userPrincipalName"],
    });
    let world = World::with(users, sync).begin().await;
    let run = world.sync().await;
    assert_eq!(
        run.status,
        RunStatus::Warnings,
        "the address of 4 is missing: {run:?}"
    );
    assert_eq!((run.counts.created, run.counts.failed), (4, 0));
    for (id, address) in [
        (1, Some("plain@contoso.example")),
        (2, Some("ann_o@partner.example")),
        (3, Some("third@home.example")),
        (4, None),
    ] {
        assert_eq!(world.field_of(id, "email").as_deref(), address, "{id}");
    }
    assert_eq!(world.full_sync().await.counts.unchanged, 4);
}
