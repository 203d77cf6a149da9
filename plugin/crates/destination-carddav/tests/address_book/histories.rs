//! Random lives, each a function of its seed: what a connector does by the destination, what other people and their
//! programs do in the address book, and what goes wrong, judged after every step.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use destination_kit::testing::{Dice, Life, MemoryLedger};

use crate::office::{Person, Team, settle, sync};
use crate::servers::book::{Book, FAKES, stranger};
use crate::servers::live::Server;
use crate::world::{Trouble, World, user};

struct History {
    world: World,
    ledger: MemoryLedger,
    dice: Dice,
    team: Team,
    ever: u32,
    /// Somebody else's cards, by name.
    strangers: BTreeMap<String, String>,
    /// What somebody else has added to a card of ours, by the number of the user.
    added: BTreeMap<u32, Vec<String>>,
    numbers: u32,
}

const DEPARTMENTS: [&str; 4] = ["Sales", "SALES", "R&D, East", "Größe; x"];
const VALUES: [&str; 4] = ["Head", "a,b;c\\d", "Füß 𝄞 <&>", "\"quoted\" ^x"];

impl History {
    fn begin(book: Book, seed: u64) -> Self {
        let mut world = World::of(book);
        world.dice = Dice::of(seed ^ 0xabcd);
        Self {
            world,
            ledger: MemoryLedger::of(&Life::default()),
            dice: Dice::of(seed),
            team: Team::new(),
            ever: 0,
            strangers: BTreeMap::new(),
            added: BTreeMap::new(),
            numbers: 0,
        }
    }

    fn pick<'t>(&self, table: &[&'t str]) -> &'t str {
        table[self.dice.below(table.len())]
    }

    fn somebody(&self) -> Option<u32> {
        let numbers: Vec<_> = self.team.keys().copied().collect();
        (!numbers.is_empty()).then(|| numbers[self.dice.below(numbers.len())])
    }

    /// What the directory does.
    fn directory(&mut self) {
        match self.dice.below(4) {
            0 | 1 => {
                for _ in 0..=self.dice.below(3) {
                    self.ever += 1;
                    let person = Person::new(self.ever, self.pick(&DEPARTMENTS));
                    self.team.insert(self.ever, person);
                }
            }
            2 => {
                let Some(number) = self.somebody() else {
                    return;
                };
                let (title, badge) = (self.pick(&VALUES).to_owned(), self.pick(&VALUES).to_owned());
                let department = self.pick(&DEPARTMENTS).to_owned();
                let (is_titled, has_badge) = (self.dice.percent(60), self.dice.percent(60));
                let person = self.team.get_mut(&number).unwrap();
                person.lists = [department.clone()].into();
                person.fields.insert("department", department);
                person.fields.remove("job_title");
                person.fields.remove("Badge");
                person
                    .fields
                    .extend(is_titled.then_some(("job_title", title)));
                person.fields.extend(has_badge.then_some(("Badge", badge)));
            }
            _ => {
                let Some(number) = self.somebody() else {
                    return;
                };
                self.team.remove(&number);
                self.added.remove(&number);
            }
        }
    }

    fn card_of(&self, number: u32) -> Option<String> {
        let tie = format!("X-ENTRA-OBJECT-ID:{}", user(number));
        let mut cards = self.world.book.cards().into_iter();
        cards
            .find(|(_, card)| card.contains(&tie))
            .map(|(name, _)| name)
    }

    /// What other people do.
    fn others(&mut self) {
        self.numbers += 1;
        let number = self.numbers;
        let known = self
            .somebody()
            .and_then(|who| Some((who, self.card_of(who)?)));
        match (self.dice.below(5), known) {
            (0, _) | (_, None) => {
                let name = format!("s{number}.vcf");
                let lines = [&*format!("NOTE:number {number}"), "CATEGORIES:Sales,Theirs"];
                self.world.book.save(&name, &stranger(&name, &lines));
                let kept = self.world.book.card(&name).unwrap();
                self.strangers.insert(name, kept);
            }
            (1, Some((who, name))) => {
                let line = format!("X-THEIRS-{number}:b\\,{}", "A".repeat(100));
                self.world
                    .book
                    .edit(&name, |lines| lines.insert(3, line.clone()));
                self.added.entry(who).or_default().push(line);
            }
            (2, Some((who, name))) => {
                let line = format!("PHOTO;ENCODING=b;TYPE=JPEG:{}", "QUJD".repeat(3_000));
                self.world.book.edit(&name, |lines| {
                    lines.retain(|line| !line.starts_with("PHOTO"));
                    lines.insert(3, line.clone());
                });
                let added = self.added.entry(who).or_default();
                added.retain(|line| !line.starts_with("PHOTO"));
                added.push(line);
            }
            (3, Some((_, name))) => {
                // A value of ours, which the next sync puts right.
                let to_be = format!("TITLE:Theirs {number}");
                self.world.book.edit(&name, |lines| {
                    lines.retain(|line| !line.starts_with("TITLE"));
                    lines.insert(3, to_be);
                });
            }
            (_, Some((who, name))) => {
                self.world.book.remove(&name);
                self.added.remove(&who);
            }
        }
    }

    fn step(&mut self) {
        if self.dice.percent(70) {
            self.directory();
        }
        if self.dice.percent(50) {
            self.others();
        }
        if self.dice.percent(60) {
            self.world.trouble.set(Trouble {
                lost_after: self.dice.below(40),
                lost_before: self.dice.below(20),
                busy: self.dice.below(20),
            });
        }
        // Whatever comes of it.
        let _ = sync(&self.world, &self.ledger, &self.team, self.ever);
        if self.dice.percent(10) {
            self.ledger.entries().clear();
        }
        self.world.trouble.set(Trouble::default());
        settle(&self.world, &self.ledger, &self.team, self.ever);
        self.judge();
    }

    fn judge(&self) {
        let cards = self.world.book.cards();
        let expected = self.strangers.len() + self.team.len();
        assert_eq!(
            cards.len(),
            expected,
            "each card is somebody's, and nobody has two: {cards:#?}"
        );
        for (name, card) in &self.strangers {
            assert_eq!(
                self.world.book.card(name).as_ref(),
                Some(card),
                "a card of somebody else"
            );
        }
        for number in self.team.keys() {
            let tie = format!("\r\nX-ENTRA-OBJECT-ID:{}", user(*number));
            let mine: Vec<_> = cards
                .iter()
                .filter(|(_, card)| card.contains(&tie))
                .collect();
            assert_eq!(mine.len(), 1, "{number}: {cards:#?}");
            for line in self.added.get(number).into_iter().flatten() {
                assert!(
                    mine[0].1.contains(&format!("\r\n{line}\r\n")),
                    "{line}: {}",
                    mine[0].1
                );
            }
        }
        let writes = self.world.writes();
        let again = sync(&self.world, &self.ledger, &self.team, self.ever);
        assert_eq!(again.map(|outcomes| outcomes.len()), Ok(0));
        assert_eq!(self.world.writes(), writes, "a second sync writes nothing");
    }
}

fn number(name: &str) -> Option<u64> {
    let stated = std::env::var(name).ok();
    stated.map(|text| text.parse().expect(name))
}

/// Lives so many lives, or as many as there is time for.
fn live(book: impl Fn() -> Book, histories: Option<u64>, time: Duration) {
    let first = number("TEST_SEED").unwrap_or(20_261_129);
    let (begin, mut lived, mut people) = (Instant::now(), 0, 0);
    while histories.map_or_else(|| begin.elapsed() < time, |histories| lived < histories) {
        let seed = first + lived;
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut history = History::begin(book(), seed);
            for _ in 0..10 {
                history.step();
            }
            history.team.len()
        }));
        match told {
            Ok(there) => people += there,
            Err(panic) => {
                println!(
                    "TEST_SEED={seed} HISTORIES=1 cargo test -p destination-carddav histories"
                );
                std::panic::resume_unwind(panic);
            }
        }
        lived += 1;
    }
    println!(
        "{lived} histories in {:?}, {people} people left",
        begin.elapsed()
    );
    assert!(people > 0, "somebody is left");
}

#[test]
fn no_random_life_loses_or_doubles_anybody_or_touches_what_is_others() {
    let histories = number("HISTORIES").unwrap_or(1_000).div_ceil(2);
    for book in FAKES {
        live(book, Some(histories), Duration::MAX);
    }
}

#[test]
fn nor_does_one_at_a_radicale() {
    if Server::Radicale.book().is_some() {
        let book = || Server::Radicale.book().unwrap();
        live(book, number("HISTORIES"), Duration::from_secs(30));
    }
}

#[test]
fn nor_does_one_at_a_xandikos() {
    if Server::Xandikos.book().is_some() {
        let book = || Server::Xandikos.book().unwrap();
        live(book, number("HISTORIES"), Duration::from_secs(30));
    }
}
