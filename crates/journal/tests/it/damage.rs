//! A write-ahead log that was cut off or damaged: the file opens to a prefix of what was written, and says which.

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::crash::a_consistent_prefix;
use crate::sample::*;

/// A file and its write-ahead log as they are after several transactions, none of which was moved into the file.
static WRITTEN: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    for count in [1, 7, 30, 2, 15] {
        creates_users(&log, count);
        assert!(confirmed(&log));
    }
    (std::fs::read(desk.file()).unwrap(), std::fs::read(beside(desk.file())).unwrap())
});

fn beside(file: PathBuf) -> PathBuf {
    PathBuf::from(format!("{}-wal", file.display()))
}

/// Opens the file with another write-ahead log beside it, and tells how many exchanges it has then.
fn opens_with(wal: &[u8]) -> usize {
    let desk = Desk::new();
    std::fs::write(desk.file(), &WRITTEN.0).unwrap();
    std::fs::write(beside(desk.file()), wal).unwrap();
    let journal = desk.open();
    let loaded = journal.load().unwrap();
    if !loaded.exchanges.is_empty() {
        a_consistent_prefix(&loaded, 0);
    }
    // It says where it ends: the positions after that are those of the closing of what was open.
    let recovered = loaded.recovered.filter(|_| !wal.is_empty());
    let last = loaded.exchanges.last().map_or(0, |exchange| exchange.seq.0);
    assert_eq!(recovered.map_or(last, |recovered| recovered.exchange.0), last);
    assert_eq!(
        recovered.map_or(loaded.last_pos.0, |recovered| recovered.pos.0 + loaded.interrupted.len() as u64),
        loaded.last_pos.0
    );

    // And it can be gone on with.
    let log = record(&journal);
    let seq = creates_nothing(&log, 1);
    assert!(confirmed(&log));
    journal.close().unwrap();
    let again = desk.open().load().unwrap();
    assert_eq!((again.exchanges.last().unwrap().seq, again.recovered), (seq, None));
    loaded.exchanges.len()
}

#[test]
fn an_undamaged_log_has_everything_and_a_missing_one_what_was_moved_into_the_file() {
    assert_eq!(opens_with(&WRITTEN.1), 55);
    assert_eq!(opens_with(&[]), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_log_that_was_cut_off_anywhere_opens_to_a_prefix(at in any::<Index>()) {
        let wal = &WRITTEN.1;
        opens_with(&wal[..at.index(wal.len())]);
    }

    #[test]
    fn a_log_with_flipped_bits_opens_to_a_prefix(flips in prop::collection::vec((any::<Index>(), 0..8_u8), 1..6)) {
        let mut wal = WRITTEN.1.clone();
        for (at, bit) in &flips {
            let at = at.index(wal.len());
            wal[at] ^= 1 << bit;
        }
        opens_with(&wal);
    }

    #[test]
    fn a_log_with_a_piece_overwritten_and_the_end_cut_off_opens_to_a_prefix(
        at in any::<Index>(), length in 1..9_000_usize, end in any::<Index>(), with in any::<u8>()
    ) {
        let mut wal = WRITTEN.1.clone();
        let at = at.index(wal.len());
        let until = (at + length).min(wal.len());
        wal[at..until].fill(with);
        wal.truncate(end.index(wal.len()));
        opens_with(&wal);
    }
}
