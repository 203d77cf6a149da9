//! Fuzzing of everything that comes from outside: the configuration document, what Graph answers,
//! what the store answers, and what earlier versions have left in the state.
//!
//! Three things must hold for any input: the core does not panic, every call comes back with a typed
//! result, and nothing personal stands in an error. Seeds are fixed, so that a run is always the same;
//! `PROPTEST_CASES` makes it longer, `PROPTEST_RNG_SEED` makes it another one. A failure is kept as a
//! test with a name beside the property that found it.

mod configuration;
mod earlier_state;
mod graph_answers;
mod judgement;
mod mutation;
mod outside;
mod sound;
mod store_answers;

use proptest::test_runner::{Config, RngSeed};

/// How every property is run. `usual` is how many cases, where the environment does not say.
fn cases(usual: u32) -> Config {
    let config = Config::default();
    Config {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() {
            config.cases
        } else {
            usual
        },
        rng_seed: match config.rng_seed {
            RngSeed::Random => RngSeed::Fixed(20_260_903),
            given @ RngSeed::Fixed(_) => given,
        },
        failure_persistence: None,
        ..config
    }
}
