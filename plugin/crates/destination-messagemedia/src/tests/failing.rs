//! What goes wrong with the account or on the way: told in words that help, and in none that are somebody's.

use super::*;
use messagemedia_emulator::Credentials;

#[test]
fn a_wrong_secret_is_told_as_such_and_stands_in_no_message() {
    let world = World::new();
    let secret = SecretValue::new("not-the-secret".to_owned());
    let destination = world.signed_in_with(&secret);
    let error = one(&destination, destination.probe()).unwrap_err();
    assert!(matches!(error, DestinationError::AccessDenied(_)));
    let said = error.to_string();
    assert!(
        said.contains("API key") && !said.contains("not-the-secret"),
        "{said}"
    );
}

#[test]
fn a_secret_that_ends_in_the_middle_ends_the_call() {
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    let destination = world.destination();
    one(&destination, destination.probe()).unwrap();
    world.control().set_credentials(Credentials {
        key: "demo-key".to_owned(),
        secret: "other".to_owned(),
    });
    let denied = Err(Failure::Unusable(DestinationError::AccessDenied(
        String::new(),
    )));
    let is_denied = |attempt: Attempt<Record>| {
        let attempt = attempt.map_err(|failure| match failure {
            Failure::Unusable(DestinationError::AccessDenied(_)) => {
                Failure::Unusable(DestinationError::AccessDenied(String::new()))
            }
            other => other,
        });
        assert_eq!(attempt, denied);
    };
    is_denied(create(&destination, &person(2)));
    is_denied(write(
        &destination,
        &patch(&known, &[("first_name", Some("X"))]),
    ));
}

#[test]
fn nothing_that_the_service_says_of_people_is_repeated() {
    const PERSONAL: &str = "ana@contoso.example +447700900001";
    let world = World::new();
    let known = world.create(&person(1)).unwrap();
    world.control().inject(Fault {
        times: None,
        ..Fault::failing_with_detail(1, PERSONAL)
    });
    let destination = world.destination();
    let said = [
        format!("{:?}", one(&destination, destination.probe())),
        format!("{:?}", create(&destination, &person(2))),
        format!(
            "{:?}",
            write(&destination, &patch(&known, &[("email", Some("x"))]))
        ),
        format!("{:?}", one(&destination, destination.scan(None))),
        format!(
            "{:?}",
            one(&destination, destination.make_list("Sales", ""))
        ),
    ];
    for said in said {
        assert!(!said.contains("ana@") && !said.contains("+4477"), "{said}");
        assert!(!said.contains("Ok("), "{said}");
    }
}

#[test]
fn a_proxy_that_speaks_html_is_waited_out_or_told() {
    let world = World::new();
    world.control().inject(Fault::unavailable_in_html(2));
    assert!(world.probe().is_ok());
    world.control().inject(Fault::unavailable_in_html(100));
    let error = world.probe().unwrap_err();
    assert!(matches!(error, DestinationError::Unavailable(_)), "{error}");
    world.control().clear_faults();
    world.control().inject(Fault {
        status: Some(200),
        ..Fault::unavailable_in_html(1)
    });
    let error = world.probe().unwrap_err();
    assert!(matches!(error, DestinationError::Unexpected(_)), "{error}");
}

#[test]
fn a_limit_is_waited_for_as_long_as_is_asked_and_no_contact_is_made_twice() {
    for after in [None, Some("7")] {
        let world = World::new();
        let destination = world.destination();
        let drafts: Vec<Draft> = (1..=20).map(person).collect();
        world.control().inject(Fault {
            skip: 10,
            ..Fault::throttled(5, after)
        });
        let made = one(&destination, destination.create(&drafts));
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        assert_eq!(world.control().contacts().len(), 20);
        if after.is_some() {
            assert!(world.elapsed() >= Duration::from_secs(7));
        }
    }
}

#[test]
fn a_permission_that_is_missing_and_a_bill_that_is_not_paid_are_told_apart() {
    for (status, said) in [
        (403, "may not"),
        (402, "paid"),
        (414, "status 414"),
        (302, "status 302"),
    ] {
        let world = World::new();
        world.control().inject(Fault {
            status: Some(status),
            ..Fault::default()
        });
        let error = world.probe().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_custom_field_of_a_type_that_does_not_do_is_a_persons_to_put_right() {
    let world = World::new();
    let field = json!({"label": "E", "mergeTag": "email", "maxLength": 20, "type": "NUMBER"});
    world.somebody("POST", "/custom-fields", field);
    let error = world.probe().unwrap_err();
    assert!(
        matches!(&error, DestinationError::NeedsAttention(what) if what.contains("email")),
        "{error}"
    );
}

#[test]
fn a_contact_is_deleted_once_and_then_gone() {
    let world = World::new();
    let destination = world.destination();
    let record = create(&destination, &person(1)).unwrap();
    let doomed = [destination_kit::destination::Doomed {
        id: record.id,
        guard: None,
    }];
    assert_eq!(one(&destination, destination.delete(&doomed)), [Ok(())]);
    assert_eq!(
        one(&destination, destination.delete(&doomed)),
        [Err(Failure::Gone)]
    );
    assert!(world.control().contacts().is_empty());
}
