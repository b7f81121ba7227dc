//! Reading a file into the record: its exchanges come behind those that are there, as what they are: recorded elsewhere.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use formats::import::Part;
use formats::read::Limits;
use formats::recorded::{Recorded, Scim, head_of_request, head_of_response};
use provider::Provider;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use traffic::entry::{Annotation, Entry};
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::handled::{AuthStep, Handled};
use traffic::ids::{ConnectionId, FlowId, Seq};
use traffic::log::Log;
use traffic::marks::Marks;

use super::scripts::Scripts;
use super::shadow::{Changed, Seen, Shadow};
use crate::control::Control;
use crate::error::ApiError;
use crate::jobs::{Hand, JobKind, Made};
use crate::model::ImportFacts;
use crate::ports::Documents;

/// The tag that exchanges of a file have that come behind others.
pub(crate) const TAG: &str = "imported";

/// Starts to read a file.
pub(crate) fn start(control: &Control, file: File, name: &str) -> Result<u64, ApiError> {
    let of = control.clone();
    let work = move |hand: &Hand| {
        let tenant = of.provider().tenant();
        let own = format!("import-{}", of.log().head().seq.0 + 1);
        let (registry, profile) = (Arc::clone(tenant.registry()), (*tenant.profile()).clone());
        let shadow = Shadow::new(registry, profile, own, of.provider().now());
        let mut watch = |done, size| {
            hand.tell(done, size);
            !hand.is_stopped()
        };
        let facts = read(of.log(), of.provider(), &**of.documents(), shadow, file, &mut watch)?;
        let facts = serde_json::to_value(facts).map_err(|error| error.to_string())?;
        Ok(Made { file: None, facts: Some(facts) })
    };
    let shown: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let title = if shown.is_empty() { "a file".to_owned() } else { shown };
    let started = control.jobs().work(JobKind::Import, title, work);
    started.map_err(|error| ApiError::new(http::StatusCode::CONFLICT, "too_many_jobs", error.to_string()))
}

/// Reads a file into a record that is empty, with the directory of the default tenant behind it: what a fixture says that was
/// there before is there, each exchange changes what it changed, and if the end is not the one that the fixture says, the last
/// exchange has a finding. Blocks; `watch` is told how many bytes are read, of how many, and stops it with false.
///
/// # Errors
/// If the file cannot be read, for people. What was read before stays.
pub fn open(
    log: &Arc<Log>,
    provider: &Provider,
    documents: &dyn Documents,
    file: File,
    watch: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<ImportFacts, String> {
    let tenant = provider.tenant();
    if log.head().seq.0 > 0 || !tenant.directory().root().is_empty() {
        return Err(
            "a file is opened as a workspace only where nothing is recorded and the directory is empty".to_owned()
        );
    }
    read(log, provider, documents, Shadow::of_tenant(&tenant, Arc::clone(log), provider.now()), file, watch)
}

fn read(
    log: &Arc<Log>,
    provider: &Provider,
    documents: &dyn Documents,
    shadow: Shadow,
    mut file: File,
    watch: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<ImportFacts, String> {
    let size = file.metadata().map(|facts| facts.len()).unwrap_or(0);
    file.seek(SeekFrom::Start(0)).map_err(|error| format!("the file cannot be read: {error}"))?;
    let mut taking = Taking::new(Arc::clone(log), shadow);
    let read = std::cell::Cell::new(0);
    let counted = Counted { file, read: &read };
    let result = formats::import::read_parts(counted, provider.now(), &Limits::default(), &mut |part| {
        if !watch(read.get().min(size), size) {
            return Err("it was stopped; what was taken over before stays".to_owned());
        }
        match part {
            Part::Exchange(recorded) => taking.next(Some(*recorded)),
            Part::InitialState(resources) => taking.shadow.begin_with(resources)?,
            Part::ExpectedState(resources) => taking.expected = Some(resources),
            Part::Flow(flow, script) => drop(taking.scripts.flows.insert(flow, script)),
        }
        Ok(())
    });
    taking.next(None);
    taking.keep_scripts(documents)?;
    let Taking { mut facts, shadow, .. } = taking;
    let (source, _) = result.map_err(|error| match facts.exchanges {
        0 => error.to_string(),
        some if shadow.is_of_tenant() => format!("{error}; the {some} exchanges before it are there"),
        some => format!("{error}; the {some} exchanges before it were taken over and have the tag {TAG}"),
    })?;
    facts.source = source.name().to_owned();
    Ok(facts)
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

/// Takes exchanges into a record.
pub(super) struct Taking {
    log: Arc<Log>,
    pub(super) shadow: Shadow,
    /// The flows of the file, and what they are here.
    flows: HashMap<u64, FlowId>,
    facts: ImportFacts,
    /// The exchange that was read last: the last one of all has a finding if the end is otherwise.
    held: Option<Recorded>,
    expected: Option<Vec<Json>>,
    scripts: Scripts,
}

impl Taking {
    /// Into this record, carried out in this directory.
    pub(super) fn new(log: Arc<Log>, shadow: Shadow) -> Taking {
        let facts = ImportFacts::default();
        let (flows, scripts) = (HashMap::new(), Scripts::default());
        Taking { log, shadow, flows, facts, held: None, expected: None, scripts }
    }

    /// Keeps what the file says beside its requests, under the numbers that flows and exchanges have here.
    fn keep_scripts(&mut self, documents: &dyn Documents) -> Result<(), String> {
        let flows = std::mem::take(&mut self.scripts.flows);
        self.scripts.flows = flows.into_iter().map(|(flow, script)| (self.flow(flow).0, script)).collect();
        let kept = self.scripts.keep(documents);
        kept.map_err(|why| format!("what the file expects of the answers cannot be kept: {why}"))
    }

    /// What a flow of the file is here.
    pub(super) fn flow(&self, flow: u64) -> FlowId {
        self.flows.get(&flow).copied().unwrap_or(FlowId(flow))
    }

    /// Takes the exchange before this one, or the last one.
    fn next(&mut self, recorded: Option<Recorded>) {
        let is_last = recorded.is_none();
        if let Some(held) = std::mem::replace(&mut self.held, recorded) {
            self.take(&held, is_last);
        }
    }

    /// Takes an exchange; the last one is told what is otherwise in the end.
    pub(super) fn take(&mut self, recorded: &Recorded, is_last: bool) {
        let log = Arc::clone(&self.log);
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
        if let Some(script) = recorded.scim.as_ref().and_then(|scim| scim.script.clone()) {
            self.scripts.steps.insert(seq.0, script);
        }
        if let Some(scim) = &recorded.scim {
            // Flows that were put together there stay together here.
            let flow = Some(*self.flows.entry(scim.flow).or_insert(FlowId::from(seq)));
            log.append(Entry::Annotated(seq, Arc::new(Annotation { flow, ..Annotation::default() })));
        }
        let received = received(recorded);
        let seen = self.shadow.look(seq, recorded);
        let is_handled = seen.is_some();
        if let Some(Seen { mut handled, committed, is_scim }) = seen {
            if self.shadow.is_of_tenant()
                && let Some(known) = recorded.scim.as_ref()
            {
                as_recorded(&mut handled, known);
            }
            let expected = self.expected.as_ref().filter(|_| is_last && self.shadow.is_of_tenant());
            if let Some(difference) = expected.and_then(|expected| self.shadow.differs_from(expected)) {
                let finding = Finding::new("state-differs", Severity::Warning, Place::Request, difference.clone());
                handled.findings.push(finding);
                self.facts.differs = Some(difference);
            }
            self.facts.scim += u64::from(is_scim);
            match committed {
                Some(Changed::Recorded) => self.facts.changed += 1,
                Some(Changed::Here(committed)) if !committed.changes.is_empty() => {
                    self.facts.changed += 1;
                    log.append(Entry::Committed(Arc::new(committed)));
                }
                Some(Changed::Here(_)) | None => {}
            }
            log.append(Entry::Handled(seq, Arc::new(received.clone()), Arc::new(handled)));
        }
        log.append(Entry::Closed(seq, Arc::new(closed(recorded, (!is_handled).then_some(received)))));
        self.mark(seq, recorded);
    }

    fn mark(&self, seq: Seq, recorded: &Recorded) {
        let before = recorded.scim.as_ref();
        let own = || match self.shadow.is_of_tenant() {
            true => Vec::new(),
            false => vec![TAG.to_owned()],
        };
        let mut tags = own();
        tags.extend(before.into_iter().flat_map(|scim| scim.tags.iter().cloned()));
        let marks = Marks {
            pinned: before.is_some_and(|scim| scim.pinned),
            note: before.map(|scim| scim.note.clone()).unwrap_or_default(),
            tags,
        };
        // What does not fit is not worth losing the exchange for.
        let marks = marks.checked().unwrap_or_else(|_| Marks { tags: own(), ..Marks::default() });
        if marks == Marks::default() {
            return;
        }
        self.log.append(Entry::Marked(seq, Arc::new(marks)));
    }
}

/// What was known of an exchange then holds; what it is found to be now is only where nothing was known.
fn as_recorded(handled: &mut Handled, known: &Scim) {
    if !known.findings.is_empty() || known.access.is_some() {
        handled.findings = known.findings.clone();
    }
    handled.auth = known
        .access
        .iter()
        .map(|access| AuthStep { checked: access.checked.clone(), found: access.found.clone(), passed: access.passed })
        .collect();
}

fn received(recorded: &Recorded) -> Received {
    let timing = &recorded.timing;
    let times = (timing.request_us, timing.request_us, timing.first_byte_us.or(timing.request_us));
    let (head_read_us, body_read_us, handled_us) = times;
    let (head, body) = match recorded.is_http() {
        true => {
            let mut request = recorded.request.clone();
            // What was not sent went nowhere.
            let is_script = recorded.response.is_none() && recorded.scim.as_ref().is_some_and(|it| it.script.is_some());
            if !is_script
                && request.header("host").is_none()
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
