//! However an identity is spelt, it is the same one: object ids, addresses and names of lists.

use connector_contract::{Effect, EffectOnContact, Note, PlanEntry, Sightings, Who};
use proptest::prelude::*;

use super::workspace::*;
use crate::{ContactFilter, PlanFilter, PlanRecord};

const USER: &str = "abcdef00-0000-4000-8000-00000000abcd";
const CAPITALS: &str = "ABCDEF00-0000-4000-8000-00000000ABCD";

/// A user whose id has this number.
fn user(number: u8) -> String {
    format!("{number:08}-0000-4000-8000-000000000000")
}

fn on_lists(object_id: &str, names: &[&str]) -> Create {
    Create {
        lists: lists(names),
        ..create(object_id, &[])
    }
}

/// Every list that some contact is on.
fn all_lists(workspace: &Workspace) -> Vec<String> {
    let rows = workspace.store.contacts(ContactFilter::default());
    let mut names: Vec<_> = rows.flat_map(|row| row.unwrap().lists).collect();
    names.sort();
    names.dedup();
    names
}

pub fn a_user_in_capitals_is_the_user_at_every_door(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.created(CAPITALS, &[("company", "A")]);
    assert_eq!(object_id(&contact), USER, "kept in one form");
    for spelling in [USER, CAPITALS, "{ABCDEF00-0000-4000-8000-00000000ABCD}"] {
        assert_eq!(workspace.linked_to(spelling), Some(contact.clone()));
        assert_eq!(word(&workspace.apply_one(create(spelling, &[]))), "linked");
        let history = workspace
            .store
            .journal(SOURCE, &Who::User(spelling.to_owned()), 9);
        assert_eq!(history.unwrap().len(), 1);
    }
    let changed = Update {
        object_id: CAPITALS.to_owned(),
        ..update(&contact, &[("company", Some("B"))])
    };
    assert_eq!(word(&workspace.apply_one(changed)), "applied");

    workspace.store.open_round(SOURCE, "sync", false).unwrap();
    let mut page = commit(Vec::new());
    page.sightings = Some(Sightings {
        round: "sync".to_owned(),
        object_ids: names(&[CAPITALS]),
        links: Vec::new(),
    });
    page.notes = vec![Note {
        object_id: CAPITALS.to_owned(),
        address: None,
        contact: None,
        reason: "kept-by-policy".to_owned(),
    }];
    workspace.store.apply(page).unwrap();
    let unseen = workspace
        .store
        .unseen(SOURCE, "sync", None, 9, &[])
        .unwrap();
    assert!(unseen.is_empty(), "seen under either spelling");
    let noted = |spelling: &str| {
        let who = Who::User(spelling.to_owned());
        workspace.store.notes(SOURCE, &who).unwrap().len()
    };
    assert_eq!((noted(USER), noted(CAPITALS)), (1, 1));
    let mut page = commit(Vec::new());
    page.settled = names(&[CAPITALS]);
    workspace.store.apply(page).unwrap();
    assert_eq!(noted(USER), 0);
}

pub fn a_plan_has_one_entry_of_a_user_however_spelt(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    workspace.store.begin_plan().unwrap();
    for spelling in [USER, CAPITALS] {
        workspace.store.put(vec![joining(spelling, &[])]).unwrap();
    }
    let entries = workspace.store.entries(None, &names(&[CAPITALS])).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(workspace.store.changes(None, None, 9).unwrap(), entries);
    keep(&workspace, "d1");
    let filter = PlanFilter {
        user: Some(CAPITALS.to_owned()),
        ..PlanFilter::default()
    };
    assert_eq!(
        workspace.store.planned("d1", &filter, None, 9).unwrap(),
        entries
    );
}

pub fn an_address_finds_its_contact_however_it_is_spelt(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let contact = workspace.by_hand(&[("email", "Kim@Bücher.example")]);
    for spelling in [
        "kim@bücher.example",
        "KIM@BÜCHER.EXAMPLE",
        "kim@xn--bcher-kva.example",
        "kim@bu\u{308}cher.example",
        "\u{202a}kim@bücher.example\u{202c}",
    ] {
        let found = workspace.find(Query {
            match_keys: names(&[spelling]),
            ..query()
        });
        assert_eq!(ids(&found), [contact.id.as_str()], "{spelling:?}");
        assert_eq!(workspace.store.by_address(spelling).unwrap().len(), 1);
    }
}

pub fn names_that_differ_by_case_are_one_list_spelt_as_the_smallest_object_ids(
    stores: &dyn StoreFactory,
) {
    let wanted = [(3, "SALES"), (1, "Sales"), (2, "sales"), (4, "Sa\u{ad}les")];
    let mut spellings = Vec::new();
    for turn in 0..wanted.len() {
        let workspace = Workspace::new(stores);
        for place in 0..wanted.len() {
            let (number, name) = wanted[(place + turn) % wanted.len()];
            workspace.apply_one(on_lists(&user(number), &[name]));
        }
        spellings.extend(all_lists(&workspace));
        let filter = ContactFilter {
            list: Some("sAlEs".to_owned()),
            ..ContactFilter::default()
        };
        assert_eq!(workspace.store.contacts(filter.clone()).count(), 4);
        assert_eq!(
            workspace
                .store
                .page(&filter, None, 9)
                .unwrap()
                .contacts
                .len(),
            4
        );
    }
    assert_eq!(spellings, ["Sales"; 4]);
}

pub fn a_list_that_is_there_keeps_its_spelling(stores: &dyn StoreFactory) {
    let workspace = Workspace::new(stores);
    let friend = workspace.by_hand(&[("company", "A")]);
    let by_hand = &lists(&["sales"])[0];
    workspace.store.put_on_list(&friend.id, by_hand).unwrap();
    workspace.apply_one(on_lists(&user(1), &["SALES"]));
    workspace.apply_one(on_lists(&user(5), &["SUPPORT"]));
    let mut later = commit(vec![on_lists(&user(2), &["Support"]).into()]);
    later.run = Some("run-2".to_owned());
    workspace.store.apply(later).unwrap();
    assert_eq!(all_lists(&workspace), ["SUPPORT", "sales"]);

    let contact = workspace.linked_to(&user(1)).unwrap();
    assert_eq!(contact.lists, ["sales"]);
    let history = workspace
        .store
        .journal(SOURCE, &Who::User(user(1)), 9)
        .unwrap();
    assert_eq!(
        history[0].what.joins,
        ["sales"],
        "told as the list is spelt"
    );
    let mut leaving = update(&contact, &[]);
    leaving.membership.leave = names(&["Sales"]);
    assert_eq!(word(&workspace.apply_one(leaving)), "applied");
    assert!(workspace.contact(&contact.id).unwrap().lists.is_empty());
    assert_eq!(all_lists(&workspace), ["SUPPORT", "sales"], "friend stays");
}

fn joining(object_id: &str, joins: &[&str]) -> PlanEntry {
    PlanEntry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id: object_id.to_owned(),
            effect: Effect::Create,
            reason: "new-user".to_owned(),
            evidence: None,
            fields: Vec::new(),
            joins: names(joins),
            leaves: Vec::new(),
        },
    }
}

fn keep(workspace: &Workspace, digest: &str) {
    let record = PlanRecord {
        digest: digest.to_owned(),
        mode: "full".to_owned(),
        created_at_ms: 7,
        summary: "{}".to_owned(),
    };
    workspace.store.keep_plan(&record).unwrap();
}

pub fn a_plan_spells_lists_as_the_sync_will_whatever_the_order(stores: &dyn StoreFactory) {
    proptest!(cases(24, file!()), |(
        spellings in prop::collection::vec("(Sales|SALES|sales|Études|ÉTUDES|E\u{301}tudes)", 1..7),
        order in any::<prop::sample::Index>(),
        there in prop::option::of("(sALES|études)"),
    )| {
        let workspace = Workspace::new(stores);
        if let Some(name) = &there {
            let friend = workspace.by_hand(&[]);
            workspace.store.put_on_list(&friend.id, &lists(&[name])[0]).unwrap();
        }
        let mut people: Vec<_> = (1..).map(user).zip(&spellings).collect();
        let turn = order.index(people.len());
        people.rotate_left(turn);
        workspace.store.begin_plan().unwrap();
        for (user, name) in &people {
            workspace.store.put(vec![joining(user, &[name])]).unwrap();
        }
        let planned: Vec<_> = workspace.store.changes(None, None, 99).unwrap();
        people.reverse();
        for (user, name) in &people {
            workspace.apply_one(on_lists(user, &[name]));
        }
        for entry in &planned {
            let contact = workspace.linked_to(&entry.what.object_id).unwrap();
            prop_assert_eq!(&entry.what.joins, &contact.lists);
        }
        let again = workspace.store.changes(None, None, 99).unwrap();
        prop_assert_eq!(again, planned);
    });
}
