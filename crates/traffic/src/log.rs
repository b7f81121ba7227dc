//! The append-only log in memory, and cursors into it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::entry::Entry;
use crate::exchange::{Exchange, Opened};
use crate::ids::{Pos, Seq};

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
#[derive(Debug)]
pub struct Log {
    state: Mutex<State>,
    head: watch::Sender<Head>,
    durable: watch::Sender<Durable>,
}

/// How far durable storage has confirmed the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Everything up to and including this position.
    Through(Pos),
    /// There is no durable storage, or it failed: nobody should wait for it.
    Never,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    exchanges: Vec<Arc<Exchange>>,
    /// Position of `entries[0]` is `offset + 1`.
    offset: u64,
}

impl Default for Log {
    fn default() -> Self {
        Log::new()
    }
}

impl Log {
    /// An empty log without durable storage.
    pub fn new() -> Log {
        Log::resume(Vec::new(), Pos(0))
    }

    /// A log that goes on after what durable storage holds: exchanges 1 to n without gaps, and the last position used.
    pub fn resume(exchanges: Vec<Exchange>, last: Pos) -> Log {
        let exchanges: Vec<_> = exchanges.into_iter().map(Arc::new).collect();
        let head = Head { pos: last, seq: Seq(exchanges.len() as u64) };
        Log {
            state: Mutex::new(State { entries: Vec::new(), exchanges, offset: last.0 }),
            head: watch::Sender::new(head),
            durable: watch::Sender::new(Durable::Never),
        }
    }

    /// Begins an exchange: gives it its number and appends its *opened* entry.
    pub fn open(&self, opened: Opened) -> Seq {
        let mut state = self.state();
        let seq = Seq(state.exchanges.len() as u64 + 1);
        let opened = Arc::new(opened);
        let pos = state.push(Entry::Opened(seq, Arc::clone(&opened)));
        state.exchanges.push(Arc::new(Exchange::begin(seq, pos, opened)));
        self.announce(state, pos);
        seq
    }

    /// Appends an entry and folds it into its exchange.
    pub fn append(&self, entry: Entry) -> Pos {
        let mut state = self.state();
        let pos = state.push(entry.clone());
        if let Some(exchange) = entry.seq().and_then(|seq| state.exchanges.get_mut((seq.0 as usize).wrapping_sub(1))) {
            Arc::make_mut(exchange).fold(pos, &entry);
        }
        self.announce(state, pos);
        pos
    }

    /// The ends of the log now.
    pub fn head(&self) -> Head {
        *self.head.borrow()
    }

    /// Up to `limit` entries after a position, oldest first, each with its position. Entries that are no longer in
    /// memory are one [`Entry::Pruned`] at the front, whose position is that of the last one left out.
    pub fn read(&self, after: Pos, limit: usize) -> Vec<(Pos, Entry)> {
        let state = self.state();
        let mut read = Vec::new();
        let mut skip = after.0.saturating_sub(state.offset) as usize;
        if after.0 < state.offset {
            let (from, to) = (Pos(after.0 + 1), Pos(state.offset));
            read.push((to, Entry::Pruned { from, to, count: to.0 - after.0 }));
            skip = 0;
        }
        let entries = state.entries.iter().enumerate().skip(skip).take(limit.saturating_sub(read.len()));
        read.extend(entries.map(|(at, entry)| (Pos(state.offset + at as u64 + 1), entry.clone())));
        read
    }

    /// Waits until there is an entry after a position, and tells the ends of the log then.
    pub async fn wait(&self, after: Pos) -> Head {
        let mut head = self.head.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        head.wait_for(|head| head.pos > after).await.map_or_else(|_| self.head(), |head| *head)
    }

    /// One exchange as it stands now.
    pub fn exchange(&self, seq: Seq) -> Option<Arc<Exchange>> {
        let index = (seq.0 as usize).checked_sub(1)?;
        self.state().exchanges.get(index).cloned()
    }

    /// Up to `limit` exchanges with numbers after `after`, in order, as they stand now.
    pub fn exchanges(&self, after: Seq, limit: usize) -> Vec<Arc<Exchange>> {
        self.state().exchanges.iter().skip(after.0 as usize).take(limit).cloned().collect()
    }

    /// Storage says how far it has confirmed the log, or that it never will.
    pub fn confirm(&self, durable: Durable) {
        self.durable.send_replace(durable);
    }

    /// How far storage has confirmed the log.
    pub fn durable(&self) -> Durable {
        *self.durable.borrow()
    }

    /// Waits until storage has confirmed a position. False if it never will: the answer may leave, but it is not durable.
    pub async fn wait_durable(&self, pos: Pos) -> bool {
        let mut durable = self.durable.subscribe();
        let reached = durable.wait_for(|durable| match durable {
            Durable::Through(through) => *through >= pos,
            Durable::Never => true,
        });
        reached.await.is_ok_and(|durable| matches!(*durable, Durable::Through(_)))
    }

    fn announce(&self, state: MutexGuard<'_, State>, pos: Pos) {
        let head = Head { pos, seq: Seq(state.exchanges.len() as u64) };
        // Still under the lock: heads must not overtake one another.
        self.head.send_replace(head);
        drop(state);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a push; a panic elsewhere cannot leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, entry: Entry) -> Pos {
        self.entries.push(entry);
        Pos(self.offset + self.entries.len() as u64)
    }
}
