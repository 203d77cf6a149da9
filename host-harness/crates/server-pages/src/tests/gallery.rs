//! Every page in every state that is designed.

use api_types::shapes::RunStatus;
use api_types::views::*;
use maud::Markup;

use super::super::*;
use super::samples::Samples;

/// The one address elsewhere that a page of the set-up leads to.
pub(super) const CONSENT_ADDRESS: &str =
    "https://login.microsoftonline.com/contoso/v2.0/adminconsent?client_id=1";

/// The pages, each with a name for its file.
pub(super) fn gallery(samples: Samples) -> Vec<(&'static str, Markup)> {
    let administrator = samples.frame(Role::Administrator);
    let member = samples.frame(Role::Member);
    let mut pages = overviews(samples, &administrator, &member);
    pages.extend(set_up(samples, &administrator));
    pages.extend(others(samples, &administrator, &member));
    pages
}

fn overviews(
    samples: Samples,
    administrator: &Frame,
    member: &Frame,
) -> Vec<(&'static str, Markup)> {
    let well = samples.overview();
    let status = |code, label: &str, explanation: &str| StatusView {
        code,
        label: samples.says(label),
        explanation: samples.says(explanation),
    };
    let mut history = samples.history(29);
    history.push(samples.run(29, RunStatus::Running, 40));
    let running = OverviewView {
        status: status(
            StatusCode::Syncing,
            "Syncing now",
            "A sync is reading the directory.",
        ),
        progress: Some(samples.progress()),
        ..samples.overview_with(|view| view.history = history)
    };
    let blocked = OverviewView {
        status: status(
            StatusCode::Blocked,
            "Blocked",
            "A limit stopped the last sync. Review it.",
        ),
        ..samples.overview_with(|view| {
            view.blocked = Some(samples.blocked());
            view.trouble = Some(samples.trouble(true));
            view.history = samples.history(22);
        })
    };
    let failed = OverviewView {
        status: status(StatusCode::Failed, "Failed", "The last sync failed."),
        ..samples.overview_with(|view| {
            view.trouble = Some(samples.trouble(false));
            view.proposal = Some(samples.proposal());
        })
    };
    let fresh = OverviewView {
        status: status(StatusCode::NeverRun, "Never run", "No sync has run yet."),
        connection: ConnectionState::SettingUp(SetupStep::Map),
        tenant: None,
        last_success: None,
        ..samples.overview_with(|view| view.history = Vec::new())
    };
    let first_sync = OverviewView {
        connection: ConnectionState::Connected,
        administrator: samples
            .overview_with(|view| {
                view.secret = Some(samples.secret());
                view.history = samples.history(5);
                view.data_quality = Vec::new();
                view.activity = Vec::new();
                view.not_synced = NotSyncedView::default();
            })
            .administrator,
        ..fresh.clone()
    };
    let disconnected = OverviewView {
        status: status(
            StatusCode::Disconnected,
            "Disconnected",
            "Nothing is synced.",
        ),
        connection: ConnectionState::Disconnected,
        ..well.clone()
    };
    let to_a_member = |view: &OverviewView| OverviewView {
        administrator: None,
        ..view.clone()
    };
    let of_a_member = samples.overview_of_a_member();
    vec![
        ("overview", overview(administrator, &well)),
        ("overview-running", overview(administrator, &running)),
        ("overview-blocked", overview(administrator, &blocked)),
        ("overview-early", overview(administrator, &first_sync)),
        ("overview-member", overview(member, &of_a_member)),
        ("first-run", overview(administrator, &fresh)),
        ("overview-failed", overview(administrator, &failed)),
        (
            "overview-failed-member",
            overview(member, &to_a_member(&failed)),
        ),
        (
            "overview-blocked-member",
            overview(member, &to_a_member(&blocked)),
        ),
        (
            "overview-running-member",
            overview(member, &to_a_member(&running)),
        ),
        ("first-run-member", overview(member, &to_a_member(&fresh))),
        ("disconnected", overview(administrator, &disconnected)),
        (
            "disconnected-member",
            overview(member, &to_a_member(&disconnected)),
        ),
    ]
}

fn set_up(samples: Samples, frame: &Frame) -> Vec<(&'static str, Markup)> {
    let planning = ReviewView {
        progress: Some(ProgressView {
            task: Task::Plan,
            total: None,
            ..samples.progress()
        }),
        digest: None,
        ..samples.review()
    };
    let over_limit = ReviewView {
        stale: true,
        blocks: vec![samples.block()],
        setting_up: false,
        ..samples.review()
    };
    let deleting = ReviewView {
        removals: samples.removals(),
        proposal: Some(samples.proposal()),
        deletes_by_itself: true,
        setting_up: false,
        ..samples.review()
    };
    let failed = ReviewView {
        failure: Some(samples.says("Microsoft did not answer.")),
        digest: None,
        ..samples.review()
    };
    vec![
        ("connect-empty", connect(frame, &samples.connect_empty())),
        ("connect", connect(frame, &samples.connect())),
        (
            "connect-refused",
            connect(frame, &samples.connect_refused()),
        ),
        (
            "connect-platform",
            connect(frame, &samples.connect_with_platform(false, false)),
        ),
        (
            "connect-platform-spreading",
            connect(frame, &samples.connect_with_platform(true, true)),
        ),
        (
            "connect-platform-works",
            connect(frame, &samples.connect_with_platform(true, false)),
        ),
        (
            "connect-platform-refused",
            connect(
                frame,
                &ConnectView {
                    platform: samples.connect_with_platform(false, false).platform,
                    ..samples.connect_refused()
                },
            ),
        ),
        ("consent", consent(frame, CONSENT_ADDRESS)),
        ("map", mapping(frame, &samples.mapping(true))),
        ("map-refused", mapping(frame, &samples.mapping_refused())),
        ("review", review(frame, &samples.review(), None)),
        ("review-planning", review(frame, &planning, None)),
        ("review-over-limit", review(frame, &over_limit, None)),
        ("review-failed", review(frame, &failed, None)),
        ("review-deleting", review(frame, &deleting, None)),
        (
            "review-deleting-refused",
            review(frame, &deleting, Some("This deletes 75024 contacts.")),
        ),
    ]
}

fn others(samples: Samples, frame: &Frame, member: &Frame) -> Vec<(&'static str, Markup)> {
    let noticed = Frame {
        notice: Some(Notice {
            tone: Tone::Good,
            text: samples.says("The settings were saved."),
        }),
        ..frame.clone()
    };
    let page = ContactsView {
        kept_by: None,
        address: None,
        people: samples.people("Contacts").people,
        next: Some(samples.says("c-1029")),
    };
    let nobody = ContactsView {
        kept_by: None,
        address: Some(samples.says("nobody@contoso.example")),
        people: Vec::new(),
        next: None,
    };
    let log = ActivityView {
        entries: samples.activity(40),
        next: Some(372),
    };
    let updated = samples.people("Will be updated");
    let back = ("/w/acme/setup/review", "Review");
    let more = Some("/w/acme/plan/9f2c/people?of=update&after=c-1029");
    let broken = (
        "This page does not exist",
        "Nothing is at this address.",
        "Check the address.",
    );
    vec![
        ("people", people(frame, &updated, back, more)),
        ("contacts", contacts(member, &page)),
        ("contacts-none", contacts(frame, &nobody)),
        ("activity", activity(&noticed, &log)),
        (
            "blocked",
            blocked(frame, &samples.block_of(samples.concerned()), None),
        ),
        (
            "blocked-awaited",
            blocked(
                frame,
                &samples.block_of(ConcernedView::Awaited {
                    progress: samples.progress(),
                    changes: 0,
                }),
                None,
            ),
        ),
        (
            "blocked-unnamed",
            blocked(
                frame,
                &samples.block_of(ConcernedView::Unnamed {
                    why: samples.says("The plan that tells who they are failed."),
                }),
                Some("This deletes 75024 contacts."),
            ),
        ),
        (
            "disconnect",
            disconnect(
                frame,
                &samples.left_in_the_tenant(),
                Some("Type DISCONNECT, in capitals."),
            ),
        ),
        (
            "disconnect-elsewhere",
            disconnect(
                frame,
                &DisconnectView {
                    in_global_cloud: false,
                    ..samples.left_in_the_tenant()
                },
                None,
            ),
        ),
        ("destination", destination(frame, &samples.destination())),
        ("conflicts", conflicts(frame, &samples.conflicts())),
        (
            "conflicts-none",
            conflicts(frame, &ConflictsView::default()),
        ),
        (
            "ledger",
            ledger(
                frame,
                &samples.ledger(),
                &samples
                    .ledger()
                    .entries
                    .into_iter()
                    .map(|entry| {
                        let person = samples.person("Adele Vance", "adele.vance@contoso.example");
                        (entry.object_id, person)
                    })
                    .collect(),
            ),
        ),
        (
            "undoable",
            undoable(
                frame,
                &UndoableView {
                    runs: samples.history(30),
                },
            ),
        ),
        ("undo", undo(frame, &samples.undo(), None)),
        (
            "undo-refused",
            undo(frame, &samples.undo(), Some("This deletes 75024 contacts.")),
        ),
        (
            "undo-planning",
            undo(
                frame,
                &UndoView {
                    progress: Some(samples.progress()),
                    digest: None,
                    run: None,
                    ..samples.undo()
                },
                None,
            ),
        ),
        (
            "undo-done",
            undo(
                frame,
                &UndoView {
                    done_at: Some("2026-11-21T07:10:00Z".to_owned()),
                    failure: Some(samples.says("A sync has not ended.")),
                    ..samples.undo()
                },
                None,
            ),
        ),
        (
            "sign-in",
            sign_in(Some("This code was used already, or is too old.")),
        ),
        ("sign-in-confirm", sign_in_confirm(&samples.says("code-1"))),
        (
            "failure",
            failure(Some(frame), 404, broken.0, broken.1, broken.2),
        ),
        (
            "failure-outside",
            failure(
                None,
                503,
                "Not now",
                "The database is locked.",
                "Try again in a minute.",
            ),
        ),
    ]
}
