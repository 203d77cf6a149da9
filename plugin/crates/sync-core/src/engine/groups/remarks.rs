//! What an administrator has to know of the groups.

use contact_identity::list::comparable;

use crate::run::RunWarning;

use super::registry::Registry;

/// What leads the remarks, where those about a field have its label.
const LABEL: &str = "Groups";

/// What is remarkable about the groups that count.
pub(super) fn of(registry: &Registry) -> Vec<RunWarning> {
    let counting = || {
        let groups = registry.iter();
        groups.filter(|(number, _)| registry.is_selected(*number))
    };
    let hidden = counting().filter(|(_, group)| group.is_hidden).count() as u64;
    let nameless = counting().filter(|(_, group)| group.name.is_none()).count() as u64;
    let waiting: u64 = counting()
        .filter(|(_, group)| group.waits_since.is_some())
        .map(|(_, group)| group.leaving)
        .sum();
    let unnamed = if registry.rules().list.is_some() {
        counting()
            .filter(|(number, group)| group.name.is_some() && registry.list(*number).is_none())
            .count() as u64
    } else {
        0
    };
    let remarks = [
        (
            hidden,
            "hide their members from this application, and nobody is taken for one of them",
        ),
        (
            nameless,
            "do not tell this application their name, and lead to no list",
        ),
        (
            unnamed,
            "have a name that no list can have here, and lead to none",
        ),
        (
            not_there(registry),
            "that are configured were not found in the directory",
        ),
    ];
    let mut told: Vec<RunWarning> = remarks
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| warning(count, "group", what))
        .collect();
    if waiting > 0 {
        told.push(warning(
            waiting,
            "membership",
            "of groups that the directory fills by a rule wait for up to a day: it may be filling them just now",
        ));
    }
    told
}

/// Groups that are there, and that the directory did not show with all that was known of them.
pub(super) fn not_shown(count: u64) -> RunWarning {
    warning(
        count,
        "group",
        "are there and were not shown as before, so that all memberships stay as they were: check the application's permissions",
    )
}

/// How many of the groups that were chosen by id or by name are not there.
fn not_there(registry: &Registry) -> u64 {
    let selection = &registry.rules().selection;
    let ids = selection
        .ids
        .iter()
        .filter(|id| registry.find(id).is_none());
    let is_named = |wanted: &&String| {
        let wanted = comparable(wanted);
        !registry.iter().any(|(_, group)| {
            group
                .name
                .as_deref()
                .is_some_and(|name| comparable(name) == wanted)
        })
    };
    (ids.count() + selection.names.iter().filter(is_named).count()) as u64
}

fn warning(count: u64, thing: &str, what: &str) -> RunWarning {
    let plural = if count == 1 { "" } else { "s" };
    RunWarning {
        field: Some(LABEL.to_owned()),
        message: format!("{LABEL}: {count} {thing}{plural} {what}"),
        count,
    }
}
