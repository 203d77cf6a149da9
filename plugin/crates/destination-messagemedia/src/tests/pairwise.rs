//! A life in every account that the documents allow: each setting of each switch, together with each setting of each
//! other one.

use super::*;
use messagemedia_emulator::{
    Arrays, Clear, Empty, OmittedSubscription, QueryArrays, Twins, UnknownList, UnknownMembers,
};

type Setting = fn(&mut Behaviour);

/// The settings of each switch.
const SWITCHES: [&[Setting]; 11] = [
    &[|b| b.arrays = Arrays::Replace, |b| b.arrays = Arrays::Merge],
    &[
        |b| b.clear = Clear::EmptyString,
        |b| b.clear = Clear::Null,
        |b| b.clear = Clear::Refused,
    ],
    &[
        |b| b.duplicate_channels = Twins::Conflict,
        |b| b.duplicate_channels = Twins::Allowed,
    ],
    &[
        |b| b.list_names = Twins::Conflict,
        |b| b.list_names = Twins::Allowed,
    ],
    &[
        |b| b.empty = Empty::EmptyString,
        |b| b.empty = Empty::Null,
        |b| b.empty = Empty::Absent,
    ],
    &[
        |b| b.query_arrays = QueryArrays::Repeated,
        |b| b.query_arrays = QueryArrays::Comma,
    ],
    &[
        |b| b.unknown_members = UnknownMembers::Refused,
        |b| b.unknown_members = UnknownMembers::Ignored,
    ],
    &[
        |b| b.unknown_list = UnknownList::NotFound,
        |b| b.unknown_list = UnknownList::InvalidReference,
    ],
    &[
        |b| b.omitted_subscription = OmittedSubscription::Kept,
        |b| b.omitted_subscription = OmittedSubscription::Subscribed,
    ],
    &[
        |b| b.visibility_delay_ms = 0,
        |b| b.visibility_delay_ms = 3_000,
    ],
    &[
        |b| b.membership_touches_last_modified = false,
        |b| b.membership_touches_last_modified = true,
    ],
];

type Account = [usize; SWITCHES.len()];
type Pair = ((usize, usize), (usize, usize));

fn pairs_of(account: &Account) -> BTreeSet<Pair> {
    let settings = || account.iter().copied().enumerate();
    let pairs = settings().flat_map(|one| settings().map(move |other| (one, other)));
    pairs.filter(|((one, _), (other, _))| one < other).collect()
}

/// The so-manieth account of all that there are.
fn numbered(mut number: usize) -> Account {
    let mut account = [0; SWITCHES.len()];
    for (setting, switch) in account.iter_mut().zip(SWITCHES) {
        *setting = number % switch.len();
        number /= switch.len();
    }
    account
}

/// Accounts in which every pair of settings is together once at least: always the next one that has the most pairs
/// that were not together yet.
fn accounts() -> Vec<Account> {
    let of_all: usize = SWITCHES.iter().map(|switch| switch.len()).product();
    // A stride that is coprime to the number of all visits them out of order.
    let candidates: Vec<Account> = (0..200)
        .map(|number| numbered(number * 1_009 % of_all))
        .collect();
    let mut open: BTreeSet<Pair> = (0..of_all)
        .flat_map(|number| pairs_of(&numbered(number)))
        .collect();
    let mut chosen = Vec::new();
    while let Some(pair) = open.iter().next().copied() {
        let with_pair = |account: &Account| {
            let ((one, one_setting), (other, other_setting)) = pair;
            let mut account = *account;
            account[one] = one_setting;
            account[other] = other_setting;
            account
        };
        let best = candidates
            .iter()
            .map(with_pair)
            .max_by_key(|account| pairs_of(account).intersection(&open).count())
            .unwrap();
        for pair in pairs_of(&best) {
            open.remove(&pair);
        }
        chosen.push(best);
    }
    chosen
}

fn world(account: &Account) -> World {
    World::that(|behaviour| {
        for (setting, switch) in account.iter().zip(SWITCHES) {
            switch[*setting](behaviour);
        }
    })
}

/// A contact is made, read, changed, emptied, given another number, and deleted, while somebody else and the person
/// do what they do.
fn live(world: &World) {
    let behaviour = world.control().behaviour();
    let destination = world.destination();
    one(&destination, destination.probe()).unwrap();
    let list = one(&destination, destination.make_list("Sales", ""))
        .unwrap()
        .id;
    let mut draft = person(1);
    draft.lists = vec![list.clone()];
    draft
        .fields
        .push(("first_name".to_owned(), "Ana".to_owned()));
    let made = create(&destination, &draft).unwrap();
    let other = create(&destination, &person(2)).unwrap();
    let ids = [
        made.id.clone(),
        other.id.clone(),
        "00000000-0000-4000-8000-000000000001".to_owned(),
    ];
    let read = one(&destination, destination.fetch(&ids)).unwrap();
    assert_eq!(read, [Some(made.clone()), Some(other.clone()), None]);

    let changes = [
        ("email", Some("ana@contoso.example")),
        ("last_name", Some("Beispiel")),
    ];
    let changed = write(&destination, &patch(&made, &changes)).unwrap();
    assert_eq!(field(&changed, "email"), Some("ana@contoso.example"));
    assert_eq!(changed.lists, Some(vec![list.clone()]));

    let emptied = write(
        &destination,
        &patch(&changed, &[("group", None), ("first_name", None)]),
    );
    let known = if behaviour.clear == Clear::Refused {
        assert!(matches!(emptied, Err(Failure::Refused(_))), "{emptied:?}");
        // A value may have been emptied where leaving it out does that; a name never.
        let now = world.fetch(&made.id).unwrap();
        assert_eq!(field(&now, "first_name"), Some("Ana"));
        now
    } else {
        let emptied = emptied.unwrap();
        assert_eq!(
            (field(&emptied, "group"), field(&emptied, "first_name")),
            (None, None)
        );
        emptied
    };

    world.control().opt_out("+447700900001");
    let number = write(
        &destination,
        &patch(&known, &[("phone_number", Some("+44 7700 900777"))]),
    );
    if behaviour.arrays == Arrays::Merge {
        refused(number, "phone_number", "number-kept");
    } else {
        assert_eq!(
            field(&number.unwrap(), "phone_number"),
            Some("+44 7700 900777")
        );
    }
    let told = world.contact(&made.id);
    let mut channels = told["channels"].as_array().unwrap().iter();
    assert!(
        channels.all(|channel| channel["subscriptionState"] == "UNSUBSCRIBED"),
        "{told}"
    );

    one(
        &destination,
        destination.membership(&list, &ids[1..], &ids[..1]),
    )
    .unwrap();
    assert_eq!(world.contact(&made.id)["lists"], json!([]));
    assert_eq!(world.contact(&other.id)["lists"][0]["name"], "Sales");

    let doomed = destination_kit::destination::Doomed {
        id: made.id.clone(),
        guard: None,
    };
    assert_eq!(one(&destination, destination.delete(&[doomed])), [Ok(())]);
    assert_eq!(
        one(&destination, destination.fetch(&ids[..1])),
        Ok(vec![None])
    );
    world.somebody("DELETE", &format!("/lists/{list}"), Value::Null);
    let gone = one(&destination, destination.membership(&list, &ids[1..2], &[]));
    assert_eq!(gone, Err(Failure::Gone));
}

#[test]
fn a_life_goes_well_in_every_account_that_the_documents_allow() {
    let accounts = accounts();
    let all: BTreeSet<Pair> = accounts.iter().flat_map(pairs_of).collect();
    let sizes = || SWITCHES.iter().map(|switch| switch.len());
    let twice: usize =
        sizes().sum::<usize>().pow(2) - sizes().map(|size| size.pow(2)).sum::<usize>();
    assert_eq!(all.len(), twice / 2);
    println!("{} accounts have {} pairs", accounts.len(), all.len());
    for account in accounts {
        println!("{account:?}");
        live(&world(&account));
    }
}
