//! Answering one request: its body is read, the provider decides, the decision is recorded, the response leaves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use provider::rules::Delivery;
use provider::{Refusal, Request};
use traffic::handled::Handled;
use traffic::ids::Pos;
use traffic::log::Log;

use crate::answer_body::AnswerBody;
use crate::fault::Fault;
use crate::framing::BodyLength;
use crate::framing::request::Head;
use crate::limits::Config;
use crate::onward::Leaving;
use crate::recorder::{Call, SharedRecorder};
use crate::respond::{Prepared, Respond};
use crate::spoil::Orders;

/// How long to wait before looking again whether a client has taken the answers to what it asked before.
const EARLIER_ANSWERS: Duration = Duration::from_millis(2);

/// The connection ended before its request was complete: there is nobody to answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended before the request was complete")]
pub struct Gone;

/// A decision, and where in the log it is.
pub(crate) type Recorded = (Arc<Handled>, Option<Pos>);

/// What all requests of a connection share.
#[derive(Debug)]
pub struct Answerer<P> {
    /// Who decides.
    pub provider: Arc<P>,
    /// The record of everything.
    pub log: Arc<Log>,
    /// The record of this connection.
    pub recorder: SharedRecorder,
    /// Limits and durability.
    pub config: Arc<Config>,
    /// What rules want of the tap.
    pub orders: Orders,
}

impl<P> Clone for Answerer<P> {
    fn clone(&self) -> Self {
        Answerer {
            provider: Arc::clone(&self.provider),
            log: Arc::clone(&self.log),
            recorder: self.recorder.clone(),
            config: Arc::clone(&self.config),
            orders: self.orders.clone(),
        }
    }
}

impl<P: Respond> Answerer<P> {
    /// Answers the next request of the connection.
    pub async fn answer(self, request: http::Request<Incoming>) -> Result<Response<AnswerBody>, Gone> {
        let Some(call) = self.recorder.lock().call() else { return Err(Gone) };
        let index = call.index;
        let mut delivery = None;
        let (head, incoming) = request.into_parts();
        let (leaving, close) = match self.body(&call, incoming).await {
            Ok(body) => (self.decide(call, &head.headers, body, &mut delivery).await, false),
            Err(Some(fault)) => (Leaving::Ours(self.refuse(index, fault)), true),
            Err(None) => return Err(Gone),
        };
        let pos = match &leaving {
            Leaving::Ours((_, pos)) | Leaving::Theirs(_, pos) => *pos,
        };
        self.until_durable(pos).await;
        let close = match delivery {
            None => close,
            Some(delivery) => self.deliver(index, *delivery).await,
        };
        match leaving {
            Leaving::Ours((handled, _)) => Ok(response(&handled, close)),
            Leaving::Theirs(mut response, _) => {
                if close {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(*response)
            }
        }
    }

    /// Does with an answer what rules want, up to its bytes, which are the tap's. No lock is held meanwhile. Tells whether
    /// the answer is the last one of the connection.
    async fn deliver(&self, index: u64, delivery: Delivery) -> bool {
        if !delivery.delay.is_zero() {
            tokio::time::sleep(delivery.delay).await;
        }
        let Some(wire) = delivery.wire else { return false };
        // An order is for the next bytes: those of earlier answers, which a slow client has not taken yet, go first.
        while !self.recorder.lock().is_next(index) {
            tokio::time::sleep(EARLIER_ANSWERS).await;
        }
        self.recorder.lock().spoil(index, wire, delivery.by);
        self.orders.give(wire);
        true
    }

    /// If answers wait for their records, waits until a position of the log is in durable storage.
    pub async fn until_durable(&self, pos: Option<Pos>) {
        if let (true, Some(pos)) = (self.config.acknowledged.get(), pos) {
            self.log.wait_durable(pos).await;
        }
    }

    /// Decides and records what a fault is answered with.
    pub fn refuse(&self, index: u64, fault: Fault) -> Recorded {
        self.record(index, self.provider.refuse(refusal(fault)))
    }

    /// Reads the body to its end. The error is the fault to answer, if there is somebody to answer.
    async fn body(&self, call: &Call, mut incoming: Incoming) -> Result<Bytes, Option<Fault>> {
        if let Some(fault) = self.recorder.lock().fault(call.index) {
            return Err(Some(fault));
        }
        if incoming.is_end_stream() {
            return Ok(Bytes::new());
        }
        let is_chunked = call.head.body == BodyLength::Chunked;
        let mut decoded = BytesMut::new();
        let reading = async {
            while let Some(frame) = incoming.frame().await.transpose()? {
                // A body with a length is the same bytes as the recorder keeps.
                if let (true, Some(data)) = (is_chunked, frame.data_ref()) {
                    decoded.extend_from_slice(data);
                }
            }
            Ok::<(), hyper::Error>(())
        };
        let timeout = self.config.limits.body_timeout;
        let result = tokio::time::timeout(timeout, reading).await;
        let mut recorder = self.recorder.lock();
        let whole = recorder.body(call.index);
        let fault = match (result, whole) {
            (Ok(Ok(())), Some(_)) if is_chunked => return Ok(decoded.freeze()),
            (Ok(Ok(())), Some(whole)) => return Ok(whole),
            (Ok(Err(error)), Some(_)) => Fault::NotHttp(format!("the body cannot be decoded: {error}")),
            (Err(_), _) => Fault::BodyTimeout(timeout),
            (Ok(_), None) => return Err(recorder.fault(call.index)),
        };
        recorder.body_failed(call.index, fault);
        Err(recorder.fault(call.index))
    }

    async fn decide(
        &self,
        call: Call,
        headers: &HeaderMap,
        body: Bytes,
        delivery: &mut Option<Box<Delivery>>,
    ) -> Leaving {
        let index = call.index;
        let request = self.request(call, body.clone());
        let method = match self.config.onward {
            Some(_) => request.method.clone(),
            None => String::new(),
        };
        let provider = Arc::clone(&self.provider);
        // The provider changes the directory in one step at the end; what a panic leaves behind is a request without effect.
        let mut prepared = match catch_unwind(AssertUnwindSafe(|| provider.prepare(request))) {
            Ok(prepared) => prepared,
            Err(_) => return Leaving::Ours(self.record(index, self.provider.refuse(Refusal::Panicked))),
        };
        *delivery = prepared.take_delivery();
        if self.config.onward.is_some()
            && let Some(errand) = prepared.take_errand()
        {
            let forwarded = self.forward(index, prepared, errand, &method, headers, body).await;
            let panicked = || Leaving::Ours(self.record(index, self.provider.refuse(Refusal::Panicked)));
            return forwarded.unwrap_or_else(panicked);
        }
        Leaving::Ours(self.carry_out(index, prepared).await)
    }

    async fn carry_out(&self, index: u64, prepared: P::Prepared) -> Recorded {
        if !prepared.is_expensive() {
            return self.execute(index, prepared);
        }
        let answerer = self.clone();
        // The recording is part of the job: it happens even if the connection ends first.
        match tokio::task::spawn_blocking(move || answerer.execute(index, prepared)).await {
            Ok(recorded) => recorded,
            Err(_) => self.record(index, self.provider.refuse(Refusal::Panicked)),
        }
    }

    fn execute(&self, index: u64, prepared: P::Prepared) -> Recorded {
        let handled = catch_unwind(AssertUnwindSafe(|| prepared.execute()));
        self.record(index, handled.unwrap_or_else(|_| self.provider.refuse(Refusal::Panicked)))
    }

    pub(crate) fn record(&self, index: u64, handled: Handled) -> Recorded {
        let handled = Arc::new(handled);
        let pos = self.recorder.lock().handled(index, Arc::clone(&handled));
        (handled, pos)
    }

    fn request(&self, call: Call, body: Bytes) -> Request {
        let peer = self.recorder.lock().connection().peer.ip();
        let scheme = if self.config.tls.is_some() { "https" } else { "http" };
        let base_url = format!("{scheme}://{}", self.authority(&call.head));
        let Call { seq, at, head, .. } = call;
        Request { seq, at, method: head.method, target: head.target, headers: head.fields, body, base_url, peer }
    }

    /// Where the client thinks it is: RFC 9112 sections 3.2.2 and 7.2; our own address if it does not say so properly.
    fn authority(&self, head: &Head) -> String {
        let absolute = ["http://", "https://"].iter().find_map(|scheme| head.target.strip_prefix(scheme));
        let absolute = absolute.and_then(|rest| rest.split(['/', '?']).next());
        let host =
            head.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value.as_str());
        let is_authority = |text: &&str| !text.contains('@') && text.parse::<http::uri::Authority>().is_ok();
        match absolute.or(host).map(str::trim).filter(is_authority) {
            Some(authority) => authority.to_owned(),
            None => self.recorder.lock().connection().local.to_string(),
        }
    }
}

fn refusal(fault: Fault) -> Refusal {
    match fault {
        Fault::NotHttp(why) => Refusal::NotHttp(why),
        Fault::Unsupported(what) => Refusal::Unsupported(what),
        Fault::HeadTooLarge { limit_bytes } => Refusal::HeadTooLarge { limit: limit_bytes as u64 },
        Fault::TooManyFields { limit } => Refusal::TooManyHeaders { limit: limit as u64 },
        Fault::BodyTooLarge { limit_bytes } => Refusal::BodyTooLarge { limit: limit_bytes as u64 },
        Fault::NotEncrypted | Fault::Handshake(_) => Refusal::NotHttp(fault.to_string()),
        Fault::HandshakeTimeout(_) => Refusal::Timeout { what: "the TLS handshake".to_owned() },
        Fault::HeadTimeout(_) => Refusal::Timeout { what: "the request line and header fields".to_owned() },
        Fault::BodyTimeout(_) => Refusal::Timeout { what: "the body".to_owned() },
    }
}

/// The response for the HTTP server. Its framing is the listener's; all else is as decided.
pub fn response(handled: &Handled, close: bool) -> Response<AnswerBody> {
    let decided = &handled.response;
    let mut response = Response::new(AnswerBody::whole(decided.body.clone(), false));
    *response.status_mut() = StatusCode::from_u16(decided.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(decided.headers.len() + 1);
    for (name, value) in &decided.headers {
        match (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            (Ok(name), Ok(value)) => {
                if name != CONTENT_LENGTH && name != TRANSFER_ENCODING && name != CONNECTION {
                    headers.append(name, value);
                }
            }
            _ => tracing::error!(name, value, "a response header that HTTP cannot carry was left out"),
        }
    }
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
