//! Groups of the directory: who is on which list, and who is in scope, because of a group.

mod catching_up;
mod lists;
mod losing;
mod random;
mod scope;

use std::collections::BTreeSet;

use host_harness::contract::Who;
use host_harness::graph_emulator::{Behaviour, Members};
use serde_json::{Value, json};

use crate::world::{World, connector, object_id, people};

/// How many people most worlds have.
const PEOPLE: u32 = 12;

/// People get contacts and are on the lists of their groups, and on no other.
fn groups(groups: Value) -> Value {
    json!({
        "preset": "mirror",
        "list": "none",
        "scope": "users-and-groups",
        "groups": groups,
    })
}

/// Twelve people in a tenant whose application may read groups, nothing synced yet.
async fn world(rules: Value) -> World {
    world_of(rules, |_| {}).await
}

async fn world_of(rules: Value, behaviour: impl FnOnce(&mut Behaviour)) -> World {
    World::with(people(PEOPLE), groups(rules))
        .emulator(|options| {
            options.tenant.roles = ["User.Read.All", "GroupMember.Read.All"]
                .map(str::to_owned)
                .to_vec();
            behaviour(&mut options.behaviour);
        })
        .begin()
        .await
}

impl World {
    /// Adds a group with these people; its id.
    fn add_group(&self, name: &str, members: &[u32]) -> String {
        self.add_group_with(name, members, json!({}))
    }

    fn add_group_with(&self, name: &str, members: &[u32], more: Value) -> String {
        let ids: Vec<String> = members.iter().map(|id| object_id(*id)).collect();
        let mut group = json!({ "displayName": name, "members": ids });
        for (key, value) in more.as_object().unwrap() {
            group[key] = value.clone();
        }
        self.control().add_group(group).unwrap()
    }

    fn join(&self, group: &str, people: &[u32]) {
        let members = Members::of(people.iter().map(|id| object_id(*id)));
        self.control().add_members(group, &members).unwrap();
    }

    fn leave(&self, group: &str, people: &[u32]) {
        let members = Members::of(people.iter().map(|id| object_id(*id)));
        self.control().remove_members(group, &members).unwrap();
    }

    /// The numbered people whose contact is on a list.
    fn on(&self, list: &str) -> Vec<u32> {
        let on: BTreeSet<_> = self
            .contacts()
            .into_iter()
            .filter(|contact| contact.lists.iter().any(|name| name == list))
            .filter_map(|contact| contact.object_id)
            .collect();
        (1..=PEOPLE)
            .filter(|id| on.contains(&object_id(*id)))
            .collect()
    }

    /// What `explain` says of a numbered person's groups.
    async fn story_of(&self, id: u32) -> Vec<String> {
        let who = Who::User(object_id(id));
        let explained = connector()
            .explain(&self.workspace, &self.document, who)
            .await
            .result
            .unwrap();
        let sentences = explained.into_iter().flat_map(|one| one.summary);
        sentences
            .filter(|sentence| sentence.contains("group"))
            .collect()
    }

    /// Every list that some contact is on.
    fn lists(&self) -> BTreeSet<String> {
        let contacts = self.contacts().into_iter();
        contacts.flat_map(|contact| contact.lists).collect()
    }

    /// How many requests were answered whose target contains a text.
    fn asked(&self, text: &str) -> usize {
        let requests = self.control().requests();
        requests
            .iter()
            .filter(|request| request.target.contains(text))
            .count()
    }
}
