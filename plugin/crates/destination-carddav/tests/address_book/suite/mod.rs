//! The suite that every store passes, on an address book. Its fields have other names, its ids are numbers, and a card
//! has a full name whether or not the suite gives one: [`Renamed`] stands between.

mod held;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use connector_contract::WallClock;
use destination_carddav::CardDav;
use destination_kit::contract::{Field, FieldWrite, Refusal};
use destination_kit::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Failure, Key, Patch,
    Record, RemoteId, RemoteList, RemoteListId, ScanPage,
};
use destination_kit::testing::{Dice, Life, MemoryLedger};
use destination_kit::{Retention, Store, drive};
use guest_kit::{Clock, Timestamp};
use store_api::AdminStore;
use store_api::suite::{StoreFactory, StoreUnderTest, SuiteOptions};
use store_destination::DestinationStore;
use store_destination::suite::{People, TestedStore};

use crate::servers::book::Book;
use crate::world::World;

const NAMES: [(&str, &str); 2] = [("first_name", "given_name"), ("last_name", "family_name")];
const FULL_NAME: &str = "full_name";

fn at_the_book(name: &str) -> &str {
    let pair = NAMES.iter().find(|(here, _)| *here == name);
    pair.map_or(name, |(_, there)| there)
}

fn in_the_suite(name: &str) -> &str {
    let pair = NAMES.iter().find(|(_, there)| *there == name);
    pair.map_or(name, |(here, _)| here)
}

/// The names of cards, in the order in which they came: the suite takes ids for numbers that grow.
#[derive(Clone, Debug, Default)]
struct Numbers(Arc<Mutex<Vec<String>>>);

impl Numbers {
    fn number(&self, name: &str) -> String {
        let mut names = self.0.lock().unwrap();
        let place = names.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        (place + 1).to_string()
    }

    fn name(&self, number: &str) -> String {
        let names = self.0.lock().unwrap();
        let place = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let name = place.and_then(|place| names.get(place));
        name.cloned().unwrap_or_else(|| number.to_owned())
    }

    fn names(&self, numbers: &[RemoteId]) -> Vec<String> {
        numbers.iter().map(|number| self.name(number)).collect()
    }
}

/// The destination with the names of the suite. A person's full name is of no interest to it.
struct Renamed {
    destination: CardDav<'static>,
    options: SuiteOptions,
    numbers: Numbers,
}

impl Renamed {
    fn told(&self, record: Record) -> Record {
        let id = self.numbers.number(&record.id);
        told(Record { id, ..record })
    }
}

fn told(mut record: Record) -> Record {
    record.fields.retain(|(name, _)| name != FULL_NAME);
    for (name, _) in &mut record.fields {
        *name = in_the_suite(name).to_owned();
    }
    record.fields.sort();
    record
}

impl Renamed {
    fn draft(draft: &Draft) -> Draft {
        let mut draft = draft.clone();
        for (name, _) in &mut draft.fields {
            *name = at_the_book(name).to_owned();
        }
        draft
            .fields
            .push((FULL_NAME.to_owned(), "Somebody".to_owned()));
        draft
    }

    fn patch(&self, patch: &Patch) -> Patch {
        let mut patch = patch.clone();
        patch.known.id = self.numbers.name(&patch.known.id);
        for write in &mut patch.writes {
            write.name = at_the_book(&write.name).to_owned();
        }
        patch
    }
}

impl Destination for Renamed {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        let mut capabilities = self.destination.probe().await?;
        capabilities.custom_fields = self.options.custom_fields;
        capabilities.limits.custom_field_label = Some(64);
        capabilities.limits.custom_field_value = Some(1_024);
        capabilities.limits.list_name = Some(256);
        capabilities.fields.retain(|field| field.name != FULL_NAME);
        for field in &mut capabilities.fields {
            field.name = in_the_suite(&field.name).to_owned();
            field.mandatory = self.options.mandatory.contains(&field.name);
            field.max_length = match &*field.name {
                "first_name" => Some(64),
                _ => field.max_length,
            };
        }
        Ok(capabilities)
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        let ids = self.numbers.names(ids);
        let records = self.destination.fetch(&ids).await?.into_iter();
        Ok(records.map(|record| Some(self.told(record?))).collect())
    }

    async fn find(&self, keys: &[Key]) -> Result<Vec<Record>, DestinationError> {
        let found = self.destination.find(keys).await?.into_iter();
        Ok(found.map(|record| self.told(record)).collect())
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        let page = self.destination.scan(cursor).await?;
        let records = page.records.into_iter();
        let records = records.map(|record| self.told(record)).collect();
        Ok(ScanPage { records, ..page })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        let drafts: Vec<_> = drafts.iter().map(Self::draft).collect();
        let made = self.destination.create(&drafts).await.into_iter();
        made.map(|made| Ok(self.told(made?))).collect()
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        let made = self.destination.created(&Self::draft(draft)).await?;
        Ok(made.map(|record| self.told(record)))
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        let patches: Vec<_> = patches.iter().map(|patch| self.patch(patch)).collect();
        let written = self.destination.write(&patches).await.into_iter();
        written.map(|written| Ok(self.told(written?))).collect()
    }

    async fn delete(&self, records: &[Doomed]) -> Vec<Attempt<()>> {
        let named = records.iter().map(|doomed| Doomed {
            id: self.numbers.name(&doomed.id),
            guard: doomed.guard.clone(),
        });
        self.destination.delete(&named.collect::<Vec<_>>()).await
    }

    async fn membership(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        let (add, remove) = (self.numbers.names(add), self.numbers.names(remove));
        self.destination.membership(list, &add, &remove).await
    }

    async fn lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        self.destination.lists().await
    }

    fn lists_are_names(&self) -> bool {
        self.destination.lists_are_names()
    }

    fn recall_lists(&self, lists: Vec<RemoteList>) {
        self.destination.recall_lists(lists);
    }

    async fn make_list(&self, name: &str, description: &str) -> Attempt<RemoteList> {
        self.destination.make_list(name, description).await
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.destination.rename_list(list, name).await
    }

    async fn make_field(&self, name: &str) -> Attempt<()> {
        self.destination.make_field(name).await
    }

    fn wait(&self) -> bool {
        self.destination.wait()
    }
}

/// People with a program of their own, which happens to write cards as the destination does.
struct InTheBook {
    book: Book,
    options: SuiteOptions,
    numbers: Numbers,
    made: Mutex<u64>,
}

impl InTheBook {
    fn ask<T>(&self, question: impl AsyncFnOnce(&Renamed) -> T) -> T {
        let destination = renamed(&self.book, &self.options, &self.numbers);
        drive::one(&destination, question(&destination)).expect("the server answers")
    }

    fn accepted(&self, fields: &[Field]) -> Result<(), Refusal> {
        let refusal = |field: &str, code: &str| Refusal {
            field: Some(field.to_owned()),
            code: code.to_owned(),
        };
        for field in fields {
            if field.value.is_empty() {
                return Err(refusal(&field.name, "empty-value"));
            }
            if field.name == "first_name" && field.value.len() > 64 {
                return Err(refusal(&field.name, "too-long"));
            }
            if field.name == "email" && !field.value.contains('@') {
                return Err(refusal(&field.name, "invalid-email"));
            }
        }
        Ok(())
    }
}

impl People for InTheBook {
    fn add(&self, fields: &BTreeMap<String, String>) -> Result<RemoteId, Refusal> {
        let named = fields.iter().map(|(name, value)| Field {
            name: name.clone(),
            value: value.clone(),
        });
        self.accepted(&named.collect::<Vec<_>>())?;
        let mut made = self.made.lock().unwrap();
        let draft = Draft {
            fields: fields.clone().into_iter().collect(),
            active: true,
            lists: Vec::new(),
            tie: None,
            decided_at_ms: 1_000_000 + *made,
        };
        let record =
            self.ask(async |destination| destination.create(&[draft]).await.pop().unwrap());
        let id = record.expect("the server takes it").id;
        *made += 1;
        Ok(id)
    }

    fn edit(&self, record: &str, field: &str, value: Option<&str>) -> Result<bool, Refusal> {
        let ids = [record.to_owned()];
        let known =
            self.ask(async |destination| destination.fetch(&ids).await.unwrap().pop().unwrap());
        let Some(known) = known else {
            return Ok(false);
        };
        if let Some(value) = value {
            self.accepted(&[Field {
                name: field.to_owned(),
                value: value.to_owned(),
            }])?;
        }
        let patch = Patch {
            known,
            writes: vec![FieldWrite {
                name: field.to_owned(),
                value: value.map(str::to_owned),
            }],
            active: None,
            tie: None,
        };
        let written =
            self.ask(async |destination| destination.write(&[patch]).await.pop().unwrap());
        written.expect("nobody else writes");
        Ok(true)
    }

    fn put_on_list(&self, record: &str, name: &str) -> bool {
        self.ask(async |destination| {
            let list = destination.make_list(name, "").await.unwrap();
            let add = [record.to_owned()];
            match destination.membership(&list.id, &add, &[]).await {
                Ok(()) => true,
                Err(Failure::Gone) => false,
                Err(failure) => panic!("{failure:?}"),
            }
        })
    }

    fn records(&self) -> Vec<Record> {
        self.ask(async |destination| {
            let (mut records, mut cursor) = (Vec::new(), None);
            loop {
                let page = destination.scan(cursor.as_deref()).await.unwrap();
                records.extend(page.records);
                cursor = page.next;
                if cursor.is_none() {
                    return records;
                }
            }
        })
    }

    fn list_names(&self) -> BTreeMap<RemoteListId, String> {
        let lists = self.ask(async |destination| destination.lists().await.unwrap());
        lists.into_iter().map(|list| (list.id, list.name)).collect()
    }
}

fn renamed(book: &Book, options: &SuiteOptions, numbers: &Numbers) -> Renamed {
    let world: &'static World = Box::leak(Box::new(World::of(book.clone())));
    Renamed {
        destination: world.destination(),
        options: options.clone(),
        numbers: numbers.clone(),
    }
}

/// A host's clock as a guest's.
struct Wall(Option<Arc<dyn WallClock>>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let since_epoch = match &self.0 {
            Some(clock) => clock.since_epoch(),
            None => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default(),
        };
        Timestamp(u64::try_from(since_epoch.as_millis()).unwrap())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now().0)
    }

    fn sleep(&self, _: Duration) {}
}

struct Stores(fn() -> Book);

struct UnderTest {
    book: Book,
    numbers: Numbers,
    options: SuiteOptions,
    ledger: MemoryLedger,
    store: Arc<TestedStore<Renamed, MemoryLedger, InTheBook>>,
}

fn under_test(
    (book, numbers): (Book, Numbers),
    options: SuiteOptions,
    ledger: MemoryLedger,
    clock: Option<Arc<dyn WallClock>>,
) -> Box<UnderTest> {
    let (kept, there, wanted) = (ledger.clone(), book.clone(), options.clone());
    let known = numbers.clone();
    let store = DestinationStore::begin(move || {
        let retention = Retention {
            days: wanted.journal_days,
            runs: wanted.journal_runs,
        };
        let entropy = Box::new(Dice::of(4_711));
        let destination = renamed(&there, &wanted, &known);
        Store::new(destination, kept, Box::new(Wall(clock)), entropy, retention)
    });
    let people = InTheBook {
        book: book.clone(),
        options: options.clone(),
        numbers: numbers.clone(),
        made: Mutex::default(),
    };
    Box::new(UnderTest {
        book,
        numbers,
        options,
        ledger,
        store: Arc::new(TestedStore { store, people }),
    })
}

impl StoreFactory for Stores {
    fn make(
        &self,
        options: &SuiteOptions,
        clock: Option<Arc<dyn WallClock>>,
    ) -> Box<dyn StoreUnderTest> {
        let ledger = MemoryLedger::of(&Life::default());
        under_test(
            ((self.0)(), Numbers::default()),
            options.clone(),
            ledger,
            clock,
        )
    }
}

impl StoreUnderTest for UnderTest {
    fn store(&self) -> Arc<dyn AdminStore> {
        self.store.clone()
    }

    fn reopen(self: Box<Self>) -> Box<dyn StoreUnderTest> {
        let options = SuiteOptions {
            journal_days: Retention::default().days,
            journal_runs: Retention::default().runs,
            ..self.options
        };
        under_test((self.book, self.numbers), options, self.ledger, None)
    }

    fn check(&self) {
        let entries = self.ledger.entries();
        let intent = entries.keys().find(|key| key.starts_with("i/"));
        assert_eq!(intent, None, "what was settled leaves no intent");
    }
}
