use guest_kit::HttpFailure;
use serde_json::json;

use super::*;
use crate::graph::test_script::{World, error_body};

const GUEST: &str = "cccccccc-0000-4000-8000-000000000001";
const OTHER: &str = "cccccccc-0000-4000-8000-000000000002";

fn kim() -> Guest {
    Guest {
        address: "k.o'neil@fabrikam.com".to_owned(),
        display_name: Some("Kim".to_owned()),
    }
}

fn inviting() -> Inviting<'static> {
    Inviting {
        redirect_url: "https://myapp.contoso.com",
        send_message: false,
    }
}

fn found(ids: &[&str]) -> Value {
    let users: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    json!({"id": "0", "status": 200, "body": {"value": users}})
}

/// What each of the three searches finds.
fn search(world: &World, by_name: &[&str], by_address: &[&str], deleted: &[&str]) {
    for ids in [by_name, by_address, deleted] {
        world.expect_batch(200, json!([found(ids)]));
    }
}

fn refused(status: u16, code: &str) -> Value {
    json!({"id": "0", "status": status, "body": error_body(code)})
}

#[test]
fn whoever_is_found_by_any_address_is_not_invited() {
    for (by_name, by_address, deleted, outcome) in [
        (
            &[GUEST][..],
            &[GUEST][..],
            &[][..],
            InvitationOutcome::Existed {
                user: Some(ObjectId::new(GUEST)),
            },
        ),
        (
            &[],
            &[GUEST],
            &[OTHER],
            InvitationOutcome::Existed {
                user: Some(ObjectId::new(GUEST)),
            },
        ),
        (
            &[GUEST],
            &[OTHER],
            &[],
            InvitationOutcome::Existed { user: None },
        ),
        (&[], &[], &[GUEST], InvitationOutcome::Deleted),
    ] {
        let world = World::signed_in();
        search(&world, by_name, by_address, deleted);
        let outcomes = world.client().invite(&[kim()], inviting()).unwrap();
        assert_eq!(outcomes, [outcome]);
    }
}

#[test]
fn whoever_nobody_finds_is_invited_without_a_message() {
    let world = World::signed_in();
    search(&world, &[], &[], &[]);
    world.expect_batch(
        200,
        json!([{"id": "0", "status": 201, "body": {"id": "i-1", "invitedUser": {"id": GUEST}}}]),
    );
    let outcomes = world.client().invite(&[kim()], inviting()).unwrap();
    let user = ObjectId::new(GUEST);
    assert_eq!(outcomes, [InvitationOutcome::Invited { user }]);
    let sent = world.sent();
    let body: Value = serde_json::from_str(&sent[4].body).unwrap();
    assert_eq!(
        body["requests"][0]["body"],
        json!({
            "invitedUserEmailAddress": "k.o'neil@fabrikam.com",
            "invitedUserDisplayName": "Kim",
            "inviteRedirectUrl": "https://myapp.contoso.com",
            "sendInvitationMessage": false,
        })
    );
    assert_eq!(body["requests"][0]["url"], "/invitations");
    // The quote is doubled inside the filter.
    assert!(sent[1].body.contains("k.o%27%27neil%40fabrikam.com"));
    assert!(sent[1].body.contains("k.o%27%27neil_fabrikam.com%23EXT%23"));
}

#[test]
fn a_search_that_tells_nothing_invites_nobody() {
    let world = World::signed_in();
    for answer in [
        found(&[]),
        refused(400, "Request_UnsupportedQuery"),
        found(&[]),
    ] {
        world.expect_batch(200, json!([answer]));
    }
    let outcomes = world.client().invite(&[kim()], inviting()).unwrap();
    assert_eq!(outcomes, [later("Request_UnsupportedQuery".to_owned())]);
}

#[test]
fn the_same_address_is_invited_once_in_a_call() {
    let world = World::signed_in();
    let two = |_| -> Value {
        let mut second = found(&[]);
        second["id"] = json!("1");
        json!([found(&[]), second])
    };
    (0..3).for_each(|number| world.expect_batch(200, two(number)));
    world.expect_batch(
        200,
        json!([{"id": "0", "status": 201, "body": {"invitedUser": {"id": GUEST}}}]),
    );
    let again = Guest {
        address: "K.O'Neil@Fabrikam.com".to_owned(),
        display_name: None,
    };
    let outcomes = world.client().invite(&[kim(), again], inviting()).unwrap();
    assert_eq!(outcomes[1], later("same-address".to_owned()));
}

#[test]
fn an_invitation_without_an_answer_is_not_sent_again() {
    let world = World::signed_in();
    search(&world, &[], &[], &[]);
    world.expect_batch_failure(HttpFailure::TimedOut);
    let outcomes = world.client().invite(&[kim()], inviting()).unwrap();
    let code = "timed-out".to_owned();
    assert_eq!(outcomes, [InvitationOutcome::Unknown { code }]);
}

#[test]
fn refusals_are_told_apart() {
    let refusal = InvitationOutcome::Refused;
    let code = |code: &str| code.to_owned();
    for (answer, outcome) in [
        (
            refused(403, "Authorization_RequestDenied"),
            refusal(InvitationRefusal::NotAllowed {
                code: code("Authorization_RequestDenied"),
            }),
        ),
        (
            refused(400, "Request_BadRequest"),
            refusal(InvitationRefusal::Address {
                code: code("Request_BadRequest"),
            }),
        ),
        (
            // "Unable to find target address" is no passing trouble; somebody may have been invited all the same.
            refused(500, "InternalServerError"),
            InvitationOutcome::Unknown {
                code: code("InternalServerError"),
            },
        ),
        (
            refused(429, "TooManyRequests"),
            later(code("TooManyRequests")),
        ),
        (
            json!({"id": "0", "status": 201, "body": {}}),
            InvitationOutcome::Unknown {
                code: code("unexpected-shape"),
            },
        ),
    ] {
        let world = World::signed_in();
        search(&world, &[], &[], &[]);
        world.expect_batch(200, json!([answer]));
        let outcomes = world.client().invite(&[kim()], inviting()).unwrap();
        assert_eq!(outcomes, [outcome]);
    }
}
