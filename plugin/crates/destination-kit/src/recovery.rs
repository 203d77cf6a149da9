//! What earlier calls left to be done: intents of a call that ended in the middle, and lists that somebody should
//! be off already.

use std::collections::BTreeMap;

use crate::contract::StoreError;
use crate::destination::{Capabilities, Destination, Failure, Record, RemoteId, RemoteListId};
use crate::drive;
use crate::keep::Addresses;
use crate::keys;
use crate::ledger::Ledger;
use crate::records::{Operation, Owed, Request};
use crate::recover::{self, Resolution};
use crate::rules;
use crate::settle::settle;
use crate::store::Store;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// Finds out what a call that ended in the middle has done, and puts it over the ledger: it is kept with the
    /// next commit.
    pub(crate) fn recover(&self, capabilities: &Capabilities) -> Result<(), StoreError> {
        if self.is_recovered.get() {
            return Ok(());
        }
        self.undecided.borrow_mut().clear();
        let mut intents: Vec<(String, Operation)> = Vec::new();
        self.view.for_each(keys::INTENTS, |key, value| {
            intents.push((key.to_owned(), crate::view::parsed(value)?));
            Ok(())
        })?;
        if intents.is_empty() {
            self.is_recovered.set(true);
            return Ok(());
        }
        let addresses = Addresses::read(&self.view, rules::match_key(capabilities))?;
        let remote = |operation: &Operation| Some(operation.before.as_ref()?.remote.clone());
        let ids: Vec<_> = intents
            .iter()
            .filter(|(_, operation)| operation.request != Request::Create)
            .filter_map(|(_, operation)| remote(operation))
            .collect();
        let fetched = self.fetched(capabilities, &ids)?;
        let made = self.made(capabilities, &intents)?;
        let now_ms = self.now_ms();
        for (key, operation) in intents {
            let record = match operation.request {
                Request::Create => made.get(&key).cloned(),
                _ => remote(&operation).and_then(|id| fetched.get(&id).cloned()),
            };
            match recover::resolve(capabilities, &operation, record, now_ms) {
                Resolution::Done(performed) => {
                    settle(&self.view, &addresses, &operation, *performed)?;
                    self.view.delete(key);
                }
                Resolution::NotDone => self.view.delete(key),
                Resolution::Undecided => {
                    let user = (operation.source, operation.user);
                    self.undecided.borrow_mut().insert(user);
                }
            }
        }
        self.is_recovered.set(self.undecided.borrow().is_empty());
        Ok(())
    }

    /// The records that intents have made, by the key of the intent.
    fn made(
        &self,
        capabilities: &Capabilities,
        intents: &[(String, Operation)],
    ) -> Result<BTreeMap<String, Record>, StoreError> {
        let creates = intents
            .iter()
            .filter(|(_, operation)| operation.request == Request::Create);
        let tasks = creates.filter_map(|(key, operation)| {
            let draft = crate::perform::draft(capabilities, operation)?;
            Some(async move {
                let made = self.destination.created(&draft).await;
                (key, made)
            })
        });
        let mut found = BTreeMap::new();
        for (key, made) in drive::all(&self.destination, capabilities.width, tasks)? {
            if let Some(record) = made? {
                found.insert(key.clone(), record);
            }
        }
        Ok(found)
    }

    /// Takes off lists whoever should be off them already. What does not work now is tried again.
    pub(crate) fn take_off_lists(&self) -> Result<(), StoreError> {
        let mut owed: BTreeMap<RemoteListId, Vec<RemoteId>> = BTreeMap::new();
        self.view.for_each(keys::OWED, |_, value| {
            let Owed { list, remote } = crate::view::parsed(value)?;
            owed.entry(list).or_default().push(remote);
            Ok(())
        })?;
        if owed.is_empty() {
            return Ok(());
        }
        let at_once = self.capabilities()?.batch.membership.max(1);
        for (list, remotes) in owed {
            for remotes in remotes.chunks(at_once) {
                let left = self.destination.membership(&list, &[], remotes);
                let left = drive::one(&self.destination, left)?;
                // Nobody is on a list that is not there any more.
                if matches!(left, Ok(()) | Err(Failure::Gone)) {
                    for remote in remotes {
                        self.view.delete(keys::owed(&list, remote));
                    }
                }
            }
        }
        Ok(())
    }
}
