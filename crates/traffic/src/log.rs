//! The append-only log, the part of it that is in memory, and cursors into it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use crate::ahead::TakesAhead;
use crate::archive::{Archive, Unreadable};
use crate::entry::Entry;
use crate::exchange::{Exchange, Opened};
use crate::ids::{Pos, Seq};

mod held;
mod record;
mod search;
mod weight;

pub use record::Record;
pub use search::Looked;

use held::{Gone, Held, Range};

/// The ends of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Position of the newest entry.
    pub pos: Pos,
    /// Number of the newest exchange.
    pub seq: Seq,
}

/// The record of one workspace, shared by everyone who writes to it or reads from it.
///
/// Appending takes one short lock and never waits for a reader. Readers pull; a reader that comes late or again gets
/// everything after its cursor.
///
/// Memory is bounded by a [`Budget`]: the oldest exchanges and entries leave it when storage has them. The log itself gives
/// what is in memory and never waits; a [`Record`] gives everything.
#[derive(Debug)]
pub struct Log {
    held: Mutex<Held>,
    head: watch::Sender<Head>,
    durable: watch::Sender<Durable>,
    /// Up to where somebody waits for storage.
    wanted: watch::Sender<Pos>,
    archive: Option<Arc<dyn Archive>>,
    /// What takes changes ahead of their commits.
    ahead: OnceLock<Arc<dyn TakesAhead>>,
}

/// How far durable storage has confirmed the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Everything up to and including this position.
    Through(Pos),
    /// There is no durable storage, or it failed: nobody should wait for it. What was confirmed before stays so:
    /// [`Log::confirmed_through`].
    Never,
}

/// How much the log may hold in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of exchanges and entries. Beyond it the oldest leave the memory once storage has confirmed them; what is
    /// open or not confirmed stays in any case.
    pub bytes: usize,
    /// Bytes while there is no storage, or after it failed. Beyond it the oldest exchanges that are over are given up.
    pub unconfirmed_bytes: usize,
}

impl Budget {
    /// So many bytes, and twice as many without storage.
    pub fn of(bytes: usize) -> Budget {
        Budget { bytes, unconfirmed_bytes: bytes.saturating_mul(2) }
    }
}

impl Default for Budget {
    /// 256 MB.
    fn default() -> Self {
        Budget::of(256 << 20)
    }
}

/// What the log holds in memory, and what it no longer does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// About how many bytes exchanges and entries take in memory.
    pub held_bytes: u64,
    /// How many they may take.
    pub budget_bytes: u64,
    /// How many exchanges have left the memory and are to be had from storage.
    pub evicted: u64,
    /// How many exchanges were given up because there was no storage that took them.
    pub dropped: u64,
}

impl Default for Log {
    fn default() -> Self {
        Log::new()
    }
}

/// How many of the newest exchanges are in memory when a log goes on after what storage holds.
const NEWEST: u64 = 200;

impl Log {
    /// An empty log without durable storage.
    pub fn new() -> Log {
        Log::within(Budget::default())
    }

    /// An empty log without durable storage that holds no more than this.
    pub fn within(budget: Budget) -> Log {
        Log::around(Held::after(Pos(0), Seq(0), false, budget), None)
    }

    /// A log that goes on after what durable storage holds. The newest exchanges are read into memory; the others stay
    /// where they are. Fails if they cannot be read.
    pub fn resume(head: Head, archive: Arc<dyn Archive>, budget: Budget) -> Result<Log, Unreadable> {
        let after = Seq(head.seq.0.saturating_sub(NEWEST));
        let mut newest = archive.exchanges(after, head.seq)?;
        // In memory there are no gaps: what is before one stays where it is.
        let gap = newest.windows(2).rposition(|pair| pair[0].seq.0 + 1 != pair[1].seq.0).map_or(0, |at| at + 1);
        newest.drain(..gap);
        if newest.last().is_none_or(|last| last.seq != head.seq) {
            newest.clear();
        }
        let after = Seq(head.seq.0 - newest.len() as u64);
        let mut held = Held::after(head.pos, after, true, budget);
        newest.into_iter().for_each(|exchange| held.take(exchange));
        Ok(Log::around(held, Some(archive)))
    }

    fn around(held: Held, archive: Option<Arc<dyn Archive>>) -> Log {
        let head = Head { pos: held.last_pos(), seq: held.last_seq() };
        Log {
            held: Mutex::new(held),
            head: watch::Sender::new(head),
            durable: watch::Sender::new(Durable::Never),
            wanted: watch::Sender::new(Pos(0)),
            archive,
            ahead: OnceLock::new(),
        }
    }

    /// Begins an exchange: gives it its number and appends its *opened* entry.
    pub fn open(&self, opened: Opened) -> Seq {
        let mut held = self.held();
        let (seq, _) = held.open(opened);
        self.announce(held);
        seq
    }

    /// Appends an entry and folds it into its exchange.
    pub fn append(&self, entry: Entry) -> Pos {
        let bytes = weight::entry(&entry);
        let mut held = self.held();
        let pos = held.append(entry, bytes);
        let is_beyond = held.is_beyond();
        self.announce(held);
        if is_beyond {
            drop(self.let_go());
        }
        pos
    }

    /// The ends of the log now.
    pub fn head(&self) -> Head {
        *self.head.borrow()
    }

    /// How much is in memory.
    pub fn usage(&self) -> Usage {
        self.held().usage()
    }

    /// Up to `limit` entries after a position, oldest first, each with its position. Entries that are no longer in
    /// memory are one [`Entry::Pruned`] at the front, whose position is that of the last one left out; [`Record::read`]
    /// has them.
    pub fn read(&self, after: Pos, limit: usize) -> Vec<(Pos, Entry)> {
        let held = self.held();
        let from = held.entries_after();
        let found: Vec<_> = held.entries(after, limit).collect();
        drop(held);
        if after < from && limit > 0 {
            let mut read = vec![pruned(after, from)];
            read.extend(found.into_iter().take(limit - 1));
            return read;
        }
        found
    }

    /// Waits until there is an entry after a position, and tells the ends of the log then.
    pub async fn wait(&self, after: Pos) -> Head {
        let mut head = self.head.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        head.wait_for(|head| head.pos > after).await.map_or_else(|_| self.head(), |head| *head)
    }

    /// One exchange as it stands now, if it is in memory: every one that is open is, and the newest are.
    /// [`Record::exchange`] has them all.
    pub fn exchange(&self, seq: Seq) -> Option<Arc<Exchange>> {
        self.held().exchange(seq)
    }

    /// Those in memory of the exchanges with the `limit` numbers that follow `after`, in order, as they stand now.
    /// [`Record::exchanges`] has them all.
    pub fn exchanges(&self, after: Seq, limit: usize) -> Vec<Arc<Exchange>> {
        self.held().range(after, Seq(after.0.saturating_add(limit as u64))).held
    }

    /// Storage says how far it has confirmed the log, or that it never will.
    pub fn confirm(&self, durable: Durable) {
        match durable {
            Durable::Through(pos) => self.held().confirm(pos),
            Durable::Never => self.held().never_confirm(),
        }
        let gone = self.let_go();
        self.durable.send_replace(durable);
        // Nobody waits for this, neither for the lock nor for the confirmation.
        drop(gone);
    }

    /// Lets go what need not be in memory any more, in steps, so that nobody who appends waits for long.
    fn let_go(&self) -> Vec<Gone> {
        let mut all = Vec::new();
        loop {
            let (gone, more) = self.held().shrink();
            all.push(gone);
            if !more {
                return all;
            }
        }
    }

    /// How far storage has confirmed the log.
    pub fn durable(&self) -> Durable {
        *self.durable.borrow()
    }

    /// The last position that storage has confirmed, whether or not it still works; zero if there never was any.
    pub fn confirmed_through(&self) -> Pos {
        self.held().confirmed()
    }

    /// Lets exchanges leave the memory that storage is about to give up, and everything before them with them. Gives back
    /// those of them that it must keep, because they are open or something about them is not confirmed yet.
    pub fn release(&self, seqs: &[Seq]) -> Vec<Seq> {
        let (kept, gone) = self.held().release(seqs);
        drop(gone);
        kept
    }

    /// About how many bytes entries take that storage has not confirmed.
    pub fn unconfirmed_bytes(&self) -> usize {
        self.held().unconfirmed_bytes()
    }

    /// Storage says that it takes changes ahead of their commits. The first one that says so does.
    pub fn store_ahead_in(&self, storage: Arc<dyn TakesAhead>) {
        // A log is stored in one place.
        let _ = self.ahead.set(storage);
    }

    /// Storage that takes the changes of large commits before these, if there is any.
    pub fn takes_ahead(&self) -> Option<&Arc<dyn TakesAhead>> {
        self.ahead.get()
    }

    /// Asks storage not to put off what is in the log up to a position.
    pub fn want(&self, pos: Pos) {
        self.wanted.send_if_modified(|wanted| {
            let is_further = pos > *wanted;
            *wanted = pos.max(*wanted);
            is_further
        });
    }

    /// Up to which position somebody waits for storage; for storage that would put it off.
    pub fn wanted(&self) -> watch::Receiver<Pos> {
        self.wanted.subscribe()
    }

    /// Waits until storage has confirmed a position, and asks it not to put that off. False if it never will: the answer may
    /// leave, but it is not durable.
    pub async fn wait_durable(&self, pos: Pos) -> bool {
        self.want(pos);
        let mut durable = self.durable.subscribe();
        let reached = durable.wait_for(|durable| match durable {
            Durable::Through(through) => *through >= pos,
            Durable::Never => true,
        });
        match reached.await.map(|durable| *durable) {
            Ok(Durable::Through(_)) => true,
            Ok(Durable::Never) | Err(_) => self.confirmed_through() >= pos,
        }
    }

    fn announce(&self, held: MutexGuard<'_, Held>) {
        let head = Head { pos: held.last_pos(), seq: held.last_seq() };
        // Still under the lock: heads must not overtake one another.
        self.head.send_replace(head);
        drop(held);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change of what is held is complete before anything can panic.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn range(&self, after: Seq, through: Seq) -> (Range, Option<&Arc<dyn Archive>>) {
        (self.held().range(after, through), self.archive.as_ref())
    }

    fn unsettled(&self, after: Seq, through: Seq) -> (Seq, BTreeSet<Seq>) {
        self.held().unsettled(after, through)
    }

    fn those(&self, numbers: &[Seq]) -> (Vec<Arc<Exchange>>, Vec<(Pos, Entry)>) {
        self.held().those(numbers)
    }

    fn entries_after(&self) -> Pos {
        self.held().entries_after()
    }

    fn archive(&self) -> Option<&Arc<dyn Archive>> {
        self.archive.as_ref()
    }
}

/// Stands for the entries after a position up to and including another.
fn pruned(after: Pos, to: Pos) -> (Pos, Entry) {
    (to, Entry::Pruned { from: Pos(after.0 + 1), to, count: to.0 - after.0 })
}

/// At most `limit` entries with one *pruned* in the place of each run of positions that is missing.
fn filled(mut after: Pos, found: Vec<(Pos, Entry)>, limit: usize) -> Vec<(Pos, Entry)> {
    let mut read: Vec<(Pos, Entry)> = Vec::with_capacity(found.len());
    for (pos, entry) in found {
        let mut missing = Pos(pos.0 - 1);
        let is_gone = matches!(entry, Entry::Pruned { .. });
        if is_gone {
            missing = pos;
        }
        if missing > after {
            match read.last_mut() {
                Some((last, Entry::Pruned { to, count, .. })) => {
                    *count += missing.0 - to.0;
                    (*last, *to) = (missing, missing);
                }
                _ => read.push(pruned(after, missing)),
            }
        }
        if !is_gone {
            read.push((pos, entry));
        }
        after = pos;
    }
    read.truncate(limit);
    read
}
