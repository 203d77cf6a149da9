use super::*;

const NAMES: &str = "/v1.0/users/delta?$select=displayName,givenName,surname";

fn company_with(users: u64, change: impl FnOnce(&mut Behaviour)) -> Tenant {
    Tenant::with(
        DirectorySource::Synthetic { users, seed: SEED },
        |options| {
            change(&mut options.behaviour);
        },
    )
}

#[test]
fn knobs_make_what_a_client_must_cope_with() {
    let tenant = company_with(450, |behaviour| {
        behaviour.repeat_over_pages = true;
        behaviour.empty_first_page = true;
        behaviour.unknown_property = true;
        behaviour.cast_path_in_links = true;
    });
    let first = tenant.get("/v1.0/users/delta?$select=id").ok();
    assert_eq!(first.users().len(), 0);
    assert!(
        first
            .next_link()
            .unwrap()
            .contains("/users/microsoft.graph.delta()?$skiptoken=")
    );
    let second = tenant.get(&first.next_link().unwrap()).ok();
    let third = tenant.get(&second.next_link().unwrap()).ok();
    assert_eq!(second.users().last(), third.users().first());
    assert!(second.users()[0]["notYetDocumented"].is_object());
    let (users, _) = tenant.all("/v1.0/users/delta?$select=id");
    assert_eq!(
        users.len(),
        452,
        "two pages begin with the last user of the page before"
    );
}

#[test]
fn replays_state_the_newest_changes_of_earlier_rounds_again() {
    let tenant = company_with(20, |behaviour| behaviour.replayed_changes = 2);
    let (_, last) = tenant.all(NAMES);
    let ids: Vec<String> = tenant
        .get("/v1.0/users?$top=4")
        .ok()
        .ids()
        .into_iter()
        .map(str::to_owned)
        .collect();
    for id in &ids {
        tenant
            .control
            .edit_user(id, json!({"displayName": "x"}))
            .unwrap();
    }
    let round = tenant.get(&last.delta_link()).ok();
    assert_eq!(round.ids(), ids);
    let replay = tenant.get(&round.delta_link()).ok();
    assert_eq!(replay.ids(), ids[2..]);
    assert_eq!(replay.users()[0]["displayName"], "x");
}

#[test]
fn tombstones_of_earlier_deletions_can_be_kept_out_of_the_initial_round() {
    let tenant = company_with(3, |behaviour| behaviour.tombstones_in_initial_round = false);
    let id = tenant.get("/v1.0/users").ok().ids()[0].to_owned();
    tenant.control.delete_user(&id).unwrap();
    assert_eq!(tenant.get(NAMES).ok().users().len(), 2);
}

#[test]
fn a_change_shows_only_after_the_visibility_delay() {
    let tenant = company_with(3, |behaviour| behaviour.visibility_delay_seconds = 60);
    let (users, last) = tenant.all(NAMES);
    let id = users[0]["id"].as_str().unwrap();
    tenant
        .control
        .edit_user(id, json!({"displayName": "late"}))
        .unwrap();
    let early = tenant.get(&last.delta_link()).ok();
    assert_eq!(early.users().len(), 0);
    tenant.control.advance_clock(Duration::from_secs(60));
    assert_eq!(tenant.get(&early.delta_link()).ok().ids(), [id]);
}
