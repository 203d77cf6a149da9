use super::*;
use crate::mapping::person::{Asked, Invalid, Scope};
use crate::mapping::rows::Row;
use crate::reconcile::test_samples::{contact, mirroring, name_and_email, person};
use crate::settings::Existing;

fn mandatory() -> Vec<Row> {
    let mut rows = name_and_email();
    for row in &mut rows {
        row.mandatory = true;
    }
    rows
}

/// What is shown of somebody, as `field=value`.
fn shown(existing: Existing, person: &Person, correlation: Correlation<'_>) -> Vec<String> {
    let rows = mandatory();
    let policies = crate::settings::Policies {
        existing,
        ..mirroring()
    };
    let rules = Rules::new(&rows, &policies);
    let decision = rules.live(person, correlation);
    rules
        .skip_preview(person, correlation, decision.reason)
        .into_iter()
        .map(|field| {
            assert_eq!(field.before, None);
            format!("{}={}", field.field, field.after.unwrap_or_default())
        })
        .collect()
}

#[test]
fn somebody_who_lacks_a_mandatory_field_is_shown_with_the_field_that_is_missing() {
    let mut nameless = person("u1", "", "zoe@contoso.com");
    nameless.fields[0] = Stated::Empty;
    assert_eq!(
        shown(Existing::Link, &nameless, Correlation::Nobody),
        ["email=zoe@contoso.com", "first_name="]
    );
    nameless.fields[0] = Stated::Unstated;
    assert_eq!(
        shown(Existing::Link, &nameless, Correlation::Nobody),
        ["email=zoe@contoso.com", "first_name="]
    );
}

#[test]
fn what_the_contact_here_has_is_not_missing() {
    let mut addressless = person("u1", "", "zoe@contoso.com");
    addressless.fields[0] = Stated::Empty;
    addressless.fields[1] = Stated::Empty;
    let existing = contact("7", &[("email", "zoe@contoso.com")]);
    assert_eq!(
        shown(
            Existing::Link,
            &addressless,
            Correlation::Matching(&existing)
        ),
        ["first_name="]
    );
}

#[test]
fn somebody_whose_address_is_taken_is_shown_as_the_directory_has_them() {
    let zoe = person("u1", "Zoë", "zoe@contoso.com");
    let existing = contact("7", &[("email", "zoe@contoso.com"), ("first_name", "Zoe")]);
    let expected = ["email=zoe@contoso.com", "first_name=Zoë"];
    let matching = Correlation::Matching(&existing);
    assert_eq!(shown(Existing::Skip, &zoe, matching), expected);
    assert_eq!(
        shown(Existing::Link, &zoe, Correlation::Ambiguous),
        expected
    );
}

#[test]
fn somebody_who_cannot_be_written_is_shown() {
    let mut rude = person("u1", "Zoë", "zoe@contoso.com");
    rude.invalid = Some(Invalid {
        field: Some("email".to_owned()),
        code: "too-long",
    });
    assert_eq!(shown(Existing::Link, &rude, Correlation::Nobody).len(), 2);
}

#[test]
fn nothing_is_shown_of_people_whom_nobody_wants_and_of_those_who_change() {
    let mut outside = person("u1", "Zoë", "zoe@contoso.com");
    outside.scope = Scope::Outside {
        clause: "department".to_owned(),
        stated: true,
        asked: Asked::Value,
    };
    let zoe = person("u1", "Zoë", "zoe@contoso.com");
    for person in [&outside, &zoe] {
        let shown = shown(Existing::Link, person, Correlation::Nobody);
        assert_eq!(shown, Vec::<String>::new());
    }
}
