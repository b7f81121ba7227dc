//! What is drawn: a stream of bits for each resource and purpose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::VERSION;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    UserId = 1,
    GroupId = 2,
    User = 3,
    Group = 4,
    Whole = 5,
}

/// Draws numbers. Written here rather than taken from a library of distributions, so that a new version of that library does
/// not make other resources.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream for a purpose and a number.
    pub fn new(seed: u64, purpose: Purpose, number: u32) -> Chance {
        let mut key = *b"........scimscope generator ....";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[28..].copy_from_slice(&VERSION.to_le_bytes());
        let mut bits = ChaCha8Rng::from_seed(key);
        bits.set_stream(((purpose as u64) << 32) | u64::from(number));
        Chance(bits)
    }

    /// A number below `end`, which is not 0: the upper half of a product, whose bias is below 2^-32 for what is drawn here.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(end)) >> 32) as u32
    }

    /// True for so many of a hundred.
    pub fn percent(&mut self, share: u8) -> bool {
        self.below(100) < u32::from(share)
    }

    /// One of these, which are not none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u32) as usize]
    }

    /// A UUID of version 4 (RFC 9562 section 5.4), whose bits come from the stream.
    pub fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.iter().enumerate() {
            if [4, 6, 8, 10].contains(&at) {
                text.push('-');
            }
            for half in [byte >> 4, byte & 0x0F] {
                text.push(char::from(b"0123456789abcdef"[usize::from(half)]));
            }
        }
        text
    }
}

/// The order of `0..length`, mixed: where `at` comes to stand. `factor` is without common factor with `length`.
pub(super) fn mixed(at: u64, length: u64, factor: u64, shift: u64) -> u64 {
    (u128::from(at) * u128::from(factor) + u128::from(shift)).rem_euclid(u128::from(length)) as u64
}

/// The first number from `from` on that has no factor in common with `length`.
pub(super) fn coprime(from: u64, length: u64) -> u64 {
    (from.max(1)..).find(|number| greatest_common_divisor(*number, length) == 1).unwrap_or(1)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
