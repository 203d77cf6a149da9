//! What is taken away, in words, and the form in which it is approved: a number that is deleted is typed.

use api_types::views::{Frame, RemovalsView};
use maud::{Markup, html};

use super::formatting::{counted, grouped};
use super::forms::{TextInput, Weight, hidden};

/// `delete 3 contacts, deactivate 2 and unlink 1`; nothing where nothing is taken away.
pub(super) fn words(removals: RemovalsView) -> Option<String> {
    let kinds = [
        ("delete", removals.deleted),
        ("deactivate", removals.deactivated),
        ("unlink", removals.unlinked),
    ];
    let mut words: Vec<String> = Vec::new();
    for (verb, number) in kinds.into_iter().filter(|(_, number)| *number > 0) {
        words.push(match words.is_empty() {
            true => format!("{verb} {}", counted(number, "contact", "contacts")),
            false => format!("{verb} {}", grouped(number)),
        });
    }
    let last = words.pop()?;
    Some(match words.is_empty() {
        true => last,
        false => format!("{} and {last}", words.join(", ")),
    })
}

/// What is to be approved, and how.
pub(super) struct Approval<'a> {
    /// Where it is posted to.
    pub(super) action: &'a str,
    /// What goes with it.
    pub(super) values: &'a [(&'a str, &'a str)],
    pub(super) removals: RemovalsView,
    /// What is done beside that: "run sync".
    pub(super) deed: &'a str,
    pub(super) enabled: bool,
    /// Nothing is over a limit, so that it is what one came for.
    pub(super) plain: bool,
    /// What was wrong with the number that was typed.
    pub(super) problem: Option<&'a str>,
}

impl Approval<'_> {
    /// What the button says: everything that it takes away, with its number.
    pub(super) fn label(&self) -> String {
        let mut label = match words(self.removals) {
            Some(words) => format!("{words}, and {}", self.deed),
            None => self.deed.to_owned(),
        };
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        label
    }

    /// The form. Where contacts are deleted, it asks for their number, which is not filled in.
    pub(super) fn draw(&self, frame: &Frame) -> Markup {
        let takes_away = self.removals.total() > 0;
        let weight = if takes_away || !self.plain {
            Weight::Danger
        } else {
            Weight::Primary
        };
        let deleted = self.removals.deleted;
        let label = format!(
            "Type {deleted} to delete {}",
            counted(deleted, "contact", "contacts")
        );
        html! {
            form .inline[deleted == 0] .approval[deleted > 0] method="post" action={ (frame.root) (self.action) } {
                (hidden(frame))
                @for (name, value) in self.values { input type="hidden" name=(name) value=(value); }
                @if deleted > 0 {
                    (TextInput {
                        name: "deletions", label: &label, value: "", kind: "text",
                        hint: Some("What is deleted is gone with every value it has. It can be taken back for 90 days."),
                        placeholder: None, required: true, problem: self.problem,
                    }.draw())
                }
                button type="submit" class=(weight.class()) disabled[!self.enabled] { (self.label()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_removal_is_named_with_its_number() {
        let of = |deleted, deactivated, unlinked| {
            words(RemovalsView {
                deleted,
                deactivated,
                unlinked,
            })
        };
        assert_eq!(of(0, 0, 0), None);
        assert_eq!(of(75_024, 0, 0).unwrap(), "delete 75,024 contacts");
        assert_eq!(of(0, 0, 1).unwrap(), "unlink 1 contact");
        assert_eq!(of(3, 0, 2).unwrap(), "delete 3 contacts and unlink 2");
        assert_eq!(
            of(3, 1, 2).unwrap(),
            "delete 3 contacts, deactivate 1 and unlink 2"
        );
    }
}
