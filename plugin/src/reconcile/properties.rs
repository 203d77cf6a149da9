//! Properties that hold for every person, contact and policy.

use proptest::prelude::*;

use crate::config::settings::{Conflict, Disabled, Existing, Policies, Removing};
use crate::contact::{Contact, ContactId, Field, Link, ObjectId};
use crate::mapping::person::{Person, Scope, Stated, WantedLists};
use crate::mapping::rows::Row;

use super::correlate::Correlation;
use super::decide::Rules;
use super::decision::{Action, Addition, Decision};
use super::samples::{name_and_email, row};

fn rows() -> Vec<Row> {
    let mut rows = name_and_email();
    rows.push(row("jobTitle", "title"));
    rows
}

fn text() -> impl Strategy<Value = String> {
    // Few values, so that equal ones meet.
    prop_oneof![Just("a"), Just("b"), Just("c")].prop_map(str::to_owned)
}

fn stated() -> impl Strategy<Value = Stated> {
    prop_oneof![
        Just(Stated::Unstated),
        Just(Stated::Empty),
        text().prop_map(Stated::Value),
        text().prop_map(Stated::Assumed),
    ]
}

fn removing() -> impl Strategy<Value = Removing> {
    prop_oneof![
        Just(Removing::Keep),
        Just(Removing::Unlink),
        Just(Removing::Deactivate),
        Just(Removing::Delete)
    ]
}

prop_compose! {
    fn policies()(
        existing in prop_oneof![Just(Existing::Skip), Just(Existing::Link)],
        update in any::<bool>(),
        conflict in prop_oneof![Just(Conflict::SourceWins), Just(Conflict::KeepLocal), Just(Conflict::Merge)],
        removed in removing(),
        left_scope in removing(),
        disabled in prop_oneof![
            Just(Disabled::Ignore), Just(Disabled::NotCreated), Just(Disabled::Deactivate), Just(Disabled::LeavesScope)
        ],
    ) -> Policies {
        Policies { existing, update, conflict, removed, left_scope, disabled }
    }
}

prop_compose! {
    fn person()(
        fields in prop::collection::vec(stated(), 3),
        enabled in any::<Option<bool>>(),
        outside in prop::option::of(any::<bool>()),
    ) -> Person {
        let scope = outside.map_or(Scope::Inside, |stated| Scope::Outside { clause: "department".to_owned(), stated });
        Person {
            object_id: ObjectId::new("u1"),
            enabled,
            scope,
            match_key: fields[1].value_for_new().map(str::to_owned),
            fields,
            lists: WantedLists::Unstated,
            is_whole: true,
            address_is_open: false,
            invalid: None,
        }
    }
}

fn fields(values: [Option<String>; 3]) -> Vec<Field> {
    rows()
        .iter()
        .zip(values)
        .filter_map(|(row, value)| {
            Some(Field {
                name: row.field.clone(),
                value: value?,
            })
        })
        .collect()
}

prop_compose! {
    fn contact(linked: bool)(
        local in prop::array::uniform3(prop::option::of(text())),
        base in prop::array::uniform3(prop::option::of(text())),
        active in any::<bool>(),
    ) -> Contact {
        Contact {
            id: ContactId::new("7"),
            version: 4,
            active,
            fields: fields(local),
            link: linked.then(|| Link { object_id: ObjectId::new("u1"), base: fields(base) }),
            former: None,
            lists: Vec::new(),
        }
    }
}

fn decide(policies: &Policies, person: &Person, contact: &Contact) -> Decision {
    let rows = rows();
    let correlation = if contact.link.is_some() {
        Correlation::Linked(contact)
    } else {
        Correlation::Matching(contact)
    };
    Rules {
        rows: &rows,
        policies,
    }
    .live(person, correlation)
}

/// The contact after the decision, as a store would hold it; `None` where it is gone or unlinked.
fn perform(contact: &Contact, decision: &Decision) -> Option<Contact> {
    let mut after = contact.clone();
    let (writes, base, reactivate) = match &decision.action {
        Action::Add(Addition::Update(update)) => {
            (&update.writes, update.base.clone(), update.reactivate)
        }
        Action::Add(Addition::Link(link)) => {
            (&link.writes, Some(link.base.clone()), link.reactivate)
        }
        Action::Remove(removal) => {
            return (removal.kind == crate::contact::RemovalKind::Deactivate).then(|| {
                after.active = false;
                after
            });
        }
        Action::Wait => (&Vec::new(), None, false),
        Action::Leave(_) | Action::Skip(_) | Action::Fail { .. } => return Some(after),
        Action::Add(Addition::Create(_)) => return None,
    };
    for write in writes {
        after.fields.retain(|field| field.name != write.name);
        after.fields.extend(write.value.clone().map(|value| Field {
            name: write.name.clone(),
            value,
        }));
    }
    if let Some(base) = base {
        after.link = Some(Link {
            object_id: ObjectId::new("u1"),
            base,
        });
    }
    if let (Some(blanking), Some(link)) = (&decision.blanking, &mut after.link) {
        let blanked = |field: &Field| blanking.fields.iter().any(|blank| blank.name == field.name);
        after.fields.retain(|field| !blanked(field));
        link.base.retain(|field| !blanked(field));
    }
    after.active |= reactivate;
    after.version += 1;
    Some(after)
}

proptest! {
    #[test]
    fn a_second_decision_changes_nothing(policies in policies(), person in person(), contact in any::<bool>().prop_flat_map(contact)) {
        let first = decide(&policies, &person, &contact);
        if let Some(after) = perform(&contact, &first) {
            let second = decide(&policies, &person, &after);
            let quiet = matches!(second.action, Action::Leave(_) | Action::Skip(_));
            prop_assert!(quiet, "first {first:?}\nsecond {second:?}");
        }
    }

    #[test]
    fn nothing_is_written_that_the_directory_does_not_state(policies in policies(), person in person(), contact in contact(true)) {
        if let Action::Add(Addition::Update(update)) = decide(&policies, &person, &contact).action {
            for write in &update.writes {
                let position = rows().iter().position(|row| row.field == write.name).unwrap();
                match &person.fields[position] {
                    Stated::Value(value) => prop_assert_eq!(write.value.as_deref(), Some(value.as_str())),
                    Stated::Empty => prop_assert_eq!(&write.value, &None),
                    other => prop_assert!(false, "{:?} led to {:?}", other, write),
                }
            }
        }
    }

    #[test]
    fn a_field_is_emptied_only_where_the_base_shows_the_directory_had_filled_it(
        policies in policies(), person in person(), contact in any::<bool>().prop_flat_map(contact),
    ) {
        let decision = decide(&policies, &person, &contact);
        let written = match &decision.action {
            Action::Add(Addition::Update(update)) => update.writes.clone(),
            Action::Add(Addition::Link(link)) => link.writes.clone(),
            _ => Vec::new(),
        };
        prop_assert!(written.iter().all(|write| write.value.is_some()), "what may be done at once empties nothing");
        for blank in decision.blanking.iter().flat_map(|blanking| &blanking.fields) {
            prop_assert!(contact.base(&blank.name).is_some());
            prop_assert_eq!(contact.field(&blank.name), Some(blank.value.as_str()));
        }
    }

    #[test]
    fn only_a_linked_contact_is_ever_removed_and_never_in_scope_and_enabled(
        policies in policies(), person in person(), contact in any::<bool>().prop_flat_map(contact),
    ) {
        if let Action::Remove(removal) = decide(&policies, &person, &contact).action {
            prop_assert!(contact.link.is_some());
            prop_assert_eq!(removal.contact, contact.precondition());
            let outside = matches!(person.scope, Scope::Outside { stated: true, .. });
            prop_assert!(outside || person.enabled == Some(false));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_decision(policies in policies(), person in person(), contact in any::<bool>().prop_flat_map(contact)) {
        prop_assert_eq!(decide(&policies, &person, &contact), decide(&policies, &person, &contact));
    }
}
