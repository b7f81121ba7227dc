//! Runs of entries: which exchange and what kind the entries at successive positions are, in two or three bytes each.

use traffic::ids::{Pos, Seq};

use crate::batch::Kind;

/// Entries in one row at most. What a reader unpacks to see one of them.
pub(crate) const LONGEST: usize = 512;

/// Marks a kind that is followed by an exchange.
const HAS_EXCHANGE: u8 = 0x80;

/// Puts successive entries into bytes: for each its kind, and the step from the exchange of the one before.
pub(crate) fn pack(entries: &[(Pos, Kind, Option<Seq>)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.len() * 3);
    let mut last = 0_u64;
    for (_, kind, seq) in entries {
        match seq {
            None => bytes.push(*kind as u8),
            Some(seq) => {
                bytes.push(*kind as u8 | HAS_EXCHANGE);
                let step = seq.0.wrapping_sub(last) as i64;
                put_varint(&mut bytes, ((step << 1) ^ (step >> 63)) as u64);
                last = seq.0;
            }
        }
    }
    bytes
}

/// Entries from a position on, each with its kind and its exchange; or why the bytes are none.
pub(crate) fn unpack(first: Pos, bytes: &[u8]) -> Result<Vec<(Pos, i64, Option<i64>)>, String> {
    let mut entries = Vec::with_capacity(bytes.len() / 2);
    let mut rest = bytes.iter().copied();
    let mut last = 0_u64;
    while let Some(kind) = rest.next() {
        let seq = if kind & HAS_EXCHANGE == 0 {
            None
        } else {
            let step = varint(&mut rest).ok_or("a run of entries is cut short")?;
            last = last.wrapping_add((step >> 1) ^ (step & 1).wrapping_neg());
            Some(last as i64)
        };
        entries.push((Pos(first.0 + entries.len() as u64), i64::from(kind & !HAS_EXCHANGE), seq));
    }
    Ok(entries)
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn varint(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_with_their_kinds_and_exchanges() {
        let entries = [
            (Pos(7), Kind::Opened, Some(Seq(1_000_000))),
            (Pos(8), Kind::State, None),
            (Pos(9), Kind::Handled, Some(Seq(3))),
            (Pos(10), Kind::Marked, Some(Seq(i64::MAX as u64))),
            (Pos(11), Kind::Committed, None),
            (Pos(12), Kind::Closed, Some(Seq(0))),
        ];
        let expected: Vec<_> =
            entries.iter().map(|(pos, kind, seq)| (*pos, *kind as i64, seq.map(|seq| seq.0 as i64))).collect();
        let bytes = pack(&entries);
        assert_eq!(unpack(Pos(7), &bytes).unwrap(), expected);
        let ending = bytes.len() - 1;
        assert!(unpack(Pos(7), &bytes[..ending]).is_err());
        assert_eq!(pack(&[(Pos(2), Kind::Opened, Some(Seq(0))), (Pos(3), Kind::Closed, Some(Seq(1)))]).len(), 4);
    }
}
