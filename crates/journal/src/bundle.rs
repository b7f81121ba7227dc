//! Bundles: the parts of up to [`MEMBERS`] exchanges in one row, compressed together.
//!
//! A row for each exchange costs more than what is in it, and exchanges that were written together resemble one another more
//! than any dictionary. Layout: as in [`crate::pack`]; unpacked, for each exchange its number (eight bytes, little endian), the
//! length of its parts (four bytes), its parts.

use std::collections::VecDeque;

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection as Database, OptionalExtension, params};
use traffic::ids::Seq;

use crate::pack::{Packer, Unpacked, unpacked};

/// Exchanges in a bundle at most. All are unpacked to see one of them.
const MEMBERS: usize = 64;
/// About how many bytes there are in a bundle at most, if it has more than one exchange: what the compressor sees at once.
const BYTES: usize = 56 << 10;
/// How far the numbers in a bundle are apart at most: so many exchanges are looked at to see whether it is still needed.
const SPAN: u64 = 4_096;
/// A bundle of which so small a part is needed is written anew without the rest.
const NEEDED: usize = 4;

/// Bundles on their way into the file.
#[derive(Debug)]
pub(crate) struct Bundler<'a> {
    packer: &'a mut Packer,
    /// The number of the bundle that is being filled.
    id: i64,
    first: u64,
    last: u64,
    members: usize,
}

/// The statement that writes a bundle.
pub(crate) const INSERT: &str = "INSERT INTO bundle (id, first, last, members, parts) VALUES (?1, ?2, ?3, ?4, ?5)";

impl<'a> Bundler<'a> {
    /// Bundles after those of the file.
    pub(crate) fn after(file: &Database, packer: &'a mut Packer) -> rusqlite::Result<Bundler<'a>> {
        let mut last = file.prepare_cached("SELECT coalesce(max(id), 0) FROM bundle")?;
        let id = last.query_row([], |row| row.get::<_, i64>(0))? + 1;
        packer.begin();
        Ok(Bundler { packer, id, first: u64::MAX, last: 0, members: 0 })
    }

    /// Begins the parts of an exchange, which are about so many bytes.
    pub(crate) fn begin(&mut self, seq: Seq, bytes: usize, insert: &mut CachedStatement<'_>) -> rusqlite::Result<()> {
        let (first, last) = (self.first.min(seq.0), self.last.max(seq.0));
        let is_full = self.members >= MEMBERS || self.packer.plain_bytes() + bytes > BYTES || last - first > SPAN;
        if self.members > 0 && is_full {
            self.finish(insert)?;
        }
        (self.first, self.last) = (self.first.min(seq.0), self.last.max(seq.0));
        self.packer.begin_member(seq.0);
        Ok(())
    }

    /// Where the parts go.
    pub(crate) fn packer(&mut self) -> &mut Packer {
        self.packer
    }

    /// Ends the parts of an exchange, and tells in which bundle they are.
    pub(crate) fn end(&mut self) -> i64 {
        self.packer.end_member();
        self.members += 1;
        self.id
    }

    /// Writes the bundle that is being filled, if there is anything in it.
    pub(crate) fn finish(&mut self, insert: &mut CachedStatement<'_>) -> rusqlite::Result<()> {
        if self.members == 0 {
            return Ok(());
        }
        let (first, last, members) = (self.first as i64, self.last as i64, self.members as i64);
        insert.execute(params![self.id, first, last, members, self.packer.blob()])?;
        self.packer.begin();
        (self.id, self.first, self.last, self.members) = (self.id + 1, u64::MAX, 0, 0);
        Ok(())
    }
}

/// Bundles that were read last: exchanges that are read one after the other are mostly in the same.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    known: VecDeque<(i64, Vec<u8>)>,
}

/// Bundles that are kept at hand: those of what was handled, and of endings, together now and a moment ago.
const AT_HAND: usize = 4;

impl Bundles {
    /// The parts of an exchange that are in a bundle; or why they cannot be read.
    pub(crate) fn parts(&mut self, file: &Database, id: i64, seq: Seq) -> rusqlite::Result<Result<Unpacked, String>> {
        if !self.known.iter().any(|(known, _)| *known == id) {
            let mut row = file.prepare_cached("SELECT parts FROM bundle WHERE id = ?1")?;
            let found = row.query_row([id], |row| Ok(unpacked(row.get_ref(0)?.as_blob()?))).optional()?;
            match found {
                Some(Ok(plain)) => {
                    self.known.truncate(AT_HAND - 1);
                    self.known.push_front((id, plain));
                }
                Some(Err(why)) => return Ok(Err(why)),
                None => return Ok(Err(format!("bundle {id} is missing"))),
            }
        }
        let plain = self.known.iter().find(|(known, _)| *known == id).map_or(&[][..], |(_, plain)| plain);
        let mut members = members(plain);
        let parts = members.find_map(|member| match member {
            Ok((number, parts)) => (number == seq.0).then_some(Ok(parts)),
            Err(why) => Some(Err(why)),
        });
        // Copied: whoever holds an exchange should not hold all of its bundle.
        Ok(match parts {
            Some(parts) => parts.and_then(|parts| Unpacked::of_parts(Bytes::copy_from_slice(parts))),
            None => Err(format!("it is not in bundle {id}")),
        })
    }
}

/// The exchanges in an unpacked bundle, each with its parts; an error at the end if it is cut short.
fn members(plain: &[u8]) -> impl Iterator<Item = Result<(u64, &[u8]), String>> {
    let mut rest = plain;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let member = rest.split_first_chunk::<8>().and_then(|(seq, after)| {
            let (length, after) = after.split_first_chunk::<4>()?;
            let (parts, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            Some((u64::from_le_bytes(*seq), parts))
        });
        if member.is_none() {
            rest = &[];
        }
        Some(member.ok_or_else(|| "a bundle is cut short".to_owned()))
    })
}

/// What may stay in bundles of exchanges that are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leftovers {
    /// What takes little room beside what is needed.
    Few,
    /// Nothing: somebody wants it gone.
    None,
}

/// Gives up what is in a bundle for exchanges that are gone.
pub(crate) fn sweep(file: &Database, id: i64, leftovers: Leftovers) -> rusqlite::Result<()> {
    let mut row = file.prepare_cached("SELECT first, last, members FROM bundle WHERE id = ?1")?;
    let found = row.query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
    let Some((first, last, members_before)) = found.optional()? else { return Ok(()) };
    let needed: Vec<i64> = file
        .prepare_cached(
            "SELECT seq FROM exchange WHERE seq >= ?1 AND seq <= ?2 AND (wire_in = ?3 OR ending_in = ?3) ORDER BY seq",
        )?
        .query_map([first, last, id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let (Some(first), Some(last)) = (needed.first(), needed.last()) else {
        file.prepare_cached("DELETE FROM bundle WHERE id = ?1")?.execute([id])?;
        return Ok(());
    };
    let is_worth_it = leftovers == Leftovers::None || needed.len() * NEEDED <= members_before as usize;
    if !is_worth_it {
        return Ok(());
    }
    let plain = file
        .prepare_cached("SELECT parts FROM bundle WHERE id = ?1")?
        .query_row([id], |row| Ok(unpacked(row.get_ref(0)?.as_blob()?)))?;
    // What cannot be read stays as it is, and whoever reads it is told.
    let Ok(plain) = plain else { return Ok(()) };
    let Ok(all) = members(&plain).collect::<Result<Vec<_>, _>>() else { return Ok(()) };
    let mut packer = Packer::default();
    packer.begin();
    for (seq, parts) in all.iter().filter(|(seq, _)| needed.binary_search(&(*seq as i64)).is_ok()) {
        packer.begin_member(*seq);
        packer.put_plain(parts);
        packer.end_member();
    }
    file.prepare_cached("UPDATE bundle SET first = ?2, last = ?3, members = ?4, parts = ?5 WHERE id = ?1")?
        .execute(params![id, first, last, needed.len() as i64, packer.blob()])?;
    Ok(())
}

/// About how many bytes of the bundles of an exchange are its own, as an expression over `exchange`.
pub(crate) const SHARE: &str =
    "coalesce((SELECT octet_length(parts) / members FROM bundle WHERE id = exchange.wire_in), 0)
     + coalesce((SELECT octet_length(parts) / members FROM bundle WHERE id = exchange.ending_in), 0)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Part;

    fn plain(count: u64) -> Vec<u8> {
        let mut packer = Packer::default();
        packer.begin();
        for seq in 1..=count {
            packer.begin_member(seq);
            packer.put(Part::RequestHead, format!("GET /scim/v2/Users/{seq} HTTP/1.1\r\n\r\n").as_bytes());
            packer.end_member();
        }
        unpacked(packer.blob()).unwrap()
    }

    #[test]
    fn members_come_back_in_order() {
        let plain = plain(64);
        let all: Vec<_> = members(&plain).collect::<Result<_, _>>().unwrap();
        assert_eq!(all.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=64).collect::<Vec<_>>());
        let parts = Unpacked::of_parts(Bytes::copy_from_slice(all[6].1)).unwrap();
        assert_eq!(parts.get(Part::RequestHead).unwrap(), &b"GET /scim/v2/Users/7 HTTP/1.1\r\n\r\n"[..]);
    }

    #[test]
    fn what_is_cut_short_is_an_error() {
        let plain = plain(2);
        for length in 1..plain.len() {
            let last = members(&plain[..length]).last().unwrap();
            assert!(last.is_err() || length == plain.len() / 2, "{length}");
        }
        assert_eq!(members(&[]).count(), 0);
    }
}
