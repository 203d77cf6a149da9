use super::*;

fn tenant(behaviour: Behaviour) -> Tenant {
    Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = ["User.Invite.All", "User.Read.All"]
            .map(str::to_owned)
            .to_vec();
        options.behaviour = behaviour;
    })
}

fn invite(tenant: &Tenant, address: &str) -> Answer {
    let body = json!({
        "invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapp.contoso.com",
        "invitedUserDisplayName": "Somebody",
    });
    tenant.post("/v1.0/invitations", &body)
}

#[test]
fn a_guest_who_is_there_is_invited_again_under_the_same_id() {
    let tenant = tenant(Behaviour::default());
    let first = invite(&tenant, "miles@fabrikam.com");
    let second = invite(&tenant, "MILES@fabrikam.com");
    for answer in [&first, &second] {
        assert_eq!(answer.status, 201);
        assert_eq!(answer.body["invitedUser"]["id"], GUEST);
    }
    assert_ne!(
        first.body["inviteRedeemUrl"],
        second.body["inviteRedeemUrl"]
    );
}

#[test]
fn a_contact_of_the_organisation_keeps_its_address() {
    let tenant = tenant(Behaviour::default());
    let contact = json!({
        "@odata.type": "#microsoft.graph.orgContact", "displayName": "Erica",
        "mail": "erica@fabrikam.com",
    });
    tenant.control.add_object(contact).unwrap();
    let answer = invite(&tenant, "erica@fabrikam.com");
    assert_eq!(answer.status, 201);
    let id = answer.body["invitedUser"]["id"].as_str().unwrap();
    let guest = tenant.control.user(id).unwrap();
    assert_eq!(guest.get("mail"), None);
    assert_eq!(guest["otherMails"], json!(["erica@fabrikam.com"]));
}

#[test]
fn a_tenant_that_invites_nobody_says_so_and_one_that_blocks_a_domain_does() {
    let refusing = tenant(Behaviour {
        invitations_refused: true,
        ..Behaviour::default()
    });
    assert_eq!(invite(&refusing, "kim@fabrikam.com").status, 403);
    let blocking = tenant(Behaviour {
        blocked_invitation_domains: vec!["fabrikam.com".to_owned()],
        ..Behaviour::default()
    });
    assert_eq!(invite(&blocking, "kim@fabrikam.com").status, 400);
    assert_eq!(invite(&blocking, "kim@adatum.com").status, 201);
}

#[test]
fn invitations_take_a_permission_and_cannot_be_listed() {
    let tenant = Tenant::of_three();
    assert_eq!(invite(&tenant, "kim@fabrikam.com").status, 403);
    assert_eq!(tenant.get("/v1.0/invitations").status, 405);
}

const SEARCHED: &str = "/v1.0/users?$select=id&$filter=mail eq 'kim@fabrikam.com'";

#[test]
fn a_new_guest_is_not_found_by_so_many_searches_and_is_there_by_id() {
    let tenant = tenant(Behaviour {
        unfound_guests: 2,
        ..Behaviour::default()
    });
    let invited = invite(&tenant, "kim@fabrikam.com");
    let id = invited.body["invitedUser"]["id"].as_str().unwrap();
    let found = || tenant.get(SEARCHED).ok().users().len();
    assert_eq!((found(), found(), found()), (0, 0, 1));
    assert_eq!(tenant.get(&format!("/v1.0/users/{id}")).status, 200);
    // Whoever is invited again is the same.
    let again = invite(&tenant, "kim@fabrikam.com");
    assert_eq!(again.body["invitedUser"]["id"], id);
}
