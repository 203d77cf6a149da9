//! Trouble drawn from a seed: which requests are met, and by what.
//!
//! The draw for the n-th request of a storm is a function of the seed and n alone: no clock, no
//! state of a generator. So the same client against the same tenant meets the same trouble with the
//! same seed, as long as it asks one thing at a time; requests at once are numbered as they arrive.
//! Seed and n stand in the request log, so a failure is replayed by setting the storm again.
//!
//! A scripted [`Fault`] that meets the same request wins.

mod dice;
mod trouble;

use serde::{Deserialize, Serialize};

use super::exchange::Call;
use super::faults::Fault;
use super::request_log::FaultOrigin;
use dice::Dice;
pub use trouble::{Nature, Trouble};

/// Which requests get into trouble.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Storm {
    /// What everything is drawn from.
    pub seed: u64,
    /// The share of requests that are in trouble, from 0 to 1.
    pub share: f64,
    /// What may happen; with none named, everything. A trouble that does not fit a request, such as
    /// a page that ends early where a single user is read, is not drawn for it.
    pub troubles: Vec<Trouble>,
    /// Text that path and query must contain; requests without it are not counted either.
    pub path: Option<String>,
    /// How many requests in a row are in trouble at most, so that a client that asks often enough
    /// gets through.
    pub in_a_row: Option<u64>,
    /// After how many requests it is over.
    pub requests: Option<u64>,
}

impl Default for Storm {
    fn default() -> Self {
        Self {
            seed: 0,
            share: 0.2,
            troubles: Vec::new(),
            path: None,
            in_a_row: None,
            requests: None,
        }
    }
}

/// What a storm has done so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StormReport {
    /// The storm.
    pub storm: Storm,
    /// How many requests it has counted.
    pub requests: u64,
    /// How many of them it met.
    pub met: u64,
}

/// What was drawn for one request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) fault: Fault,
    pub(super) origin: FaultOrigin,
}

/// A storm under way.
#[derive(Debug)]
pub(super) struct Weather {
    storm: Storm,
    requests: u64,
    met: u64,
    /// How many requests before the next one were in trouble without a break.
    row: u64,
}

impl Weather {
    pub(super) fn new(storm: Storm) -> Self {
        Self {
            storm,
            requests: 0,
            met: 0,
            row: 0,
        }
    }

    pub(super) fn report(&self) -> StormReport {
        StormReport {
            storm: self.storm.clone(),
            requests: self.requests,
            met: self.met,
        }
    }

    /// Counts a request, and draws what happens to it.
    pub(super) fn meet(&mut self, call: &Call) -> Option<Drawn> {
        let storm = &self.storm;
        let path = storm.path.as_deref().unwrap_or_default();
        if !call.target().contains(path) {
            return None;
        }
        self.requests += 1;
        let over = storm.requests.is_some_and(|last| self.requests > last);
        let enough = storm.in_a_row.is_some_and(|most| self.row >= most);
        let drawn = if over || enough {
            None
        } else {
            storm.draw(self.requests, call)
        };
        self.row = if drawn.is_some() { self.row + 1 } else { 0 };
        self.met += u64::from(drawn.is_some());
        drawn
    }
}

impl Storm {
    fn draw(&self, draw: u64, call: &Call) -> Option<Drawn> {
        let mut dice = Dice::new(self.seed, draw);
        if dice.fraction() >= self.share {
            return None;
        }
        let named = if self.troubles.is_empty() {
            &Trouble::ALL[..]
        } else {
            &self.troubles
        };
        let fitting: Vec<Trouble> = named
            .iter()
            .copied()
            .filter(|trouble| trouble.fits(call))
            .collect();
        let trouble = dice.one_of(&fitting)?;
        let fault = trouble.fault(&mut dice);
        let seed = self.seed;
        let origin = FaultOrigin::Storm {
            seed,
            draw,
            trouble,
        };
        Some(Drawn { fault, origin })
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    const SEED: u64 = 7;

    fn call(target: &str) -> Call {
        Call::new(Method::GET, target, "http://127.0.0.1:1")
    }

    fn weather(storm: Storm) -> impl FnMut(&str) -> Option<Drawn> {
        let mut weather = Weather::new(storm);
        move |target| weather.meet(&call(target))
    }

    fn storm(share: f64) -> Storm {
        Storm {
            seed: SEED,
            share,
            ..Storm::default()
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_trouble_and_another_seed_other() {
        let draws = |seed: u64| -> Vec<_> {
            let mut meet = weather(Storm { seed, ..storm(0.5) });
            (0..200)
                .map(|_| Some(meet("/v1.0/users?$top=5")?.fault))
                .collect()
        };
        assert_eq!(draws(SEED), draws(SEED));
        assert_ne!(draws(SEED), draws(SEED + 1));
    }

    #[test]
    fn a_draw_depends_on_its_number_and_not_on_what_was_asked_before() {
        let mut one = weather(storm(0.5));
        let mut other = weather(storm(0.5));
        for _ in 0..50 {
            one("/v1.0/users");
            other("/v1.0/users/delta?$skiptoken=x");
        }
        for _ in 0..50 {
            assert_eq!(one("/v1.0/users"), other("/v1.0/users"));
        }
    }

    #[test]
    fn the_share_is_kept() {
        for (share, least, most) in [(0.0, 0, 0), (0.2, 1_800, 2_200), (1.0, 10_000, 10_000)] {
            let mut meet = weather(storm(share));
            let met = (0..10_000)
                .filter(|_| meet("/v1.0/users").is_some())
                .count();
            assert!(
                (least..=most).contains(&met),
                "{met} of {share} with seed {SEED}"
            );
        }
    }

    #[test]
    fn every_trouble_is_drawn_where_it_fits_and_nowhere_else() {
        let drawn = |target: &str| -> Vec<Trouble> {
            let mut meet = weather(storm(1.0));
            let mut seen: Vec<_> = (0..2_000)
                .filter_map(|_| meet(target))
                .map(|drawn| match drawn.origin {
                    FaultOrigin::Storm { trouble, .. } => trouble,
                    FaultOrigin::Script => panic!("a storm drew it"),
                })
                .collect();
            seen.sort();
            seen.dedup();
            seen
        };
        let on_a_page_of_changes = drawn("/v1.0/users/delta?$skiptoken=x");
        let on_a_page = drawn("/v1.0/users?$skiptoken=x");
        let on_a_user = drawn("/v1.0/users/7");
        assert!(on_a_page_of_changes.contains(&Trouble::SyncStateLost));
        assert!(!on_a_page.contains(&Trouble::SyncStateLost));
        assert!(on_a_page.contains(&Trouble::PageTokenExpired));
        assert!(!drawn("/v1.0/users").contains(&Trouble::PageTokenExpired));
        let passing = Trouble::of(Nature::Passing);
        assert_eq!(on_a_user, passing);
        let mut all = [on_a_page_of_changes, on_a_page].concat();
        all.sort();
        all.dedup();
        assert_eq!(all, Trouble::ALL);
    }

    #[test]
    fn a_storm_leaves_a_way_through_and_comes_to_an_end() {
        let mut meet = weather(Storm {
            in_a_row: Some(2),
            requests: Some(9),
            path: Some("/users".to_owned()),
            ..storm(1.0)
        });
        let troubled: Vec<bool> = (0..12)
            .map(|_| {
                assert!(meet("/v1.0/organization").is_none());
                meet("/v1.0/users").is_some()
            })
            .collect();
        let expected = [true, true, false].repeat(3);
        assert_eq!(troubled[..9], expected);
        assert_eq!(troubled[9..], [false; 3]);
    }
}
