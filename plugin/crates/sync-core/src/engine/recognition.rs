//! Whose contacts are known again, so that they need not be fetched.

use crate::mapping::person::Item;
use crate::ports::Expected;
use crate::reconcile::mark::Mark;

use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Stage;

/// What is known of the contacts of some people before any of them is fetched.
pub(super) struct Recognition {
    /// By position; none at all where the store keeps no marks.
    people: Vec<Known>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The mark that the contact has where it is in step.
    mark: Option<Mark>,
    /// The link of a contact that has it.
    link: Option<u64>,
}

impl Recognition {
    /// Asks the store who has the mark that is expected, in one call. While there are `no_links` there is
    /// nobody to be known again.
    pub(super) fn of(
        session: &Session<'_>,
        items: &[Item],
        stage: &dyn Stage,
        no_links: bool,
    ) -> Result<Self, RunAbort> {
        let marks = session.marks.filter(|_| stage.knows_contacts_again());
        let Some(marks) = marks else {
            return Ok(Self { people: Vec::new() });
        };
        let mut people: Vec<Known> = items
            .iter()
            .map(|item| Known {
                mark: match item {
                    Item::Live(person) => marks.of(person),
                    Item::Gone { .. } | Item::Nameless => None,
                },
                link: None,
            })
            .collect();
        if !no_links {
            recognise(session, items, &mut people)?;
        }
        Ok(Self { people })
    }

    /// Whether the contact is the same as when it was marked.
    pub(super) fn is_same(&self, place: usize) -> bool {
        self.people
            .get(place)
            .is_some_and(|known| known.link.is_some())
    }

    /// The mark that the contact is to have once it is in step.
    pub(super) fn mark(&self, place: usize) -> Option<Mark> {
        self.people.get(place)?.mark
    }

    /// The people whose contacts have to be fetched.
    pub(super) fn others<'i>(&self, items: &'i [Item]) -> impl Iterator<Item = &'i Item> {
        let others = items.iter().enumerate();
        others.filter_map(|(place, item)| (!self.is_same(place)).then_some(item))
    }

    /// The links of the contacts that are the same.
    pub(super) fn links(&self) -> Vec<u64> {
        self.people.iter().filter_map(|known| known.link).collect()
    }
}

fn recognise(session: &Session<'_>, items: &[Item], people: &mut [Known]) -> Result<(), RunAbort> {
    let (places, users): (Vec<usize>, Vec<Expected>) = items
        .iter()
        .zip(&*people)
        .enumerate()
        .filter_map(|(place, (item, known))| {
            let object_id = item.object_id()?.clone();
            let mark = known.mark?;
            Some((place, Expected { object_id, mark }))
        })
        .unzip();
    if users.is_empty() {
        return Ok(());
    }
    for same in session.ports.store.same(&session.source, users)? {
        // A position that was not asked for says nothing about anybody.
        let place = places.get(same.user as usize);
        if let Some(known) = place.and_then(|place| people.get_mut(*place)) {
            known.link = Some(same.link);
        }
    }
    Ok(())
}
