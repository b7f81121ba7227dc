//! What somebody wants gone is gone, and nothing else.

use std::sync::Arc;

use journal::{Error, Removed, Unwanted};
use traffic::entry::Entry;
use traffic::ids::{Pos, Seq};
use traffic::log::{Log, Record};
use traffic::marks::Marks;

use crate::pruning::*;
use crate::sample::*;

fn tagged(seq: Seq, tag: &str) -> Entry {
    Entry::Marked(seq, Arc::new(Marks { tags: vec![tag.to_owned()], ..Marks::default() }))
}

fn some(log: &Log, count: usize) -> Vec<Seq> {
    let made = (0..count).map(|_| exchange_of(log, 100, None)).collect();
    assert!(confirmed(log));
    made
}

fn up_to(seq: Seq) -> Unwanted {
    Unwanted::UpTo { through: seq, tag: None }
}

#[test]
fn named_exchanges_are_gone_even_if_they_are_pinned_and_all_others_stay() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    let made = some(&log, 10);
    let second = exchange_of(&log, 100, Some(made[4]));
    log.append(marked(made[2], true, "keep"));
    assert!(confirmed(&log));
    let gone = journal.remove(Unwanted::These(vec![made[4], made[2], Seq(99), made[2]])).unwrap();
    assert_eq!(gone, Removed { seqs: vec![made[2], made[4]], kept: 0 });
    // Of a flow too, what was not named stays.
    assert!(numbers(&journal).contains(&second.0));
    assert_eq!(numbers(&journal).len(), 9);
    let record = Record::new(Arc::clone(&log));
    for seq in [made[2], made[4]] {
        assert!(record.exchange(seq).unwrap().is_none() && log.exchange(seq).is_none(), "{seq}");
    }
    // The pinned one was a flow of its own; the other's goes on without it.
    let usage = settled(&journal, &log);
    assert_eq!((usage.exchanges_pruned, usage.flows_pruned), (2, 1));
    journal.close().unwrap();
    assert_eq!(numbers(&desk.open()).len(), 9);
}

#[test]
fn everything_up_to_a_number_goes_but_what_is_pinned_or_not_over() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    let hung = begin(&log);
    let made = some(&log, 700);
    log.append(marked(made[300], true, ""));
    let later = some(&log, 3);
    let gone = journal.remove(up_to(made[699])).unwrap();
    assert_eq!((gone.seqs.len(), gone.kept), (699, 1));
    assert!(!gone.seqs.contains(&made[300]) && !gone.seqs.contains(&hung));
    let left: Vec<u64> = numbers(&journal).into_iter().collect();
    assert_eq!(left, [hung.0, made[300].0, later[0].0, later[1].0, later[2].0]);
    // A reader from the beginning is told that something was there.
    settled(&journal, &log);
    let read = Record::new(Arc::clone(&log)).read(Pos(0), 10_000).unwrap();
    let missing: u64 =
        read.iter().map(|(_, entry)| if let Entry::Pruned { count, .. } = entry { *count } else { 0 }).sum();
    assert!(missing > 1_000, "{missing}");
    // What was open can end, and new ones come.
    log.append(Entry::Closed(hung, Arc::new(closed(traffic::exchange::Ending::Complete, b"{}"))));
    some(&log, 1);
    assert_eq!(numbers(&journal).len(), 6);
}

#[test]
fn of_those_with_a_tag_only_these_go() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    let made = some(&log, 5_000);
    for seq in [made[0], made[2_500], made[4_999]] {
        log.append(tagged(seq, "Sample"));
    }
    log.append(tagged(made[3], "sampled"));
    assert!(confirmed(&log));
    let what = Unwanted::UpTo { through: made[4_999], tag: Some("sample".to_owned()) };
    assert_eq!(journal.remove(what).unwrap().seqs, [made[0], made[2_500], made[4_999]]);
    assert_eq!(numbers(&journal).len(), 4_997);
}

#[test]
fn a_file_of_which_everything_was_removed_is_small_and_gives_no_number_twice() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    for _ in 0..200 {
        exchange_of(&log, 20_000, None);
    }
    assert!(confirmed(&log));
    let before = settled(&journal, &log).file_bytes;
    let head = log.head();
    assert_eq!(journal.remove(up_to(head.seq)).unwrap().seqs.len(), 200);
    while journal.disk_usage().pruning || journal.disk_usage().file_bytes > before / 4 {
        std::thread::yield_now();
    }
    journal.close().unwrap();
    let journal = desk.open();
    let resumed = journal.resume().unwrap().head;
    assert!(resumed.seq == head.seq && resumed.pos >= head.pos, "{resumed:?}");
    let log = recorded(&journal);
    assert_eq!(some(&log, 1), [Seq(201)]);
    assert_eq!(numbers(&journal).into_iter().collect::<Vec<_>>(), [201]);
}

#[test]
fn nothing_is_removed_from_a_file_that_is_not_recorded_to() {
    let desk = Desk::new();
    let journal = desk.open();
    assert!(matches!(journal.remove(up_to(Seq(1))), Err(Error::Closed)));
    let log = recorded(&journal);
    let made = some(&log, 1);
    journal.close().unwrap();
    assert!(matches!(journal.remove(up_to(made[0])), Err(Error::Closed)));
}
