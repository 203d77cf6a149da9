//! A life at every server that differs in a way, each setting of each switch together with each setting of each other
//! once at least.

use super::*;

/// One switch: how many settings it has, and how one is set.
type Switch = (usize, fn(&mut Behaviour, usize));

const FILTERS: [Filters; 4] = [
    Filters::All,
    Filters::OneTerm,
    Filters::Ignored,
    Filters::No,
];

const SWITCHES: [Switch; 12] = [
    (2, |behaviour, on| behaviour.says = on == 0),
    (2, |behaviour, on| behaviour.versions = on == 0),
    (4, |behaviour, kind| {
        behaviour.patch = [
            Patching::Works,
            Patching::No,
            Patching::NoAgainstItsWord,
            Patching::Ignored,
        ][kind];
    }),
    (2, |behaviour, on| behaviour.tells_after_patch = on == 0),
    (4, |behaviour, kind| behaviour.filters = FILTERS[kind]),
    (3, |behaviour, kind| {
        (behaviour.page, behaviour.stuck) = [(1_000, false), (2, false), (2, true)][kind];
    }),
    (2, |behaviour, on| behaviour.active_as_text = on == 1),
    (4, |behaviour, kind| {
        behaviour.takes_out = [
            TakingOut::Path,
            TakingOut::Values,
            TakingOut::Silent,
            TakingOut::Everybody,
        ][kind];
    }),
    (2, |behaviour, on| behaviour.joins_twice = on == 1),
    (2, |behaviour, on| behaviour.capitals = on == 1),
    (2, |behaviour, on| behaviour.twins = on == 1),
    (2, |behaviour, on| behaviour.lag_ms = 4_000 * on as u64),
];

/// Pairs of settings: switch, setting, another switch, its setting.
fn pairs_of(settings: &[usize]) -> Vec<(usize, usize, usize, usize)> {
    let mut pairs = Vec::new();
    for (place, setting) in settings.iter().enumerate() {
        for (other, its) in settings.iter().enumerate().skip(place + 1) {
            pairs.push((place, *setting, other, *its));
        }
    }
    pairs
}

/// Settings in which every pair is together once at least: always the next one that has the most pairs that were not
/// together yet, among those that a row of numbers draws.
fn servers() -> Vec<Vec<usize>> {
    let mut missing = BTreeSet::new();
    for (place, (settings, _)) in SWITCHES.iter().enumerate() {
        for (other, (its, _)) in SWITCHES.iter().enumerate().skip(place + 1) {
            for setting in 0..*settings {
                missing.extend((0..*its).map(|its| (place, setting, other, its)));
            }
        }
    }
    let mut drawn = 1_u64;
    let mut draw = |below: usize| {
        drawn = drawn
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(drawn >> 33).unwrap() % below
    };
    let mut servers = Vec::new();
    while let Some(first) = missing.iter().next().copied() {
        let mut best: (usize, Vec<usize>) = (0, Vec::new());
        for _ in 0..60 {
            let mut settings: Vec<_> = SWITCHES.iter().map(|(count, _)| draw(*count)).collect();
            (settings[first.0], settings[first.2]) = (first.1, first.3);
            let new = pairs_of(&settings)
                .iter()
                .filter(|pair| missing.contains(*pair))
                .count();
            if new > best.0 {
                best = (new, settings);
            }
        }
        for pair in pairs_of(&best.1) {
            missing.remove(&pair);
        }
        servers.push(best.1);
    }
    servers
}

/// Five people are made, changed, put into a group, made inactive, taken out, brought back and deleted.
fn live(behaviour: &Behaviour) {
    let world = World::like(behaviour.clone());
    world.stranger("stranger@contoso.example", json!({"externalId": "theirs"}));
    let group = world.group("Sales");
    let records: Vec<_> = (1..=5)
        .map(|number| world.create(&person(number)).unwrap())
        .collect();
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    world.pass(6_000);
    let destination = world.destination();
    let fetched = one(&destination, destination.fetch(&ids)).unwrap();
    assert!(fetched.iter().flatten().eq(records.iter()));
    one(&destination, destination.membership(&group, &ids, &[])).unwrap();
    let change = [
        ("contact_name", Some("Bea")),
        ("group", None),
        ("email", None),
    ];
    let mut patch = patch(&records[0], &change);
    patch.active = Some(false);
    let written = write(&destination, &patch).unwrap();
    for (name, value) in change {
        assert_eq!(field(&written, name), value, "{name}");
    }
    assert_eq!(written.active, Some(false));
    one(&destination, destination.membership(&group, &[], &ids[..2])).unwrap();
    let mut staying = ids[2..].to_vec();
    staying.sort();
    assert_eq!(world.server.members(&group), staying);
    let back = Patch {
        known: written,
        writes: Vec::new(),
        active: Some(true),
        tie: Some(None),
    };
    let back = world.write(&back).unwrap();
    assert_eq!((back.active, &back.tie), (Some(true), &None));
    assert_eq!(world.fetch(&back.id).as_ref(), Some(&back));
    assert_eq!(world.delete(&back), Ok(()));
    assert_eq!(world.server.users().len(), 5);
}

#[test]
fn a_life_is_the_same_at_every_server() {
    let servers = servers();
    assert!(servers.len() < 60, "{}", servers.len());
    for settings in &servers {
        let mut behaviour = Behaviour::default();
        for ((_, set), setting) in SWITCHES.iter().zip(settings) {
            set(&mut behaviour, *setting);
        }
        // Without PATCH, and with a way of taking out that needs it, there is one that does not.
        println!("{behaviour:?}");
        live(&behaviour);
    }
    println!("{} servers", servers.len());
}
