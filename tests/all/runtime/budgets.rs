//! What a hostile component can make the host keep, seen from outside: by the memory of the host's
//! process, by the size of the workspace's files, and by what reaches the operator.

use super::platform::{OneSecret, Recorder};
use super::{guest, plan, workspace};
use host_harness::contract::Error;
use host_harness::runtime::{
    Budget, Call, CallError, HttpAccess, HttpOptions, HttpPolicy, Limits, Workspace,
};
use host_harness::store::{SqliteStore, StoreOptions};
use host_harness::store_api::AdminStore as _;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

const MIB: u64 = 1 << 20;

/// A workspace with a database of its own, a secret, and a server that accepts and says nothing.
struct Place {
    workspace: Workspace,
    directory: tempfile::TempDir,
    silent: TcpListener,
}

impl Place {
    async fn with(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = StoreOptions {
            durable: false,
            ..StoreOptions::default()
        };
        let store = Arc::new(SqliteStore::open(directory.path(), &options).unwrap());
        store.begin_plan().unwrap();
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = silent.local_addr().unwrap().to_string();
        let policy = HttpPolicy::default().with_loopback(&authority).unwrap();
        let workspace = Workspace {
            limits,
            secrets: Arc::new(OneSecret),
            http: HttpAccess::new(policy, &HttpOptions::default()).unwrap(),
            ..Workspace::new(store)
        };
        Self {
            workspace,
            directory,
            silent,
        }
    }

    /// Makes the guest do it; why it ended.
    async fn failure(&self, request: &str) -> CallError {
        let silent = self.silent.local_addr().unwrap().to_string();
        let request = request.replace("SILENT", &silent);
        let ended = plan(&self.workspace, &request).await.result;
        let error = ended.expect_err(&request);
        let next = plan(&self.workspace, "ok").await.result;
        assert_eq!(next.as_deref(), Ok("well behaved"), "after {request}");
        error
    }

    fn bytes_on_disk(&self) -> u64 {
        bytes_in(self.directory.path())
    }
}

fn bytes_in(directory: &Path) -> u64 {
    let files = std::fs::read_dir(directory).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn spent(error: &CallError) -> Option<Budget> {
    match error {
        CallError::BudgetSpent { budget, .. } => Some(*budget),
        _ => None,
    }
}

/// Every way of holding memory through handles, and the budget that ends it; none: the number of
/// handles.
const HANDLES: &[(&str, Option<Budget>)] = &[
    ("hoard-headers", Some(Budget::Handles)),
    ("endless-headers", Some(Budget::Headers)),
    ("hoard-appended-headers", Some(Budget::Handles)),
    ("hoard-header-clones", Some(Budget::Handles)),
    ("hoard-requests", Some(Budget::Handles)),
    ("hoard-request-headers", Some(Budget::Handles)),
    ("hoard-responses", Some(Budget::Handles)),
    ("hoard-paths", Some(Budget::Handles)),
    ("hoard-bodies", Some(Budget::Handles)),
    ("hoard-trailers", Some(Budget::Handles)),
    ("hoard-pending SILENT", Some(Budget::Handles)),
    ("hoard-secrets client-secret", Some(Budget::Secrets)),
    ("reveal-secrets client-secret", Some(Budget::Secrets)),
    ("hoard-timers", None),
    ("hoard-streams", None),
];

/// Every way of having the store keep something, and the budget that ends it.
const KEEPING: &[(&str, Budget)] = &[
    ("state 100000", Budget::State),
    ("state 0", Budget::State),
    ("state-value 1048577", Budget::StateValue),
    ("state-otherwise", Budget::StateOfCommit),
    ("contacts", Budget::Commits),
    ("notes", Budget::Commits),
    ("sightings", Budget::Commits),
    ("plan", Budget::Plan),
];

/// So little that each of them is spent within a second or two.
fn small() -> Limits {
    Limits {
        commit_bytes: 48 * MIB,
        state_bytes: 16 * MIB,
        plan_bytes: 48 * MIB,
        ..Limits::default()
    }
}

#[tokio::test]
async fn whatever_is_held_behind_handles_ends_with_a_budget_and_the_next_call_works() {
    let place = Place::with(Limits::default()).await;
    for (request, budget) in HANDLES {
        let error = place.failure(request).await;
        match budget {
            Some(_) => assert_eq!(spent(&error), *budget, "{request}: {error}"),
            None => assert!(
                matches!(error, CallError::TooManyHandles { .. }),
                "{request}: {error}"
            ),
        }
    }
    let error = place.failure("hoard-methods").await;
    assert!(error.to_string().contains("no such method"), "{error}");
}

#[tokio::test]
async fn whatever_the_store_is_to_keep_ends_with_a_budget_and_nothing_beyond_it_is_kept() {
    for (request, budget) in KEEPING {
        let place = Place::with(small()).await;
        let before = place.bytes_on_disk();
        let error = place.failure(request).await;
        assert_eq!(spent(&error), Some(*budget), "{request}: {error}");
        let text = error.to_string();
        assert!(text.contains(&budget.to_string()), "{text}");
        let CallError::BudgetSpent { limit, call, .. } = error else {
            unreachable!()
        };
        assert_eq!(call, Call::Plan);
        // The write-ahead log has at most 16 MiB before it is moved into the file, and one commit.
        let grown = place.bytes_on_disk() - before;
        assert!(
            grown <= limit + 24 * MIB,
            "{request}: {} MiB for {} MiB",
            grown / MIB,
            limit / MIB
        );
    }
}

#[tokio::test]
async fn a_budget_that_is_spent_refuses_the_whole_commit_and_keeps_the_ones_before() {
    // A value of 100,000 bytes counts with its key and row: nine fit into a million, not ten.
    let place = Place::with(Limits {
        state_bytes: 1_000_000,
        ..Limits::default()
    })
    .await;
    let error = place.failure("state 100000").await;
    assert_eq!(spent(&error), Some(Budget::State));
    let kept = place.workspace.state.list("hoard/", None, 100).unwrap();
    assert_eq!(kept.len(), 9);
}

#[tokio::test]
async fn the_database_of_a_workspace_has_an_end_at_which_commits_are_refused_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        durable: false,
        largest_file: 4 * MIB,
        ..StoreOptions::default()
    };
    let store = Arc::new(SqliteStore::open(directory.path(), &options).unwrap());
    let workspace = Workspace::new(store);
    let answer = plan(&workspace, "state 100000").await.result.unwrap_err();
    let told = answer.to_string();
    assert!(told.contains("cannot grow"), "{told}");
    let file = directory.path().join("connector.db");
    assert!(std::fs::metadata(file).unwrap().len() <= 4 * MIB);
    let entries = workspace.state.list("hoard/", None, 100).unwrap();
    assert!((30..=41).contains(&entries.len()), "{}", entries.len());
    assert!(entries.iter().all(|entry| entry.value.len() == 100_000));
}

#[tokio::test]
async fn an_answer_of_the_store_is_bounded_however_much_it_keeps_and_however_it_is_asked() {
    let place = Place::with(Limits {
        state_bytes: 80 * MIB,
        commit_bytes: 150 * MIB,
        ..Limits::default()
    })
    .await;
    assert_eq!(
        spent(&place.failure("state 1000000").await),
        Some(Budget::State)
    );
    assert_eq!(
        spent(&place.failure("contacts").await),
        Some(Budget::Commits)
    );
    for request in ["state-read", "contacts-read"] {
        let told = plan(&place.workspace, request).await.result.unwrap();
        assert!(told.contains("ask for less at once"), "{request}: {told}");
    }
}

#[tokio::test]
async fn a_component_reaches_the_operator_with_plain_lines_and_little_of_them() {
    let recorder = Arc::new(Recorder::default());
    let workspace = Workspace {
        control: recorder.clone(),
        ..workspace()
    };
    let answer = plan(&workspace, "log-steer").await;
    assert_eq!(answer.result.as_deref(), Ok("logged it all"));
    let told = recorder.told();
    // The recorder adds separators.
    assert!(told.len() <= (1 << 20) + 4 * recorder.events());
    assert!(answer.stats.swallowed_log_events > 5_000);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), recorder.events(), "no event is two lines");
    assert!(lines[0].starts_with("event_forged a__2J_b_c="), "{told}");
    assert!(!told.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')));

    let error = plan(&workspace, "error-flood").await.result.unwrap_err();
    let CallError::Guest {
        error: Error::Other(failure),
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert!(failure.message.starts_with("\\u{1b}[2J ERROR forged"));
    let text = format!("{error} {error:?}");
    assert!(text.len() < 10_000, "{}", text.len());
    assert!(!text.contains(char::is_control), "{text}");
}

#[tokio::test]
async fn random_bytes_come_in_pieces_of_a_bounded_size() {
    let given = plan(&workspace(), "random 65536").await.result;
    assert_eq!(given.as_deref(), Ok("65536 bytes"));
    let refused = plan(&workspace(), "random 67108864").await.result;
    assert!(matches!(refused, Err(CallError::Trapped { .. })));
}

/// Does all of it one after another, and prints by how much the memory of this process grew. It runs in
/// a process of its own.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hoarding_process() {
    if std::env::var_os(HOARDING).is_none() {
        return;
    }
    guest();
    let keeping = KEEPING.iter().map(|(request, _)| *request);
    let handles = HANDLES.iter().map(|(request, _)| *request);
    let others = ["allocate", "big-list", "error-flood", "random 67108864"];
    for request in handles.chain(keeping).chain(others) {
        let place = Place::with(small()).await;
        plan(&place.workspace, "ok").await.result.unwrap();
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = status("VmRSS:");
        place.failure(request).await;
        let grown = status("VmHWM:").saturating_sub(before);
        println!("grown {} {request}", grown / 1024);
    }
    let place = Place::with(Limits {
        state_bytes: 80 * MIB,
        commit_bytes: 150 * MIB,
        ..Limits::default()
    })
    .await;
    place.failure("state 1000000").await;
    place.failure("contacts").await;
    for request in ["state-read", "contacts-read", "refused-requests evil.test"] {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = status("VmRSS:");
        // Whether it ends well or by a budget: what counts is what the host holds meanwhile.
        let _ = plan(&place.workspace, request).await;
        let grown = status("VmHWM:").saturating_sub(before);
        println!("grown {} {request}", grown / 1024);
    }
}

/// Tells a process of this binary to hoard.
#[cfg(target_os = "linux")]
const HOARDING: &str = "HOARDING_PROCESS";

/// A line of this process's status, in KiB.
#[cfg(target_os = "linux")]
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let number = line.split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_hostile_component_makes_the_hosts_memory_grow_by_at_most_twice_its_linear_memory() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "runtime::budgets::hoarding_process",
            "--nocapture",
        ])
        .env(HOARDING, "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let limit = 2 * (Limits::default().memory_bytes as u64 / MIB);
    let grown: Vec<(u64, &str)> = said
        .lines()
        .filter_map(|line| line.split_once("grown "))
        .filter_map(|(_, rest)| rest.split_once(' '))
        .map(|(mib, request)| (mib.parse().unwrap(), request))
        .collect();
    assert!(grown.len() > HANDLES.len() + KEEPING.len(), "{said}");
    let too_much: Vec<_> = grown.iter().filter(|(mib, _)| *mib > limit).collect();
    assert!(too_much.is_empty(), "more than {limit} MiB: {too_much:?}");
}
