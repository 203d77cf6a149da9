//! Users written.

use super::*;

fn begin(change: impl FnOnce(&mut Behaviour)) -> (World, Record) {
    let world = World::that(change);
    let id = world.stranger(
        "ana@contoso.example",
        json!({
            "displayName": "Ana", "title": "A", "externalId": crate::tie::written(&tie(1)),
            "name": {"givenName": "Ana", "familyName": "B", "honorificPrefix": "Dr."},
            "emails": [
                {"value": "ana@home.example", "type": "home"},
                {"value": "ana@contoso.example", "type": "work", "primary": true},
            ],
            "nickName": "theirs",
        }),
    );
    let record = world.fetch(&id).unwrap();
    (world, record)
}

const CHANGE: [(&str, Option<&str>); 5] = [
    ("contact_name", Some("Bea")),
    ("email", Some("bea@contoso.example")),
    ("group", Some("Sales")),
    ("job_title", None),
    ("first_name", Some("Bea")),
];

#[test]
fn a_change_is_made_and_what_is_others_stays_whatever_form_the_server_takes() {
    for patch_kind in [
        Patching::Works,
        Patching::No,
        Patching::NoAgainstItsWord,
        Patching::Ignored,
    ] {
        for (tells, versions) in [(true, true), (false, true), (false, false)] {
            let (world, record) = begin(|behaviour| {
                behaviour.patch = patch_kind;
                behaviour.tells_after_patch = tells;
                behaviour.versions = versions;
            });
            let written = world.write(&patch(&record, &CHANGE)).unwrap();
            let what = format!("{patch_kind:?} {tells} {versions}");
            for (name, value) in CHANGE {
                assert_eq!(field(&written, name), value, "{what} {name}");
            }
            let user = world.server.user(&record.id).unwrap();
            assert_eq!(user["nickName"], "theirs", "{what}");
            assert_eq!(user["name"]["honorificPrefix"], "Dr.", "{what}");
            assert_eq!(user["emails"][0]["value"], "ana@home.example", "{what}");
            assert_eq!(user["emails"].as_array().unwrap().len(), 2, "{what}");
            assert_eq!(world.fetch(&record.id), Some(written), "{what}");
        }
    }
}

#[test]
fn the_form_that_works_is_found_once_a_call() {
    let (world, record) = begin(|behaviour| behaviour.patch = Patching::NoAgainstItsWord);
    let destination = world.destination();
    let mut record = write(
        &destination,
        &patch(&record, &[("contact_name", Some("0"))]),
    )
    .unwrap();
    let before = world.asked("PATCH");
    for name in ["1", "2", "3"] {
        let change = patch(&record, &[("contact_name", Some(name))]);
        record = write(&destination, &change).unwrap();
    }
    assert_eq!(world.asked("PATCH"), before, "it is not tried again");
}

#[test]
fn whoever_becomes_inactive_is_so_in_the_form_that_the_server_takes() {
    for active_as_text in [false, true] {
        for patch_kind in [Patching::Works, Patching::No] {
            let (world, record) = begin(|behaviour| {
                behaviour.active_as_text = active_as_text;
                behaviour.patch = patch_kind;
            });
            assert_eq!(record.active, Some(true));
            let mut change = patch(&record, &[]);
            change.active = Some(false);
            let written = world.write(&change).unwrap();
            assert_eq!(
                written.active,
                Some(false),
                "{active_as_text} {patch_kind:?}"
            );
            let user = world.server.user(&record.id).unwrap();
            assert_eq!(user["active"], false);
        }
    }
}

#[test]
fn one_whom_the_server_deletes_for_becoming_inactive_is_gone() {
    let (world, record) = begin(|behaviour| behaviour.deletes_inactive = true);
    let mut change = patch(&record, &[]);
    change.active = Some(false);
    assert_eq!(world.write(&change), Err(Failure::Gone));
}

#[test]
fn a_change_of_somebody_else_is_not_written_over_where_there_are_versions() {
    let (world, record) = begin(|_| {});
    world
        .server
        .somebody_writes(&record.id, json!({"title": "Theirs"}));
    let change = patch(&record, &[("job_title", Some("Ours"))]);
    assert_eq!(world.write(&change), Err(Failure::Changed));
    assert_eq!(world.server.user(&record.id).unwrap()["title"], "Theirs");
}

#[test]
fn a_request_that_is_sent_again_finds_its_own_work() {
    for versions in [true, false] {
        let (world, record) = begin(|behaviour| behaviour.versions = versions);
        world.trouble("PATCH", Trouble::LostAnswer);
        let written = world.write(&patch(&record, &CHANGE)).unwrap();
        assert_eq!(field(&written, "contact_name"), Some("Bea"));
        assert_eq!(world.fetch(&record.id), Some(written));
    }
}

#[test]
fn a_write_that_nobody_answers_is_looked_for() {
    let (world, record) = begin(|_| {});
    world.trouble("PATCH", Trouble::LostAnswer);
    for _ in 0..20 {
        world.trouble("PATCH", Trouble::LostRequest);
    }
    let change = patch(&record, &[("contact_name", Some("Bea"))]);
    assert_eq!(
        field(&world.write(&change).unwrap(), "contact_name"),
        Some("Bea")
    );
    let (world, record) = begin(|_| {});
    for _ in 0..20 {
        world.trouble("PATCH", Trouble::LostRequest);
    }
    let change = patch(&record, &[("contact_name", Some("Bea"))]);
    assert!(matches!(world.write(&change), Err(Failure::Unknown(_))));
}

#[test]
fn what_a_server_takes_and_does_not_keep_is_told_at_its_field() {
    let (world, record) = begin(|behaviour| behaviour.keeps_titles = true);
    for title in [None, Some("B")] {
        let known = world.fetch(&record.id).unwrap();
        let change = patch(&known, &[("job_title", title)]);
        refused(world.write(&change), Some("job_title"), "not-kept");
    }
}

#[test]
fn what_a_server_refuses_is_told_without_its_words() {
    let (world, record) = begin(|_| {});
    let change = patch(&record, &[("job_title", Some("refused"))]);
    refused(world.write(&change), None, "invalid-value");
    world.stranger("bea@contoso.example", json!({}));
    let change = patch(&record, &[("user_name", Some("BEA@contoso.example"))]);
    refused(world.write(&change), Some("user_name"), "duplicate");
    world.trouble("PATCH", Trouble::Status(403));
    let change = patch(&record, &[("job_title", Some("B"))]);
    refused(world.write(&change), None, "not-allowed");
}

#[test]
fn whom_another_program_goes_by_is_neither_written_nor_linked_nor_deleted() {
    let (world, record) = begin(|_| {});
    for external_id in ["ana", "0a0a0a0a-1111-4222-8333-000000000001"] {
        world
            .server
            .somebody_writes(&record.id, json!({"externalId": external_id}));
        let known = world.fetch(&record.id).unwrap();
        assert_eq!(known.tie, None);
        let before = world.server.user(&record.id);
        let mut link = patch(&known, &[("contact_name", Some("Bea"))]);
        refused(world.write(&link), None, "managed-elsewhere");
        link.tie = Some(Some(tie(1)));
        refused(world.write(&link), None, "managed-elsewhere");
        refused(world.delete(&known), None, "managed-elsewhere");
        assert_eq!(world.server.user(&record.id), before);
    }
}

#[test]
fn a_link_is_left_at_somebody_who_is_nobodys_and_taken_away_again() {
    let world = World::new();
    let id = world.stranger("ana@contoso.example", json!({}));
    let mut change = patch(&world.fetch(&id).unwrap(), &[]);
    change.tie = Some(Some(tie(7)));
    let linked = world.write(&change).unwrap();
    assert_eq!(linked.tie, Some(tie(7)));
    let mut change = patch(&linked, &[]);
    change.tie = Some(None);
    assert_eq!(world.write(&change).unwrap().tie, None);
    assert_eq!(world.server.user(&id).unwrap().get("externalId"), None);
}

#[test]
fn one_who_is_gone_is_gone() {
    let (world, record) = begin(|_| {});
    world.somebody("DELETE", &format!("/Users/{}", record.id), Value::Null);
    assert_eq!(world.write(&patch(&record, &CHANGE)), Err(Failure::Gone));
}
