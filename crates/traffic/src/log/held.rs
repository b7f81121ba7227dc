//! What the log holds in memory, and what it lets go.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Budget, Usage, weight};
use crate::entry::Entry;
use crate::exchange::{Exchange, Opened};
use crate::ids::{Pos, Seq};

/// The entries and exchanges in memory. Every byte is counted once: with its entry as long as that is here, then with its
/// exchange.
#[derive(Debug)]
pub(super) struct Held {
    /// The newest entries; the first one is at `entries_after + 1`.
    entries: VecDeque<Placed>,
    entries_after: u64,
    /// The newest exchanges; the first one has the number `recent_after + 1`.
    recent: VecDeque<Slot>,
    recent_after: u64,
    /// Older exchanges that could not go when their turn came: they were open, or not confirmed.
    left: BTreeMap<Seq, Slot>,
    /// What came for exchanges that are gone and is not confirmed yet.
    late: BTreeMap<(Seq, Pos), Entry>,
    /// Up to here the archive has everything.
    confirmed: Pos,
    /// Whether somebody confirms.
    confirming: bool,
    /// Whether there is somewhere to read from what is gone.
    archived: bool,
    budget: Budget,
    bytes: usize,
    /// What entries take that are not confirmed.
    unconfirmed_bytes: usize,
    evicted: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Placed {
    entry: Entry,
    bytes: usize,
}

#[derive(Debug)]
struct Slot {
    exchange: Arc<Exchange>,
    /// Position of its first entry.
    first: Pos,
    /// What it holds beside what its entries in memory hold.
    bytes: usize,
}

impl Slot {
    fn may_go(&self, through: Pos) -> bool {
        self.exchange.closed.is_some() && self.exchange.pos <= through
    }
}

/// What left the memory; freed when this is dropped, which is best done without the lock.
#[derive(Debug, Default)]
pub(super) struct Gone {
    entries: Vec<Placed>,
    exchanges: Vec<Slot>,
}

/// How many entries and exchanges go at once: whoever appends meanwhile waits for so long.
const AT_ONCE: usize = 256;

impl Gone {
    fn is_enough(&self) -> bool {
        self.entries.len() + self.exchanges.len() >= AT_ONCE
    }
}

/// What is in memory of a range of exchanges.
#[derive(Debug, Default)]
pub(super) struct Range {
    /// Those in memory, ascending.
    pub(super) held: Vec<Arc<Exchange>>,
    /// Those with numbers after the first up to the second are not all in memory.
    pub(super) gone: Option<(Seq, Seq)>,
    /// What the archive may not have yet of those that are gone, by position within each.
    pub(super) late: Vec<(Pos, Entry)>,
}

impl Held {
    /// Nothing, after these ends.
    pub(super) fn after(pos: Pos, seq: Seq, archived: bool, budget: Budget) -> Held {
        Held {
            entries: VecDeque::new(),
            entries_after: pos.0,
            recent: VecDeque::new(),
            recent_after: seq.0,
            left: BTreeMap::new(),
            late: BTreeMap::new(),
            confirmed: pos,
            confirming: false,
            archived,
            budget,
            bytes: 0,
            unconfirmed_bytes: 0,
            evicted: 0,
            dropped: 0,
        }
    }

    /// Takes in the next exchange, which is in the archive already.
    pub(super) fn take(&mut self, exchange: Exchange) {
        let bytes = weight::hull() + weight::parts(&exchange);
        self.bytes += bytes;
        self.recent.push_back(Slot { exchange: Arc::new(exchange), first: Pos(0), bytes });
    }

    pub(super) fn last_pos(&self) -> Pos {
        Pos(self.entries_after + self.entries.len() as u64)
    }

    pub(super) fn last_seq(&self) -> Seq {
        Seq(self.recent_after + self.recent.len() as u64)
    }

    pub(super) fn open(&mut self, opened: Opened) -> (Seq, Pos) {
        let seq = Seq(self.last_seq().0 + 1);
        let opened = Arc::new(opened);
        let entry = Entry::Opened(seq, Arc::clone(&opened));
        let bytes = weight::entry(&entry);
        let pos = self.push(entry, bytes);
        let bytes = weight::hull();
        self.bytes += bytes;
        self.recent.push_back(Slot { exchange: Arc::new(Exchange::begin(seq, pos, opened)), first: pos, bytes });
        (seq, pos)
    }

    /// Appends an entry that takes so many bytes.
    pub(super) fn append(&mut self, entry: Entry, bytes: usize) -> Pos {
        let pos = Pos(self.last_pos().0 + 1);
        if let Some(seq) = entry.seq().filter(|seq| seq.0 > 0 && *seq <= self.last_seq()) {
            if let Some(slot) = self.slot(seq) {
                Arc::make_mut(&mut slot.exchange).fold(pos, &entry);
            } else if self.archived {
                self.late.insert((seq, pos), entry.clone());
            }
        }
        self.push(entry, bytes)
    }

    fn push(&mut self, entry: Entry, bytes: usize) -> Pos {
        self.bytes += bytes;
        self.unconfirmed_bytes += bytes;
        self.entries.push_back(Placed { entry, bytes });
        self.last_pos()
    }

    fn slot(&mut self, seq: Seq) -> Option<&mut Slot> {
        match seq.0.checked_sub(self.recent_after + 1) {
            Some(at) => self.recent.get_mut(at as usize),
            None => self.left.get_mut(&seq),
        }
    }

    pub(super) fn exchange(&self, seq: Seq) -> Option<Arc<Exchange>> {
        let slot = match seq.0.checked_sub(self.recent_after + 1) {
            Some(at) => self.recent.get(at as usize),
            None => self.left.get(&seq),
        };
        slot.map(|slot| Arc::clone(&slot.exchange))
    }

    /// The exchanges with numbers after `after` up to and including `through`.
    pub(super) fn range(&self, after: Seq, through: Seq) -> Range {
        let through = through.min(self.last_seq());
        if after >= through {
            return Range::default();
        }
        let mut range = Range::default();
        let floor = Seq(self.recent_after);
        if after < floor {
            let first = Seq(after.0 + 1);
            let last = through.min(floor);
            range.held.extend(self.left.range(first..=last).map(|(_, slot)| Arc::clone(&slot.exchange)));
            if range.held.len() as u64 <= last.0 - first.0 {
                range.gone = Some((after, last));
                let late = self.late.range((first, Pos(0))..=(last, Pos(u64::MAX)));
                range.late.extend(late.map(|((_, pos), entry)| (*pos, entry.clone())));
            }
        }
        let skip = after.0.saturating_sub(floor.0);
        let recent = self.recent.iter().skip(skip as usize);
        let count = through.0.saturating_sub(floor.0 + skip);
        range.held.extend(recent.take(count as usize).map(|slot| Arc::clone(&slot.exchange)));
        range
    }

    /// Up to which number exchanges have left the memory, but for some; and the numbers in a range of those of which the
    /// archive may not have the last word.
    pub(super) fn unsettled(&self, after: Seq, through: Seq) -> (Seq, BTreeSet<Seq>) {
        let mut unsettled = BTreeSet::new();
        if after < through {
            let first = Seq(after.0 + 1);
            unsettled.extend(self.left.range(first..=through).map(|(seq, _)| *seq));
            unsettled.extend(self.late.range((first, Pos(0))..=(through, Pos(u64::MAX))).map(|((seq, _), _)| *seq));
        }
        (Seq(self.recent_after), unsettled)
    }

    /// What is in memory of these exchanges: those that are, and entries of others that the archive may not have yet.
    pub(super) fn those(&self, numbers: &[Seq]) -> (Vec<Arc<Exchange>>, Vec<(Pos, Entry)>) {
        let held = numbers.iter().filter_map(|seq| self.exchange(*seq)).collect();
        let late = numbers.iter().flat_map(|seq| self.late.range((*seq, Pos(0))..=(*seq, Pos(u64::MAX))));
        (held, late.map(|((_, pos), entry)| (*pos, entry.clone())).collect())
    }

    /// Up to which position entries are gone.
    pub(super) fn entries_after(&self) -> Pos {
        Pos(self.entries_after)
    }

    /// The entries in memory after a position, at most so many.
    pub(super) fn entries(&self, after: Pos, limit: usize) -> impl Iterator<Item = (Pos, Entry)> {
        let skip = after.0.saturating_sub(self.entries_after) as usize;
        let found = self.entries.iter().enumerate().skip(skip).take(limit);
        found.map(|(at, placed)| (Pos(self.entries_after + at as u64 + 1), placed.entry.clone()))
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            held_bytes: self.bytes as u64,
            budget_bytes: self.budget.bytes as u64,
            evicted: self.evicted,
            dropped: self.dropped,
        }
    }

    /// About how many bytes entries take that are not confirmed.
    pub(super) fn unconfirmed_bytes(&self) -> usize {
        self.unconfirmed_bytes
    }

    pub(super) fn confirmed(&self) -> Pos {
        self.confirmed
    }

    /// Lets these exchanges and all before them go as far as they may. Tells which of them may not.
    pub(super) fn release(&mut self, seqs: &[Seq]) -> (Vec<Seq>, Gone) {
        let mut gone = Gone::default();
        let last = seqs.iter().max().copied().unwrap_or_default();
        while Seq(self.recent_after) < last && self.oldest_goes(self.confirmed, &mut gone) {}
        for seq in seqs {
            if self.left.get(seq).is_some_and(|slot| slot.may_go(self.confirmed))
                && let Some(slot) = self.left.remove(seq)
            {
                self.exchange_goes(slot, &mut gone);
            }
        }
        self.evicted += gone.exchanges.len() as u64;
        let keeps = |seq: &&Seq| {
            let mut late = self.late.range((**seq, Pos(0))..=(**seq, Pos(u64::MAX)));
            seq.0 > self.recent_after || self.left.contains_key(seq) || late.next().is_some()
        };
        (seqs.iter().filter(keeps).copied().collect(), gone)
    }

    /// Storage has everything up to here.
    pub(super) fn confirm(&mut self, through: Pos) {
        self.confirming = true;
        let through_here = through.min(self.last_pos());
        if through_here > self.confirmed {
            let first = self.confirmed.0.saturating_sub(self.entries_after) as usize;
            let end = through_here.0.saturating_sub(self.entries_after) as usize;
            self.unconfirmed_bytes -= self.entries.range(first..end).map(|placed| placed.bytes).sum::<usize>();
            self.confirmed = through_here;
        }
        self.late.retain(|(_, pos), _| *pos > through);
    }

    /// Storage will have nothing more.
    pub(super) fn never_confirm(&mut self) {
        self.confirming = false;
    }

    /// Lets the oldest go until what is left fits, as far as they may go; so many at once. Tells whether it stopped for that.
    pub(super) fn shrink(&mut self) -> (Gone, bool) {
        let mut gone = Gone::default();
        if self.archived {
            self.evicted += self.let_go(self.budget.bytes, self.confirmed, &mut gone);
        }
        if !self.archived || !self.confirming {
            // Whoever writes the record down still needs what is not confirmed.
            let through = if self.confirming { self.confirmed } else { Pos(u64::MAX) };
            self.dropped += self.let_go(self.budget.unconfirmed_bytes, through, &mut gone);
        }
        let is_enough = gone.is_enough();
        (gone, is_enough)
    }

    /// Whether something would go only because there is no storage that takes it.
    pub(super) fn is_beyond(&self) -> bool {
        self.bytes > self.budget.unconfirmed_bytes && !self.confirming
    }

    /// Tells how many exchanges went.
    fn let_go(&mut self, fits: usize, through: Pos, gone: &mut Gone) -> u64 {
        let before = gone.exchanges.len();
        if self.bytes > fits {
            let closed_since = self.left.iter().filter(|(_, slot)| slot.may_go(through)).map(|(seq, _)| *seq);
            for seq in closed_since.collect::<Vec<_>>() {
                if self.bytes > fits
                    && !gone.is_enough()
                    && let Some(slot) = self.left.remove(&seq)
                {
                    self.exchange_goes(slot, gone);
                }
            }
        }
        while self.bytes > fits && !gone.is_enough() && self.oldest_goes(through, gone) {}
        while self.bytes > fits && !gone.is_enough() && self.entries_after < through.0 && self.entry_goes(gone) {}
        (gone.exchanges.len() - before) as u64
    }

    /// Lets the oldest of the newest exchanges go, or sets it aside if it may not; and the entries that it began with. False
    /// if there is none that began so early.
    fn oldest_goes(&mut self, through: Pos, gone: &mut Gone) -> bool {
        if self.recent.front().is_none_or(|slot| slot.first > through) {
            return false;
        }
        let Some(slot) = self.recent.pop_front() else { return false };
        self.recent_after += 1;
        if slot.may_go(through) {
            self.exchange_goes(slot, gone);
        } else {
            self.left.insert(slot.exchange.seq, slot);
        }
        // Entries go with the exchanges that they began with: a reader that is not far behind finds both here.
        let until = self.recent.front().map_or(through, |next| Pos(next.first.0.saturating_sub(1)).min(through));
        while self.entries_after < until.0 && self.entry_goes(gone) {}
        true
    }

    fn exchange_goes(&mut self, slot: Slot, gone: &mut Gone) {
        self.bytes -= slot.bytes;
        gone.exchanges.push(slot);
    }

    fn entry_goes(&mut self, gone: &mut Gone) -> bool {
        let Some(placed) = self.entries.pop_front() else { return false };
        self.entries_after += 1;
        if self.entries_after > self.confirmed.0 {
            self.unconfirmed_bytes -= placed.bytes;
        }
        if self.entries_after > self.confirmed.0
            && let Some(seq) = placed.entry.seq()
        {
            // Given up; then it is not kept for those who read its exchange either.
            self.late.remove(&(seq, Pos(self.entries_after)));
        }
        match placed.entry.seq().and_then(|seq| self.slot(seq)) {
            Some(slot) => slot.bytes += placed.bytes,
            None => self.bytes -= placed.bytes,
        }
        gone.entries.push(placed);
        true
    }
}
