//! The server's pages in Chromium, used as people use them: with a mouse, with the keyboard alone, by touch.
//!
//! A scenario is a script in `tests/browser` that plays on a [`Stage`] of its own: a tenant, a server and
//! a workspace or more. It finds everything by role, label and visible text, as a person or a screen
//! reader does, and waits for what it expects, never for time to pass.

mod actor;
mod stage;

use host_harness::graph_emulator::DirectorySource;

use actor::actor;
use stage::Stage;

/// Plays a scenario, where there is somebody to play it.
async fn play(script: &str, directory: DirectorySource, workspaces: &[(&str, &str)]) {
    let Some(actor) = actor() else { return };
    let stage = Stage::set(directory, workspaces).await;
    actor.play(script, &stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_a_directory_in_four_steps() {
    play(
        "set_up_with_the_mouse",
        stage::demo(),
        &[("demo", "additive")],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_a_directory_with_the_keyboard_alone() {
    play(
        "set_up_with_the_keyboard",
        stage::demo(),
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
    play("live_progress", company, &[("busy", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_and_the_status_are_explained_on_hover_on_focus_and_by_touch() {
    play("history", stage::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_edited_by_two_at_once_and_sent_again_and_nothing_is_lost() {
    play("mapping", stage::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_run_is_looked_at_and_approved() {
    play("blocked", stage::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_contacts_and_status_and_no_settings() {
    play("member", stage::demo(), &[("demo", "mirror")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_is_typed_out_and_connecting_again_makes_nobody_twice() {
    play("disconnect", stage::demo(), &[("demo", "mirror")]).await;
}
