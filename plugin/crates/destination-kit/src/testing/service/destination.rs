//! The service as the kit sees it.

use contact_identity::address::comparable;
use guest_kit::Clock as _;

use super::{Held, MemoryService, put};
use crate::contract::FieldWrite;
use crate::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Failure, Key, Patch,
    Record, RemoteId, RemoteList, RemoteListId, ScanPage,
};

impl Destination for MemoryService {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        self.answer().await;
        Ok(self.inside().profile.capabilities.clone())
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        self.answer().await;
        let inside = self.inside();
        Ok(ids.iter().map(|id| inside.told(id)).collect())
    }

    async fn find(&self, keys: &[Key]) -> Result<Vec<Record>, DestinationError> {
        self.answer().await;
        let shown = self.shown();
        let inside = self.inside();
        let fits = |held: &Held| {
            keys.iter().any(|key| match key {
                Key::Link(tie) => held.tie.as_ref() == Some(tie),
                Key::MatchKey(key) => {
                    let email = held.fields.get("email");
                    email.is_some_and(|email| comparable(email) == *key)
                }
            })
        };
        let found = shown
            .iter()
            .filter(|id| inside.records.get(*id).is_some_and(fits));
        Ok(found.filter_map(|id| inside.told(id)).collect())
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        const PAGE: usize = 50;
        self.answer().await;
        let behind = |id: &&RemoteId| cursor.is_none_or(|cursor| id.as_str() > cursor);
        let shown = self.shown();
        let page: Vec<_> = shown.iter().filter(behind).take(PAGE).collect();
        let inside = self.inside();
        Ok(ScanPage {
            next: (page.len() == PAGE)
                .then(|| page.last().map(|id| (*id).clone()))
                .flatten(),
            records: page.iter().filter_map(|id| inside.told(id)).collect(),
        })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        self.answer().await;
        let made_at_ms = self.clock.now().0;
        let made = drafts.iter().map(|draft| {
            self.perform(|inside| {
                let id = inside.next();
                let held = Held {
                    fields: draft.fields.iter().cloned().collect(),
                    active: draft.active,
                    lists: draft.lists.iter().cloned().collect(),
                    tie: draft.tie.clone().filter(|_| inside.profile.keeps_ties),
                    made_at_ms,
                };
                inside.records.insert(id.clone(), held);
                inside.told(&id).ok_or(Failure::Gone)
            })
        });
        let made = made.collect();
        self.answer().await;
        made
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        self.answer().await;
        let shown = self.shown();
        let inside = self.inside();
        let is_it = |held: &Held| draft.tie.is_some() && held.tie == draft.tie;
        let mut found = shown
            .iter()
            .filter(|id| inside.records.get(*id).is_some_and(is_it));
        Ok(found.next().and_then(|id| inside.told(id)))
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        let ids: Vec<_> = patches.iter().map(|patch| patch.known.id.clone()).collect();
        self.busy(&ids);
        self.answer().await;
        let written = patches.iter().map(|patch| {
            let id = &patch.known.id;
            if self.is_overtaken() {
                let by_somebody = FieldWrite {
                    name: "job_title".to_owned(),
                    value: Some(format!("Edited {}", self.dice.below(1_000))),
                };
                if let Some(held) = self.inside().records.get_mut(id) {
                    put(held, &by_somebody);
                }
            }
            self.perform(|inside| {
                inside.fits(id, patch.known.guard.as_ref())?;
                let keeps_ties = inside.profile.keeps_ties;
                let held = inside.records.get_mut(id).ok_or(Failure::Gone)?;
                patch.writes.iter().for_each(|write| put(held, write));
                held.active = patch.active.unwrap_or(held.active);
                if let Some(tie) = patch.tie.as_ref().filter(|_| keeps_ties) {
                    held.tie.clone_from(tie);
                }
                inside.told(id).ok_or(Failure::Gone)
            })
        });
        let written = written.collect();
        self.answer().await;
        self.free(&ids);
        written
    }

    async fn delete(&self, doomed: &[Doomed]) -> Vec<Attempt<()>> {
        let ids: Vec<_> = doomed.iter().map(|doomed| doomed.id.clone()).collect();
        self.busy(&ids);
        self.answer().await;
        let deleted = doomed.iter().map(|doomed| {
            self.perform(|inside| {
                inside.fits(&doomed.id, doomed.guard.as_ref())?;
                inside.records.remove(&doomed.id);
                Ok(())
            })
        });
        let deleted = deleted.collect();
        self.answer().await;
        self.free(&ids);
        deleted
    }

    async fn membership(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        let ids: Vec<_> = add.iter().chain(remove).cloned().collect();
        self.busy(&ids);
        self.answer().await;
        let moved = self.perform(|inside| {
            if !inside.lists.contains_key(list) {
                return Err(Failure::Gone);
            }
            for (ids, on) in [(add, true), (remove, false)] {
                for id in ids {
                    if let Some(held) = inside.records.get_mut(id) {
                        if on {
                            held.lists.insert(list.clone());
                        } else {
                            held.lists.remove(list);
                        }
                    }
                }
            }
            Ok(())
        });
        self.free(&ids);
        moved
    }

    async fn lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        self.answer().await;
        let list = |(id, name): (&RemoteListId, &String)| RemoteList {
            id: id.clone(),
            name: name.clone(),
        };
        Ok(self.inside().lists.iter().map(list).collect())
    }

    async fn make_list(&self, name: &str, _: &str) -> Attempt<RemoteList> {
        self.answer().await;
        self.perform(|inside| {
            let id = inside.list(name);
            let name = inside.lists.get(&id).cloned().unwrap_or_default();
            Ok(RemoteList { id, name })
        })
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.answer().await;
        self.perform(|inside| {
            let known = inside.lists.get_mut(list).ok_or(Failure::Gone)?;
            name.clone_into(known);
            Ok(())
        })
    }

    async fn make_field(&self, _: &str) -> Attempt<()> {
        self.answer().await;
        self.perform(|_| Ok(()))
    }

    fn wait(&self) -> bool {
        let mut inside = self.inside();
        let held: Vec<u64> = inside
            .waiting
            .iter()
            .filter(|(_, may_go_on)| !**may_go_on)
            .map(|(ticket, _)| *ticket)
            .collect();
        let Some(next) = held.get(self.dice.below(held.len())) else {
            return false;
        };
        inside.waiting.insert(*next, true);
        true
    }
}
