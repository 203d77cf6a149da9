//! A long list is read in partitions: everybody, once, whatever becomes of a partition.

use serde_json::{Value, json};
use sync_core::engine::checkpoint::{Cursor, Round};
use sync_core::engine::sync::{SliceEnd, SyncRequest, SyncResult};
use sync_core::ports::testing::Memory;
use sync_core::run::{RunMode, RunRecord, RunStatus};

use crate::calls::{plan, sync};
use crate::test_host::DOCUMENT;

use microsoft::{Microsoft, Trouble, id_of};

mod microsoft;

/// Thirty pages.
const PEOPLE: u64 = 60;
const PARTITION: &str = "$filter=";
const PLAIN: &str = "/users?$top=2&$select=";
const UNDATED: &str = "eq%20null&$count=true";
const EXPIRED: Trouble = Trouble::Status(400, "Directory_ExpiredPageToken");

/// The document of tests, with two people on a page.
fn document(at_once: u8) -> String {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
    document["sync"]["listing"] = json!({"pageSize": 2, "atOnce": at_once});
    document.to_string()
}

fn try_slice(microsoft: &Microsoft<'_>, max_pages: Option<u32>) -> Option<SyncResult> {
    let request = SyncRequest {
        mode: RunMode::Incremental,
        trigger: "test".to_owned(),
        max_pages,
        max_time: None,
        approval: None,
    };
    sync(microsoft.imports(), &document(8), &request).ok()
}

fn run(microsoft: &Microsoft<'_>) -> RunRecord {
    try_slice(microsoft, None).expect("a run").run
}

/// Everybody is there, and was counted once.
fn assert_whole(microsoft: &Microsoft<'_>, run: &RunRecord) {
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    let memory = microsoft.memory;
    let people = microsoft.people.borrow().len();
    assert_eq!(memory.contacts.borrow().len(), people);
    let cursor = Cursor::load(memory).unwrap().expect("a cursor");
    assert_eq!(cursor.people, people as u64);
    assert_eq!(Round::load(memory).unwrap(), None);
}

#[test]
fn everybody_is_read_once_and_several_pages_are_under_way() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    let run = run(&microsoft);
    assert_whole(&microsoft, &run);
    assert_eq!(run.counts.processed, PEOPLE);
    let most = microsoft.most_under_way.get();
    assert!((4..=8).contains(&most), "{most} pages");
    assert_eq!(microsoft.times_asked(PLAIN, ""), 0);
    let pages = microsoft.times_asked("/users?", PARTITION);
    assert!((30..=40).contains(&pages), "{pages} pages");
    assert_eq!(
        microsoft.given_up.get(),
        0,
        "whatever was asked for was read"
    );
}

#[test]
fn a_list_of_less_than_ten_pages_is_read_in_one_piece() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, 19);
    assert_whole(&microsoft, &run(&microsoft));
    assert_eq!(microsoft.times_asked(PARTITION, ""), 0);
    assert_eq!(microsoft.most_under_way.get(), 1);
}

#[test]
fn an_operator_can_have_pages_asked_for_one_after_another() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    plan(microsoft.imports(), &document(1), RunMode::Full).unwrap();
    assert_eq!(microsoft.times_asked(PARTITION, ""), 0);
    assert_eq!(microsoft.most_under_way.get(), 1);
}

#[test]
fn a_plan_is_the_same_in_partitions_and_in_one_piece() {
    let [one, other] = [1, 8].map(|at_once| {
        let memory = Memory::default();
        let microsoft = Microsoft::with(&memory, PEOPLE);
        let summary = plan(microsoft.imports(), &document(at_once), RunMode::Full).unwrap();
        (summary.digest, summary.counts)
    });
    assert_eq!(one, other);
}

#[test]
fn a_slice_asks_for_no_page_that_it_will_not_read() {
    for max_pages in [1, 3, 5] {
        let memory = Memory::default();
        let microsoft = Microsoft::with(&memory, PEOPLE);
        let mut slices = 0;
        let last = loop {
            let slice = try_slice(&microsoft, Some(max_pages)).unwrap();
            slices += 1;
            if matches!(slice.end, SliceEnd::Finished) {
                break slice.run;
            }
        };
        assert_whole(&microsoft, &last);
        assert!(slices >= 31 / max_pages, "{slices} slices");
        assert_eq!(microsoft.given_up.get(), 0, "{max_pages} pages a slice");
    }
}

#[test]
fn a_run_that_is_stopped_is_gone_on_with_where_every_partition_stood() {
    for reports in [1, 2, 7, 20] {
        let memory = Memory::default();
        memory.stops.set(Some(reports));
        let microsoft = Microsoft::with(&memory, PEOPLE);
        assert_eq!(run(&microsoft).status, RunStatus::Stopped);
        let read = memory.contacts.borrow().len();
        memory.stops.set(None);
        let asked = microsoft.asked.take().len();
        assert!(asked > 0);
        let run = run(&microsoft);
        assert_whole(&microsoft, &run);
        let created = run.counts.created as usize;
        assert_eq!(read + created, PEOPLE as usize, "nobody is read twice");
    }
}

#[test]
fn a_process_that_dies_at_any_commit_loses_nothing() {
    for commit in 0.. {
        let mut died = false;
        for is_durable in [false, true] {
            let memory = Memory::default();
            memory.dies.set(Some((commit, is_durable)));
            let microsoft = Microsoft::with(&memory, PEOPLE);
            died |= try_slice(&microsoft, None).is_none();
            memory.dies.set(None);
            // Whoever had died had not said how it ended.
            let run = run(&microsoft);
            assert!(
                run.status == RunStatus::Succeeded,
                "commit {commit}: {run:?}"
            );
            assert_eq!(memory.contacts.borrow().len(), PEOPLE as usize);
            assert_eq!(Cursor::load(&memory).unwrap().unwrap().people, PEOPLE);
        }
        if !died {
            assert!(commit > 30, "{commit} commits");
            return;
        }
    }
}

#[test]
fn a_partition_whose_place_is_lost_is_read_anew_and_no_other_is() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    microsoft.trouble(UNDATED, "$skiptoken=21", 1, EXPIRED);
    assert_whole(&microsoft, &run(&microsoft));
    assert!(microsoft.has_logged("partition-restarted"));
    assert!(!microsoft.has_logged("partitions-given-up"));
    let asked = microsoft.asked.take();
    let is_repeated = |url: &&String| asked.iter().filter(|other| other == url).count() > 1;
    let mut repeated: Vec<_> = asked.iter().filter(is_repeated).collect();
    repeated.dedup();
    assert!(!repeated.is_empty());
    assert!(
        repeated.iter().all(|url| url.contains(UNDATED)),
        "{repeated:?}"
    );
}

#[test]
fn a_partition_that_is_lost_again_and_again_makes_the_list_be_read_in_one_piece() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    microsoft.trouble(UNDATED, "$skiptoken=21", u32::MAX, EXPIRED);
    assert_whole(&microsoft, &run(&microsoft));
    assert!(microsoft.has_logged("partitions-given-up"));
    assert_eq!(microsoft.times_asked(PLAIN, ""), 30);
    assert_eq!(microsoft.times_asked(UNDATED, "$skiptoken=21"), 3);
}

#[test]
fn a_service_that_refuses_to_filter_gives_the_list_in_one_piece() {
    for (status, code) in [
        (400, "Request_UnsupportedQuery"),
        (404, "Request_ResourceNotFound"),
        (501, "NotImplemented"),
    ] {
        let memory = Memory::default();
        let microsoft = Microsoft::with(&memory, PEOPLE);
        microsoft.trouble(
            "/users?",
            PARTITION,
            u32::MAX,
            Trouble::Status(status, code),
        );
        assert_whole(&microsoft, &run(&microsoft));
        assert!(microsoft.has_logged("partitions-given-up"), "{status}");
        assert_eq!(microsoft.times_asked(PLAIN, ""), 30);
    }
}

#[test]
fn a_service_that_refuses_advanced_queries_is_asked_once_and_listed_in_one_piece() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    let refused = Trouble::Status(400, "Request_UnsupportedQuery");
    microsoft.trouble("/users/$count?", "", u32::MAX, refused);
    assert_whole(&microsoft, &run(&microsoft));
    assert!(microsoft.has_logged("partitions-refused [(\"code\", \"Request_UnsupportedQuery\")]"));
    assert_eq!(microsoft.times_asked("/users?", PARTITION), 0);
}

#[test]
fn a_partition_that_leads_back_to_itself_makes_the_list_be_read_in_one_piece() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    microsoft.trouble(UNDATED, "$skiptoken=21", u32::MAX, Trouble::Circle);
    assert_whole(&microsoft, &run(&microsoft));
    assert!(microsoft.has_logged("partitions-given-up [(\"code\", \"links-repeat\")]"));
}

#[test]
fn partitions_that_show_too_few_people_make_the_list_be_read_in_one_piece() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    // Nine of sixty have no date, and the index does not know them.
    microsoft.trouble("/users?", UNDATED, u32::MAX, Trouble::Empty);
    assert_whole(&microsoft, &run(&microsoft));
    assert!(microsoft.has_logged("partitions-given-up [(\"code\", \"list-truncated\")]"));
    assert_eq!(microsoft.times_asked(PLAIN, ""), 30);
}

#[test]
fn a_list_that_shows_too_few_people_in_one_piece_too_ends_the_run_incomplete() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    microsoft.trouble("/users?", UNDATED, u32::MAX, Trouble::Empty);
    microsoft.trouble(PLAIN, "$skiptoken=9", u32::MAX, Trouble::Empty);
    let run = run(&microsoft);
    assert_eq!(run.status, RunStatus::Incomplete);
    assert_eq!(run.errors[0].code, "list-truncated");
    assert_eq!(Cursor::load(&memory).unwrap(), None);
}

#[test]
fn counts_that_are_wrong_leave_nobody_out() {
    for said in ["0", "1", "59", "100000"] {
        let memory = Memory::default();
        let microsoft = Microsoft::with(&memory, PEOPLE);
        microsoft.trouble("/users/$count?", "", u32::MAX, Trouble::Says(said));
        assert_whole(&microsoft, &run(&microsoft));
    }
}

#[test]
fn whoever_comes_while_the_list_is_read_is_in_the_last_partition() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    microsoft.comes.set(Some((999, 1)));
    let run = run(&microsoft);
    assert_whole(&microsoft, &run);
    assert_eq!(memory.contacts.borrow().len(), PEOPLE as usize + 1);
}

#[test]
fn whoever_goes_while_the_list_is_read_is_told_by_the_changes() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    let gone = json!({"id": id_of(3), "@removed": {"reason": "changed"}});
    microsoft.changes.borrow_mut().push(gone);
    let run = run(&microsoft);
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(run.counts.removed, 1);
}

#[test]
fn an_older_version_that_takes_the_round_over_reads_the_list_from_its_first_page() {
    let memory = Memory::default();
    let microsoft = Microsoft::with(&memory, PEOPLE);
    try_slice(&microsoft, Some(7)).unwrap();
    let round = memory.state.borrow()["round"].clone();
    let mut round: Value = serde_json::from_slice(&round).unwrap();
    let partitions = round.as_object_mut().unwrap().remove("partitions");
    assert!(partitions.is_some_and(|partitions| !partitions["left"].is_null()));
    let kept = round.to_string().into_bytes();
    memory.state.borrow_mut().insert("round".to_owned(), kept);
    assert_whole(&microsoft, &run(&microsoft));
    assert_eq!(microsoft.times_asked(PLAIN, ""), 30);
}
