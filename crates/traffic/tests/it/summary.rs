//! One line says how an exchange went.

use traffic::exchange::Ending;
use traffic::log::Log;
use traffic::summary::{Summary, Verdict};

use crate::sample::{closed, handled, opened};

fn verdict_of(status: Option<u16>, ending: Option<Ending>) -> Verdict {
    let log = Log::new();
    let seq = log.open(opened("/a"));
    if let Some(status) = status {
        log.append(handled(seq, status));
    }
    if let Some(ending) = ending {
        log.append(closed(seq, ending));
    }
    Summary::from(&*log.exchange(seq).unwrap()).verdict
}

#[test]
fn the_verdict_follows_status_and_ending() {
    let aborted = || Some(Ending::Aborted("before the response was sent".into()));
    for (status, ending, expected) in [
        (None, None, Verdict::Pending),
        (Some(200), None, Verdict::Ok),
        (Some(204), Some(Ending::Complete), Verdict::Ok),
        (Some(404), Some(Ending::Complete), Verdict::Refused),
        (Some(500), Some(Ending::Complete), Verdict::Failed),
        (Some(200), aborted(), Verdict::Broken),
        (None, aborted(), Verdict::Broken),
        (Some(400), Some(Ending::Refused("not HTTP".into())), Verdict::Refused),
    ] {
        assert_eq!(verdict_of(status, ending.clone()), expected, "{status:?} {ending:?}");
    }
}

#[test]
fn a_long_target_is_cut_at_a_character_not_inside_one() {
    let log = Log::new();
    let seq = log.open(opened(&"ä".repeat(500)));
    assert_eq!(Summary::from(&*log.exchange(seq).unwrap()).target.chars().count(), 200);
}

#[test]
fn time_counts_to_the_last_byte_once_it_has_left() {
    let log = Log::new();
    let seq = log.open(opened("/a"));
    log.append(handled(seq, 200));
    assert_eq!(Summary::from(&*log.exchange(seq).unwrap()).elapsed_us, Some(40));
    log.append(closed(seq, Ending::Complete));
    assert_eq!(Summary::from(&*log.exchange(seq).unwrap()).elapsed_us, Some(90));
}
