//! Lists: known by their name without regard to case, told by one spelling.
//!
//! The spelling is that of the list that is there. A new list is spelt as the smallest object id among those
//! whom the run that makes it puts there would have it; while that run goes on, a smaller one changes the
//! spelling.

use std::collections::BTreeMap;

use contact_identity::list::comparable;

use crate::contract::{ContactList, StoreError};
use crate::destination::{Attempt, Destination, DestinationError, RemoteList, RemoteListId};
use crate::drive;
use crate::keys;
use crate::ledger::Ledger;
use crate::records::ListRecord;
use crate::view::{View, parsed};

/// The lists of a service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    names: BTreeMap<RemoteListId, String>,
    ids: BTreeMap<String, RemoteListId>,
}

impl Book {
    fn enter(&mut self, list: RemoteList) {
        let key = comparable(&list.name).into_owned();
        self.ids.entry(key).or_insert_with(|| list.id.clone());
        self.names.insert(list.id, list.name);
    }

    pub(crate) fn id(&self, name: &str) -> Option<RemoteListId> {
        self.ids.get(comparable(name).as_ref()).cloned()
    }

    pub(crate) fn name(&self, id: &str) -> Option<String> {
        self.names.get(id).cloned()
    }

    /// Reads all lists there are, and what those are called by now that contacts were put on. Where a list is its
    /// name and nothing else, these are the lists that matter, and the service is not asked.
    pub(crate) fn read<D: Destination, L: Ledger>(
        destination: &D,
        view: &View<L>,
    ) -> Result<Self, StoreError> {
        let mut book = Self::default();
        if destination.lists_are_names() {
            for list in remembered(view)? {
                book.enter(list);
            }
            return Ok(book);
        }
        let mut lists = drive::one(destination, destination.lists())??;
        // Of two of one name, the first by id is the one.
        lists.sort_by(|left, right| left.id.cmp(&right.id));
        for list in lists {
            book.enter(list);
        }
        let known = view.read_all::<ListRecord>(book.names.keys().map(|id| keys::list(id)))?;
        for (id, name) in &book.names {
            if let Some(known) = known
                .get(&keys::list(id))
                .filter(|known| known.name != *name)
            {
                let renamed = ListRecord {
                    name: name.clone(),
                    ..known.clone()
                };
                view.put(keys::list(id), &renamed)?;
            }
        }
        Ok(book)
    }
}

/// The lists that contacts were put on, of a service whose lists are their names.
pub(crate) fn remembered<L: Ledger>(view: &View<L>) -> Result<Vec<RemoteList>, StoreError> {
    let mut lists = Vec::new();
    view.for_each(keys::LISTS, |_, value| {
        let ListRecord { name, .. } = parsed(value)?;
        let id = comparable(&name).into_owned();
        lists.push(RemoteList { id, name });
        Ok(())
    })?;
    Ok(lists)
}

/// Somebody whom a run puts on a list.
pub(crate) struct Joining<'j> {
    pub(crate) list: &'j ContactList,
    pub(crate) user: &'j str,
    pub(crate) run: Option<&'j str>,
}

/// Makes the lists that are not there, spells those anew that a smaller object id names, and notes all of them.
/// What went wrong, by the comparable name.
pub(crate) fn prepare<D: Destination, L: Ledger>(
    destination: &D,
    view: &View<L>,
    book: &mut Book,
    joining: &[Joining<'_>],
) -> Result<BTreeMap<String, Attempt<()>>, StoreError> {
    let mut first: BTreeMap<String, &Joining<'_>> = BTreeMap::new();
    for join in joining {
        let key = comparable(&join.list.name).into_owned();
        let known = first.entry(key).or_insert(join);
        if join.user < known.user {
            *known = join;
        }
    }
    let mut failed = BTreeMap::new();
    for (key, join) in first {
        if let Err(failure) = one(destination, view, book, &key, join)? {
            failed.insert(key, Err(failure));
        }
    }
    Ok(failed)
}

fn one<D: Destination, L: Ledger>(
    destination: &D,
    view: &View<L>,
    book: &mut Book,
    key: &str,
    join: &Joining<'_>,
) -> Result<Attempt<()>, StoreError> {
    let name = &join.list.name;
    let Some(id) = book.ids.get(key).cloned() else {
        let made = destination.make_list(name, &join.list.description);
        let list = match driven(destination, made)? {
            Ok(list) => list,
            Err(failure) => return Ok(Err(failure)),
        };
        // One that is spelt otherwise somebody else has made meanwhile.
        let is_new = list.name == *name;
        let record = ListRecord {
            name: list.name.clone(),
            named_by: is_new.then(|| join.user.to_owned()),
            named_in: join.run.filter(|_| is_new).map(str::to_owned),
        };
        view.put(keys::list(&list.id), &record)?;
        book.enter(list);
        return Ok(Ok(()));
    };
    let record: Option<ListRecord> = view.read(&keys::list(&id))?;
    let Some(record) = record else {
        let record = ListRecord {
            name: book.name(&id).unwrap_or_else(|| name.clone()),
            named_by: None,
            named_in: None,
        };
        view.put(keys::list(&id), &record)?;
        return Ok(Ok(()));
    };
    let is_smaller = record
        .named_by
        .as_deref()
        .is_some_and(|namer| join.user < namer);
    if join.run.is_none() || record.named_in.as_deref() != join.run || !is_smaller {
        return Ok(Ok(()));
    }
    if record.name != *name
        && let Err(failure) = driven(destination, destination.rename_list(&id, name))?
    {
        return Ok(Err(failure));
    }
    let record = ListRecord {
        name: name.clone(),
        named_by: Some(join.user.to_owned()),
        named_in: record.named_in,
    };
    view.put(keys::list(&id), &record)?;
    book.names.insert(id, name.clone());
    Ok(Ok(()))
}

fn driven<T>(
    destination: &impl Destination,
    task: impl Future<Output = T>,
) -> Result<T, DestinationError> {
    drive::one(destination, task)
}
