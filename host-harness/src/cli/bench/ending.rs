//! What the measurements share: the program that they measure, and how they end.

use std::path::PathBuf;

use anyhow::Context as _;
use bench::{MOST_WAITING, Round, Rounds};

use crate::cli::failure::Ending;
use crate::cli::printer;

/// The program whose commands are measured: this one.
pub(super) fn this_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("this program cannot be found")
}

/// Says where the machine was too busy, and whether that is a failure.
pub(super) fn ending<R: Round>(rounds: &Rounds<R>, strict: bool) -> Ending {
    if rounds.quiet() {
        return Ending::Done;
    }
    printer::notice(busy(rounds));
    if strict { Ending::Failed } else { Ending::Done }
}

/// In words, how many rounds count.
pub(super) fn busy<R: Round>(rounds: &Rounds<R>) -> String {
    let counted = rounds.counted.len();
    let all = counted + rounds.refused.len();
    let numbers = match counted {
        0 => "the numbers are of rounds that waited, and say how busy it was",
        _ => "the numbers are of those that count",
    };
    format!(
        "this machine was busy: of {all} rounds, {counted} of the {} wanted count, since the others waited for a \
         processor for more than {:.0} % of their time; {numbers}",
        rounds.wanted,
        MOST_WAITING * 100.0
    )
}
