//! `plan compare`: what two plans do differently.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;

use api_types::shapes::{ChangeShape, ComparisonShape, DifferenceShape, FieldShape};
use clap::Args;
use store_api::{AdminStore, PlanFilter};
use sync_runner::plans;

use super::super::failure::Ending;
use super::super::printer::{self, Colour, coloured};
use super::{kept, words};

/// Show what two kept plans do differently
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness plan compare 3f2a 91bc
  host-harness plan compare 3f2a 91bc --json | jq '.onlyInSecond | length'")]
pub(super) struct Compare {
    /// The digest of one plan, or how it begins
    first: String,
    /// The digest of the other
    second: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(super) fn run(&self, store: &dyn AdminStore) -> anyhow::Result<Ending> {
        let first = kept::find(store, Some(&self.first))?.summary;
        let second = kept::find(store, Some(&self.second))?.summary;
        let wanted = PlanFilter {
            effects: words::CHANGING.to_vec(),
            ..PlanFilter::default()
        };
        let mut comparison = ComparisonShape {
            first: first.digest.clone(),
            second: second.digest.clone(),
            only_in_first: Vec::new(),
            only_in_second: Vec::new(),
            different: Vec::new(),
            same: 0,
        };
        compare(
            plans::changes(store, &first.digest, &wanted),
            plans::changes(store, &second.digest, &wanted),
            &mut comparison,
        )?;
        if self.json {
            printer::json(&comparison)?;
        } else {
            show(store, &comparison);
        }
        Ok(Ending::Done)
    }
}

/// Goes through two plans at once; both are in order of the object id.
fn compare(
    first: impl Iterator<Item = anyhow::Result<ChangeShape>>,
    second: impl Iterator<Item = anyhow::Result<ChangeShape>>,
    comparison: &mut ComparisonShape,
) -> anyhow::Result<()> {
    let (mut first, mut second) = (first.peekable(), second.peekable());
    loop {
        match order(&mut first, &mut second) {
            None => return Ok(()),
            Some(Ordering::Less) => comparison.only_in_first.extend(first.next().transpose()?),
            Some(Ordering::Greater) => comparison.only_in_second.extend(second.next().transpose()?),
            Some(Ordering::Equal) => {
                if let (Some(one), Some(other)) =
                    (first.next().transpose()?, second.next().transpose()?)
                {
                    let differs = differs(&one, &other);
                    if differs.is_empty() {
                        comparison.same += 1;
                    } else {
                        comparison.different.push(DifferenceShape {
                            object_id: one.object_id.clone(),
                            first: one,
                            second: other,
                            differs,
                        });
                    }
                }
            }
        }
    }
}

/// Which of two has the next user; `None` where both are at their end. What cannot be read is taken
/// next, so that it is heard of.
fn order(
    first: &mut Peekable<impl Iterator<Item = anyhow::Result<ChangeShape>>>,
    second: &mut Peekable<impl Iterator<Item = anyhow::Result<ChangeShape>>>,
) -> Option<Ordering> {
    match (first.peek(), second.peek()) {
        (None, None) => None,
        (Some(Err(_)), _) | (Some(_), None) => Some(Ordering::Less),
        (_, Some(Err(_))) | (None, Some(_)) => Some(Ordering::Greater),
        (Some(Ok(one)), Some(Ok(other))) => Some(one.object_id.cmp(&other.object_id)),
    }
}

/// What two changes to one user do differently. Their reasons may differ without that.
fn differs(one: &ChangeShape, other: &ChangeShape) -> Vec<String> {
    let mut differs = Vec::new();
    if one.change != other.change || one.evidence != other.evidence {
        differs.push("change".to_owned());
    }
    if one.contact_id != other.contact_id {
        differs.push("contact".to_owned());
    }
    let (ones, others) = (by_name(one), by_name(other));
    let names = ones
        .keys()
        .chain(others.keys().filter(|name| !ones.contains_key(*name)));
    differs.extend(
        names
            .filter(|name| ones.get(*name) != others.get(*name))
            .map(|name| (*name).to_owned()),
    );
    if one.directory != other.directory {
        differs.push("directory".to_owned());
    }
    if one.joins != other.joins || one.leaves != other.leaves {
        differs.push("lists".to_owned());
    }
    differs
}

fn by_name(change: &ChangeShape) -> BTreeMap<&str, &FieldShape> {
    let fields = change.fields.iter();
    fields.map(|field| (field.field.as_str(), field)).collect()
}

fn show(store: &dyn AdminStore, comparison: &ComparisonShape) {
    let section = |title: &str, changes: &[ChangeShape]| {
        printer::line(coloured(
            Colour::Bold,
            format_args!("{title}: {}", changes.len()),
        ));
        for change in changes {
            words::show_change(store, change);
        }
    };
    section("only in the first", &comparison.only_in_first);
    section("only in the second", &comparison.only_in_second);
    printer::line(coloured(
        Colour::Bold,
        format_args!("different: {}", comparison.different.len()),
    ));
    for difference in &comparison.different {
        show_difference(store, difference);
    }
    printer::line(format_args!("the same in both: {}", comparison.same));
}

fn show_difference(store: &dyn AdminStore, difference: &DifferenceShape) {
    let who = words::who(store, &difference.first)
        .map(|who| format!(", {}", printer::plain(&who)))
        .unwrap_or_default();
    printer::line(format_args!("{}{who}:", difference.object_id));
    let (one, other) = (&difference.first, &difference.second);
    let (ones, others) = (by_name(one), by_name(other));
    for name in &difference.differs {
        let (left, right) = match name.as_str() {
            "change" => (what(one), what(other)),
            "contact" => (contact(one), contact(other)),
            "lists" => (lists(one), lists(other)),
            field => (written(ones.get(field)), written(others.get(field))),
        };
        printer::line(format_args!("  {name}: {left} | {right}"));
    }
}

fn what(change: &ChangeShape) -> String {
    match &change.evidence {
        Some(evidence) => format!("{} ({})", change.change.name(), printer::plain(evidence)),
        None => change.change.name().to_owned(),
    }
}

fn contact(change: &ChangeShape) -> String {
    change
        .contact_id
        .clone()
        .unwrap_or_else(|| "new".to_owned())
}

fn lists(change: &ChangeShape) -> String {
    let joins = change
        .joins
        .iter()
        .map(|list| format!("joins {}", printer::plain(list)));
    let leaves = change
        .leaves
        .iter()
        .map(|list| format!("leaves {}", printer::plain(list)));
    let all: Vec<_> = joins.chain(leaves).collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

fn written(field: Option<&&FieldShape>) -> String {
    field.map_or_else(
        || "not written".to_owned(),
        |field| words::before_and_after(field),
    )
}
