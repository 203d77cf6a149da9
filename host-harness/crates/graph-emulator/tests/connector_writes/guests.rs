//! Guests: whoever has an address in any way is found, and whoever has not is invited, once.

use std::collections::BTreeSet;

use graph_emulator::{Behaviour, Fault};
use guest_kit::Method;
use serde_json::{Value, json};
use sync_core::contact::ObjectId;
use sync_core::ports::directory_writer::Permitted;
use sync_core::ports::inviter::{Guest, InviteOutcome};
use sync_core::reconcile::guest::Account;

use crate::place::Place;
use crate::{id, user};

const ROLES: [&str; 3] = ["User.Read.All", "User.Invite.All", "OrgContact.Read.All"];

const KIM: &str = "kim@fabrikam.com";

fn place(people: Vec<Value>) -> Place {
    Place::new(people, &ROLES, Behaviour::default())
}

fn account(place: &Place, address: &str) -> Account {
    accounts(place, &[address]).remove(0)
}

fn accounts(place: &Place, addresses: &[&str]) -> Vec<Account> {
    let people: Vec<_> = addresses
        .iter()
        .map(|address| vec![(*address).to_owned()])
        .collect();
    place.with_door(|door| door.accounts(&people).unwrap())
}

fn guest(address: &str) -> Guest {
    Guest {
        address: address.to_owned(),
        display_name: Some("Kim".to_owned()),
    }
}

fn invite(place: &Place, address: &str) -> InviteOutcome {
    let guests = [guest(address)];
    place
        .with_door(|door| door.invite(&guests).unwrap())
        .remove(0)
}

fn one(number: usize) -> Account {
    Account::One(ObjectId::new(id(number)))
}

#[test]
fn a_user_is_found_by_each_form_of_an_address() {
    for (what, property) in [
        ("mail", json!({"mail": KIM})),
        ("the mail in capitals", json!({"mail": "KIM@FABRIKAM.COM"})),
        (
            "another mail",
            json!({"otherMails": ["other@x.example", KIM]}),
        ),
        (
            "a mailbox",
            json!({"proxyAddresses": ["SMTP:a@x.example", "smtp:kim@fabrikam.com"]}),
        ),
        (
            "the first mailbox",
            json!({"proxyAddresses": ["SMTP:kim@fabrikam.com"]}),
        ),
        ("a user name", json!({"userPrincipalName": KIM})),
        (
            "a guest's name",
            json!({"userPrincipalName": "kim_fabrikam.com#EXT#@contoso.onmicrosoft.com"}),
        ),
        (
            "what they sign in with",
            json!({"identities": [{"signInType": "emailAddress", "issuer": "contoso.onmicrosoft.com",
                "issuerAssignedId": KIM}]}),
        ),
    ] {
        let mut somebody = user(1);
        let members = somebody.as_object_mut().unwrap();
        members.extend(property.as_object().unwrap().clone());
        let place = place(vec![user(0), somebody]);
        assert_eq!(account(&place, KIM), one(1), "{what}");
        assert_eq!(
            account(&place, "lee@fabrikam.com"),
            Account::Nobody,
            "{what}"
        );
    }
}

#[test]
fn organisational_contacts_deleted_users_and_its_own_domains_are_told_apart() {
    let place = place(vec![user(0), user(1)]);
    let control = place.control();
    control
        .add_object(json!({
            "@odata.type": "#microsoft.graph.orgContact", "displayName": "Kim", "mail": KIM,
        }))
        .unwrap();
    control
        .edit_user(&id(1), json!({"otherMails": ["gone@fabrikam.com"]}))
        .unwrap();
    control.delete_user(&id(1)).unwrap();
    assert_eq!(account(&place, KIM), Account::Listed);
    assert_eq!(account(&place, "gone@fabrikam.com"), Account::Deleted);
    assert_eq!(account(&place, "new@contoso.com"), Account::OwnDomain);
    assert_eq!(account(&place, "p0@contoso.com"), one(0));
}

#[test]
fn several_users_with_an_address_are_several() {
    let people = (0..3).map(|number| {
        let mut somebody = user(number);
        somebody["otherMails"] = json!([KIM]);
        somebody
    });
    let place = place(people.collect());
    assert_eq!(account(&place, KIM), Account::Several);
    let both = vec![vec![
        "p0@contoso.com".to_owned(),
        "p1@contoso.com".to_owned(),
    ]];
    let people = place.with_door(|door| door.accounts(&both).unwrap());
    assert_eq!(people, [Account::Several]);
}

#[test]
fn twenty_people_are_looked_up_in_a_handful_of_requests() {
    let place = place((0..20).map(user).collect());
    let addresses: Vec<_> = (0..20)
        .map(|number| format!("P{number}@contoso.com"))
        .collect();
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    let found = accounts(&place, &addresses);
    assert_eq!(found, (0..20).map(one).collect::<Vec<_>>());
    // A token, the domains, and four questions about each, twenty in a request.
    assert_eq!(place.requests.borrow().len(), 1 + 1 + 4);
}

#[test]
fn whoever_could_not_be_asked_for_everywhere_is_not_known_to_be_nobody() {
    for path in [
        "/contacts",
        "/directory/deletedItems",
        "identities",
        "proxyAddresses",
    ] {
        let place = place(vec![user(0)]);
        place.control().inject(Fault {
            path: Some(path.to_owned()),
            inner: Some(true),
            status: Some(403),
            ..Fault::default()
        });
        assert_eq!(account(&place, KIM), Account::Unknown, "{path}");
    }
}

#[test]
fn a_guest_is_invited_and_found_from_then_on() {
    let place = place(vec![user(0)]);
    let InviteOutcome::Invited(guest) = invite(&place, KIM) else {
        panic!("not invited");
    };
    assert_eq!(account(&place, KIM), Account::One(guest.clone()));
    let made = place.control().user(guest.as_str()).unwrap();
    assert_eq!(made["userType"], "Guest");
    assert_eq!(made["externalUserState"], "PendingAcceptance");
    assert_eq!(made["displayName"], "Kim");
}

#[test]
fn a_guest_whose_address_an_organisational_contact_has_is_found_all_the_same() {
    let place = place(vec![user(0)]);
    let contact =
        json!({"@odata.type": "#microsoft.graph.orgContact", "displayName": "Kim", "mail": KIM});
    place.control().add_object(contact).unwrap();
    let InviteOutcome::Invited(guest) = invite(&place, KIM) else {
        panic!("not invited");
    };
    assert_eq!(place.property(guest.as_str(), "mail"), None);
    assert_eq!(account(&place, KIM), Account::One(guest));
}

#[test]
fn what_the_tenant_refuses_is_told_apart() {
    let refused = |outcome: &InviteOutcome| matches!(outcome, InviteOutcome::Refused { .. });
    let place = place(vec![user(0)]);
    for address in ["p0@contoso.com", "new@contoso.com", "kim+x@fabrikam.com"] {
        assert!(refused(&invite(&place, address)), "{address}");
    }
    place.control().set_behaviour(Behaviour {
        blocked_invitation_domains: vec!["fabrikam.com".to_owned()],
        ..Behaviour::default()
    });
    assert!(refused(&invite(&place, KIM)));
    place.control().set_behaviour(Behaviour {
        invitations_refused: true,
        ..Behaviour::default()
    });
    let barred = invite(&place, "kim@adatum.com");
    assert!(matches!(barred, InviteOutcome::Barred { .. }), "{barred:?}");
}

#[test]
fn an_invitation_whose_answer_is_lost_is_sent_once() {
    for (cut_after, drop_connection) in [(Some(0), false), (None, true)] {
        let place = place(vec![user(0)]);
        // The request before it is for the token.
        place.control().inject(Fault {
            path: Some("/$batch".to_owned()),
            cut_after,
            drop_connection,
            ..Fault::default()
        });
        let outcome = invite(&place, KIM);
        assert!(
            matches!(outcome, InviteOutcome::Unknown { .. }),
            "{outcome:?}"
        );
        let requests = place.requests.borrow();
        let batches = requests
            .iter()
            .filter(|(_, path)| path.ends_with("/$batch"));
        assert_eq!(batches.count(), 1);
    }
}

#[test]
fn a_busy_service_is_told_and_nothing_is_sent_again() {
    let place = place(vec![user(0)]);
    place.control().inject(Fault {
        path: Some("/invitations".to_owned()),
        inner: Some(true),
        times: Some(1),
        status: Some(429),
        retry_after: Some("9".to_owned()),
        ..Fault::default()
    });
    let outcome = invite(&place, KIM);
    let InviteOutcome::Later { retry_after, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(retry_after.map(|wait| wait.as_secs()), Some(9));
    assert_eq!(account(&place, KIM), Account::Nobody);
}

#[test]
fn the_least_permission_that_is_missing_is_named() {
    for (roles, permitted) in [
        (
            &["User.Read.All"][..],
            Permitted::No {
                permission: "User.Invite.All",
            },
        ),
        (
            &["User.Read.All", "User.Invite.All"],
            Permitted::No {
                permission: "OrgContact.Read.All",
            },
        ),
        (&ROLES, Permitted::Yes),
    ] {
        let place = Place::new(vec![user(0)], roles, Behaviour::default());
        assert_eq!(place.with_door(|door| door.permits().unwrap()), permitted);
        let requests = place.requests.borrow();
        let sent: BTreeSet<_> = requests
            .iter()
            .map(|(method, _)| *method == Method::Post)
            .collect();
        assert_eq!(sent.len(), 1, "only a token was asked for: {requests:?}");
    }
}

#[test]
fn many_are_invited_under_the_limit_and_none_is_refused() {
    let place = place(vec![user(0)]);
    place.control().set_behaviour(Behaviour {
        writes_per_second: 20,
        write_burst: 20,
        ..Behaviour::default()
    });
    let guests: Vec<_> = (0..100)
        .map(|number| guest(&format!("s{number}@fabrikam.com")))
        .collect();
    let outcomes = place.with_door(|door| {
        let portions = guests.chunks(20).map(|twenty| door.invite(twenty).unwrap());
        portions.flatten().collect::<Vec<_>>()
    });
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, InviteOutcome::Invited(_))),
        "{outcomes:?}"
    );
}
