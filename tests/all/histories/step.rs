//! Histories: what a tenant and a workspace go through, drawn from a seed.
//!
//! A history is plain data that refers to nothing outside itself: a step can be left out, and the
//! others still mean something.

use std::collections::BTreeMap;
use std::time::Duration;

use host_harness::graph_emulator::{Behaviour, ExpiredToken, Fault};
use serde_json::Value;

use super::bridge::{Death, Pages};
use super::configuration::{Configuration, Knob};
use super::directory::{self, Event, Number};
use crate::world::messy::Random;

/// Everything that happens, from the beginning.
#[derive(Clone, Debug)]
pub struct History {
    pub seed: u64,
    pub users: Vec<Value>,
    /// Everybody there ever is: those of the beginning and those who come.
    pub people: Number,
    /// Contacts that were there before the workspace was connected.
    pub contacts: Vec<BTreeMap<String, String>>,
    pub configuration: Configuration,
    pub pages: Pages,
    pub changes_a_page: usize,
    pub behaviour: Behaviour,
    /// A change states what has changed, and nothing else.
    pub terse_changes: bool,
    pub steps: Vec<Step>,
}

/// Who is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    Changes,
    Everybody,
}

/// One step of a history.
#[derive(Clone, Debug)]
pub enum Step {
    InTheDirectory(Vec<Event>),
    InTheStore(Vec<Edit>),
    Configure(Configuration),
    /// Plans twice, the second time with other pages, and with the people of each in another order.
    Plan(Reads, Pages),
    Sync {
        reads: Reads,
        /// Plans before, to see whether the plan comes true.
        planned: bool,
        /// Pages a slice.
        slice: Option<u32>,
        /// Runs once more, to see that there is nothing left to do.
        again: bool,
    },
    /// Syncs through troubles, and then in peace, to see whether anything is left of them.
    BrokenSync {
        reads: Reads,
        troubles: Vec<Trouble>,
    },
    /// Syncs with the approval that the last blocked run asked for.
    Approve,
    /// Syncs with the approval of a plan, and perhaps too late for some of it.
    ApprovePlan {
        reads: Reads,
        meanwhile: Vec<Meanwhile>,
        /// Pages a slice.
        slice: Option<u32>,
    },
    /// Takes back a run, the last or an earlier one; perhaps an undo.
    Undo {
        ago: usize,
        /// Between the plan and its approval.
        meanwhile: Vec<Edit>,
        /// Pages a slice.
        slice: Option<u32>,
    },
    /// Reads one person.
    Retry(Number),
    /// Asks why everybody is as they are.
    Explain,
    /// Sets one thing of the configuration otherwise.
    Turn(Knob),
    /// The host's clock jumps, nobody else's does.
    Jump(i64),
    Wait(Duration),
}

/// What happens between a plan and its approval.
#[derive(Clone, Debug)]
pub enum Meanwhile {
    Event(Event),
    Edit(Edit),
    /// Somebody else syncs.
    Sync(Reads),
    /// Somebody else configures: no plan outlives that.
    Turn(Knob),
}

/// What somebody does to a contact by hand; the number finds it among those there are.
#[derive(Clone, Debug)]
pub enum Edit {
    Set(usize, &'static str, Option<String>),
    Add(BTreeMap<String, String>),
    Delete(usize),
    PutOnList(usize),
}

/// What goes wrong in one run.
#[derive(Clone, Debug)]
pub enum Trouble {
    Kill(Death),
    Stop(u32),
    Faults(Vec<Fault>),
    ExpireDeltaTokens,
    ResetDelta,
    RevokeAccessTokens,
    /// Somebody puts the nth linked contact on a list between the look-up and the nth write.
    Meddle(u32, usize),
}

impl History {
    /// The history of a seed.
    pub fn draw(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let mut people = random.below(41) as Number;
        let users: Vec<_> = (0..people)
            .map(|number| directory::person(number, random))
            .collect();
        let contacts = draw_contacts(&users, random);
        let steps = 5 + random.below(8);
        Self {
            seed,
            contacts,
            configuration: Configuration::draw(random),
            pages: draw_pages(random),
            changes_a_page: 1 + random.below(12) as usize,
            behaviour: Behaviour {
                expired_token: if random.below(2) == 0 {
                    ExpiredToken::Gone
                } else {
                    ExpiredToken::BadRequest
                },
                tombstones_in_initial_round: random.below(2) == 0,
                replayed_changes: random.below(4) as usize,
                repeat_over_pages: random.below(4) == 0,
                empty_first_page: random.below(6) == 0,
                unknown_property: random.below(6) == 0,
                ..Behaviour::default()
            },
            terse_changes: random.below(2) == 0,
            steps: (0..steps)
                .map(|_| Step::draw(&mut people, random))
                .collect(),
            users,
            people,
        }
    }
}

fn draw_pages(random: &mut Random) -> Pages {
    Pages {
        list: 1 + random.below(20) as usize,
        batch: 2 + random.below(40) as u32,
        shuffle: None,
    }
}

/// Some match one person, some two, some nobody; of some addresses there are two contacts.
fn draw_contacts(users: &[Value], random: &mut Random) -> Vec<BTreeMap<String, String>> {
    let mut contacts = Vec::new();
    for user in users {
        let Some(mail) = user["mail"].as_str().filter(|mail| mail.contains('@')) else {
            continue;
        };
        if random.below(5) == 0 {
            let mut contact =
                fields(&[("email", mail), ("company", "By hand"), ("Shoe size", "42")]);
            if random.below(2) == 0 {
                contact.insert("last_name".to_owned(), "Handwritten".to_owned());
                contact.insert("phone_number".to_owned(), "112".to_owned());
            }
            contacts.push(contact);
            if random.below(5) == 0 {
                contacts.push(fields(&[("email", &mail.to_uppercase())]));
            }
        }
    }
    contacts.push(fields(&[
        ("first_name", "Nobody's"),
        ("email", "alone@fabrikam.example"),
    ]));
    contacts
}

fn fields(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

impl Reads {
    fn draw(random: &mut Random) -> Self {
        if random.below(3) == 0 {
            Self::Everybody
        } else {
            Self::Changes
        }
    }
}

impl Step {
    fn draw(people: &mut Number, random: &mut Random) -> Self {
        match random.below(100) {
            0..=27 => {
                let events = 1 + random.below(6);
                Self::InTheDirectory((0..events).map(|_| Event::draw(people, random)).collect())
            }
            28..=36 => {
                let edits = 1 + random.below(3);
                Self::InTheStore((0..edits).map(|_| Edit::draw(random)).collect())
            }
            37..=39 => Self::Configure(Configuration::draw(random)),
            40..=43 => Self::Turn(Knob::draw(random)),
            44..=47 => Self::Plan(
                Reads::draw(random),
                Pages {
                    shuffle: Some(random.below(1_000)),
                    ..draw_pages(random)
                },
            ),
            48..=68 => Self::Sync {
                reads: Reads::draw(random),
                planned: random.below(3) == 0,
                slice: (random.below(4) == 0).then(|| 1 + random.below(3) as u32),
                again: random.below(3) == 0,
            },
            69..=79 => Self::BrokenSync {
                reads: Reads::draw(random),
                troubles: (0..1 + random.below(3))
                    .map(|_| Trouble::draw(random))
                    .collect(),
            },
            80 | 81 => Self::Approve,
            82..=86 => Self::ApprovePlan {
                reads: Reads::draw(random),
                meanwhile: (0..random.below(4))
                    .map(|_| Meanwhile::draw(people, random))
                    .collect(),
                slice: (random.below(4) == 0).then(|| 1 + random.below(3) as u32),
            },
            87..=91 => Self::Undo {
                ago: random.below(4) as usize,
                meanwhile: (0..random.below(3)).map(|_| Edit::draw(random)).collect(),
                slice: (random.below(3) == 0).then_some(1),
            },
            92 | 93 => Self::Retry(random.below(u64::from((*people).max(1))) as Number),
            94 | 95 => Self::Explain,
            96 => {
                let days = random.below(21) as i64 - 10;
                Self::Jump(days * 24 * 3_600_000)
            }
            _ => Self::Wait(Duration::from_secs(3_600 * (1 + random.below(24 * 9)))),
        }
    }
}

impl Meanwhile {
    fn draw(people: &mut Number, random: &mut Random) -> Self {
        match random.below(10) {
            0..=4 => Self::Event(Event::draw(people, random)),
            5..=7 => Self::Edit(Edit::draw(random)),
            8 => Self::Sync(Reads::draw(random)),
            _ => Self::Turn(Knob::draw(random)),
        }
    }
}

impl Edit {
    fn draw(random: &mut Random) -> Self {
        let place = random.below(64) as usize;
        match random.below(12) {
            0..=2 => Self::Set(place, "last_name", Some("Edited here".to_owned())),
            3 => Self::Set(place, "last_name", None),
            4 => Self::Set(place, "mobile_phone", Some("110".to_owned())),
            5 => Self::Set(place, "display_name", Some("Edited here".to_owned())),
            6 => Self::Set(place, "office_location", Some("Attic".to_owned())),
            7 => Self::Set(place, "Shoe size", Some("43".to_owned())),
            8 => {
                let address = directory::address(random);
                Self::Set(place, "email", address.as_str().map(str::to_owned))
            }
            9 => {
                let address = directory::address(random);
                let address = address.as_str().unwrap_or_default();
                Self::Add(fields(&[("email", address), ("last_name", "Added here")]))
            }
            10 => Self::PutOnList(place),
            _ => Self::Delete(place),
        }
    }
}

impl Trouble {
    fn draw(random: &mut Random) -> Self {
        match random.below(11) {
            10 => Self::Meddle(1 + random.below(8) as u32, random.below(40) as usize),
            0..=2 => Self::Kill(Death::Before(1 + random.below(14) as u32)),
            3..=5 => Self::Kill(Death::After(1 + random.below(14) as u32)),
            6 => Self::Stop(1 + random.below(5) as u32),
            7 => match random.below(3) {
                0 => Self::ExpireDeltaTokens,
                1 => Self::ResetDelta,
                _ => Self::RevokeAccessTokens,
            },
            8 if random.below(2) == 0 => Self::Faults(list_cut_short_and_nobody_found()),
            _ => Self::Faults(
                (0..1 + random.below(3))
                    .map(|_| draw_fault(random))
                    .collect(),
            ),
        }
    }
}

/// The list ends early and says nothing of it, and nobody says whether those who are not on it are
/// there.
fn list_cut_short_and_nobody_found() -> Vec<Fault> {
    let cut_short = Fault {
        path: Some("/v1.0/users?".to_owned()),
        body: Some("{\"value\":[]}".to_owned()),
        times: Some(1),
        ..Fault::default()
    };
    let unanswered = Fault {
        path: Some("?$select=id,accountEnabled".to_owned()),
        status: Some(403),
        ..Fault::default()
    };
    vec![cut_short, unanswered]
}

fn draw_fault(random: &mut Random) -> Fault {
    let paths = [
        "/v1.0/users?",
        "/v1.0/users/delta",
        "skiptoken",
        "$batch",
        "/directory/deletedItems",
        "/users/",
        "/oauth2/",
        "/organization",
    ];
    let fault = Fault {
        path: Some(paths[random.below(8) as usize].to_owned()),
        skip: random.below(4),
        times: Some(1 + random.below(10)),
        ..Fault::default()
    };
    let status = |status: u16| Some(status);
    match random.below(13) {
        // The list ends early, and says nothing of it.
        11 | 12 => Fault {
            path: Some("/v1.0/users?".to_owned()),
            body: Some("{\"value\":[]}".to_owned()),
            skip: random.below(2),
            times: Some(1),
            ..fault
        },
        0 | 1 => {
            let waits = [Some("1"), Some("0.4"), Some("900"), Some("soon"), None];
            Fault {
                status: status(429),
                retry_after: waits[random.below(5) as usize].map(str::to_owned),
                ..fault
            }
        }
        2 => Fault {
            status: status(503),
            ..fault
        },
        3 => Fault {
            status: status(500),
            ..fault
        },
        4 => Fault {
            status: status(504),
            body: Some("<html>gateway</html>".to_owned()),
            ..fault
        },
        5 => Fault {
            status: status(401),
            ..fault
        },
        6 => Fault {
            status: status(403),
            ..fault
        },
        7 | 8 => Fault {
            drop_connection: true,
            ..fault
        },
        9 => Fault {
            body: Some("{\"value\":[{\"id\":\"0000".to_owned()),
            ..fault
        },
        _ => Fault {
            empty_page: true,
            times: Some(1),
            ..fault
        },
    }
}
