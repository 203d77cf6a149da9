//! The smallest platform that a component can be run on.

use host_harness::contract::{
    Claim, Commit, Contact, Directive, EditsSince, Expected, JournalEntry, Level, Noted, Outcome,
    PlanEntry, Progress, Query, RoundInfo, SameContact, SecretError, StateEntry, Statistics,
    StoreDescription, StoreError, StoreLimits, Tally, Who,
};
use host_harness::runtime::imports::{ContactStore, PlanSink, RunControl, Secret, Secrets, State};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Knows one contact, linked to the user `known`; looking up `slow` takes a while, and looking up
/// `panic` does what it says.
#[derive(Default)]
pub(super) struct Platform {
    finished_slow_lookups: AtomicUsize,
}

impl Platform {
    pub(super) fn finished_slow_lookups(&self) -> usize {
        self.finished_slow_lookups.load(Ordering::SeqCst)
    }
}

impl ContactStore for Platform {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        Ok(StoreDescription {
            fields: vec![],
            custom_fields: true,
            atomic: true,
            max_batch: 1000,
            journal: false,
            marks: false,
            edits: false,
            unlinked: false,
            limits: StoreLimits {
                custom_fields: None,
                custom_field_label: None,
                custom_field_value: None,
                list_name: None,
            },
            codes: vec![],
        })
    }

    fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
        match query.object_ids.first().map(String::as_str) {
            Some("known") => Ok(vec![Contact {
                id: "1".to_owned(),
                version: 1,
                active: true,
                fields: vec![],
                link: None,
                former: None,
                lists: vec![],
            }]),
            Some("slow") => {
                std::thread::sleep(Duration::from_millis(200));
                self.finished_slow_lookups.fetch_add(1, Ordering::SeqCst);
                Ok(vec![])
            }
            Some("panic") => panic!("as asked"),
            _ => Ok(vec![]),
        }
    }

    fn same(&self, _: &str, _: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        Ok(vec![])
    }

    fn changed_since(&self, _: &str, _: Option<&str>, _: u32) -> Result<EditsSince, StoreError> {
        Ok(EditsSince::TokenLost)
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let refused = |_| Outcome::Other("this platform keeps nothing".to_owned());
        Ok(commit.changes.iter().map(refused).collect())
    }

    fn open_round(&self, _: &str, _: &str, _: bool) -> Result<RoundInfo, StoreError> {
        Ok(RoundInfo { known_links: 0 })
    }

    fn unseen(
        &self,
        _: &str,
        _: &str,
        _: Option<&str>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        Ok(vec![])
    }

    fn close_round(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn run_journal(
        &self,
        _: &str,
        _: &str,
        _: Option<&str>,
        _: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        Ok(vec![])
    }

    fn journal(&self, _: &str, _: &Who, _: u32) -> Result<Vec<JournalEntry>, StoreError> {
        Ok(vec![])
    }

    fn notes(&self, _: &str, _: &Who) -> Result<Vec<Noted>, StoreError> {
        Ok(vec![])
    }

    fn get_statistics(&self, _: &str, _: &[String]) -> Result<Statistics, StoreError> {
        Ok(Statistics {
            active: 0,
            linked: 0,
            missing: vec![],
            incomplete: 0,
        })
    }
}

impl State for Platform {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn get_many(&self, _: &[String]) -> Result<Vec<StateEntry>, StoreError> {
        Ok(vec![])
    }

    fn list(&self, _: &str, _: Option<&str>, _: u32) -> Result<Vec<StateEntry>, StoreError> {
        Ok(vec![])
    }
}

impl PlanSink for Platform {
    fn put(&self, _: Vec<PlanEntry>) -> Result<(), StoreError> {
        Ok(())
    }

    fn claimed(&self, _: &[String]) -> Result<Vec<Claim>, StoreError> {
        Ok(vec![])
    }

    fn changes(
        &self,
        _: Option<&str>,
        _: Option<&str>,
        _: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        Ok(vec![])
    }

    fn entries(&self, _: Option<&str>, _: &[String]) -> Result<Vec<PlanEntry>, StoreError> {
        Ok(vec![])
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        Ok(vec![])
    }
}

/// Has the secret `client-secret`.
pub(super) struct OneSecret;

struct Hunter2;

impl Secrets for OneSecret {
    fn get(&self, name: &str) -> Result<Box<dyn Secret>, SecretError> {
        match name {
            "client-secret" => Ok(Box::new(Hunter2)),
            _ => Err(SecretError::NotFound),
        }
    }
}

impl Secret for Hunter2 {
    fn reveal(&self) -> Result<String, SecretError> {
        Ok("hunter2".to_owned())
    }
}

/// Counts log events, and answers progress as it was told to.
pub(super) struct Recorder {
    events: AtomicUsize,
    told: Mutex<String>,
    directive: Directive,
}

impl Recorder {
    pub(super) fn answering(directive: Directive) -> Self {
        Self {
            events: AtomicUsize::new(0),
            told: Mutex::default(),
            directive,
        }
    }

    pub(super) fn events(&self) -> usize {
        self.events.load(Ordering::SeqCst)
    }

    /// Every event as a line.
    pub(super) fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::answering(Directive::GoOn)
    }
}

impl RunControl for Recorder {
    fn log(&self, _: Level, event: &str, fields: &[(String, String)]) {
        self.events.fetch_add(1, Ordering::SeqCst);
        let mut told = self.told.lock().unwrap();
        told.push_str(event);
        for (name, value) in fields {
            told.push_str(&format!(" {name}={value}"));
        }
        told.push('\n');
    }

    fn report_progress(&self, _: Progress) -> Directive {
        self.directive
    }
}
