//! Numbers for one request, from a seed and the number of the request.

/// A generator of its own for every request: SplitMix64
/// (Steele, Lea and Flood, <https://doi.org/10.1145/2660193.2660195>), which is small, and good
/// enough to choose by.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice for one draw. The seed is mixed first, so that neighbouring seeds do not give each
    /// other's draws one request later.
    pub(super) fn new(seed: u64, draw: u64) -> Self {
        Self(mixed(seed) ^ mixed(draw.wrapping_mul(GOLDEN)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// A number from 0 up to 1, which it never is.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `end`; 0 where there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }

    /// One of several; `None` of none.
    pub(super) fn one_of<T: Copy>(&mut self, several: &[T]) -> Option<T> {
        let place = self.below(several.len() as u64);
        several.get(usize::try_from(place).ok()?).copied()
    }
}

/// 2^64 divided by the golden ratio, odd.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
