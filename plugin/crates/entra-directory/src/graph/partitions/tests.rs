use std::cell::{Cell, RefCell};

use guest_kit::{Http, HttpFailure, HttpRequest, HttpResponse, Outside};
use serde_json::json;

use super::*;
use crate::graph::test_script::{BEARER, World, answer};

/// On the wall clock of the tests.
const NOW: u64 = 1_795_000_000;
const DAY: u64 = 24 * 60 * 60;

/// A directory that counts, and does nothing else.
struct Accounts {
    /// When each was created, in seconds since 1970.
    created: Vec<Option<u64>>,
    /// What the index says instead of what it has counted.
    lag: fn(u64) -> u64,
    questions: RefCell<Vec<String>>,
    refuses: Cell<bool>,
    /// Whether the list is to expand something.
    expands: bool,
}

impl Accounts {
    fn created(created: impl IntoIterator<Item = Option<u64>>) -> Self {
        Self {
            created: created.into_iter().collect(),
            lag: |count| count,
            questions: RefCell::default(),
            refuses: Cell::new(false),
            expands: false,
        }
    }

    /// The partitions of a list with ten people a page.
    fn partitions(&self) -> Result<Vec<String>, GraphError> {
        let mut world = World::new();
        world.wall_clock = guest_kit::Timestamp(NOW * 1_000);
        let outside = Outside {
            http: self,
            ..world.outside()
        };
        let client = Client::new(outside, &world.connection, world.budget).listing(10);
        client.tenant()?;
        client.partitions(self.created.len() as u64, self.expands)
    }

    fn questions(&self) -> usize {
        self.questions.borrow().len()
    }

    /// How many accounts each of the partitions holds, after making sure that none is in two or in none.
    fn sizes(&self, partitions: &[String]) -> Vec<usize> {
        let mut sizes = vec![0; partitions.len()];
        for created in &self.created {
            let of: Vec<_> = (0..partitions.len())
                .filter(|number| is_in(*created, &partitions[*number]))
                .collect();
            assert_eq!(of.len(), 1, "{created:?} is in {of:?} of {partitions:?}");
            sizes[of[0]] += 1;
        }
        sizes
    }
}

/// Whether a filter of this file lets an account pass.
fn is_in(created: Option<u64>, filter: &str) -> bool {
    let Some(created) = created else {
        return filter == UNDATED;
    };
    let created = date_time(created);
    filter.split(" and ").all(|bound| {
        let words: Vec<_> = bound.split(' ').collect();
        let moment = words[2].trim_end_matches('Z');
        match words[1] {
            "ge" => created.as_str() >= moment,
            "le" => created.as_str() <= moment,
            _ => false,
        }
    })
}

impl Http for Accounts {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let Some((_, filter)) = request.url.split_once("/users/$count?$filter=") else {
            let token = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": BEARER});
            return Ok(answer(200, &token));
        };
        let eventual = ("consistencylevel", "eventual".to_owned());
        assert!(request.headers.contains(&eventual), "an advanced query");
        self.questions.borrow_mut().push(filter.to_owned());
        if self.refuses.get() {
            let code = json!({"error": {"code": "Request_UnsupportedQuery", "message": ""}});
            return Ok(answer(400, &code));
        }
        let filter = filter.replace("%20", " ").replace("%3A", ":");
        let created = self.created.iter();
        let count = created.filter(|created| is_in(**created, &filter)).count();
        Ok(answer(200, &json!((self.lag)(count as u64))))
    }
}

/// So many accounts, evenly over the last ten years.
fn over_ten_years(accounts: u64) -> impl Iterator<Item = Option<u64>> {
    (0..accounts).map(move |number| Some(NOW - number * 3_650 * DAY / accounts))
}

#[test]
fn a_list_of_less_than_ten_pages_is_not_divided_and_nothing_is_asked() {
    let accounts = Accounts::created(over_ten_years(99));
    assert_eq!(accounts.partitions(), Ok(Vec::new()));
    assert_eq!(accounts.questions(), 0);
}

#[test]
fn each_account_is_in_one_partition_and_none_has_more_than_its_share() {
    for number in [100, 250, 1_000, 2_000] {
        let accounts = Accounts::created(over_ten_years(number));
        let partitions = accounts.partitions().unwrap();
        let sizes = accounts.sizes(&partitions);
        let parts = (number / 10 / PAGES).clamp(2, PARTS);
        let share = number.div_ceil(parts) as usize;
        assert!(
            sizes.iter().all(|size| *size <= share),
            "{number}: {sizes:?}"
        );
        assert!(partitions.len() as u64 > parts, "{number}: {sizes:?}");
        assert!(accounts.questions() <= 4 + 2 * parts as usize, "{number}");
    }
}

#[test]
fn the_largest_partition_is_begun_first() {
    let accounts = Accounts::created(over_ten_years(1_000));
    let partitions = accounts.partitions().unwrap();
    let mut sizes = accounts.sizes(&partitions);
    assert_eq!(sizes.pop(), Some(0), "those without a date are the last");
    assert!(sizes.is_sorted_by(|left, right| left >= right), "{sizes:?}");
}

#[test]
fn accounts_without_a_date_are_a_partition_of_their_own() {
    let accounts = Accounts::created(over_ten_years(200).chain(std::iter::repeat_n(None, 30)));
    let partitions = accounts.partitions().unwrap();
    assert_eq!(partitions.last().unwrap(), UNDATED);
    assert_eq!(accounts.sizes(&partitions).last(), Some(&30));
}

#[test]
fn a_list_is_not_divided_where_most_have_no_date() {
    let accounts = Accounts::created(over_ten_years(100).chain(std::iter::repeat_n(None, 101)));
    assert_eq!(accounts.partitions(), Ok(Vec::new()));
    assert_eq!(accounts.questions(), 4);
}

#[test]
fn who_was_created_in_the_second_of_a_bound_is_on_one_side_of_it() {
    let bound = NOW - 3 * YEAR;
    let around = [bound - 1, bound, bound + 1].repeat(40);
    let accounts = Accounts::created(around.into_iter().map(Some));
    let partitions = accounts.partitions().unwrap();
    let sizes = accounts.sizes(&partitions);
    assert!(sizes.iter().all(|size| size % 40 == 0), "{sizes:?}");
    let bound = format!("createdDateTime ge {}Z", date_time(bound));
    assert!(partitions.iter().any(|filter| filter.starts_with(&bound)));
}

#[test]
fn an_import_within_one_second_is_one_partition_after_a_bounded_number_of_questions() {
    let import = std::iter::repeat_n(Some(NOW - 1_234_567), 2_000);
    let accounts = Accounts::created(import.chain(over_ten_years(500)));
    let partitions = accounts.partitions().unwrap();
    let sizes = accounts.sizes(&partitions);
    assert!(sizes[0] >= 2_000, "{sizes:?}");
    assert!(accounts.questions() <= 4 + MOST_QUESTIONS);
}

#[test]
fn the_first_partition_has_no_beginning_and_the_last_no_end() {
    let mut accounts = Accounts::created(over_ten_years(500));
    let partitions = accounts.partitions().unwrap();
    // Long before and long after anything that was counted.
    accounts.created = vec![Some(0), Some(NOW), Some(NOW + 3 * YEAR)];
    accounts.sizes(&partitions);
}

#[test]
fn counts_that_are_wrong_leave_nobody_out() {
    let lags: [fn(u64) -> u64; 4] = [|_| 0, |_| 7, |count| count * 3, |count| count / 2];
    for lag in lags {
        let mut accounts = Accounts::created(over_ten_years(400).chain([None, None]));
        accounts.lag = lag;
        let partitions = accounts.partitions().unwrap();
        if !partitions.is_empty() {
            accounts.sizes(&partitions);
        }
        assert!(accounts.questions() <= 4 + MOST_QUESTIONS);
    }
}

#[test]
fn a_service_that_does_not_count_is_an_error() {
    let accounts = Accounts::created(over_ten_years(400));
    accounts.refuses.set(true);
    let error = accounts.partitions().unwrap_err();
    assert_eq!(error.code(), "Request_UnsupportedQuery");
}
