//! What is wrong with the form of the second step, each where it belongs.

use api_types::shapes::ProblemShape;
use api_types::views::{Choice, MappingFormView, MappingRowForm};
use schedule::Schedule;

use crate::settings::{SettingsForm, unsayable};

/// What is wrong with the time zone; the rest of a schedule is the connector's to judge.
pub(crate) fn of_schedule(form: &SettingsForm) -> Vec<ProblemShape> {
    let schedule = Some(form.schedule.trim()).filter(|text| !text.is_empty());
    let zone = Schedule::parse("every 6 h", &form.time_zone).err();
    let own = schedule
        .filter(|_| zone.is_none())
        .and_then(|text| Schedule::parse(text, &form.time_zone).err());
    let problem = |pointer: &str, message: String| ProblemShape {
        pointer: pointer.to_owned(),
        message,
    };
    zone.map(|error| problem("time_zone", error.to_string()))
        .into_iter()
        .chain(own.map(|error| problem("schedule", error.to_string())))
        .collect()
}

/// What is wrong with the preset that a form says it was filled from.
pub(crate) fn of_source(form: &SettingsForm, presets: &[Choice]) -> Option<ProblemShape> {
    let is_known = |name: &str| presets.iter().any(|preset| preset.value == name);
    let source = form.filled_from.as_str();
    (!source.is_empty() && !is_known(source)).then(|| ProblemShape {
        pointer: "filled_from".to_owned(),
        message: "There is no such preset.".to_owned(),
    })
}

/// What is missing in a row or a filter, or no word of ours.
pub(crate) fn of_parts(form: &SettingsForm) -> impl Iterator<Item = ProblemShape> {
    let problem = |(pointer, message): (String, &str)| ProblemShape {
        pointer,
        message: message.to_owned(),
    };
    unsayable(form).into_iter().map(problem)
}

/// Puts each problem where it belongs: to its row, to an input of the form, or above everything.
pub(crate) fn blame(view: &mut MappingFormView, problems: Vec<ProblemShape>) {
    for ProblemShape { pointer, message } in problems {
        if let Some(row) = row_of(view, &pointer) {
            row.problem.get_or_insert(message);
            continue;
        }
        let path = pointer.strip_prefix("/sync/").unwrap_or(&pointer);
        let mut parts = path.split('/');
        let section = parts.next().unwrap_or_default();
        let part = parts.next().unwrap_or_default();
        let part = part.replace("~1", "/").replace("~0", "~");
        let mut rows = view.rows.iter_mut().filter(|_| section == "mapping");
        if let Some(row) = rows.find(|row| row.attribute == part) {
            row.problem.get_or_insert(message);
            continue;
        }
        let message = match parts.next().and_then(|number| number.parse().ok()) {
            Some(number) if section == "groups" => about_entry(view, &part, number, message),
            _ => message,
        };
        let pointer = input_of(view, section, &part);
        // A schedule is judged here and by the connector.
        let already =
            pointer == "schedule" && view.problems.iter().any(|one| one.pointer == pointer);
        if !already {
            view.problems.push(ProblemShape { pointer, message });
        }
    }
}

/// The sentence about one of the groups that are named, which stand together in one input.
fn about_entry(view: &MappingFormView, part: &str, number: usize, message: String) -> String {
    match view.groups.include.get(number) {
        Some(entry) if part == "include" => format!("{entry}: {message}"),
        _ => message,
    }
}

/// The row that an input is part of.
fn row_of<'a>(view: &'a mut MappingFormView, input: &str) -> Option<&'a mut MappingRowForm> {
    let (number, _) = input.strip_prefix("row.")?.split_once('.')?;
    view.rows.get_mut(number.parse::<usize>().ok()?)
}

/// The form's input for a part of a section of the settings; the section where it has none.
fn input_of(view: &MappingFormView, section: &str, part: &str) -> String {
    let filter = || view.filters.iter().position(|row| row.attribute == part);
    match (section, part) {
        ("list", "name") => Some("list_name".to_owned()),
        ("list", "perAttribute") => Some("list_attribute".to_owned()),
        ("groups", "include" | "kinds" | "members" | "people") => Some(format!("groups.{part}")),
        ("filters", _) => filter().map(|at| format!("filter.{at}.attribute")),
        _ => None,
    }
    .unwrap_or_else(|| section.to_owned())
}
