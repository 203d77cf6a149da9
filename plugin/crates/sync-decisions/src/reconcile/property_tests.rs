//! Properties that hold for every person, contact and policy.

use proptest::prelude::*;

use crate::contact::{Contact, ContactId, ContactList, Field, Link, Membership, ObjectId};
use crate::mapping::person::{Asked, Person, PersonKind, Scope, Stated, WantedLists};
use crate::mapping::rows::Row;
use crate::settings::{Agents, Conflict, Disabled, Existing, Policies, Removing};

use super::activity::MadeInactive;
use super::correlate::Correlation;
use super::decide::Rules;
use super::decision::{Action, Addition, Decision};
use super::mark::Marks;
use super::reason::Reason;
use super::test_samples::{name_and_email, row, settings};

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
        agents in prop_oneof![Just(Agents::Skip), Just(Agents::Include)],
    ) -> Policies {
        Policies { existing, update, conflict, removed, left_scope, disabled, agents }
    }
}

prop_compose! {
    fn person()(
        fields in prop::collection::vec(stated(), 3),
        enabled in any::<Option<bool>>(),
        outside in prop::option::of((any::<bool>(), any::<bool>())),
        is_agent in any::<bool>(),
    ) -> Person {
        let scope = outside.map_or(Scope::Inside, |(stated, licensed)| Scope::Outside {
            clause: "department".to_owned(),
            stated,
            asked: if licensed { Asked::License } else { Asked::Value },
        });
        Person {
            object_id: ObjectId::new("u1"),
            kind: PersonKind::User,
            enabled,
            scope,
            match_key: fields[1].value_for_new().map(str::to_owned),
            fields,
            lists: WantedLists::Unstated,
            is_whole: true,
            address_may_be_gone: false,
            number_is_open: false,
            states_changes_only: false,
            address_is_open: false,
            is_agent,
            names_by_id: false,
        mastered_elsewhere: false,
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
    let rules = Rules::new(&rows, policies);
    rules.live(person, correlation(contact))
}

fn correlation(contact: &Contact) -> Correlation<'_> {
    if contact.link.is_some() {
        Correlation::Linked(contact)
    } else if contact.former.is_some() {
        Correlation::Former(contact)
    } else {
        Correlation::Matching(contact)
    }
}

/// A contact, and what is known of earlier rounds.
#[derive(Clone, Debug)]
struct Known {
    contact: Option<Contact>,
    is_ambiguous: bool,
    reconciled: bool,
    made_inactive: Option<MadeInactive>,
}

prop_compose! {
    fn known()(
        contact in prop::option::weighted(0.9, any::<bool>().prop_flat_map(contact)),
        is_former in any::<bool>(),
        is_ambiguous in any::<bool>(),
        lists in prop::sample::subsequence(vec!["Legal", "Sales"], 0..=2),
        reconciled in any::<bool>(),
        made_inactive in prop_oneof![
            Just(None), Just(Some(MadeInactive::ByConnector)), Just(Some(MadeInactive::ByPerson))
        ],
    ) -> Known {
        let contact = contact.map(|mut contact| {
            contact.former = (is_former && contact.link.is_none()).then(|| ObjectId::new("u1"));
            contact.lists = lists.iter().map(|&name| name.to_owned()).collect();
            contact
        });
        Known { contact, is_ambiguous, reconciled, made_inactive }
    }
}

/// What a reason says, told of what was given and what was decided, and not by the rules.
fn is_true(
    reason: Reason,
    person: &Person,
    policies: &Policies,
    known: &Known,
    decision: &Decision,
) -> bool {
    let contact = known.contact.as_ref();
    let linked = contact.filter(|contact| contact.link.is_some());
    let unlinked = contact.filter(|contact| contact.link.is_none());
    let was_theirs = unlinked.is_some_and(|contact| contact.former.is_some());
    let update = match &decision.action {
        Action::Add(Addition::Update(update)) => Some(update),
        _ => None,
    };
    let is_inactive = linked.is_some_and(|contact| !contact.active);
    match reason {
        Reason::NewUser => contact.is_none() && !known.is_ambiguous,
        Reason::MatchedByAddress => unlinked.is_some() && !was_theirs,
        Reason::MatchedById => was_theirs,
        Reason::DirectoryChanged => {
            linked.is_some()
                && !decision.fields.is_empty()
                && decision
                    .fields
                    .iter()
                    .all(|change| change.before != change.after)
        }
        // Of rows that write to the directory there are none here.
        Reason::ContactChanged | Reason::Undecided => false,
        // Of somebody who is in the directory, nothing of that is said.
        Reason::NotInDirectory
        | Reason::Invited
        | Reason::InvitedLately
        | Reason::HasAccount
        | Reason::AccountsAmbiguous
        | Reason::ListedWithoutAccount
        | Reason::AccountDeleted
        | Reason::OwnDomain
        | Reason::NoValidAddress
        | Reason::AddressChanged
        | Reason::InvitationRefused
        | Reason::InvitationUnanswered
        | Reason::AccountUnknown => false,
        Reason::ListsChanged => {
            decision.fields.is_empty() && update.is_some_and(|update| !update.membership.is_empty())
        }
        Reason::BaseOnly => {
            let base = |contact: &Contact| contact.link.as_ref().map(|link| link.base.clone());
            decision.fields.is_empty()
                && update.is_some_and(|update| {
                    update.membership.is_empty()
                        && update.base.is_some()
                        && update.base != linked.and_then(base)
                })
        }
        Reason::ActiveAgain => is_inactive && person.scope == Scope::Inside,
        Reason::InStep => linked.is_some() && decision.fields.is_empty() && policies.update,
        Reason::UpdatesOff => linked.is_some() && !policies.update,
        Reason::AlreadyInactive => is_inactive,
        Reason::AccountDisabled => person.enabled == Some(false),
        Reason::Agent => person.is_agent && policies.agents == Agents::Skip,
        Reason::OutOfScope => {
            matches!(
                person.scope,
                Scope::Outside {
                    asked: Asked::Value,
                    ..
                }
            )
        }
        Reason::Unlicensed => {
            matches!(
                person.scope,
                Scope::Outside {
                    asked: Asked::License,
                    ..
                }
            )
        }
        Reason::KeptByPolicy => linked.is_some() && person.scope != Scope::Inside,
        Reason::AddressExists => {
            unlinked.is_some() && !was_theirs && policies.existing == Existing::Skip
        }
        Reason::FormerlyLinked => was_theirs && policies.existing == Existing::Skip,
        Reason::AddressAmbiguous => contact.is_none() && known.is_ambiguous,
        Reason::MissingMandatory => rows().iter().zip(&person.fields).any(|(row, stated)| {
            let here = unlinked.and_then(|contact| contact.field(&row.field));
            row.mandatory && stated.value_for_new().is_none() && here.is_none()
        }),
        // None of somebody whom the directory shows.
        Reason::StillPresent
        | Reason::Deleted
        | Reason::NotLinked
        | Reason::UnknownUser
        | Reason::HeldByBreaker
        | Reason::NotWritten
        | Reason::Drifted
        | Reason::NotApproved
        | Reason::Undo
        | Reason::EditedSince
        | Reason::StaysInDirectory => false,
    }
}

/// The contact after the decision, as a store would hold it; `None` where it is gone or unlinked.
fn perform(contact: &Contact, decision: &Decision) -> Option<Contact> {
    let mut after = contact.clone();
    let mut join = |membership: &Membership| {
        after.lists.retain(|name| !membership.leave.contains(name));
        let joined = membership.join.iter().map(|list| list.name.clone());
        after.lists.extend(joined);
    };
    let (writes, base, reactivate) = match &decision.action {
        Action::Add(Addition::Update(update)) => {
            join(&update.membership);
            (&update.writes, update.base.clone(), update.reactivate)
        }
        Action::Add(Addition::Link(link)) => {
            join(&link.membership);
            (&link.writes, Some(link.base.clone()), link.reactivate)
        }
        Action::Remove(removal) => {
            return (removal.kind == crate::contact::RemovalKind::Deactivate).then(|| {
                after.active = false;
                after
            });
        }
        Action::Wait => (&Vec::new(), None, false),
        Action::Leave(_)
        | Action::Same
        | Action::Skip(_)
        | Action::Invite(_)
        | Action::Fail { .. } => {
            return Some(after);
        }
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
    if let (Some(staged), Some(link)) = (&decision.staged, &mut after.link) {
        let blanked = |field: &Field| staged.fields.iter().any(|blank| blank.name == field.name);
        after.fields.retain(|field| !blanked(field));
        link.base.retain(|field| !blanked(field));
    }
    after.active |= reactivate;
    after.version += 1;
    Some(after)
}

proptest! {
    #[test]
    fn every_reason_is_true_of_what_was_decided(
        policies in policies(), mut person in person(), known in known(), wanted in prop::option::of(any::<bool>()),
    ) {
        // No list, one, or nothing said.
        person.lists = wanted.map_or(WantedLists::Unstated, |one| WantedLists::Exactly(
            one.then(|| ContactList { name: "Sales".to_owned(), description: String::new() }).into_iter().collect(),
        ));
        let rows = rows();
        let reconciled: Vec<_> = rows.iter().filter(|_| known.reconciled).map(|row| row.field.clone()).collect();
        let inactive = known.made_inactive.map(|who| (ContactId::new("7"), who)).into_iter().collect();
        let rules = Rules { reconciled: &reconciled, inactive: &inactive, ..Rules::new(&rows, &policies) };
        let found = match (&known.contact, known.is_ambiguous) {
            (Some(contact), _) => correlation(contact),
            (None, true) => Correlation::Ambiguous,
            (None, false) => Correlation::Nobody,
        };
        let decision = rules.live(&person, found);
        prop_assert!(is_true(decision.reason, &person, &policies, &known, &decision), "{decision:?}");
    }

    #[test]
    fn of_a_contact_that_gets_a_mark_the_next_decision_is_the_one_that_the_mark_stands_for(
        policies in policies(), mut person in person(), known in known(), wanted in prop::option::of(any::<bool>()),
        reconciled_since in any::<bool>(), known_since in known(),
    ) {
        person.lists = wanted.map_or(WantedLists::Unstated, |one| WantedLists::Exactly(
            one.then(|| ContactList { name: "Sales".to_owned(), description: String::new() }).into_iter().collect(),
        ));
        let rows = rows();
        let fields = |any: bool| -> Vec<String> { rows.iter().filter(|_| any).map(|row| row.field.clone()).collect() };
        let told = |known: &Known| known.made_inactive.map(|who| (ContactId::new("7"), who)).into_iter().collect();
        let (reconciled, inactive) = (fields(known.reconciled), told(&known));
        let rules = Rules { reconciled: &reconciled, inactive: &inactive, ..Rules::new(&rows, &policies) };
        let found = match (&known.contact, known.is_ambiguous) {
            (Some(contact), _) => correlation(contact),
            (None, true) => Correlation::Ambiguous,
            (None, false) => Correlation::Nobody,
        };
        let settings = settings(rows.clone(), policies.clone());
        let decision = rules.live(&person, found);
        let marks = Marks::new("entra:tenant", &settings);
        if marks.of(&person).is_none() || !rules.leaves_in_step(&decision, found) {
            return Ok(());
        }
        let after = match &decision.action {
            Action::Add(Addition::Create(create)) => Contact {
                id: ContactId::new("7"),
                version: 1,
                active: create.active,
                fields: create.fields.clone(),
                link: Some(Link { object_id: create.object_id.clone(), base: create.base.clone() }),
                former: None,
                lists: create.lists.iter().map(|list| list.name.clone()).collect(),
            },
            _ => perform(known.contact.as_ref().unwrap(), &decision).unwrap(),
        };
        // What earlier rounds have left behind may be otherwise by then.
        let (reconciled, inactive) = (fields(reconciled_since), told(&known_since));
        let rules = Rules { reconciled: &reconciled, inactive: &inactive, ..rules };
        let next = rules.live(&person, Correlation::Linked(&after));
        let stands_for = Decision { action: Action::Leave(after.precondition()), ..rules.same(&person) };
        prop_assert_eq!(next, stands_for);
        prop_assert!(person.taken_as_stated(&rows).is_none(), "nothing is assumed");
    }

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
        for blank in decision.staged.iter().flat_map(|staged| &staged.fields) {
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
