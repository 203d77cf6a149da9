//! Object ids as a bijection of the person's number.
//!
//! The first 48 bits of the GUID are the number, enciphered by a small Feistel network under the
//! seed; the rest is a keyed check of those bits in the shape of a version 4 GUID. So an id looks
//! random, leads back to its number by arithmetic, and a made-up id is recognised as such.

use crate::rng::scramble;

const HALF: u32 = 24;
const MASK: u64 = (1 << HALF) - 1;
const ROUNDS: u64 = 4;

/// How many numbers there are ids for.
pub(crate) const CAPACITY: u64 = 1 << (2 * HALF);

fn round(seed: u64, number: u64, half: u64) -> u64 {
    scramble(seed ^ scramble(half | (number << 32))) & MASK
}

fn encipher(seed: u64, index: u64) -> u64 {
    let (mut left, mut right) = (index >> HALF & MASK, index & MASK);
    for number in 0..ROUNDS {
        (left, right) = (right, left ^ round(seed, number, right));
    }
    left << HALF | right
}

fn decipher(seed: u64, word: u64) -> u64 {
    let (mut left, mut right) = (word >> HALF & MASK, word & MASK);
    for number in (0..ROUNDS).rev() {
        (left, right) = (right ^ round(seed, number, left), left);
    }
    left << HALF | right
}

/// The 128 bits of the id of a person's number.
pub(crate) fn id_bits(seed: u64, index: u64) -> u128 {
    let word = encipher(seed, index);
    let check = scramble(seed.rotate_left(17) ^ word);
    let more = scramble(check);
    let version = 0x4000 | (check & 0x0FFF);
    let variant = 0x8000_0000_0000_0000 | (more >> 2);
    u128::from(word) << 80 | u128::from(version) << 64 | u128::from(variant)
}

/// The number behind an id in the canonical text form, in any case.
pub(crate) fn index_of(seed: u64, id: &str) -> Option<u64> {
    let bits = parse(id)?;
    let word = u64::try_from(bits >> 80).ok()?;
    let index = decipher(seed, word);
    (id_bits(seed, index) == bits).then_some(index)
}

fn parse(id: &str) -> Option<u128> {
    let bytes = id.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16)?;
        bits = bits << 4 | u128::from(digit);
    }
    Some(bits)
}

/// Appends the canonical text form, lower case.
pub(crate) fn write_id(bits: u128, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for place in 0..32_u32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        let digit = (bits >> (124 - 4 * place)) & 0xF;
        out.push(DIGITS.get(digit as usize).copied().unwrap_or(b'0'));
    }
}
