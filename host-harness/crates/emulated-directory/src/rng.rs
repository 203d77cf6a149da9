//! Deterministic draws: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
//! Generators, 2014), seeded by what is drawn for.

/// One step of the SplitMix64 finaliser: a good 64-bit hash of a 64-bit word.
pub fn scramble(word: u64) -> u64 {
    let mut word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The stream that belongs to one index under one seed.
    pub fn of(seed: u64, index: u64) -> Self {
        Self(scramble(seed ^ scramble(index)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0)
    }

    /// A number below `bound`, which must not be zero.
    pub fn below(&mut self, bound: u32) -> u32 {
        let high = ((self.bits() >> 32) * u64::from(bound)) >> 32;
        u32::try_from(high).unwrap_or(0)
    }

    /// True `rate` times in a thousand.
    pub fn permille(&mut self, rate: u32) -> bool {
        self.below(1000) < rate
    }

    /// One element of a table, `None` for an empty one.
    pub fn pick<'t, T>(&mut self, table: &'t [T]) -> Option<&'t T> {
        let bound = u32::try_from(table.len()).ok().filter(|&n| n > 0)?;
        table.get(self.below(bound) as usize)
    }
}
