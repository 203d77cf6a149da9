//! What a page states of managers, and when it says too little.

use sync_core::engine::page::{RoundPhase, deferral};
use sync_core::engine::staged::Deferred;
use sync_core::reconcile::correlate::Correlation;
use sync_core::reconcile::decide::Rules;

use super::*;

const BOSS: &str = "F4B1C2D3-0000-4000-8000-000000000009";

fn by_name() -> Settings {
    mirror(&json!({
        "mail": "email",
        "manager/displayName": { "label": "Manager" },
        "manager/id": { "label": "Manager's ID" },
    }))
}

fn members(members: &[(&'static str, Option<&'static str>)]) -> Value<'static> {
    let borrowed = members
        .iter()
        .map(|(name, text)| (Cow::Borrowed(*name), text.map(Cow::Borrowed)));
    Value::Members(borrowed.collect())
}

fn fields(manager: Value<'static>) -> Vec<Stated> {
    let person = person(&by_name(), &[("mail", Value::Null), ("manager", manager)]);
    person.fields.into_iter().skip(1).collect()
}

#[test]
fn a_manager_has_a_name_and_the_id_in_its_one_form() {
    let stated_manager = members(&[("id", Some(BOSS)), ("displayName", Some(" Bo Berg "))]);
    let id = || stated(&BOSS.to_lowercase());
    assert_eq!(fields(stated_manager), [stated("Bo Berg"), id()]);
    assert_eq!(fields(Value::Null), [Stated::Empty, Stated::Empty]);
    assert_eq!(fields(Value::Absent), [Stated::Unstated, Stated::Unstated]);
    let reference = Value::Reference(BOSS.into());
    assert_eq!(fields(reference), [Stated::Unstated, id()]);
}

#[test]
fn of_a_manager_who_may_not_be_read_the_name_is_unknown_and_not_empty() {
    for name in [None, Some("")] {
        let unreadable = members(&[("id", Some(BOSS)), ("displayName", name)]);
        let id = stated(&BOSS.to_lowercase());
        assert_eq!(fields(unreadable), [Stated::Unstated, id]);
    }
}

#[test]
fn what_a_manager_is_called_is_tracked_of_everybody_and_needs_no_page_to_state_it() {
    let settings = mirror(&json!({ "givenName": "first_name", "manager/mail": { "label": "M" } }));
    let selection = settings.mapping.selection();
    assert!(selection.position("mail").is_some());
    assert!(settings.mapping.names_managers());
    let of_ids = mirror(&json!({ "mail": "email", "manager/id": { "label": "M" } }));
    assert!(!of_ids.mapping.names_managers());
    assert_eq!(of_ids.mapping.selection().position("displayName"), None);
}

#[test]
fn who_is_named_by_a_managers_id_is_asked_for_unless_nothing_could_come_of_it() {
    let settings = by_name();
    let rules = Rules::new(&settings.mapping.rows, &settings.policies);
    let asks = |values: &[(&str, Value<'static>)]| {
        let person = person(&settings, values);
        let decision = rules.live(&person, Correlation::Nobody);
        deferral(&rules, &person, &decision, None, RoundPhase::Following)
    };
    let reference = || ("manager", Value::Reference(BOSS.into()));
    let whole = [
        ("accountEnabled", Value::Bool(true)),
        ("displayName", text("Jo Berg")),
        ("userPrincipalName", text("jo@contoso.example")),
        ("mail", text("jo@contoso.example")),
    ];
    let selection = settings.mapping.selection();
    let selected = |(name, _): &(&str, _)| selection.position(name).is_some();
    let mut values: Vec<_> = whole.into_iter().filter(selected).collect();
    assert_eq!(asks(&values), None);
    values.push(reference());
    assert_eq!(asks(&values), Some(Deferred::Ask));
    values.pop();
    values.push(("manager", Value::Null));
    assert_eq!(asks(&values), None);
}
