//! The server's pages in Chromium, used as people use them: with a mouse, with the keyboard alone, by touch.
//!
//! A scenario is a script in `tests/browser` that plays on a [`BrowserFixture`] of its own: a tenant, a server and
//! a workspace or more. It finds everything by role, label and visible text, as a person or a screen
//! reader does, and waits for what it expects, never for time to pass.

mod fixture;
mod playwright;

use host_harness::graph_emulator::DirectorySource;

use fixture::{BrowserFixture, Offered};
use playwright::playwright;

/// Plays a scenario, where there is somebody to run it.
async fn run(script: &str, directory: DirectorySource, workspaces: &[(&str, &str)]) {
    let Some(playwright) = playwright() else {
        return;
    };
    let fixture = BrowserFixture::set(directory, workspaces, Offered::Nothing).await;
    playwright.run(script, &fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_with_one_button() {
    let Some(playwright) = playwright() else {
        return;
    };
    let workspaces = [("demo", "mirror")];
    let fixture = BrowserFixture::set(fixture::demo(), &workspaces, Offered::Application).await;
    playwright.run("connect_with_microsoft", &fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_a_directory_in_four_steps() {
    run(
        "set_up_with_the_mouse",
        fixture::demo(),
        &[("demo", "additive")],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_a_directory_with_the_keyboard_alone() {
    run(
        "set_up_with_the_keyboard",
        fixture::demo(),
        &[("demo", "mirror")],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_shows_its_progress_and_nothing_moves() {
    // Six pages of what the connector reads at a time.
    let company = DirectorySource::Synthetic {
        users: 6_000,
        seed: 4,
    };
    run("live_progress", company, &[("busy", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_and_the_status_are_explained_on_hover_on_focus_and_by_touch() {
    run("history", fixture::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_edited_by_two_at_once_and_sent_again_and_nothing_is_lost() {
    run("mapping", fixture::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_run_is_looked_at_and_approved() {
    run("blocked", fixture::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_contacts_and_status_and_no_settings() {
    run("member", fixture::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_is_typed_out_and_connecting_again_makes_nobody_twice() {
    run("disconnect", fixture::demo(), &[("demo", "mirror")]).await;
}
