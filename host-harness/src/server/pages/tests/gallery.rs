//! Every page in every state that is designed.

use maud::Markup;

use super::super::super::views::*;
use super::super::*;
use super::samples::Samples;

/// The one address elsewhere that a page leads to.
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
    history.push(samples.run(29, "running", 40));
    let running = OverviewView {
        status: status(
            StatusCode::Syncing,
            "Syncing now",
            "A sync is reading the directory.",
        ),
        progress: Some(samples.progress()),
        history,
        ..well.clone()
    };
    let blocked = OverviewView {
        status: status(
            StatusCode::Blocked,
            "Blocked",
            "A limit stopped the last sync. Review it.",
        ),
        blocked: Some(samples.blocked()),
        history: samples.history(22),
        ..well.clone()
    };
    let fresh = OverviewView {
        status: status(StatusCode::NeverRun, "Never run", "No sync has run yet."),
        connection: ConnectionState::SettingUp(SetupStep::Map),
        tenant: None,
        last_success: None,
        history: Vec::new(),
        ..well.clone()
    };
    let first_sync = OverviewView {
        connection: ConnectionState::Connected,
        secret: Some(samples.secret()),
        history: samples.history(5),
        data_quality: Vec::new(),
        activity: Vec::new(),
        ledger: samples.overview_of_a_member().ledger,
        ..fresh.clone()
    };
    let disconnected = OverviewView {
        status: status(
            StatusCode::Disconnected,
            "Disconnected",
            "Nothing is synced.",
        ),
        connection: ConnectionState::Disconnected,
        schedule: None,
        ..well.clone()
    };
    let of_a_member = samples.overview_of_a_member();
    vec![
        ("overview", overview(administrator, &well)),
        ("overview-running", overview(administrator, &running)),
        ("overview-blocked", overview(administrator, &blocked)),
        ("overview-early", overview(administrator, &first_sync)),
        ("overview-member", overview(member, &of_a_member)),
        ("first-run", overview(administrator, &fresh)),
        ("first-run-member", overview(member, &fresh)),
        ("disconnected", overview(administrator, &disconnected)),
    ]
}

fn set_up(samples: Samples, frame: &Frame) -> Vec<(&'static str, Markup)> {
    let planning = ReviewView {
        progress: Some(ProgressView {
            task: "plan".to_owned(),
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
        ("consent", consent(frame, CONSENT_ADDRESS)),
        ("map", mapping(frame, &samples.mapping(true))),
        ("map-refused", mapping(frame, &samples.mapping_refused())),
        ("review", review(frame, &samples.review())),
        ("review-planning", review(frame, &planning)),
        ("review-over-limit", review(frame, &over_limit)),
        ("review-failed", review(frame, &failed)),
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
        address: None,
        people: samples.people("Contacts").people,
        next: Some(samples.says("c-1029")),
    };
    let nobody = ContactsView {
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
            blocked(frame, &samples.block_of(samples.concerned())),
        ),
        (
            "blocked-awaited",
            blocked(
                frame,
                &samples.block_of(ConcernedView::Awaited {
                    progress: samples.progress(),
                    changes: 0,
                }),
            ),
        ),
        (
            "blocked-unnamed",
            blocked(
                frame,
                &samples.block_of(ConcernedView::Unnamed {
                    why: samples.says("The plan that tells who they are failed."),
                }),
            ),
        ),
        (
            "disconnect",
            disconnect(frame, Some("Type DISCONNECT, in capitals.")),
        ),
        ("ledger", ledger(frame, &samples.ledger())),
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
