use super::*;

const ADDRESS: &str = "https://sync.example/hook";
const ASKER: &str = "00000000-aaaa-1111-bbbb-222222222222 00001111-aaaa-2222-bbbb-3333cccc4444";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn kept() -> Subscription {
    Subscription {
        resource: "users".to_owned(),
        id: "7f105c7d-2dc5-4530-97cd-4e7ae6534c07".to_owned(),
        client_state: hash("nobody can guess this"),
        address: known_by(ASKER, ADDRESS),
        since: NOW,
        renewed: NOW,
        ends: Timestamp(NOW.0 + LIFE_MS),
        due: Timestamp(NOW.0 + LIFE_MS / 2),
    }
}

fn with(subscription: Subscription) -> Kept {
    Kept {
        subscriptions: vec![subscription],
        trouble: None,
    }
}

fn at(kept: &Kept, address: Option<&str>, now: Timestamp) -> Due {
    let address = address.map(|address| known_by(ASKER, address));
    due(kept, address.as_deref(), &["users"], now)
}

#[test]
fn where_there_is_none_one_is_made_if_the_host_tells_an_address() {
    let none = Kept::default();
    assert_eq!(at(&none, Some(ADDRESS), NOW).make, ["users"]);
    assert_eq!(at(&none, None, NOW), Due::default());
}

#[test]
fn it_is_renewed_after_half_of_its_time_and_made_anew_after_all_of_it() {
    let known = with(kept());
    let (half, end) = (kept().due.0, kept().ends.0);
    for (now, stays, renewed, made) in [
        (NOW.0, 1, 0, 0),
        (half - 1, 1, 0, 0),
        (half, 0, 1, 0),
        (end - 1, 0, 1, 0),
        (end, 0, 0, 1),
    ] {
        let due = at(&known, Some(ADDRESS), Timestamp(now));
        let counted = (due.stays.len(), due.renew.len(), due.make.len());
        assert_eq!(counted, (stays, renewed, made), "{now}");
        assert!(due.drop.is_empty());
    }
}

#[test]
fn one_of_another_address_or_of_none_is_taken_back() {
    let known = with(kept());
    let moved = at(&known, Some("https://sync.example/other"), NOW);
    assert_eq!((moved.drop.len(), moved.make.len()), (1, 1));
    let none = at(&known, None, NOW);
    assert_eq!((none.drop.len(), none.make.len()), (1, 0));
    let of_old = with(Subscription {
        resource: "devices".to_owned(),
        ..kept()
    });
    let unwanted = at(&of_old, Some(ADDRESS), NOW);
    assert_eq!((unwanted.drop.len(), unwanted.make.len()), (1, 1));
}

#[test]
fn one_that_another_application_or_one_of_another_tenant_asked_for_is_taken_back_and_made_anew() {
    let known = with(kept());
    let (tenant, application) = ASKER.split_once(' ').unwrap();
    for asker in [
        format!("{tenant} 5a5a5a5a-0000-4000-8000-000000000001"),
        format!("5a5a5a5a-0000-4000-8000-000000000002 {application}"),
    ] {
        let address = known_by(&asker, ADDRESS);
        let due = due(&known, Some(&address), &["users"], NOW);
        assert_eq!((due.stays.len(), due.drop.len(), due.make.len()), (0, 1, 1));
    }
}

#[test]
fn what_failed_is_tried_again_after_a_pause_also_where_the_clock_jumped_back() {
    let failed = Kept {
        subscriptions: Vec::new(),
        trouble: Some(Trouble {
            message: "no".to_owned(),
            at: NOW,
        }),
    };
    for (now, made) in [
        (NOW.0 - 1, 1),
        (NOW.0, 0),
        (NOW.0 + PAUSE_MS - 1, 0),
        (NOW.0 + PAUSE_MS, 1),
    ] {
        let due = at(&failed, Some(ADDRESS), Timestamp(now));
        assert_eq!(due.make.len(), made, "{now}");
    }
}

#[test]
fn half_of_the_time_is_of_what_the_service_gives() {
    let told = |ends| Subscribed {
        id: "x".to_owned(),
        address: None,
        ends,
    };
    let hour = Timestamp(NOW.0 + 3_600_000);
    let half = Timestamp(NOW.0 + 1_800_000);
    assert_eq!(period(&told(Some(hour)), NOW), (hour, half));
    let asked = (end(NOW), Timestamp(NOW.0 + LIFE_MS / 2));
    assert_eq!(period(&told(None), NOW), asked);
    // More than was asked for is not believed, and what has ended is due at once.
    assert_eq!(period(&told(Some(Timestamp(u64::MAX))), NOW), asked);
    assert_eq!(period(&told(Some(Timestamp(1))), NOW), (NOW, NOW));
}

#[test]
fn what_is_wanted_beside_it_is_made_and_what_is_not_any_more_is_taken_back() {
    let known = with(kept());
    let address = known_by(ASKER, ADDRESS);
    let more = due(&known, Some(&address), &["users", "groups"], NOW);
    assert_eq!(
        (more.stays.len(), more.make),
        (1, vec!["groups".to_owned()])
    );
    let none = due(&known, Some(&address), &["groups"], NOW);
    assert_eq!((none.drop.len(), none.make.len()), (1, 1));
}
