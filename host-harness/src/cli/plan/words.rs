//! A plan in words.

use std::path::Path;

use api_types::shapes::{ChangeShape, FieldShape, PlanShape};
use connector_contract::Effect;

use super::super::failure::Ending;
use super::super::printer::{self, Colour, coloured};

/// Effects that change something.
pub(in crate::cli) const CHANGING: [Effect; 7] = [
    Effect::Create,
    Effect::Update,
    Effect::Link,
    Effect::Reactivate,
    Effect::Unlink,
    Effect::Deactivate,
    Effect::Delete,
];

/// Shows what a plan comes to.
pub(in crate::cli) fn show(plan: &PlanShape) {
    printer::line(format_args!("{}:", title(plan)));
    let rows = Effect::ALL.iter().filter_map(|effect| {
        let count = plan.counts.get(effect.name()).filter(|count| **count > 0)?;
        Some([effect.name().to_owned(), count.to_string()])
    });
    printer::line(printer::table(["", ""], rows).trim_start_matches('\n'));
    if plan.configuration.is_some() {
        printer::line(format_args!(
            "In all: {} created, {} updated, {} relinked, {} removed, {} skipped.",
            plan.count(&["create"]),
            plan.count(&["update", "reactivate"]),
            plan.count(&["link"]),
            plan.count(&["unlink", "deactivate", "delete"]),
            plan.count(&["skip"]),
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
            "{}: {}\n  {}\n  To let exactly this pass: sync --approve {}",
            coloured(Colour::Red, "would be blocked"),
            block.message,
            block.cause,
            block.digest
        ));
    }
    printer::line(format_args!("digest {}", plan.digest));
}

/// What the plan is of, as the beginning of a sentence that its counts end.
fn title(plan: &PlanShape) -> String {
    match (&plan.undoes, &plan.configuration) {
        (Some(run), _) => format!("Taking back the run {run} would"),
        (None, Some(file)) => format!(
            "With {}, a {} sync would",
            Path::new(file).display(),
            plan.mode
        ),
        (None, None) => format!("A {} sync would", plan.mode),
    }
}

/// Says how the plan can be performed.
pub(in crate::cli) fn show_what_next(plan: &PlanShape) {
    let digest = &plan.digest;
    if let Some(run) = &plan.undoes {
        if plan.changing() == 0 {
            printer::line("Nothing of it can be taken back any more.");
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

/// Shows one entry, field by field.
pub(in crate::cli) fn show_change(change: &ChangeShape) {
    let contact = change
        .contact_id
        .as_deref()
        .map(|id| format!(" contact {id}"))
        .unwrap_or_default();
    let title = format!("{} {}{contact}", change.change, change.object_id);
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
    let is_skipped = change.change == "skip";
    for field in &change.fields {
        let said = if is_skipped {
            who_it_is(field)
        } else {
            before_and_after(field)
        };
        printer::line(format_args!("  {}: {said}", field.field));
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
