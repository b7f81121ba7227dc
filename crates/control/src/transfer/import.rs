//! Reading a file into the record: its exchanges come behind those that are there, as what they are: recorded elsewhere.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use formats::read::Limits;
use formats::recorded::{Recorded, head_of_request, head_of_response};
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::ids::{ConnectionId, FlowId, Seq};
use traffic::marks::Marks;

use super::shadow::{Seen, Shadow};
use crate::control::Control;
use crate::error::ApiError;
use crate::jobs::{Hand, JobKind, Made};
use crate::model::ImportFacts;

/// The tag that exchanges of a file have.
const TAG: &str = "imported";

/// Starts to read a file.
pub(crate) fn start(control: &Control, mut file: File, name: &str) -> Result<u64, ApiError> {
    let of = control.clone();
    let work = move |hand: &Hand| {
        let size = file.metadata().map(|facts| facts.len()).unwrap_or(0);
        file.seek(SeekFrom::Start(0)).map_err(|error| format!("the file cannot be read: {error}"))?;
        let now = of.provider().now();
        let tenant = of.provider().tenant();
        let (registry, profile) = (Arc::clone(tenant.registry()), (*tenant.profile()).clone());
        let own = format!("import-{}", of.log().head().seq.0 + 1);
        let mut taking = Taking {
            control: &of,
            shadow: Shadow::new(registry, profile, own, now),
            flows: HashMap::new(),
            facts: ImportFacts { source: String::new(), exchanges: 0, scim: 0, changed: 0, first: None, last: None },
        };
        let read = std::cell::Cell::new(0);
        let counted = Counted { file, read: &read };
        let result = formats::import::read(counted, now, &Limits::default(), &mut |recorded| {
            if hand.is_stopped() {
                return Err("it was stopped; what was taken over before stays".to_owned());
            }
            hand.tell(read.get().min(size), size);
            taking.take(&recorded);
            Ok(())
        });
        let Taking { mut facts, .. } = taking;
        let (source, _) = result.map_err(|error| match facts.exchanges {
            0 => error.to_string(),
            some => format!("{error}; the {some} exchanges before it were taken over and have the tag {TAG}"),
        })?;
        facts.source = source.name().to_owned();
        let facts = serde_json::to_value(facts).map_err(|error| error.to_string())?;
        Ok(Made { file: None, facts: Some(facts) })
    };
    let shown: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let title = if shown.is_empty() { "a file".to_owned() } else { shown };
    let started = control.jobs().work(JobKind::Import, title, work);
    started.map_err(|error| ApiError::new(http::StatusCode::CONFLICT, "too_many_jobs", error.to_string()))
}

/// Counts what is read, for progress.
struct Counted<'a> {
    file: File,
    read: &'a std::cell::Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

struct Taking<'a> {
    control: &'a Control,
    shadow: Shadow,
    /// The flows of the file, and what they are here.
    flows: HashMap<u64, FlowId>,
    facts: ImportFacts,
}

impl Taking<'_> {
    fn take(&mut self, recorded: &Recorded) {
        let log = self.control.log();
        let address = |ip: Option<IpAddr>| SocketAddr::new(ip.unwrap_or(Ipv4Addr::LOCALHOST.into()), 0);
        let connection = Connection {
            id: ConnectionId::IMPORTED,
            peer: address(recorded.client),
            local: address(recorded.server),
            accepted_at: recorded.at,
        };
        let seq = log.open(Opened {
            connection,
            at: recorded.at,
            method: recorded.request.method.clone(),
            target: recorded.request.target.clone(),
        });
        self.facts.exchanges += 1;
        self.facts.first.get_or_insert(seq.0);
        self.facts.last = Some(seq.0);
        if let Some(scim) = &recorded.scim {
            // Flows that were put together there stay together here.
            let flow = Some(*self.flows.entry(scim.flow).or_insert(FlowId::from(seq)));
            log.append(Entry::Annotated(seq, Arc::new(Annotation { flow, ..Annotation::default() })));
        }
        let received = received(recorded);
        let seen = self.shadow.look(seq, recorded);
        let is_handled = seen.is_some();
        if let Some(Seen { handled, committed, is_scim }) = seen {
            self.facts.scim += u64::from(is_scim);
            if let Some(committed) = committed.filter(|committed| !committed.changes.is_empty()) {
                self.facts.changed += 1;
                log.append(Entry::Committed(Arc::new(committed)));
            }
            log.append(Entry::Handled(seq, Arc::new(received.clone()), Arc::new(handled)));
        }
        log.append(Entry::Closed(seq, Arc::new(closed(recorded, (!is_handled).then_some(received)))));
        self.mark(seq, recorded);
    }

    fn mark(&self, seq: Seq, recorded: &Recorded) {
        let before = recorded.scim.as_ref();
        let mut tags = vec![TAG.to_owned()];
        tags.extend(before.into_iter().flat_map(|scim| scim.tags.iter().cloned()));
        let marks = Marks {
            pinned: before.is_some_and(|scim| scim.pinned),
            note: before.map(|scim| scim.note.clone()).unwrap_or_default(),
            tags,
        };
        // What does not fit is not worth losing the exchange for.
        let marks = marks.checked().unwrap_or_else(|_| Marks { tags: vec![TAG.to_owned()], ..Marks::default() });
        self.control.log().append(Entry::Marked(seq, Arc::new(marks)));
    }
}

fn received(recorded: &Recorded) -> Received {
    let timing = &recorded.timing;
    let times = (timing.request_us, timing.request_us, timing.first_byte_us.or(timing.request_us));
    let (head_read_us, body_read_us, handled_us) = times;
    let (head, body) = match recorded.is_http() {
        true => {
            let mut request = recorded.request.clone();
            if request.header("host").is_none()
                && let Some((_, authority)) = recorded.origin.split_once("://")
            {
                // In HTTP/2 it is no field, and not every file has it; here it is what tells where the request went.
                request.headers.insert(0, ("Host".to_owned(), authority.to_owned()));
            }
            (Bytes::from(head_of_request(&request)), recorded.request.body.clone())
        }
        false => (recorded.request.body.clone(), Bytes::new()),
    };
    Received { head, body, chunked: false, dropped_bytes: 0, head_read_us, body_read_us, handled_us }
}

fn closed(recorded: &Recorded, received: Option<Received>) -> Closed {
    let timing = &recorded.timing;
    let sent = recorded.response.as_ref().map(|response| Sent {
        head: Bytes::from(head_of_response(response)),
        body: response.body.clone(),
        first_byte_us: timing.first_byte_us,
        last_byte_us: timing.last_byte_us,
    });
    let problem = recorded.problem.clone();
    let problem = problem.or_else(|| recorded.response.is_none().then(|| "without an answer".to_owned()));
    let ending = match problem {
        None => Ending::Complete,
        Some(why) => Ending::Aborted(why.strip_prefix("aborted ").map_or(why.clone(), str::to_owned)),
    };
    Closed { ending, received, sent: sent.unwrap_or_default() }
}
