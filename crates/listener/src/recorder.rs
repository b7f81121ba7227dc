//! The record of one connection: bytes in, bytes out and decisions, put together to exchanges.
//!
//! The n-th request that the framer cuts from the bytes that came is the n-th that the HTTP server hands over, and the n-th
//! final response among the bytes that left answers it: HTTP/1.1 answers in order (RFC 9112 section 9.3.2).

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use provider::rules::Wire;
use traffic::exchange::Connection;
use traffic::handled::Handled;
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use crate::fault::Fault;
use crate::framing::request::{self, Head, RequestFramer};
use crate::framing::response::{self, ResponseFramer};
use crate::limits::Limits;
use crate::record::Record;

/// The record of one connection, shared by the tap and the handlers of its requests.
#[derive(Clone, Debug)]
pub struct SharedRecorder(Arc<Mutex<Recorder>>);

impl SharedRecorder {
    /// The record of a new connection.
    pub fn new(connection: Connection, log: Arc<Log>, limits: &Limits) -> SharedRecorder {
        SharedRecorder(Arc::new(Mutex::new(Recorder::new(connection, log, limits))))
    }

    /// The record, for a short moment: never across an await.
    pub fn lock(&self) -> MutexGuard<'_, Recorder> {
        // A panic of a handler happens outside; the record itself stays whole between its calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What of the bytes that came may go on to the HTTP server.
#[derive(Debug)]
pub struct Passed {
    /// Bytes that were held back and may go on now, before the others.
    pub released: Option<BytesMut>,
    /// Which of the new bytes may go on.
    pub fresh: Range<usize>,
    /// Ranges of the new bytes that the HTTP server would stumble over although nobody looks at them: the tap gives it
    /// slashes instead. They are request targets that are no URI in the strict sense, such as `/Users?filter=a eq "b"`.
    pub masked: Vec<Range<usize>>,
}

/// Where the bytes that came so far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Between two requests, with nothing held back.
    Request,
    /// After empty lines between two requests; they are held back.
    EmptyLines,
    /// In a head; its bytes are held back.
    PartOfHead,
    /// In a body.
    PartOfBody,
    /// Behind a fault: nothing more goes on.
    Fault,
}

impl After {
    /// Whether bytes are held back until a head is complete.
    pub fn holds_back(self) -> bool {
        matches!(self, After::EmptyLines | After::PartOfHead)
    }
}

/// A request whose head is complete, for its handler.
#[derive(Debug)]
pub struct Call {
    /// Which exchange of the connection it is, from 0.
    pub index: u64,
    /// Its number in the record.
    pub seq: Seq,
    /// When its first byte came.
    pub at: Timestamp,
    /// The head.
    pub head: Head,
}

/// See [`SharedRecorder`].
#[derive(Debug)]
pub struct Recorder {
    connection: Connection,
    log: Arc<Log>,
    head_limit_bytes: usize,
    body_limit_bytes: usize,
    inbound: RequestFramer,
    outbound: ResponseFramer,
    /// The exchanges that are not over, oldest first.
    records: VecDeque<Record>,
    /// Heads that the HTTP server has not handed over yet.
    heads: VecDeque<Head>,
    /// How many exchanges are over.
    over: u64,
    /// How many requests the HTTP server has handed over.
    calls: u64,
    /// Whether the last record is still receiving.
    receiving: bool,
    fault: bool,
    /// What is wrong with whatever comes.
    refused: Option<Fault>,
    send_timed_out: bool,
    stopping: bool,
}

impl Recorder {
    fn new(connection: Connection, log: Arc<Log>, limits: &Limits) -> Recorder {
        let head_limit_bytes = limits.head_bytes.min(Limits::MAX_HEAD_BYTES);
        Recorder {
            connection,
            log,
            head_limit_bytes,
            body_limit_bytes: limits.body_bytes,
            inbound: RequestFramer::new(head_limit_bytes, limits.body_bytes),
            outbound: ResponseFramer::default(),
            records: VecDeque::new(),
            heads: VecDeque::new(),
            over: 0,
            calls: 0,
            receiving: false,
            fault: false,
            refused: None,
            send_timed_out: false,
            stopping: false,
        }
    }

    /// The connection's ends and age.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whatever comes is wrong: no request is looked for in it.
    pub fn refuse(&mut self, fault: Fault) {
        self.refused = Some(fault);
    }

    /// Bytes came from the client.
    pub fn received(&mut self, bytes: &[u8]) -> Passed {
        let now = Instant::now();
        let mut passed = Passed { released: None, fresh: 0..0, masked: Vec::new() };
        let mut rest = bytes;
        if let Some(fault) = self.refused.take() {
            self.break_off(fault, now);
        }
        if self.fault {
            self.came_after_fault(rest);
            return passed;
        }
        let mut held = self.inbound.partial().len();
        while let Some(cut) = self.inbound.next(&mut rest) {
            let at = bytes.len() - rest.len();
            match cut {
                request::Cut::Growing(line) => {
                    if !self.inbound.is_between_requests() {
                        self.receiving(now);
                    }
                    if let Some((method, target)) = line {
                        self.open(&method, &target, now);
                    }
                    continue;
                }
                request::Cut::Head(head) => {
                    let head = *head;
                    self.head(&head, now);
                    let masked = http::Uri::from_maybe_shared(head.raw.slice(head.target_at.clone())).is_err();
                    if held > 0 {
                        let mut released = BytesMut::from(&head.raw[..]);
                        if masked {
                            released[head.target_at.clone()].fill(b'/');
                        }
                        passed.released = Some(released);
                        passed.fresh.start = at;
                        held = 0;
                    } else if masked {
                        let start = at - head.raw.len();
                        passed.masked.push(start + head.target_at.start..start + head.target_at.end);
                    }
                    self.heads.push_back(head);
                }
                request::Cut::Body(body) => {
                    if let Some(record) = self.records.back_mut() {
                        record.body(body);
                    }
                }
                request::Cut::End => {
                    self.receiving = false;
                    if let Some(record) = self.records.back_mut() {
                        record.complete(now);
                    }
                    self.close_if_over();
                }
                request::Cut::Fault(fault, line) => {
                    if let Some((method, target)) = line {
                        self.open(&method, &target, now);
                    }
                    self.break_off(fault, now);
                    self.came_after_fault(rest);
                    break;
                }
            }
            passed.fresh.end = at;
        }
        passed
    }

    /// Where the bytes that came so far end.
    pub fn after(&self) -> After {
        if self.fault {
            After::Fault
        } else if self.inbound.is_in_body() {
            After::PartOfBody
        } else if self.inbound.partial().is_empty() {
            After::Request
        } else if self.inbound.is_between_requests() {
            After::EmptyLines
        } else {
            After::PartOfHead
        }
    }

    /// Whether every request that came is answered and none has begun: nobody waits for anything.
    pub fn is_idle(&self) -> bool {
        self.records.is_empty() && self.after() == After::Request
    }

    /// The client will send nothing more.
    pub fn input_ended(&mut self) {
        let now = Instant::now();
        match self.after() {
            After::PartOfHead => match self.inbound.wrong() {
                Some(fault) => self.break_off(fault, now),
                None => self.keep_partial_head(now),
            },
            // A connection on which nothing but empty lines came leaves a record of them.
            After::EmptyLines if self.over == 0 && self.records.is_empty() => self.keep_partial_head(now),
            After::EmptyLines | After::Request | After::PartOfBody | After::Fault => {}
        }
    }

    /// The head that has begun was not completed in time.
    pub fn head_timed_out(&mut self, fault: Fault) {
        let fault = self.inbound.wrong().unwrap_or(fault);
        self.break_off(fault, Instant::now());
    }

    /// The body of an exchange was not completed in time, or its decoder stumbled.
    pub fn body_failed(&mut self, index: u64, fault: Fault) {
        self.fault = true;
        if let Some(record) = self.record(index) {
            record.fault.get_or_insert(fault);
        }
    }

    /// The next request, in order, that the HTTP server hands over. None if it hands over more than came.
    pub fn call(&mut self) -> Option<Call> {
        let head = self.heads.pop_front()?;
        let index = self.calls;
        self.calls += 1;
        let record = self.record(index)?;
        Some(Call { index, seq: record.seq()?, at: record.at(), head })
    }

    /// What is wrong with an exchange's request, if something is.
    pub fn fault(&mut self, index: u64) -> Option<Fault> {
        self.record(index)?.fault.clone()
    }

    /// The body of an exchange's request as it came, if it is complete.
    pub fn body(&mut self, index: u64) -> Option<Bytes> {
        let record = self.record(index)?;
        record.complete.then(|| record.whole_body())
    }

    /// The provider has decided.
    pub fn handled(&mut self, index: u64, handled: Arc<Handled>) -> Option<Pos> {
        let log = Arc::clone(&self.log);
        Some(self.record(index)?.handled(&log, handled))
    }

    /// The exchange that has a fault and was never handed over to a handler, so that the connection itself must answer.
    pub fn unanswered_fault(&self) -> Option<(u64, Fault, bool)> {
        let record = self.records.back()?;
        let index = self.over + self.records.len() as u64 - 1;
        let fault = record.fault.clone().filter(|_| index >= self.calls && !record.is_handled())?;
        Some((index, fault, record.to_head_request))
    }

    /// Whether the client may still be sending something that nobody will answer.
    pub fn is_cut_off(&self) -> bool {
        self.fault || !self.records.is_empty()
    }

    /// Whether the next bytes that leave answer this exchange.
    pub fn is_next(&self, index: u64) -> bool {
        let before = self.records.iter().position(|record| !record.answered);
        // An exchange that is not there any more has nobody who waits for its answer.
        before.is_none_or(|at| self.over + at as u64 >= index)
    }

    /// The response to an exchange will not leave as it should; `by` says who wants it so.
    pub fn spoil(&mut self, index: u64, wire: Wire, by: String) {
        if let Some(record) = self.record(index) {
            record.spoil(wire, by);
        }
    }

    /// A response whose framing is a lie has left as a whole.
    pub fn spoiled_whole(&mut self) {
        let now = Instant::now();
        if let Some(record) = self.records.iter_mut().find(|record| !record.answered) {
            record.answered(now);
        }
        self.close_if_over();
    }

    /// Bytes left for the client.
    pub fn sent<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>) {
        let now = Instant::now();
        for mut piece in pieces {
            while let Some(record) = self.records.iter_mut().find(|record| !record.answered) {
                if record.is_unframed() {
                    record.sent_unframed(piece, now);
                    break;
                }
                match self.outbound.next(&mut piece, record.to_head_request) {
                    None => break,
                    Some(response::Cut::Head(head)) => record.sent_head(head, now),
                    Some(response::Cut::Body(body)) => record.sent_body(body, now),
                    Some(response::Cut::End) => {
                        record.answered(now);
                        self.close_if_over();
                    }
                }
            }
        }
    }

    /// The client takes no more bytes of the response.
    pub fn send_timed_out(&mut self) {
        self.send_timed_out = true;
    }

    /// The server stops.
    pub fn stopping(&mut self) {
        self.stopping = true;
    }

    /// The connection is over: appends the missing *closed* entries.
    pub fn finish(&mut self) {
        if !self.fault {
            self.input_ended();
        }
        for record in &mut self.records {
            record.close(&self.log, self.send_timed_out, self.stopping);
        }
    }

    fn record(&mut self, index: u64) -> Option<&mut Record> {
        self.records.get_mut(index.checked_sub(self.over)? as usize)
    }

    fn receiving(&mut self, now: Instant) -> &mut Record {
        if !std::mem::replace(&mut self.receiving, true) {
            self.records.push_back(Record::begin(now));
        }
        let last = self.records.len() - 1;
        &mut self.records[last]
    }

    fn open(&mut self, method: &str, target: &str, now: Instant) {
        let (log, connection) = (Arc::clone(&self.log), self.connection.clone());
        self.receiving(now).open(&log, &connection, method, target);
    }

    fn head(&mut self, head: &Head, now: Instant) {
        self.open(&head.method, &head.target, now);
        self.receiving(now).head(head, now);
    }

    fn break_off(&mut self, fault: Fault, now: Instant) {
        self.fault = true;
        self.keep_partial_head(now);
        self.receiving(now).fault = Some(fault);
    }

    /// Takes over the bytes of a head that will never be complete.
    fn keep_partial_head(&mut self, now: Instant) {
        self.open("", "", now);
        let partial = self.inbound.take_partial();
        let limit = self.head_limit_bytes;
        let record = self.receiving(now);
        if !record.has_head() {
            record.broken_head(&partial, limit);
        }
    }

    fn came_after_fault(&mut self, bytes: &[u8]) {
        let (head_limit, body_limit) = (self.head_limit_bytes, self.body_limit_bytes);
        match self.records.back_mut() {
            Some(record) if record.has_head() => record.broken_body(bytes, body_limit),
            Some(record) => record.broken_head(bytes, head_limit),
            None => {}
        }
    }

    fn close_if_over(&mut self) {
        while self.records.front().is_some_and(|record| record.complete && record.answered && record.fault.is_none()) {
            if let Some(mut record) = self.records.pop_front() {
                record.close(&self.log, false, false);
                self.over += 1;
            }
        }
    }
}

/// Closes the exchanges of a connection whatever ends it.
#[derive(Debug)]
pub struct FinishOnDrop(pub SharedRecorder);

impl Drop for FinishOnDrop {
    fn drop(&mut self) {
        self.0.lock().finish();
    }
}
