//! People as untidy as real ones, and what happens to them.

use host_harness::graph_emulator::{ChangeError, Control};
use serde_json::{Map, Value, json};

use crate::world::messy::Random;

/// A person's place among everybody there ever is in a history.
pub type Number = u32;

/// What the directory truly holds: live users by object id.
pub type Tenant = std::collections::BTreeMap<String, Map<String, Value>>;

const GIVEN_NAMES: [&str; 8] = [
    "Adélaïde",
    "Ade\u{301}lai\u{308}de",
    "Björn-Erik",
    "Xiǎolóng 李",
    "Łucja",
    "Sinéad",
    "عبد الرحمن",
    "Jo",
];
const SURNAMES: [&str; 6] = [
    "O'Hara-Quill",
    "Straßenmeyer",
    "ΟΔΥΣΣΕΥΣ",
    "van  den Bergh",
    "Ng",
    "\tTabulatus\r\n",
];
pub const DEPARTMENTS: [&str; 4] = ["Sales", "Support", "R&D", " sales "];
const TITLES: [&str; 3] = ["Account Executive", "Chief 🧭 Navigator", "Engineer"];

/// The object id of a person. Their order is not that in which people were added.
pub fn object_id(number: Number) -> String {
    let scattered = number.wrapping_mul(0x9e37_79b9);
    format!("{scattered:08x}-0000-4000-8000-{number:012}")
}

/// Nobody does anything to the administrator: a tenant always has somebody.
pub const ADMINISTRATOR: Number = 9_999;

/// Who made the tenant.
pub fn administrator() -> Value {
    json!({
        "id": object_id(ADMINISTRATOR),
        "displayName": "Ada Administrator",
        "givenName": "Ada",
        "surname": "Administrator",
        "mail": "ada.administrator@contoso.example",
        "userPrincipalName": "ada.administrator@contoso.example",
        "mobilePhone": "+1 206 555 9999",
        "companyName": "Contoso Cartography",
        "department": "Sales",
        "jobTitle": "Engineer",
        "accountEnabled": true,
        "userType": "Member",
    })
}

/// A new person. Some share an address, lack values, are guests or disabled; a few are poisoned.
pub fn person(number: Number, random: &mut Random) -> Value {
    let given_name = GIVEN_NAMES[random.below(8) as usize];
    let surname = SURNAMES[random.below(6) as usize];
    let mut person = json!({
        "id": object_id(number),
        "displayName": format!("{given_name} {} {number}", surname.trim()),
        "givenName": given_name,
        "surname": surname,
        "mail": address(random),
        "userPrincipalName": format!("login.{number}@contoso.example"),
        "mobilePhone": format!("+1 206 555 {:04}", 1_000 + number),
        "companyName": "Contoso Cartography",
        "department": DEPARTMENTS[random.below(4) as usize],
        "jobTitle": TITLES[random.below(3) as usize],
        "accountEnabled": random.below(8) != 0,
        "userType": "Member",
    });
    let set = |person: &mut Value, name: &str, value: Value| person[name] = value;
    // Of some it is not known when they came. Those who came last are as young as those who come.
    if number % 8 != 0 {
        let (year, month) = (2016 + number % 11, 1 + number % 12);
        let created = format!("{year}-{month:02}-01T00:00:00Z");
        set(&mut person, "createdDateTime", json!(created));
    }
    if random.below(10) == 0 {
        let name = format!("guest.{number}_fabrikam.example#EXT#@contoso.onmicrosoft.com");
        set(&mut person, "userPrincipalName", json!(name));
        set(&mut person, "userType", json!("Guest"));
    }
    if random.below(6) == 0 {
        set(&mut person, "mail", Value::Null);
        if random.below(2) == 0 {
            let other = format!("home.{number}@fabrikam.example");
            set(&mut person, "otherMails", json!([other]));
        }
    }
    for property in ["department", "mobilePhone", "companyName", "givenName"] {
        if random.below(8) == 0 {
            set(&mut person, property, Value::Null);
        }
    }
    if random.below(24) == 0 {
        let (property, value) = poison(random);
        set(&mut person, property, value);
    }
    person
}

/// An address of a pool so small that some people share one, in one of several spellings.
pub fn address(random: &mut Random) -> Value {
    let place = random.below(60);
    let text = format!("mailbox.{place}@contoso.example");
    match random.below(12) {
        0 => json!(text.to_uppercase()),
        1 => json!(format!("{text} ")),
        2 => json!(format!("renée.{place}@contoso.example")),
        _ => json!(text),
    }
}

/// A value that cannot be written.
fn poison(random: &mut Random) -> (&'static str, Value) {
    match random.below(5) {
        0 => ("displayName", json!("Endless ".repeat(40))),
        1 => ("surname", json!("🧨".repeat(300))),
        2 => ("mail", json!("not an address")),
        3 => ("mobilePhone", json!("5".repeat(300))),
        _ => ("companyName", json!(["Contoso", "Fabrikam"])),
    }
}

/// What happens in the directory.
#[derive(Clone, Debug)]
pub enum Event {
    Hire(Value),
    Edit(Number, Value),
    Delete(Number),
    Restore(Number),
    Purge(Number),
    SwapAddresses(Number, Number),
    /// Deleted, and made anew with the same address and another object id.
    Recreate(Number, Number),
}

impl Event {
    /// Something that may happen to one of `people`; whoever is new is added to them.
    pub fn draw(people: &mut Number, random: &mut Random) -> Self {
        let who = random.below(u64::from((*people).max(1))) as Number;
        let other = random.below(u64::from((*people).max(1))) as Number;
        match random.below(20) {
            0..=2 => {
                let hired = person(*people, random);
                *people += 1;
                Self::Hire(hired)
            }
            3 | 4 => Self::Delete(who),
            5 | 6 => Self::Restore(who),
            7 => Self::Purge(who),
            8 | 9 => Self::Edit(who, json!({ "accountEnabled": false })),
            10 => Self::Edit(who, json!({ "accountEnabled": true })),
            11 => Self::Edit(
                who,
                json!({ "surname": SURNAMES[random.below(6) as usize], "displayName": "Renamed Person" }),
            ),
            12 => Self::Edit(
                who,
                json!({ "department": DEPARTMENTS[random.below(4) as usize] }),
            ),
            13 => Self::Edit(who, json!({ "department": null, "mobilePhone": null })),
            14 => Self::Edit(who, json!({ "mail": address(random) })),
            15 => Self::Edit(who, json!({ "mail": null })),
            16 => Self::Edit(who, json!({ "mobilePhone": "+47 22 00 00 00" })),
            17 => {
                let (property, value) = poison(random);
                Self::Edit(who, json!({ property: value }))
            }
            18 => Self::SwapAddresses(who, other),
            _ => {
                let again = *people;
                *people += 1;
                Self::Recreate(who, again)
            }
        }
    }

    /// Lets it happen. Whoever is gone by now, or came back to find the name given away, has no such
    /// day.
    pub fn happen(&self, control: &Control) {
        match self {
            Self::Hire(person) => settle(control.add_user(person.clone())),
            Self::Edit(who, changes) => {
                settle(control.edit_user(&object_id(*who), changes.clone()))
            }
            Self::Delete(who) => settle(control.delete_user(&object_id(*who))),
            Self::Restore(who) => settle(control.restore_user(&object_id(*who))),
            Self::Purge(who) => settle(control.purge_user(&object_id(*who))),
            Self::SwapAddresses(one, other) => {
                let (one, other) = (object_id(*one), object_id(*other));
                let mail = |who| control.user(who).map(|user| user.get("mail").cloned());
                if let (Some(first), Some(second)) = (mail(&one), mail(&other)) {
                    settle(control.edit_user(&one, json!({ "mail": second })));
                    settle(control.edit_user(&other, json!({ "mail": first })));
                }
            }
            Self::Recreate(who, again) => {
                let former = object_id(*who);
                if let Some(mut user) = control.user(&former) {
                    settle(control.delete_user(&former));
                    user.insert("id".to_owned(), json!(object_id(*again)));
                    user.retain(|name, _| STATED.contains(&name.as_str()));
                    settle(control.add_user(Value::Object(user)));
                }
            }
        }
    }
}

/// The properties that people have here.
const STATED: [&str; 14] = [
    "id",
    "createdDateTime",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "otherMails",
    "userPrincipalName",
    "mobilePhone",
    "companyName",
    "department",
    "jobTitle",
    "accountEnabled",
    "userType",
];

fn settle(happened: Result<String, ChangeError>) {
    match happened {
        Ok(_) | Err(ChangeError::NoSuchUser(_) | ChangeError::Taken { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Who is there, of everybody there ever was.
pub fn tenant(control: &Control, people: Number) -> Tenant {
    (0..people)
        .chain([ADMINISTRATOR])
        .filter_map(|number| {
            let id = object_id(number);
            let user = control.user(&id)?;
            Some((id, user))
        })
        .collect()
}
