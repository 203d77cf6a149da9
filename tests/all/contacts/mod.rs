//! Organisational contacts: people whom the directory lists without an account, read after the users.

mod evidence;
mod killed;
mod leaving;
mod life;
mod together;

use host_harness::contract::{Explanation, Who};
use host_harness::store_api::ContactRow;
use serde_json::{Value, json};

use crate::world::{World, connector, people};

/// How many users most worlds have.
const USERS: u32 = 4;
/// How many organisational contacts.
const CONTACTS: u32 = 5;

/// The object id of a numbered organisational contact.
fn contact_id(id: u32) -> String {
    format!("cccccccc-0000-4000-8000-{id:012}")
}

/// An organisational contact as `GET /contacts` states one.
fn contact(id: u32) -> Value {
    json!({
        "id": contact_id(id),
        "displayName": format!("Partner Number{id}"),
        "givenName": "Partner",
        "surname": format!("Number{id}"),
        "mail": format!("partner{id}@fabrikam.example"),
        "companyName": "Fabrikam",
        "department": "Sales",
        "phones": [
            {"type": "businessFax", "number": "+1 425 555 0199"},
            {"type": "mobile", "number": format!("+1 425 555 {:04}", 100 + id)},
        ],
        "addresses": [{"street": "1 Main", "city": "Redmond", "countryOrRegion": "USA"}],
    })
}

fn included() -> Value {
    json!({ "preset": "mirror", "organizationalContacts": "include" })
}

/// Users and organisational contacts of a tenant whose application may read both, nothing synced yet.
async fn world(sync: Value) -> World {
    world_of(USERS, CONTACTS, sync).await
}

async fn world_of(users: u32, contacts: u32, sync: Value) -> World {
    let world = World::with(people(users), sync)
        .emulator(|options| {
            options.tenant.roles = ["User.Read.All", "OrgContact.Read.All"]
                .map(str::to_owned)
                .to_vec();
        })
        .begin()
        .await;
    for id in 1..=contacts {
        world.control().add_contact(contact(id)).unwrap();
    }
    world
}

impl World {
    /// The contact linked to a numbered organisational contact.
    fn partner(&self, id: u32) -> Option<ContactRow> {
        let id = contact_id(id);
        let mut contacts = self.contacts().into_iter();
        contacts.find(|contact| contact.object_id.as_deref() == Some(&id))
    }

    /// The numbered organisational contacts that have a contact.
    fn partners(&self) -> Vec<u32> {
        let all = 1..=CONTACTS + 1;
        all.filter(|id| self.partner(*id).is_some()).collect()
    }

    /// How many requests were answered whose target contains a text, since they were cleared.
    fn asked_for(&self, text: &str) -> usize {
        let requests = self.control().requests();
        let about = |target: &str| target.contains(text);
        requests
            .iter()
            .filter(|request| about(&request.target))
            .count()
    }

    async fn explain_partner(&self, id: u32) -> Explanation {
        let who = Who::User(contact_id(id));
        let explained = connector()
            .explain(&self.workspace, &self.document, who)
            .await
            .result
            .unwrap();
        explained.into_iter().next().unwrap()
    }
}
