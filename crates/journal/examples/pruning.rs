//! How long an answer waits for its record while the file is pruned, and how large the file is then:
//! `cargo run --release -p journal --example pruning -- [EXCHANGES [BUDGET_MB [WRITERS]]]`. Prints JSON: once with room for
//! everything, once within the budget, once with the budget made smaller in the middle.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use journal::{Journal, Options, Place};
use serde_json::{Value, json};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::{Action, Handled, Response, Subject};
use traffic::ids::{ConnectionId, FlowId};
use traffic::log::{Budget, Log};

/// Bytes of a body that cannot be packed.
const BODY_BYTES: usize = 2_000;
/// Bytes of the record in memory.
const MEMORY_BYTES: usize = 16 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let exchanges = arguments.next().transpose()?.unwrap_or(100_000);
    let budget = arguments.next().transpose()?.unwrap_or(64) << 20;
    let writers = arguments.next().transpose()?.unwrap_or(16);
    let figures = json!({
        "exchanges": exchanges,
        "budget_bytes": budget,
        "writers": writers,
        "room_for_everything": run(exchanges, u64::MAX >> 1, None, writers)?,
        "within_the_budget": run(exchanges, budget, None, writers)?,
        "made_smaller": run(exchanges, u64::MAX >> 1, Some(budget), writers)?,
    });
    writeln!(std::io::stdout(), "{figures:#}")?;
    Ok(())
}

/// Writers that each wait for the record of one exchange before the next; how long each wait took.
fn run(exchanges: u64, budget: u64, then: Option<u64>, writers: u64) -> Result<Value, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pruning.scimscope");
    let options = Options { disk_budget: budget, ..Options::default() };
    let journal = Journal::open(&Place::File(file.clone()), &options)?;
    let log = Log::resume(journal.resume()?.head, journal.archive(), Budget::of(MEMORY_BYTES))?;
    let log = Arc::new(log);
    journal.record(Arc::clone(&log))?;
    let started = Instant::now();
    let mut largest = 0;
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let writing: Vec<_> = (0..writers).map(|_| scope.spawn(|| write(&log, exchanges / writers))).collect();
        while writing.iter().any(|writer| !writer.is_finished()) {
            std::thread::park_timeout(Duration::from_millis(20));
            largest = largest.max(std::fs::metadata(&file).map_or(0, |file| file.len()));
            if let Some(then) = then.filter(|_| log.head().seq.0 > exchanges / 2) {
                journal.set_disk_budget(then);
            }
        }
        writing.into_iter().flat_map(|writer| writer.join().unwrap_or_default()).collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_unstable();
    let usage = journal.disk_usage();
    journal.close()?;
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_micros() as u64;
    Ok(json!({
        "per_second": (exchanges as f64 / seconds) as u64,
        "wait_us": { "p50": at(0.5), "p99": at(0.99), "p99.9": at(0.999), "max": at(1.0) },
        "largest_file_bytes": largest,
        "used_bytes": usage.used_bytes,
        "exchanges_pruned": usage.exchanges_pruned,
    }))
}

fn write(log: &Log, exchanges: u64) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else { return Vec::new() };
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    let mut waits = Vec::new();
    for number in 0..exchanges {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(number as i64);
        let local = std::net::SocketAddr::from(([127, 0, 0, 1], 8787));
        let connection = Connection { id: ConnectionId(1), peer: local, local, accepted_at: at };
        let body = std::iter::repeat_with(|| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            (noise >> 32) as u8
        });
        let body: Bytes = body.take(BODY_BYTES).collect();
        let target = "/scim/v2/Users".to_owned();
        let seq = log.open(Opened { connection, at, method: "GET".to_owned(), target });
        let response = Response { status: 200, headers: Vec::new(), body: body.clone() };
        let handled = Handled {
            response,
            tenant: Some("default".to_owned()),
            action: Action::List,
            subject: Subject::default(),
            auth: Vec::new(),
            findings: Vec::new(),
            operations: Vec::new(),
            would_have_changed: Vec::new(),
            rules: Vec::new(),
            forwarded: None,
        };
        let pos = log.append(Entry::Handled(seq, Arc::new(Received::default()), Arc::new(handled)));
        let begun = Instant::now();
        runtime.block_on(log.wait_durable(pos));
        waits.push(begun.elapsed());
        let sent = Sent { head: Bytes::new(), body, first_byte_us: None, last_byte_us: None };
        log.append(Entry::Closed(seq, Arc::new(Closed { ending: Ending::Complete, received: None, sent })));
        let flow = Some(FlowId::from(seq));
        log.append(Entry::Annotated(seq, Arc::new(Annotation { flow, ..Annotation::default() })));
    }
    waits
}
