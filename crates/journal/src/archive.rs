//! The record that is in the file, for the log to fall back on.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::Connection;
use traffic::archive::{Archive as Port, Sieve, Sifted, Touched, Unreadable};
use traffic::entry::{Entry, State};
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::query::Query;
use traffic::step::Step;

use crate::batch::Kind;
use crate::bundle::Bundles;
use crate::error::Error;
use crate::journal::{Journal, Shared};
use crate::read::{Reading, commits, exchanges, exchanges_between, exchanges_of, flows, number};
use crate::readers::Readers;
use crate::run;
use crate::search;

/// About how many bytes of exchanges one call takes into memory, and one exchange more.
const BYTES_AT_ONCE: usize = 8 << 20;

/// Reads the file as long as the journal is open.
#[derive(Debug)]
struct Archive {
    readers: Arc<Readers>,
    shared: Arc<Shared>,
}

impl Journal {
    /// What the file has of the record, to be read at any time from any thread. After [`Journal::close`] its calls fail;
    /// it does not keep the journal open.
    pub fn archive(&self) -> Arc<dyn Port> {
        Arc::new(Archive { readers: Arc::clone(self.readers()), shared: Arc::clone(self.shared()) })
    }
}

impl Port for Archive {
    fn exchange(&self, seq: Seq) -> Result<Option<Exchange>, Unreadable> {
        let Some(before) = seq.0.checked_sub(1) else { return Ok(None) };
        Ok(self.exchanges(Seq(before), seq)?.pop())
    }

    fn exchanges(&self, after: Seq, through: Seq) -> Result<Vec<Exchange>, Unreadable> {
        let read = self.readers.read("read exchanges", |connection| exchanges_between(connection, after, through));
        read.map_err(in_words)
    }

    fn entries(&self, after: Pos, through: Pos, limit: usize) -> Result<Vec<(Pos, Entry)>, Unreadable> {
        let read = self.readers.read("read entries", |connection| entries(connection, after, through, limit));
        read.map_err(in_words)
    }

    fn touched(&self, after: Pos, through: Pos) -> Result<Touched, Unreadable> {
        let keys = [number(after.0), number(through.0)];
        let read = self.readers.read("count entries", |connection| {
            let mut exchanges = HashSet::new();
            if let Err(damage) = each_entry(connection, after, through, |(_, _, seq)| {
                exchanges.extend(seq);
                true
            })? {
                return Ok(Err(damage));
            }
            let sql = "SELECT what, detail FROM state WHERE pos > ?1 AND pos <= ?2 ORDER BY pos";
            let mut states = connection.prepare_cached(sql)?;
            let states = states
                .query_map(keys, |row| Ok(Arc::new(State { what: row.get(0)?, detail: row.get(1)? })))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Ok(Touched { exchanges: exchanges.len() as u64, states }))
        });
        read.map_err(in_words)
    }

    fn sift(&self, query: &Query, range: Sieve) -> Result<Sifted, Unreadable> {
        let read = self.readers.read("search", |connection| Ok(Ok(search::sift(connection, query, range)?)));
        read.map_err(in_words)
    }

    fn picked(&self, numbers: &[Seq]) -> Result<Vec<Exchange>, Unreadable> {
        let read = self.readers.read("read exchanges", |connection| exchanges_of(connection, numbers));
        read.map_err(in_words)
    }

    fn indexed_through(&self) -> Seq {
        self.shared.indexed_through()
    }

    fn flows(&self, before: FlowId, limit: usize) -> Result<Vec<FlowId>, Unreadable> {
        let (before, limit) = (number(before.0), number(limit as u64));
        let read = self.readers.read("read flows", |connection| flows::below(connection, before, limit).map(Ok));
        read.map_err(in_words)
    }

    fn steps(&self, flow: FlowId) -> Result<Vec<Step>, Unreadable> {
        self.readers.read("read a flow", |connection| flows::steps(connection, flow)).map_err(in_words)
    }
}

fn entries(connection: &Connection, after: Pos, through: Pos, limit: usize) -> Reading<Vec<(Pos, Entry)>> {
    let mut wanted = Vec::new();
    if let Err(damage) = each_entry(connection, after, through, |entry| {
        wanted.push(entry);
        wanted.len() < limit
    })? {
        return Ok(Err(damage));
    }
    let mut bundles = Bundles::default();
    let mut known: HashMap<i64, Option<Exchange>> = HashMap::new();
    let mut bytes = 0;
    let mut entries = Vec::new();
    for (pos, kind, seq) in wanted.into_iter().take(limit) {
        if bytes > BYTES_AT_ONCE {
            break;
        }
        let entry = if kind == Kind::Committed as i64 {
            match commits::read(connection, "WHERE revision.pos = ?1", [pos.0 as i64])? {
                Ok(commits) => commits.into_iter().next().map(|(_, committed)| {
                    bytes += size_of_changes(&committed.changes);
                    Entry::Committed(committed)
                }),
                Err(damage) => return Ok(Err(damage)),
            }
        } else if kind == Kind::State as i64 {
            let mut state = connection.prepare_cached("SELECT what, detail FROM state WHERE pos = ?1")?;
            let mut found =
                state.query_map([pos.0 as i64], |row| Ok(State { what: row.get(0)?, detail: row.get(1)? }))?;
            found.next().transpose()?.map(|state| Entry::State(Arc::new(state)))
        } else if let Some(seq) = seq {
            let exchange = match known.entry(seq) {
                Slot::Occupied(found) => found.into_mut(),
                Slot::Vacant(slot) => {
                    match exchanges(connection, "WHERE exchange.seq = ?1", &[seq], &mut bundles, |_| None)? {
                        Ok(found) => {
                            let found = found.into_iter().next();
                            bytes += found.as_ref().map_or(0, size_of_bodies);
                            slot.insert(found)
                        }
                        Err(damage) => return Ok(Err(damage)),
                    }
                }
            };
            exchange.as_ref().and_then(|exchange| part(kind, exchange))
        } else {
            None
        };
        // Of what is in no table, only that it was there is known.
        match (entry, entries.last_mut()) {
            (Some(entry), _) => entries.push((pos, entry)),
            (None, Some((last, Entry::Pruned { to, count, .. }))) if last.0 + 1 == pos.0 => {
                (*last, *to) = (pos, pos);
                *count += 1;
            }
            (None, _) => entries.push((pos, Entry::Pruned { from: pos, to: pos, count: 1 })),
        }
    }
    Ok(Ok(entries))
}

/// Calls with the position, the kind and the exchange of each entry after one position up to another, in order, until it is
/// told to stop.
pub(crate) fn each_entry(
    connection: &Connection,
    after: Pos,
    through: Pos,
    mut call: impl FnMut((Pos, i64, Option<i64>)) -> bool,
) -> Reading<()> {
    let keys = [number(after.0), number(through.0)];
    // Those of older versions come before all others.
    let sql = "SELECT pos, kind, seq FROM entry WHERE pos > ?1 AND pos <= ?2 ORDER BY pos";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(keys)?;
    while let Some(row) = rows.next()? {
        if !call((Pos(row.get::<_, i64>(0)? as u64), row.get(1)?, row.get(2)?)) {
            return Ok(Ok(()));
        }
    }
    let sql = "SELECT first, entries FROM run WHERE last > ?1 ORDER BY last";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([keys[0]])?;
    while let Some(row) = rows.next()? {
        let first = Pos(row.get::<_, i64>(0)? as u64);
        let entries = match run::unpack(first, row.get_ref(1)?.as_blob()?) {
            Ok(entries) => entries,
            Err(why) => return Ok(Err((format!("the run of entries from {first}"), why))),
        };
        for entry in entries.into_iter().filter(|(pos, ..)| *pos > after) {
            if entry.0 > through || !call(entry) {
                return Ok(Ok(()));
            }
        }
    }
    Ok(Ok(()))
}

/// The part of an exchange that an entry of a kind has brought.
fn part(kind: i64, exchange: &Exchange) -> Option<Entry> {
    let seq = exchange.seq;
    if kind == Kind::Opened as i64 {
        Some(Entry::Opened(seq, Arc::clone(&exchange.opened)))
    } else if kind == Kind::Handled as i64 {
        let (received, handled) = exchange.handled.as_ref()?;
        Some(Entry::Handled(seq, Arc::clone(received), Arc::clone(handled)))
    } else if kind == Kind::Closed as i64 {
        Some(Entry::Closed(seq, Arc::clone(exchange.closed.as_ref()?)))
    } else if kind == Kind::Annotated as i64 {
        Some(Entry::Annotated(seq, Arc::clone(exchange.annotation.as_ref()?)))
    } else if kind == Kind::Marked as i64 {
        Some(Entry::Marked(seq, Arc::clone(exchange.marks.as_ref()?)))
    } else {
        None
    }
}

fn size_of_bodies(exchange: &Exchange) -> usize {
    let received = exchange.received().map_or(0, |received| received.head.len() + received.body.len());
    let decided = exchange.outcome().map_or(0, |handled| handled.response.body.len());
    received + decided + exchange.closed.as_ref().map_or(0, |closed| closed.sent.body.len())
}

fn size_of_changes(changes: &[traffic::change::Change]) -> usize {
    let states = changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    states.map(|state| state.packed_bytes()).sum()
}

fn in_words(error: Error) -> Unreadable {
    Unreadable(error.to_string())
}
