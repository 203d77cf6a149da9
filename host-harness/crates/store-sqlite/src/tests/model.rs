//! The model of the suite, where addresses are told apart by next to nothing.

use proptest::prelude::*;
use store_api::suite::history::turn;
use store_api::suite::model::{Model, compare, play};
use store_api::suite::workspace::RUN;

use super::*;
use crate::address_hash::with_width;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn addresses_whose_hashes_collide_mix_up_nobody(
        turns in prop::collection::vec(turn(), 1..12),
        bits in 1..3_u32,
    ) {
        with_width(bits, || {
            let workspace = Workspace::new();
            let mut model = Model::default();
            for turn in &turns {
                play(&workspace, &mut model, turn, RUN);
                compare(&workspace, &model);
            }
        });
    }
}
