use super::*;

const CHANGES: Purpose = Purpose::Changes { resumed: true };

fn response(status: u16, code: &str) -> HttpResponse {
    let body = serde_json::json!({"error": {
        "code": code,
        "message": "Resource 'jane@contoso.com' of user Jane Doe",
        "innerError": {"request-id": "6e0e2b6c"},
    }});
    HttpResponse {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

fn meaning(purpose: Purpose, status: u16, code: &str) -> GraphError {
    classify(
        purpose,
        &response(status, code),
        Circumstances::default(),
        Timestamp(0),
    )
}

#[test]
fn a_lost_delta_token_is_known_in_every_spelling_and_status() {
    for status in [400, 404, 410] {
        for code in ["syncStateNotFound", "SyncStateNotFound", "resyncRequired"] {
            let error = meaning(CHANGES, status, code);
            assert!(
                matches!(error, GraphError::ResyncRequired(_)),
                "{status} {code}"
            );
            assert_eq!(error.code(), code);
        }
    }
}

#[test]
fn gone_and_a_bad_request_on_a_delta_token_mean_a_lost_token() {
    for (status, code) in [
        (410, ""),
        (400, "Request_BadRequest"),
        (400, "BadRequest"),
        (400, ""),
    ] {
        let error = meaning(CHANGES, status, code);
        assert!(
            matches!(error, GraphError::ResyncRequired(_)),
            "{status} {code}"
        );
    }
}

#[test]
fn a_refusal_that_a_full_round_would_meet_again_is_no_lost_token() {
    let first = Purpose::Changes { resumed: false };
    for (purpose, status, code) in [
        (first, 400, "Request_BadRequest"),
        (first, 410, ""),
        (CHANGES, 400, "Request_UnsupportedQuery"),
        (CHANGES, 404, "Request_ResourceNotFound"),
        (CHANGES, 501, "NotImplemented"),
    ] {
        let error = meaning(purpose, status, code);
        assert!(
            matches!(error, GraphError::Upstream(_)),
            "{status} {code}: {error:?}"
        );
    }
}

#[test]
fn a_lost_page_of_the_list_is_told_apart() {
    let error = meaning(Purpose::Users, 400, "Directory_ExpiredPageToken");
    assert!(matches!(error, GraphError::PageTokenExpired(_)));
    let error = meaning(Purpose::Users, 400, "Request_BadRequest");
    assert!(matches!(error, GraphError::Upstream(_)));
}

#[test]
fn missing_consent_names_the_permission_to_grant() {
    let users = meaning(Purpose::Users, 403, "Authorization_RequestDenied");
    assert!(matches!(users, GraphError::Forbidden(_)));
    assert!(
        users.advice().contains("User.Read.All"),
        "{}",
        users.advice()
    );
    let organization = meaning(Purpose::Organization, 403, "");
    assert!(organization.advice().contains("Organization.Read.All"));
    assert_eq!(organization.code(), "forbidden");
}

const LEAVE_DATE: Guarded = Guarded {
    attribute: "employeeLeaveDateTime",
    property: "employeeLeaveDateTime",
    permission: "User-LifeCycleInfo.Read.All",
};

fn denied(purpose: Purpose, roles: Option<&[&str]>, guarded: &[Guarded]) -> GraphError {
    let roles: Option<Vec<String>> =
        roles.map(|roles| roles.iter().map(|role| (*role).to_owned()).collect());
    let circumstances = Circumstances {
        roles: roles.as_deref(),
        guarded,
    };
    let refusal = response(403, "Authorization_RequestDenied");
    classify(purpose, &refusal, circumstances, Timestamp(0))
}

#[test]
fn a_permission_that_the_token_carries_is_not_asked_for_again() {
    for (roles, is_waited_for) in [
        (None, false),
        (Some(&[][..]), false),
        (Some(&["Organization.Read.All"][..]), false),
        (Some(&["User.Read.All"][..]), true),
        (Some(&["Directory.Read.All", "Mail.Read"][..]), true),
    ] {
        let error = denied(Purpose::Users, roles, &[]);
        assert!(matches!(error, GraphError::Forbidden(_)));
        let advice = error.advice();
        assert_eq!(
            advice.contains("nothing has to be added"),
            is_waited_for,
            "{advice}"
        );
        assert_eq!(
            advice.contains("Add the application permission"),
            !is_waited_for,
            "{advice}"
        );
        assert_eq!(
            advice.contains("hours"),
            is_waited_for || roles.is_none(),
            "{advice}"
        );
    }
}

#[test]
fn a_token_without_any_permission_lacks_the_needed_one_and_not_the_optional_one() {
    for purpose in [Purpose::Organization, Purpose::Users, Purpose::Count] {
        let advice = denied(purpose, Some(&[]), &[]).advice().to_owned();
        assert!(advice.contains("User.Read.All"), "{advice}");
        assert!(!advice.contains("Organization.Read.All"), "{advice}");
    }
}

#[test]
fn an_attribute_that_needs_a_permission_of_its_own_is_named() {
    for purpose in [Purpose::Users, CHANGES, Purpose::Lookup] {
        for roles in [None, Some(&["User.Read.All"][..])] {
            let error = denied(purpose, roles, &[LEAVE_DATE]);
            let told = format!("{error} {}", error.advice());
            assert!(told.contains("`employeeLeaveDateTime`"), "{told}");
            assert!(told.contains("User-LifeCycleInfo.Read.All"), "{told}");
        }
    }
    let both = ["User.Read.All", "User-LifeCycleInfo.Read.All"];
    let granted = denied(Purpose::Users, Some(&both), &[LEAVE_DATE]);
    assert!(granted.advice().contains("nothing has to be added"));
    let none = denied(Purpose::Users, Some(&[]), &[LEAVE_DATE]);
    assert!(none.advice().contains("User.Read.All"), "that comes first");
    let deleted = denied(
        Purpose::DeletedItems,
        Some(&["User.Read.All"]),
        &[LEAVE_DATE],
    );
    assert!(!deleted.to_string().contains("employeeLeaveDateTime"));
}

#[test]
fn what_answers_in_the_place_of_graph_is_no_refusal_of_graph() {
    let page = "<!DOCTYPE html><html><body>Jane, your access is blocked</body></html>";
    for (status, kind, body) in [
        (401, "text/html", page),
        (403, "text/html; charset=utf-8", page),
        (403, "application/json", page),
        (403, "text/html", "Blocked"),
        (404, "text/html", page),
        (407, "text/html", page),
        (407, "", ""),
        (500, "text/html", page),
        (502, "", "\u{feff}\r\n<html>"),
        (511, "text/html", page),
    ] {
        let response = HttpResponse {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let carried = ["User.Read.All".to_owned()];
        let circumstances = Circumstances {
            roles: Some(&carried),
            guarded: &[],
        };
        let error = classify(Purpose::Users, &response, circumstances, Timestamp(0));
        assert!(
            matches!(error, GraphError::Upstream(_)),
            "{status}: {error:?}"
        );
        let told = format!("{error} {}", error.advice());
        assert!(
            ["gateway", "proxy", "network"]
                .iter()
                .any(|word| told.contains(word)),
            "{status}: {told}"
        );
        assert!(
            !told.contains("User.Read.All") && !told.contains("Jane"),
            "{told}"
        );
    }
}

#[test]
fn a_code_of_graph_decides_before_the_permissions() {
    for (code, words) in [
        (
            "Authorization_IdentityNotFound",
            "does not exist in this tenant",
        ),
        ("Authorization_IdentityDisabled", "Enable the application"),
        (
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "P1 or P2",
        ),
    ] {
        let error = meaning(Purpose::Users, 403, code);
        assert!(error.advice().contains(words), "{code}: {}", error.advice());
        assert_eq!(error.code(), code);
    }
    let unknown = meaning(Purpose::Users, 401, "Authorization_IdentityNotFound");
    assert!(unknown.advice().contains("consent"));
}

#[test]
fn an_unknown_and_a_disabled_application_are_told_apart() {
    let unknown = meaning(Purpose::Users, 403, "Authorization_IdentityNotFound");
    let disabled = meaning(Purpose::Users, 403, "Authorization_IdentityDisabled");
    assert!(unknown.advice().contains("check the tenant"));
    assert!(disabled.advice().starts_with("Enable the application"));
}

#[test]
fn throttling_carries_the_time_that_was_asked_for() {
    let mut response = response(429, "TooManyRequests");
    let untold = classify(
        Purpose::Users,
        &response,
        Circumstances::default(),
        Timestamp(0),
    );
    response
        .headers
        .push(("retry-after".to_owned(), "315".to_owned()));
    let told = classify(
        Purpose::Users,
        &response,
        Circumstances::default(),
        Timestamp(0),
    );
    assert!(
        matches!(untold, GraphError::Throttled { retry_after, .. } if retry_after == transient::UNTOLD_WAIT)
    );
    assert!(
        matches!(told, GraphError::Throttled { retry_after, .. } if retry_after.as_secs() == 315)
    );
    response.status = 503;
    let busy = classify(
        Purpose::Users,
        &response,
        Circumstances::default(),
        Timestamp(0),
    );
    assert!(matches!(busy, GraphError::Throttled { .. }));
}

#[test]
fn a_redirect_is_an_error() {
    let error = meaning(Purpose::Users, 302, "");
    assert_eq!(error.code(), "unexpected-redirect");
}

#[test]
fn no_error_repeats_the_message_of_the_service() {
    for status in [302, 400, 401, 403, 404, 410, 429, 500, 503] {
        let error = meaning(CHANGES, status, "x");
        let all = format!("{error} {error:?} {} {:?}", error.advice(), error.failure());
        assert!(!all.contains("contoso") && !all.contains("Jane"), "{all}");
        assert_eq!(error.failure().request_id.as_deref(), Some("6e0e2b6c"));
        assert_eq!(error.failure().status, Some(status));
    }
}

#[test]
fn being_told_of_groups_takes_a_permission_that_reading_who_is_in_them_does_not() {
    let told = |role: &str| {
        let carried = ["User.Read.All".to_owned(), role.to_owned()];
        let circumstances = Circumstances {
            roles: Some(&carried),
            guarded: &[],
        };
        let response = response(403, "Authorization_RequestDenied");
        let purpose = Purpose::GroupSubscriptions;
        let error = classify(purpose, &response, circumstances, Timestamp(0));
        error.advice().to_owned()
    };
    assert!(told("GroupMember.Read.All").contains("Group.Read.All"));
    assert!(told("GroupMember.Read.All").contains("does not carry"));
    assert!(!told("Directory.Read.All").contains("does not carry"));
}
