//! One connection from its first byte to its end.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::Instant;
use traffic::exchange::Connection;
use traffic::handled::Handled;
use traffic::log::Log;

use crate::answer::{Answerer, response};
use crate::fault::Fault;
use crate::limits::{Config, Limits};
use crate::listener::Socket;
use crate::recorder::{FinishOnDrop, SharedRecorder};
use crate::respond::Respond;
use crate::spoil::{Orders, Reset};
use crate::tap::Tap;

/// Serves a connection until it ends, or until the server stops and what is in flight is answered. If the socket is kept and
/// the client is between two requests, or before the first, its stream comes back: whoever serves next goes on with it. With
/// `refused`, whatever comes is no request for this reason.
pub async fn serve<S, P>(
    stream: S,
    connection: Connection,
    provider: Arc<P>,
    log: Arc<Log>,
    config: Arc<Config>,
    mut stopping: watch::Receiver<Option<Socket>>,
    refused: Option<Fault>,
) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Reset + Unpin + Send + 'static,
    P: Respond,
{
    let recorder = SharedRecorder::new(connection, Arc::clone(&log), &config.limits);
    if let Some(fault) = refused {
        recorder.lock().refuse(fault);
    }
    let _finish = FinishOnDrop(recorder.clone());
    let orders = Orders::default();
    let tap = Tap::new(stream, recorder.clone(), orders.clone(), &config.limits);
    let answerer = Answerer { provider, log, recorder: recorder.clone(), config: Arc::clone(&config), orders };
    let service = service_fn(|request| answerer.clone().answer(request));
    let mut http = http1::Builder::new();
    // A client may end its side after the last request and still wait for the answer. Header names leave in the case that
    // people write them in.
    http.half_close(true).title_case_headers(true);
    let mut serving = http.serve_connection(TokioIo::new(tap), service);
    let stopped = async { stopping.wait_for(Option::is_some).await.ok().and_then(|socket| *socket) };
    let served = tokio::select! {
        served = &mut serving => Ok(served),
        socket = stopped => Err(socket),
    };
    let kept = matches!(served, Err(Some(Socket::Keep)));
    let served = match served {
        Ok(served) => served,
        Err(_) => {
            // The HTTP server has not seen a head that is not complete, and would end the connection under it.
            let begun = match kept {
                true => until_seen(&mut serving, &recorder).await,
                false => None,
            };
            match begun {
                Some(served) => served,
                None if kept && recorder.lock().is_idle() => {
                    // Nothing came that is not answered, and every answer has left: all there is of the connection is its stream.
                    let parts = serving.into_parts();
                    let tap = parts.io.into_inner();
                    return (parts.read_buf.is_empty() && !tap.is_ended()).then(|| tap.into_stream());
                }
                None => {
                    recorder.lock().stopping();
                    Pin::new(&mut serving).graceful_shutdown();
                    (&mut serving).await
                }
            }
        }
    };
    let mut tap = serving.into_parts().io.into_inner();
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
    if let Err(error) = conclude(&mut tap, &recorder, &answerer, &config.limits).await {
        tracing::debug!(%error, "a connection ended before its last answer was read");
    }
    None
}

/// Serves on until the HTTP server has seen everything that came; tells how it went if the connection ended instead.
async fn until_seen<C: Future<Output = O> + Unpin, O>(serving: &mut C, recorder: &SharedRecorder) -> Option<O> {
    poll_fn(|cx| match Pin::new(&mut *serving).poll(cx) {
        Poll::Ready(served) => Poll::Ready(Some(served)),
        Poll::Pending if recorder.lock().after().holds_back() => Poll::Pending,
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// What is to do after the HTTP server is done: answer what never was a request, and end the connection so that the client
/// can read the answer.
async fn conclude<S, P>(
    tap: &mut Tap<S>,
    recorder: &SharedRecorder,
    answerer: &Answerer<P>,
    limits: &Limits,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Reset + Unpin,
    P: Respond,
{
    if tap.is_broken() {
        return Ok(());
    }
    let unanswered = recorder.lock().unanswered_fault().filter(|_| tap.may_still_answer());
    if let Some((index, fault, to_head_request)) = unanswered {
        let (handled, pos) = answerer.refuse(index, fault);
        answerer.until_durable(pos).await;
        tap.write_all(&last_response(&handled, to_head_request)).await?;
        tap.flush().await?;
    }
    tap.stream().shutdown().await?;
    // Closing a socket with unread bytes makes the system reset the connection, and the client would lose the answer.
    let is_cut_off = recorder.lock().is_cut_off();
    if is_cut_off { linger(tap, limits).await } else { Ok(()) }
}

/// Reads and discards until the client has nothing more to say, within limits.
async fn linger<S: AsyncRead + AsyncWrite + Reset + Unpin>(tap: &mut Tap<S>, limits: &Limits) -> io::Result<()> {
    let deadline = Instant::now() + limits.linger_timeout;
    let mut left = limits.linger_bytes;
    while left > 0 {
        let until = deadline.min(Instant::now() + limits.linger_idle_timeout);
        let Ok(read) = tokio::time::timeout_at(until, poll_fn(|cx| tap.poll_discard(cx))).await else { break };
        match read? {
            0 => break,
            read => left = left.saturating_sub(read as u64),
        }
    }
    Ok(())
}

/// The bytes of a response after which the connection ends.
fn last_response(handled: &Handled, to_head_request: bool) -> Vec<u8> {
    let response = response(handled, true);
    let status = response.status();
    let body = &handled.response.body;
    let mut bytes =
        format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or("")).into_bytes();
    for (name, value) in response.headers() {
        for piece in [title_case(name.as_str()).as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(piece);
        }
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    let dated = response.headers().contains_key(http::header::DATE);
    if !dated && let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()) {
        bytes.extend_from_slice(format!("Date: {date}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if !to_head_request {
        bytes.extend_from_slice(body);
    }
    bytes
}

pub fn title_case(name: &str) -> String {
    let mut start = true;
    let upper = |letter: char| {
        let this = if start { letter.to_ascii_uppercase() } else { letter };
        start = letter == '-';
        this
    };
    name.chars().map(upper).collect()
}
