//! A number that changes: the old one goes, and who has opted out has opted out.

use super::writing::{assert_theirs_is_there, shared};
use super::*;
use messagemedia_emulator::{Arrays, OmittedSubscription};

#[test]
fn a_new_number_takes_the_place_of_the_old_one() {
    for omitted in [OmittedSubscription::Kept, OmittedSubscription::Subscribed] {
        let world = World::that(|behaviour| behaviour.omitted_subscription = omitted);
        let known = shared(&world);
        let written = world
            .write(&patch(
                &known,
                &[("phone_number", Some("+44 7700 900 777"))],
            ))
            .unwrap();
        assert_eq!(field(&written, "phone_number"), Some("+44 7700 900 777"));
        let channels = &world.contact(&known.id)["channels"];
        assert_eq!(
            channels,
            &json!([{"channelId": "+447700900777", "type": "SMS", "subscriptionState": "SUBSCRIBED"}])
        );
        let plain = world
            .write(&patch(&written, &[("phone_number", Some("+447700900778"))]))
            .unwrap();
        assert_eq!(field(&plain, "phone_number"), Some("+447700900778"));
        assert_theirs_is_there(&world, &known);
    }
}

#[test]
fn whoever_has_opted_out_has_opted_out_with_the_new_number_too() {
    for omitted in [OmittedSubscription::Kept, OmittedSubscription::Subscribed] {
        let world = World::that(|behaviour| behaviour.omitted_subscription = omitted);
        let known = shared(&world);
        let channels = json!([
            {"channelId": "+447700900001", "type": "SMS"}, {"channelId": "+447700900009", "type": "WHATSAPP"},
        ]);
        world.somebody(
            "PATCH",
            &format!("/contacts/{}", known.id),
            json!({"channels": channels}),
        );
        world.control().opt_out("+447700900001");
        world.control().opt_out("+447700900009");
        world
            .write(&patch(&known, &[("phone_number", Some("+447700900777"))]))
            .unwrap();
        let told = world.contact(&known.id);
        let channels = told["channels"].as_array().unwrap();
        assert_eq!(channels.len(), 2);
        assert!(
            channels
                .iter()
                .all(|channel| channel["subscriptionState"] == "UNSUBSCRIBED"),
            "{channels:?}"
        );
        // And nothing that follows brings them back.
        let known = world.fetch(&known.id).unwrap();
        world
            .write(&patch(
                &known,
                &[
                    ("email", Some("x@contoso.example")),
                    ("first_name", Some("X")),
                ],
            ))
            .unwrap();
        assert_eq!(world.contact(&known.id)["channels"], told["channels"]);
    }
}

#[test]
fn where_arrays_are_merged_a_number_cannot_be_replaced_and_is_refused_until_a_person_has_done_it() {
    let world = World::that(|behaviour| behaviour.arrays = Arrays::Merge);
    let known = world.create(&person(1)).unwrap();
    let change = [
        ("phone_number", Some("+447700900777")),
        ("email", Some("new@contoso.example")),
    ];
    refused(
        world.write(&patch(&known, &change)),
        "phone_number",
        "number-kept",
    );
    let now = world.fetch(&known.id).unwrap();
    assert_eq!(now.fields, known.fields, "it reads as before");
    let patches = world.asked("PATCH");
    refused(
        world.write(&patch(&now, &change)),
        "phone_number",
        "number-kept",
    );
    assert_eq!(world.asked("PATCH"), patches, "it is not tried again");
    // A person takes the former number away, here by the one way that this emulator leaves.
    world.control().set_behaviour(Behaviour::default());
    let channels = json!([{"channelId": "+447700900777", "type": "SMS"}]);
    world.somebody(
        "PATCH",
        &format!("/contacts/{}", known.id),
        json!({"channels": channels}),
    );
    let now = world.fetch(&known.id).unwrap();
    assert_eq!(field(&now, "phone_number"), Some("+447700900777"));
}

#[test]
fn a_contact_with_channels_that_no_request_can_write_keeps_them() {
    let world = World::new();
    for number in [Some("+447700900001"), None] {
        let mut channels =
            vec![json!({"channelId": format!("ana.{}", number.is_some()), "type": "INSTAGRAM"})];
        channels.extend(number.map(|number| json!({"channelId": number, "type": "SMS"})));
        let made = world.somebody("POST", "/contacts", json!({"channels": channels}));
        let known = world.fetch(&id(&made)).unwrap();
        let change = patch(
            &known,
            &[
                ("phone_number", Some("+447700900777")),
                ("first_name", Some("X")),
            ],
        );
        refused(world.write(&change), "phone_number", "other-channels");
        assert_eq!(world.fetch(&known.id), Some(known.clone()));
        let written = world
            .write(&patch(&known, &[("email", Some("x@contoso.example"))]))
            .unwrap();
        assert_eq!(field(&written, "email"), Some("x@contoso.example"));
        assert_eq!(world.contact(&known.id)["channels"], made["channels"]);
    }
}

#[test]
fn a_contact_that_has_no_number_yet_gets_one() {
    let world = World::new();
    let channels = json!([{"channelId": "+447700900009", "type": "WHATSAPP", "subscriptionState": "UNSUBSCRIBED"}]);
    let made = world.somebody("POST", "/contacts", json!({"channels": channels}));
    let known = world.fetch(&id(&made)).unwrap();
    let written = world
        .write(&patch(&known, &[("phone_number", Some("+447700900777"))]))
        .unwrap();
    assert_eq!(field(&written, "phone_number"), Some("+447700900777"));
    let told = world.contact(&known.id);
    assert_eq!(told["channels"].as_array().unwrap().len(), 2);
    assert_eq!(told["channels"][1], channels[0]);
}

#[test]
fn a_number_that_somebody_else_has_is_refused() {
    let world = World::new();
    world.stranger("+447700900777");
    let known = world.create(&person(1)).unwrap();
    let change = patch(&known, &[("phone_number", Some("+447700900777"))]);
    refused(world.write(&change), "phone_number", "duplicate");
    assert_eq!(world.fetch(&known.id), Some(known));
}
