//! Memory is bounded, and the record is the same as if it were not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use traffic::archive::{Archive, Touched, Unreadable};
use traffic::entry::{Annotation, Entry, State};
use traffic::exchange::{Ending, Exchange};
use traffic::ids::{FlowId, Pos, Seq};
use traffic::log::{Budget, Durable, Head, Log, Record};
use traffic::step;

use crate::sample::{closed, handled, opened};

/// Storage for tests: keeps what the log had when it was told to, and confirms that.
#[derive(Debug, Default)]
struct Shelf {
    entries: Mutex<Vec<(Pos, Entry)>>,
    broken: Mutex<bool>,
}

impl Shelf {
    /// Takes up to so many entries from the log and confirms them.
    fn take(&self, log: &Log, count: usize) {
        let mut entries = self.entries.lock().unwrap();
        let written = entries.last().map_or(Pos(0), |(pos, _)| *pos);
        let new = log.read(written, count);
        assert!(new.iter().zip(written.0 + 1..).all(|((pos, _), expected)| pos.0 == expected), "{new:?}");
        assert!(!new.iter().any(|(_, entry)| matches!(entry, Entry::Pruned { .. })), "gone before it was confirmed");
        entries.extend(new);
        let through = entries.last().map_or(Pos(0), |(pos, _)| *pos);
        drop(entries);
        log.confirm(Durable::Through(through));
    }

    fn read<T>(&self, read: impl FnOnce(&[(Pos, Entry)]) -> T) -> Result<T, Unreadable> {
        match *self.broken.lock().unwrap() {
            true => Err(Unreadable("the shelf has fallen over".to_owned())),
            false => Ok(read(&self.entries.lock().unwrap())),
        }
    }
}

impl Archive for Shelf {
    fn exchange(&self, seq: Seq) -> Result<Option<Exchange>, Unreadable> {
        Ok(self.exchanges(Seq(seq.0 - 1), seq)?.pop())
    }

    fn exchanges(&self, after: Seq, through: Seq) -> Result<Vec<Exchange>, Unreadable> {
        self.read(|entries| {
            let mut found: BTreeMap<Seq, Exchange> = BTreeMap::new();
            for (pos, entry) in entries {
                match entry {
                    Entry::Opened(seq, opened) if *seq > after && *seq <= through => {
                        found.insert(*seq, Exchange::begin(*seq, *pos, Arc::clone(opened)));
                    }
                    other => {
                        if let Some(exchange) = other.seq().and_then(|seq| found.get_mut(&seq)) {
                            exchange.fold(*pos, other);
                        }
                    }
                }
            }
            found.into_values().collect()
        })
    }

    fn entries(&self, after: Pos, through: Pos, limit: usize) -> Result<Vec<(Pos, Entry)>, Unreadable> {
        self.read(|entries| {
            let found = entries.iter().filter(|(pos, _)| *pos > after && *pos <= through);
            // Fewer than asked for, as real storage may give.
            found.take(limit.min(7)).cloned().collect()
        })
    }

    fn touched(&self, after: Pos, through: Pos) -> Result<Touched, Unreadable> {
        self.read(|entries| {
            let found = entries.iter().filter(|(pos, _)| *pos > after && *pos <= through);
            let exchanges: BTreeSet<Seq> = found.filter_map(|(_, entry)| entry.seq()).collect();
            Touched { exchanges: exchanges.len() as u64, states: Vec::new() }
        })
    }

    fn flows(&self, before: FlowId, limit: usize) -> Result<Vec<FlowId>, Unreadable> {
        let exchanges = self.exchanges(Seq(0), Seq(u64::MAX))?;
        let flows: BTreeSet<FlowId> = exchanges.iter().map(Exchange::flow).filter(|flow| *flow < before).collect();
        Ok(flows.into_iter().rev().take(limit).collect())
    }

    fn steps(&self, flow: FlowId) -> Result<Vec<step::Step>, Unreadable> {
        let exchanges = self.exchanges(Seq(0), Seq(u64::MAX))?;
        Ok(exchanges.iter().filter(|exchange| exchange.flow() == flow).map(step::Step::from).collect())
    }
}

fn log_with(shelf: &Arc<Shelf>, bytes: usize) -> Arc<Log> {
    let archive: Arc<dyn Archive> = Arc::clone(shelf) as Arc<dyn Archive>;
    let log = Arc::new(Log::resume(Head::default(), archive, Budget::of(bytes)).unwrap());
    log.confirm(Durable::Through(Pos(0)));
    log
}

fn annotated(seq: Seq, sentence: &str) -> Entry {
    Entry::Annotated(seq, Arc::new(Annotation { sentence: sentence.to_owned(), ..Annotation::default() }))
}

fn passes(log: &Log, target: &str) -> Seq {
    let seq = log.open(opened(target));
    log.append(handled(seq, 200));
    log.append(closed(seq, Ending::Complete));
    seq
}

/// All entries, by a reader that begins at a position.
fn read_on(record: &Record, mut after: Pos, page: usize) -> Vec<(Pos, Entry)> {
    let mut read = Vec::new();
    loop {
        let found = record.read(after, page).unwrap();
        assert!(found.len() <= page);
        let Some((last, _)) = found.last() else { return read };
        after = *last;
        read.extend(found);
    }
}

fn words<T: std::fmt::Debug>(things: &[T]) -> Vec<String> {
    things.iter().map(|thing| format!("{thing:?}")).collect()
}

#[test]
fn a_reader_that_sleeps_while_everything_leaves_memory_misses_nothing() {
    let shelf = Arc::new(Shelf::default());
    let (log, truth) = (log_with(&shelf, 0), Log::new());
    let cursor = Pos(2);
    for number in 0..300 {
        for log in [&*log, &truth] {
            let seq = passes(log, &format!("/{number}"));
            log.append(annotated(seq, "somebody looked around"));
        }
    }
    shelf.take(&log, usize::MAX);
    assert!(log.exchanges(Seq(0), usize::MAX).is_empty());
    assert_eq!((log.usage().held_bytes, log.usage().evicted, log.usage().dropped), (0, 300, 0));

    let record = Record::new(Arc::clone(&log));
    assert_eq!(words(&read_on(&record, cursor, 100)), words(&truth.read(cursor, usize::MAX)));
    let (touched, here) = record.passed(Pos(4)).unwrap().unwrap();
    assert_eq!((touched.exchanges, here), (299, log.head().pos));
    assert!(record.passed(here).unwrap().is_none());
    let (all, expected) = (record.exchanges(Seq(0), usize::MAX).unwrap(), truth.exchanges(Seq(0), usize::MAX));
    assert_eq!(words(&all), words(&expected));
}

#[tokio::test]
async fn what_left_memory_can_be_awaited() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 0);
    let seq = passes(&log, "/gone");
    shelf.take(&log, usize::MAX);
    let here = passes(&log, "/here");
    let record = Record::new(Arc::clone(&log));
    assert!(log.exchange(seq).is_none());
    assert_eq!(record.exchange_away(seq).await.unwrap().unwrap().opened.target, "/gone");
    assert_eq!(record.exchange_away(here).await.unwrap().unwrap().opened.target, "/here");
    assert!(record.exchange_away(Seq(3)).await.unwrap().is_none());
    assert_eq!(record.read_away(Pos(0), 10).await.unwrap()[0].0, Pos(1));
    assert_eq!(record.read_away(Pos(3), 10).await.unwrap().len(), 3);
}

#[test]
fn what_is_open_or_not_confirmed_stays_however_little_memory_there_is() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 0);
    let open = log.open(opened("/open"));
    let over = passes(&log, "/over");
    assert!(log.exchange(over).is_some(), "it is not confirmed");
    // Confirmed is all but the end of the second one.
    shelf.take(&log, 3);
    assert!(log.exchange(over).is_some());
    shelf.take(&log, 1);
    assert!(log.exchange(over).is_none());
    assert!(log.exchange(open).is_some());
    log.append(handled(open, 200));
    log.append(closed(open, Ending::Complete));
    shelf.take(&log, usize::MAX);
    assert!(log.exchange(open).is_none(), "it is over and confirmed");
    assert_eq!(log.usage().evicted, 2);
    assert_eq!(log.usage().held_bytes, 0);
}

#[test]
fn nothing_leaves_memory_while_there_is_room() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 1 << 20);
    (0..100).for_each(|_| assert!(passes(&log, "/a") > Seq(0)));
    shelf.take(&log, usize::MAX);
    assert_eq!(log.exchanges(Seq(0), usize::MAX).len(), 100);
    assert_eq!(log.read(Pos(0), usize::MAX).len(), 300);
    assert_eq!(log.usage().evicted, 0);
    let held = log.usage().held_bytes;
    assert!((100 * 500..1 << 20).contains(&held), "{held}");
}

#[test]
fn what_comes_for_an_exchange_that_left_memory_is_there_at_once() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 0);
    let seq = passes(&log, "/a");
    shelf.take(&log, usize::MAX);
    let pos = log.append(annotated(seq, "late"));
    let record = Record::new(Arc::clone(&log));
    for _ in 0..2 {
        let exchange = record.exchange(seq).unwrap().unwrap();
        assert_eq!((exchange.annotation.as_ref().unwrap().sentence.as_str(), exchange.pos), ("late", pos));
        shelf.take(&log, usize::MAX);
    }
}

#[test]
fn without_storage_the_oldest_are_given_up_and_readers_are_told_once() {
    let log = Arc::new(Log::within(Budget { bytes: 10_000, unconfirmed_bytes: 100_000 }));
    let open = log.open(opened("/open"));
    (0..1000).for_each(|_| assert!(passes(&log, "/a") > Seq(0)));
    let usage = log.usage();
    assert!((50_000..=100_000).contains(&usage.held_bytes), "{usage:?}");
    assert!(usage.dropped > 500 && usage.evicted == 0, "{usage:?}");
    assert!(log.exchange(open).is_some(), "what is open stays");

    let record = Record::new(Arc::clone(&log));
    let read = read_on(&record, Pos(5), 64);
    let (first, rest) = read.split_first().unwrap();
    let Entry::Pruned { from: Pos(6), to, count } = first.1 else { panic!("{first:?}") };
    assert_eq!((first.0, count), (to, to.0 - 5));
    assert!(rest.iter().all(|(_, entry)| !matches!(entry, Entry::Pruned { .. })));
    assert_eq!(rest.last().unwrap().0, log.head().pos);
    assert!(record.exchange(Seq(2)).unwrap().is_none());
    let left = record.exchanges(Seq(0), usize::MAX).unwrap();
    assert_eq!(left.len() as u64, 1001 - usage.dropped);
}

#[test]
fn after_storage_failed_what_it_has_is_still_to_be_had_and_the_rest_is_bounded() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 20_000);
    (0..200).for_each(|_| assert!(passes(&log, "/safe") > Seq(0)));
    shelf.take(&log, usize::MAX);
    log.confirm(Durable::Never);
    (0..500).for_each(|_| assert!(passes(&log, "/lost") > Seq(0)));
    let usage = log.usage();
    assert!(usage.held_bytes <= 40_000 && usage.evicted == 200 && usage.dropped > 300, "{usage:?}");

    let record = Record::new(Arc::clone(&log));
    let found = record.exchanges(Seq(0), usize::MAX).unwrap();
    assert_eq!(found.iter().filter(|exchange| exchange.opened.target == "/safe").count(), 200);
    let read = read_on(&record, Pos(0), 64);
    let gaps: Vec<_> = read.iter().filter(|(_, entry)| matches!(entry, Entry::Pruned { .. })).collect();
    assert!(matches!(gaps[..], [(_, Entry::Pruned { from: Pos(601), .. })]), "{gaps:?}");
    assert_eq!(read.last().unwrap().0, log.head().pos);
}

#[test]
fn storage_that_cannot_be_read_says_why() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 0);
    let seq = passes(&log, "/a");
    shelf.take(&log, usize::MAX);
    *shelf.broken.lock().unwrap() = true;
    let record = Record::new(log);
    for error in [record.exchange(seq).unwrap_err(), record.read(Pos(0), 5).unwrap_err()] {
        assert_eq!(error.to_string(), "the shelf has fallen over");
    }
}

#[test]
fn a_log_goes_on_after_what_storage_holds_with_the_newest_in_memory() {
    let shelf = Arc::new(Shelf::default());
    let first = log_with(&shelf, 100 << 20);
    for _ in 0..1000 {
        let seq = passes(&first, "/a");
        first.append(annotated(seq, "before"));
    }
    shelf.take(&first, usize::MAX);
    let expected = words(&first.exchanges(Seq(0), usize::MAX));

    let archive: Arc<dyn Archive> = Arc::clone(&shelf) as Arc<dyn Archive>;
    let log = Arc::new(Log::resume(first.head(), archive, Budget::of(1 << 20)).unwrap());
    assert_eq!(log.head(), first.head());
    let in_memory = log.exchanges(Seq(0), usize::MAX);
    assert_eq!((in_memory.len(), in_memory[0].seq), (200, Seq(801)));
    assert!(log.usage().held_bytes > 200 * 500);
    let record = Record::new(Arc::clone(&log));
    assert_eq!(words(&record.exchanges(Seq(0), usize::MAX).unwrap()), expected);
    assert_eq!(words(&record.exchanges(Seq(790), 20).unwrap()), expected[790..810]);
    assert_eq!(read_on(&record, Pos(0), 500).len(), 4000);
    // Numbers and positions go on.
    assert_eq!(passes(&log, "/b"), Seq(1001));
    assert_eq!(log.head().pos, Pos(4003));
}

#[test]
fn writers_storage_and_readers_at_the_same_time_agree() {
    const EACH: u64 = 400;
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 20_000);
    let last = Pos(4 * EACH * 3);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..EACH).for_each(|_| assert!(passes(&log, "/a") > Seq(0))));
        }
        scope.spawn(|| {
            while log.durable() != Durable::Through(last) {
                shelf.take(&log, 50);
            }
        });
        for page in [3, 100] {
            let record = Record::new(Arc::clone(&log));
            scope.spawn(move || {
                let mut seen = 0;
                while seen < last.0 {
                    for (pos, entry) in record.read(Pos(seen), page).unwrap() {
                        assert_eq!(pos.0, seen + 1);
                        assert!(!matches!(entry, Entry::Pruned { .. }), "{entry:?}");
                        seen = pos.0;
                    }
                }
            });
        }
        let record = Record::new(Arc::clone(&log));
        scope.spawn(move || {
            let mut number = 0;
            while number < 4 * EACH {
                let (head, at) = (record.log().head().seq, Seq(number));
                let found = record.exchanges(at, 20).unwrap();
                assert!(found.iter().zip(number + 1..).all(|(exchange, expected)| exchange.seq.0 == expected));
                assert!(found.len() as u64 >= (head.0 - number).min(20), "{head:?} {number} {}", found.len());
                number += found.len() as u64;
            }
        });
    });
    assert!(log.usage().held_bytes <= 20_000);
    let all = Record::new(Arc::clone(&log)).exchanges(Seq(0), usize::MAX).unwrap();
    assert!(all.len() as u64 == 4 * EACH && all.iter().all(|exchange| exchange.closed.is_some()));
}

#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Handle(usize),
    Close(usize),
    Annotate(usize),
    State,
    Confirm(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0usize..2000).prop_map(Step::Open),
        3 => any::<usize>().prop_map(Step::Handle),
        5 => any::<usize>().prop_map(Step::Close),
        2 => any::<usize>().prop_map(Step::Annotate),
        1 => Just(Step::State),
        3 => (1usize..12).prop_map(Step::Confirm),
    ]
}

/// Does the step, if it makes sense, to a log.
fn apply(step: &Step, log: &Log) {
    let seq = |pick: usize| Seq(pick as u64 % log.head().seq.0.max(1) + 1);
    match step {
        Step::Open(size) => drop(log.open(opened(&"x".repeat(*size)))),
        _ if log.head().seq == Seq(0) => {}
        Step::Handle(pick) => drop(log.append(handled(seq(*pick), 200))),
        Step::Close(pick) => drop(log.append(closed(seq(*pick), Ending::Complete))),
        Step::Annotate(pick) => drop(log.append(annotated(seq(*pick), &format!("number {pick}")))),
        Step::State => {
            let state = State { what: "profile".to_owned(), detail: "tolerant".to_owned() };
            log.append(Entry::State(Arc::new(state)));
        }
        Step::Confirm(_) => {}
    }
}

proptest! {
    #[test]
    fn the_record_is_the_same_as_if_nothing_ever_left_memory(
        steps in prop::collection::vec(step(), 1..120),
        budget in 0usize..20_000,
        sizes in prop::collection::vec(1usize..20, 1..20),
    ) {
        let shelf = Arc::new(Shelf::default());
        let (log, truth) = (log_with(&shelf, budget), Log::new());
        let record = Record::new(Arc::clone(&log));
        let mut in_memory: Vec<Seq> = Vec::new();
        for step in &steps {
            apply(step, &log);
            apply(step, &truth);
            if let Step::Confirm(count) = step {
                shelf.take(&log, *count);
            }
            let Durable::Through(confirmed) = log.durable() else { panic!("it confirms") };
            let now: Vec<Seq> = log.exchanges(Seq(0), usize::MAX).iter().map(|exchange| exchange.seq).collect();
            for left in in_memory.iter().filter(|seq| !now.contains(seq)) {
                let exchange = truth.exchange(*left).unwrap();
                prop_assert!(exchange.closed.is_some(), "{} is open and left", left);
                prop_assert!(exchange.pos <= confirmed, "{} left before it was confirmed", left);
            }
            in_memory = now;
        }
        prop_assert_eq!(log.head(), truth.head());
        let mut sizes = sizes.into_iter().cycle();
        let mut page = || sizes.next().unwrap();

        let (mut at, head) = (0, truth.head().seq.0);
        while at < head {
            let size = page();
            let (found, expected) = (record.exchanges(Seq(at), size).unwrap(), truth.exchanges(Seq(at), size));
            prop_assert_eq!(words(&found), words(&expected));
            at += size as u64;
            let alone = record.exchange(Seq(at)).unwrap();
            prop_assert_eq!(format!("{alone:?}"), format!("{:?}", truth.exchange(Seq(at))));
        }
        let mut read = Vec::new();
        let mut cursor = Pos(0);
        while cursor < truth.head().pos {
            read.extend(record.read(cursor, page()).unwrap());
            cursor = read.last().unwrap().0;
        }
        prop_assert_eq!(words(&read), words(&truth.read(Pos(0), usize::MAX)));

        // Once all is over and confirmed, what is held fits.
        for seq in 1..=head {
            log.append(closed(Seq(seq), Ending::Complete));
        }
        shelf.take(&log, usize::MAX);
        prop_assert!(log.usage().held_bytes <= budget as u64, "{:?}", log.usage());
    }
}

#[test]
fn what_was_confirmed_before_storage_failed_stays_confirmed() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 1 << 20);
    passes(&log, "/safe");
    shelf.take(&log, usize::MAX);
    let safe = log.head().pos;
    log.confirm(Durable::Never);
    passes(&log, "/later");
    assert_eq!((log.confirmed_through(), log.durable()), (safe, Durable::Never));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(log.wait_durable(safe)));
    assert!(!runtime.block_on(log.wait_durable(Pos(safe.0 + 1))));
    // And it may work again.
    shelf.take(&log, usize::MAX);
    assert_eq!(log.confirmed_through(), log.head().pos);
}

#[test]
fn exchanges_that_storage_is_about_to_give_up_leave_the_memory_unless_something_about_them_is_new() {
    let shelf = Arc::new(Shelf::default());
    let log = log_with(&shelf, 1 << 20);
    let first = passes(&log, "/first");
    let hung = log.open(opened("/hung"));
    let spoken_of = passes(&log, "/spoken-of");
    let last = passes(&log, "/last");
    shelf.take(&log, usize::MAX);
    log.append(annotated(spoken_of, "new"));
    assert_eq!(log.release(&[first, hung, spoken_of]), [hung, spoken_of]);
    assert!(log.exchange(first).is_none() && log.exchange(last).is_some());
    assert!(log.exchange(hung).is_some() && log.exchange(spoken_of).is_some());
    shelf.take(&log, usize::MAX);
    assert_eq!(log.release(&[first, spoken_of]), []);
    assert!(log.exchange(spoken_of).is_none());
    // Something that comes for one that is gone keeps it until it is confirmed.
    log.append(annotated(first, "late"));
    assert_eq!(log.release(&[first]), [first]);
    shelf.take(&log, usize::MAX);
    assert_eq!(log.release(&[first]), []);
    let record = Record::new(Arc::clone(&log));
    assert_eq!(record.exchanges(Seq(0), usize::MAX).unwrap().len(), 4);
}
