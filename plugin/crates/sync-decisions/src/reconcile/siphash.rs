//! SipHash-2-4 with 128 bits: <https://github.com/veorq/SipHash>.
//!
//! A hash with a key, made for short inputs: of somebody's values it is a tenth of the work of SHA-256.

/// Hashes bytes under a key.
pub(super) fn hash((first, second): (u64, u64), bytes: &[u8]) -> (u64, u64) {
    let mut state = State([
        first ^ 0x736f_6d65_7073_6575,
        second ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        first ^ 0x6c79_6765_6e65_7261,
        second ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state.take(u64::from_le_bytes(*word));
    }
    let last = rest
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    state.take((bytes.len() as u64) << 56 | last);
    let [_, _, third, _] = &mut state.0;
    *third ^= 0xee;
    let one = state.give();
    let [_, second, _, _] = &mut state.0;
    *second ^= 0xdd;
    (one, state.give())
}

struct State([u64; 4]);

impl State {
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.0;
        *a = a.wrapping_add(*b);
        *c = c.wrapping_add(*d);
        *b = b.rotate_left(13) ^ *a;
        *d = d.rotate_left(16) ^ *c;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*b);
        *a = a.wrapping_add(*d);
        *b = b.rotate_left(17) ^ *c;
        *d = d.rotate_left(21) ^ *a;
        *c = c.rotate_left(32);
    }

    fn take(&mut self, word: u64) {
        let [_, _, _, d] = &mut self.0;
        *d ^= word;
        self.round();
        self.round();
        let [a, _, _, _] = &mut self.0;
        *a ^= word;
    }

    fn give(&mut self) -> u64 {
        for _ in 0..4 {
            self.round();
        }
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of the reference implementation: the bytes 0, 1, 2 and so on under the key of the bytes
    /// 0 to 15.
    #[test]
    fn it_is_the_published_one() {
        let key = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let bytes: Vec<u8> = (0..64).collect();
        for (length, published) in [
            (0, 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293_u128),
            (1, 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45),
        ] {
            let (one, other) = hash(key, &bytes[..length]);
            let told = u128::from(one.swap_bytes()) << 64 | u128::from(other.swap_bytes());
            assert_eq!(told, published, "{length}");
        }
    }

    #[test]
    fn every_bit_of_every_place_counts() {
        let plain = vec![0_u8; 41];
        let of_plain = hash((1, 2), &plain);
        for place in 0..plain.len() {
            for bit in 0..8 {
                let mut other = plain.clone();
                other[place] ^= 1 << bit;
                assert_ne!(hash((1, 2), &other), of_plain);
            }
        }
        assert_ne!(hash((1, 2), &plain[..40]), of_plain);
        assert_ne!(hash((2, 1), &plain), of_plain);
    }
}
