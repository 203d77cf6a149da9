//! Whether groups can be read at all, and whether single ones are there: for the test of a connection.

use contact_identity::ObjectId;
use guest_kit::json;
use serde_json::Value;

use super::client::Client;
use super::error::GraphError;
use super::lookup::Found;
use super::purpose::Purpose;

/// Groups that are asked for, at most: as many as one batch takes.
const MOST_ASKED: usize = 20;

impl Client<'_> {
    /// Whether groups can be read, by reading one.
    ///
    /// # Errors
    ///
    /// [`GraphError::Forbidden`] where a permission is missing, also where the service shows a group
    /// without its name, which every group has: it answers 200 and leaves null what the application may not
    /// see (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).
    /// See [`GraphError`] for others.
    pub fn probe_groups(&self) -> Result<(), GraphError> {
        let response = self.get(Purpose::Groups, "/groups?$top=1&$select=id,displayName")?;
        let host = || self.host().to_owned();
        let body =
            json::value(&response.body).ok_or_else(|| GraphError::NotJson { host: host() })?;
        let groups = body.get("value").and_then(Value::as_array);
        let groups = groups.ok_or_else(|| GraphError::UnexpectedShape {
            host: host(),
            detail: "it is no list of groups",
        })?;
        let is_named = |group: &Value| group.get("displayName").is_some_and(Value::is_string);
        if groups.iter().all(is_named) {
            Ok(())
        } else {
            Err(self.withheld(Purpose::Groups))
        }
    }

    /// Those of the first twenty that are no groups of the directory, in any order. Of a group that was
    /// deleted and can be restored, that is so, too.
    ///
    /// # Errors
    ///
    /// Where they cannot be asked for; see [`GraphError`]. A group about which nothing can be said is not
    /// among those that are told.
    pub fn unknown_groups(&self, ids: &[ObjectId]) -> Result<Vec<ObjectId>, GraphError> {
        let asked = (0..ids.len().min(MOST_ASKED)).collect();
        let answered = self.ask(Purpose::GroupLookup, (ids, Found::read), asked, &|id| {
            format!("/groups/{id}?$select=id")
        })?;
        let unknown = answered
            .iter()
            .filter(|(_, found)| matches!(found, Found::NotThere));
        Ok(unknown
            .filter_map(|(number, _)| ids.get(*number).cloned())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::test_script::{World, answer, error_body, refusal};

    const PROBE: &str = "/groups?$top=1&$select=id,displayName";

    #[test]
    fn groups_that_have_names_can_be_read_and_so_can_none() {
        for groups in [json!([{"id": "1", "displayName": "Sales"}]), json!([])] {
            let world = World::signed_in();
            world.expect_get(PROBE, answer(200, &json!({ "value": groups })));
            assert_eq!(world.client().probe_groups(), Ok(()));
        }
    }

    #[test]
    fn a_group_without_a_name_is_one_that_may_not_be_read() {
        for group in [json!({"id": "1", "displayName": null}), json!({"id": "1"})] {
            let world = World::signed_in();
            world.expect_get(PROBE, answer(200, &json!({"value": [group]})));
            let error = world.client().probe_groups().unwrap_err();
            let GraphError::Forbidden(failure) = error else {
                panic!("{error:?}")
            };
            assert!(
                failure.message.contains("without their names"),
                "{failure:?}"
            );
            assert!(
                failure.advice.contains("GroupMember.Read.All"),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn a_refusal_names_the_permission_that_reads_groups() {
        let world = World::signed_in();
        world.expect_get(PROBE, refusal(403, "Authorization_RequestDenied"));
        let error = world.client().probe_groups().unwrap_err();
        let GraphError::Forbidden(failure) = error else {
            panic!("{error:?}")
        };
        assert!(failure.message.contains("read the groups"), "{failure:?}");
        assert!(
            failure.advice.contains("GroupMember.Read.All"),
            "{failure:?}"
        );
        assert!(!failure.advice.contains("User.Read.All"), "{failure:?}");
    }

    #[test]
    fn an_answer_that_is_no_list_is_told() {
        for (body, code) in [
            (json!({}), "unexpected-shape"),
            (json!({"value": 7}), "unexpected-shape"),
        ] {
            let world = World::signed_in();
            world.expect_get(PROBE, answer(200, &body));
            assert_eq!(
                world.client().probe_groups().unwrap_err().code(),
                code,
                "{body}"
            );
        }
    }

    fn ids(count: usize) -> Vec<ObjectId> {
        (0..count)
            .map(|number| ObjectId::new(format!("00000000-0000-4000-8000-{number:012}")))
            .collect()
    }

    #[test]
    fn only_what_the_directory_says_that_it_has_not_is_unknown() {
        let world = World::signed_in();
        let ids = ids(3);
        world.expect_batch(
            200,
            json!([
                {"id": "0", "status": 200, "body": {"id": ids[0].as_str()}},
                {"id": "1", "status": 404, "body": error_body("Request_ResourceNotFound")},
                {"id": "2", "status": 403, "body": error_body("Authorization_RequestDenied")},
            ]),
        );
        assert_eq!(
            world.client().unknown_groups(&ids),
            Ok(vec![ids[1].clone()])
        );
        let asked = format!(r#""url":"/groups/{}?$select=id""#, ids[2]);
        assert!(world.sent()[1].body.contains(&asked));
    }

    #[test]
    fn twenty_are_asked_for_in_one_request_and_no_more() {
        let world = World::signed_in();
        let found = |number: usize| {
            json!({"id": number.to_string(), "status": 404,
            "body": error_body("Request_ResourceNotFound")})
        };
        world.expect_batch(200, (0..20).map(found).collect());
        let unknown = world.client().unknown_groups(&ids(25)).unwrap();
        assert_eq!(unknown, ids(20));
        assert_eq!(world.sent().len(), 2);
    }

    #[test]
    fn nothing_is_asked_where_no_group_is_named_by_its_id() {
        assert_eq!(World::new().client().unknown_groups(&[]), Ok(Vec::new()));
    }
}
