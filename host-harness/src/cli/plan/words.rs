//! A plan in words.

use std::path::Path;
use store_api::AdminStore;

use api_types::shapes::{ChangeShape, FieldShape, PlanMode, PlanShape};
use connector_contract::Effect;

use super::super::failure::Ending;
use super::super::printer::{self, Colour, coloured};

/// Effects that change something.
pub(in crate::cli) const CHANGING: [Effect; 8] = [
    Effect::Create,
    Effect::Update,
    Effect::Link,
    Effect::Reactivate,
    Effect::Unlink,
    Effect::Deactivate,
    Effect::Delete,
    Effect::Invite,
];

/// Shows what a plan comes to.
pub(in crate::cli) fn show(plan: &PlanShape) {
    printer::line(format_args!("{}:", title(plan)));
    let rows = Effect::ALL.iter().filter_map(|effect| {
        let count = plan.counts.get(effect.name()).filter(|count| **count > 0)?;
        Some([effect.name().to_owned(), count.to_string()])
    });
    let table = printer::table(["", ""], rows);
    let table = table.trim_matches('\n');
    printer::line(if table.trim().is_empty() {
        "  do nothing"
    } else {
        table
    });
    if plan.given > 0 {
        let people = printer::people(plan.given);
        printer::line(match &plan.undoes {
            Some(_) => format!("The directory is given back what the run gave it of {people}."),
            None => format!("The directory is given what contacts hold of {people}."),
        });
    }
    if plan.configuration.is_some() {
        printer::line(format_args!(
            "In all: {} created, {} updated, {} relinked, {} removed, {} skipped.",
            plan.count(&[Effect::Create]),
            plan.count(&[Effect::Update, Effect::Reactivate]),
            plan.count(&[Effect::Link]),
            plan.count(&[Effect::Unlink, Effect::Deactivate, Effect::Delete]),
            plan.count(&[Effect::Skip]),
        ));
    }
    let left_alone = if plan.undoes.is_some() {
        "left alone"
    } else {
        "skipped"
    };
    for skip in &plan.skips {
        printer::line(format_args!(
            "  {left_alone}, {}: {}",
            skip.reason, skip.count
        ));
    }
    for warning in &plan.warnings {
        printer::line(format_args!("  {}", warning.message));
    }
    for block in &plan.blocks {
        printer::line(format_args!(
            "{}: {}\n  {}",
            coloured(Colour::Red, "would be blocked"),
            block.message,
            block.cause,
        ));
        // Of another configuration, nothing passes before that one is saved.
        if plan.configuration.is_none() {
            let digest = &block.digest;
            let command = match &plan.undoes {
                Some(run) => format!("undo {run}"),
                None => "sync".to_owned(),
            };
            printer::line(format_args!(
                "  To let exactly this pass: {command} --approve {digest}"
            ));
        }
    }
    // Of an undo that changes nothing there is nothing to approve.
    if plan.undoes.is_none() || plan.changing() > 0 {
        printer::line(format_args!("digest {}", plan.digest));
    }
}

/// What the plan is of, as the beginning of a sentence that its counts end.
fn title(plan: &PlanShape) -> String {
    match (&plan.undoes, &plan.configuration) {
        (Some(run), _) => format!("Taking back the run {run} would"),
        (None, Some(file)) => format!(
            "With {}, {} sync would",
            Path::new(file).display(),
            one(plan.mode)
        ),
        (None, None) => {
            let one = one(plan.mode);
            format!("A{} sync would", one.strip_prefix('a').unwrap_or(&one))
        }
    }
}

/// A mode with its article: `a full`, `an incremental`.
fn one(mode: PlanMode) -> String {
    let mode = mode.name();
    let article = if mode.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {mode}")
}

/// Says how the plan can be performed.
pub(in crate::cli) fn show_what_next(plan: &PlanShape) {
    let digest = &plan.digest;
    if let Some(run) = &plan.undoes {
        if plan.changing() == 0 {
            printer::line("There is nothing to take back in the contacts.");
            return;
        }
        printer::line(format_args!(
            "The plan is kept. To perform exactly this: undo {run} --approve {digest}"
        ));
    } else if let Some(file) = &plan.configuration {
        printer::line(format_args!(
            "The saved configuration is as it was; the plan is kept. To use this one: connect {file}, \
             then sync --approve {digest}"
        ));
    } else if plan.changing() > 0 {
        printer::line(format_args!(
            "The plan is kept. To perform exactly this: sync --approve {digest}"
        ));
    }
}

/// How the command ends: a plan that a limit would stop is told as a sync that it stopped.
pub(in crate::cli) fn ending(plan: &PlanShape) -> Ending {
    if plan.blocks.is_empty() {
        Ending::Done
    } else {
        Ending::Blocked
    }
}

/// Shows one entry: who it is about, by the entry or the contact, and field by field.
pub(in crate::cli) fn show_change(store: &dyn AdminStore, change: &ChangeShape) {
    let contact = change
        .contact_id
        .as_deref()
        .map(|id| format!(" contact {id}"))
        .unwrap_or_default();
    let who = who(store, change)
        .map(|who| format!(", {}", printer::plain(&who)))
        .unwrap_or_default();
    let title = format!(
        "{} {}{contact}{who}",
        change.change.name(),
        change.object_id
    );
    let evidence = change
        .evidence
        .as_deref()
        .map(|evidence| format!(", {}", printer::plain(evidence)))
        .unwrap_or_default();
    printer::line(format_args!(
        "{} ({}{evidence})",
        coloured(Colour::Bold, title),
        change.reason
    ));
    let is_skipped = change.change == Effect::Skip;
    for field in &change.fields {
        let said = if is_skipped {
            who_it_is(field)
        } else {
            before_and_after(field)
        };
        printer::line(format_args!("  {}: {said}", field.field));
    }
    for given in &change.directory {
        let field = FieldShape {
            field: given.attribute.clone(),
            before: given.before.clone(),
            after: given.after.clone(),
        };
        printer::line(format_args!(
            "  in the directory, {}: {}",
            given.attribute,
            before_and_after(&field)
        ));
    }
    for list in &change.joins {
        printer::line(format_args!("  joins {}", printer::plain(list)));
    }
    for list in &change.leaves {
        printer::line(format_args!("  leaves {}", printer::plain(list)));
    }
    if change.reason == "base-only" {
        printer::line("  base only: nothing of the contact changes");
    }
}

/// Name and address of whom an entry is about, as far as it or the contact has them.
pub(super) fn who(store: &dyn AdminStore, change: &ChangeShape) -> Option<String> {
    let contact = change.contact_id.as_deref();
    // Of a database that cannot be read, whatever is read next tells.
    let contact = contact.and_then(|id| store.by_ids(&[id]).ok()?.pop());
    let value = |field: &str| {
        let mut fields = change.fields.iter();
        let told = fields.find(|one| one.field == field);
        let told = told.and_then(|one| one.after.clone().or_else(|| one.before.clone()));
        told.or_else(|| contact.as_ref()?.fields.get(field).cloned())
    };
    named(&value)
}

/// Name and address by the fields that hold them.
fn named(value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let whole = value("display_name").or_else(|| value("contact_name"));
    let name = whole.or_else(|| {
        let parts: Vec<_> = [value("first_name"), value("last_name")]
            .into_iter()
            .flatten()
            .collect();
        Some(parts.join(" ")).filter(|name| !name.is_empty())
    });
    match (name, value("email")) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

/// What the directory has of somebody who is skipped: no change.
fn who_it_is(field: &FieldShape) -> String {
    field
        .after
        .as_deref()
        .map_or_else(|| "missing".to_owned(), printer::plain)
}

/// A change of a field in a line.
pub(in crate::cli) fn before_and_after(field: &FieldShape) -> String {
    format!("{} -> {}", value(&field.before), value(&field.after))
}

fn value(value: &Option<String>) -> String {
    value
        .as_deref()
        .map_or_else(|| "(empty)".to_owned(), printer::plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_has_its_article() {
        assert_eq!(one(PlanMode::Full), "a full");
        assert_eq!(one(PlanMode::Incremental), "an incremental");
    }

    #[test]
    fn somebody_is_named_by_whatever_is_known_of_them() {
        let of = |fields: &[(&str, &str)]| {
            let value = |field: &str| {
                let mut fields = fields.iter();
                let known = fields.find(|(name, _)| *name == field);
                known.map(|(_, value)| (*value).to_owned())
            };
            named(&value).unwrap_or_default()
        };
        assert_eq!(of(&[]), "");
        assert_eq!(
            of(&[("email", "zoe@contoso.example")]),
            "zoe@contoso.example"
        );
        assert_eq!(of(&[("last_name", "Vance")]), "Vance");
        let zoe = [
            ("first_name", "Zoe"),
            ("last_name", "Vance"),
            ("email", "z@c.example"),
        ];
        assert_eq!(of(&zoe), "Zoe Vance <z@c.example>");
    }
}
