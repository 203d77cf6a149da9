//! What a server is, by what it says and by what it answers.

use destination_kit::destination::GuardKind;

use super::*;

fn names(capabilities: &Capabilities) -> Vec<&str> {
    capabilities
        .fields
        .iter()
        .map(|field| &*field.name)
        .collect()
}

#[test]
fn a_field_is_there_where_the_server_has_the_attribute_and_lets_it_be_written() {
    let capabilities = World::new().probe().unwrap();
    let names = names(&capabilities);
    for there in ["user_name", "email", "group", "phone_number", "work_phone"] {
        assert!(names.contains(&there), "{there}");
    }
    assert!(!names.contains(&"employee_number"), "it is read only");
    assert!(capabilities.deactivates);
}

#[test]
fn of_a_server_that_says_nothing_of_itself_everything_is_taken_to_be_there() {
    let world = World::that(|behaviour| behaviour.says = false);
    let capabilities = world.probe().unwrap();
    assert_eq!(capabilities.fields.len(), crate::fields::FIELDS.len());
    assert_eq!(capabilities.guard, GuardKind::Checked);
}

#[test]
fn versions_are_relied_on_where_the_server_says_so_and_knows_one_again() {
    for (says, keeps, guard) in [
        (true, true, GuardKind::Conditional),
        (false, true, GuardKind::Checked),
        (true, false, GuardKind::Checked),
    ] {
        let world = World::that(|behaviour| {
            behaviour.says = says;
            behaviour.versions = keeps;
        });
        let id = world.create(&person(1)).unwrap().id;
        assert_eq!(world.probe().unwrap().guard, guard, "{says} {keeps}");
        let is_guarded = world
            .fetch(&id)
            .is_some_and(|record| record.guard.is_some());
        assert_eq!(is_guarded, guard == GuardKind::Conditional);
    }
}

#[test]
fn nothing_is_written_to_find_out_what_a_server_is() {
    let world = World::new();
    world.probe().unwrap();
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(world.asked(method), 0, "{method}");
    }
}

#[test]
fn credentials_are_tried_before_anything_is_done() {
    let world = World::new();
    let mut destinations = [
        world.signed_in(&SignIn::Bearer, "another"),
        world.signed_in(&SignIn::Basic("ana".to_owned()), TOKEN),
    ];
    for destination in &mut destinations {
        let denied = one(destination, destination.probe());
        let Err(DestinationError::AccessDenied(why)) = denied else {
            panic!("{denied:?}");
        };
        assert!(why.contains("does not accept the token"), "{why}");
    }
}

#[test]
fn an_address_without_users_is_told() {
    let world = World::that(|behaviour| behaviour.says = false);
    world.trouble("GET", Trouble::Status(404));
    world.trouble("GET", Trouble::Status(404));
    world.trouble("GET", Trouble::Status(404));
    world.trouble("GET", Trouble::Status(404));
    let told = world.probe().unwrap_err();
    assert!(
        told.to_string()
            .contains("write the address below which /Users is"),
        "{told}"
    );
}

#[test]
fn a_server_that_is_not_well_is_not_one_without_abilities() {
    let world = World::new();
    for _ in 0..60 {
        world.trouble("GET", Trouble::Status(503));
    }
    assert!(matches!(
        world.probe(),
        Err(DestinationError::Unavailable(_))
    ));
}

#[test]
fn no_sentence_of_the_server_is_told() {
    let world = World::new();
    world.trouble("GET", Trouble::Status(418));
    world.trouble("GET", Trouble::Status(418));
    world.trouble("GET", Trouble::Status(418));
    world.trouble("GET", Trouble::Status(418));
    let told = world.probe().unwrap_err();
    assert!(!told.to_string().contains("ana@"), "{told}");
}
