use super::*;

const DELETED: &str = "/v1.0/directory/deletedItems";

fn writer() -> Tenant {
    let mut tenant = Tenant::of_three();
    tenant.control.grant(vec!["User.ReadWrite.All".to_owned()]);
    tenant.renew_token();
    tenant
}

#[test]
fn a_deleted_user_leaves_the_users_and_stands_among_the_deleted_items() {
    let tenant = Tenant::of_three();
    tenant.control.delete_user("ada@contoso.com").unwrap();
    assert_eq!(
        tenant.get(&format!("/v1.0/users/{ADA}")).refusal(),
        (404, "Request_ResourceNotFound")
    );
    assert_eq!(tenant.get("/v1.0/users/ada@contoso.com").status, 404);
    assert_eq!(tenant.get("/v1.0/users").ok().users().len(), 2);

    let list = tenant
        .get(&format!(
            "{DELETED}/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime"
        ))
        .ok();
    assert_eq!(
        list.users(),
        [json!({
            "id": ADA,
            "userPrincipalName": "11111111000040008000000000000001ada@contoso.com",
            "deletedDateTime": "2026-01-02T03:04:05Z",
        })]
    );
    let one = tenant.get(&format!("{DELETED}/{ADA}")).ok();
    assert_eq!(one.body["@odata.type"], "#microsoft.graph.user");
    assert_eq!(one.body["displayName"], "Ada Núñez");
}

#[test]
fn a_page_token_of_the_users_is_none_of_the_deleted_users() {
    let tenant = Tenant::of_three();
    let link = tenant.get("/v1.0/users?$top=1").ok().next_link().unwrap();
    let deleted = link.replace("/v1.0/users?", &format!("{DELETED}/microsoft.graph.user?"));
    let refused = tenant.get(&deleted);
    let expired =
        "The specified page token value has expired and can no longer be included in your request.";
    assert_eq!(
        refused.error(),
        (400, "Directory_ExpiredPageToken", expired)
    );
    tenant.get(&link).ok();
}

#[test]
fn only_deleted_users_are_deleted_items() {
    let tenant = Tenant::of_three();
    assert_eq!(
        tenant.get(&format!("{DELETED}/{ADA}")).refusal(),
        (404, "Request_ResourceNotFound")
    );
    tenant.control.purge_user(ADA).unwrap();
    assert_eq!(
        tenant.get(&format!("{DELETED}/{ADA}")).refusal(),
        (404, "Request_ResourceNotFound")
    );
    assert_eq!(
        tenant
            .get(&format!("{DELETED}/microsoft.graph.user"))
            .ok()
            .users()
            .len(),
        0
    );
    assert_eq!(tenant.get(DELETED).refusal(), (400, "Request_BadRequest"));
}

#[test]
fn a_restored_user_has_its_id_and_its_name_again() {
    let tenant = writer();
    tenant.control.delete_user(ADA).unwrap();
    let restored = tenant
        .post(&format!("{DELETED}/{ADA}/restore"), &json!({}))
        .ok();
    assert_eq!(restored.body["userPrincipalName"], "ada@contoso.com");
    assert_eq!(
        tenant.get("/v1.0/users/ada@contoso.com").ok().body["id"],
        ADA
    );
    assert_eq!(
        tenant
            .post(&format!("{DELETED}/{ADA}/restore"), &json!({}))
            .status,
        404
    );
}

#[test]
fn a_name_that_was_given_away_keeps_a_user_from_being_restored() {
    let tenant = writer();
    tenant.control.delete_user(ADA).unwrap();
    tenant
        .control
        .add_user(json!({"displayName": "Other", "userPrincipalName": "ADA@contoso.com"}))
        .unwrap();
    let refused = tenant.post(&format!("{DELETED}/{ADA}/restore"), &json!({}));
    assert_eq!(refused.refusal(), (400, "Request_BadRequest"));
}

#[test]
fn deleting_for_good_answers_204_and_needs_a_permission_to_write() {
    let tenant = Tenant::of_three();
    tenant.control.delete_user(ADA).unwrap();
    let item = format!("{DELETED}/{ADA}");
    assert_eq!(
        tenant.request(Method::DELETE, &item, &[]).refusal(),
        (403, "Authorization_RequestDenied")
    );
    let tenant = writer();
    tenant.control.delete_user(ADA).unwrap();
    let gone = tenant.request(Method::DELETE, &item, &[]);
    assert_eq!((gone.status, gone.reply.body.len()), (204, 0));
    assert_eq!(tenant.request(Method::DELETE, &item, &[]).status, 404);
}

#[test]
fn deleted_users_are_ordered_by_deletion_in_an_advanced_query() {
    let tenant = Tenant::of_three();
    for id in [GUEST, ADA, ROOM] {
        tenant.control.delete_user(id).unwrap();
        tenant.control.advance_clock(Duration::from_secs(5));
    }
    let target = format!(
        "{DELETED}/microsoft.graph.user?$select=id,DeletedDateTime&$orderby=deletedDateTime%20asc"
    );
    assert_eq!(
        tenant.get(&target).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    let page = tenant.eventual(&format!("{target}&$count=true")).ok();
    assert_eq!(page.ids(), [GUEST, ADA, ROOM]);
    assert_eq!(page.body["@odata.count"], 3);
    assert_eq!(
        page.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users(id,deletedDateTime)")
    );
}
