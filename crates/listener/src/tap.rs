//! The tap: a stream that tells the recorder every byte that passes, and holds back what is not a request.
//!
//! The HTTP server behind it sees whole, well-formed heads only: a head is held back until it is complete, and at bytes that
//! are no request the server sees the end of the stream. So every fault of a client is found, recorded and answered in one
//! way, and the server never answers on its own.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use provider::rules::Wire;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::fault::Fault;
use crate::limits::Limits;
use crate::recorder::{After, Passed, SharedRecorder};
use crate::spoil::{Orders, Reset, Spoiled};

/// A stream with a recorder.
#[derive(Debug)]
pub struct Tap<S> {
    stream: S,
    recorder: SharedRecorder,
    after: After,
    /// Bytes that were held back and may be read now.
    released: BytesMut,
    /// Nothing more is to be read by the HTTP server.
    ended: bool,
    read_timer: Timer,
    send_timer: Timer,
    head_timeout: Duration,
    idle_timeout: Duration,
    send_timeout: Duration,
    /// Writing failed: there is nobody to talk to.
    broken: bool,
    orders: Orders,
    /// The response that a rule spoils.
    spoiled: Option<Box<Spoiled>>,
    spoil_timer: Timer,
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> Tap<S> {
    /// A tap on a new connection.
    pub fn new(stream: S, recorder: SharedRecorder, orders: Orders, limits: &Limits) -> Tap<S> {
        Tap {
            stream,
            recorder,
            after: After::Request,
            released: BytesMut::new(),
            ended: false,
            read_timer: Timer::default(),
            send_timer: Timer::default(),
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            send_timeout: limits.send_timeout,
            broken: false,
            orders,
            spoiled: None,
            spoil_timer: Timer::default(),
        }
    }

    /// Whether the HTTP server has read to the end of what it is given, and writing has not failed: then it is done
    /// because there was no further request, not because an answer said that the connection closes.
    pub fn may_still_answer(&self) -> bool {
        self.ended && !self.broken
    }

    /// Whether writing has failed.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The stream alone. For who knows that the client is not in the middle of anything.
    pub fn into_stream(self) -> S {
        self.stream
    }

    /// Whether the client will send nothing more, or nothing that it sends will be read.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// The stream below, to shut it down.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Reads some bytes only for the record. Zero at the end of the stream.
    pub fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [MaybeUninit::uninit(); 16 * 1024];
        let mut scratch = ReadBuf::uninit(&mut scratch);
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, &mut scratch))?;
        self.recorder.lock().received(scratch.filled());
        Poll::Ready(Ok(scratch.filled().len()))
    }

    /// Tells the recorder of fresh bytes, and covers those that the HTTP server must not see.
    fn record(&mut self, fresh: &mut [u8]) -> Passed {
        let mut recorder = self.recorder.lock();
        let passed = recorder.received(fresh);
        self.after = recorder.after();
        drop(recorder);
        for range in &passed.masked {
            fresh[range.clone()].fill(b'/');
        }
        passed
    }

    /// Reads into a buffer; true if something is there for the HTTP server, or the stream has ended for it.
    fn poll_read_straight(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<bool>> {
        let start = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let fresh = &mut buffer.filled_mut()[start..];
        if fresh.is_empty() {
            return Poll::Ready(Ok(self.input_ended()));
        }
        let passed = self.record(fresh);
        buffer.set_filled(start + passed.fresh.end);
        Poll::Ready(Ok(passed.fresh.end > 0))
    }

    /// Reads while bytes are held back.
    fn poll_read_aside(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut scratch = [MaybeUninit::uninit(); 4096];
        let mut scratch = ReadBuf::uninit(&mut scratch);
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, &mut scratch))?;
        let fresh = scratch.filled_mut();
        if fresh.is_empty() {
            return Poll::Ready(Ok(self.input_ended()));
        }
        let passed = self.record(fresh);
        if let Some(released) = passed.released {
            self.released = released;
            self.released.extend_from_slice(&fresh[passed.fresh]);
        }
        Poll::Ready(Ok(false))
    }

    fn input_ended(&mut self) -> bool {
        self.recorder.lock().input_ended();
        self.ended = true;
        true
    }

    /// Nothing came: ends the reading when it has lasted too long.
    fn poll_read_timeout(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timeout = match self.after {
            After::PartOfHead => self.head_timeout,
            After::Request | After::EmptyLines => self.idle_timeout,
            // The handler of the request has its own timer.
            After::PartOfBody | After::Fault => return Poll::Pending,
        };
        std::task::ready!(self.read_timer.poll_after(timeout, cx));
        if self.after == After::PartOfHead {
            self.recorder.lock().head_timed_out(Fault::HeadTimeout(self.head_timeout));
        }
        self.ended = true;
        Poll::Ready(())
    }

    /// Takes in what the HTTP server writes, if that is to be spoiled.
    fn take_in(&mut self, pieces: &[IoSlice<'_>]) -> Option<usize> {
        if self.spoiled.is_none() {
            self.spoiled = self.orders.take().map(|wire| Box::new(Spoiled::new(wire)));
        }
        let spoiled = self.spoiled.as_mut()?;
        pieces.iter().for_each(|piece| spoiled.take_in(piece));
        Some(pieces.iter().map(|piece| piece.len()).sum())
    }

    /// Lets leave what is to leave of a response that is spoiled.
    fn poll_spoiled(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(mut spoiled) = self.spoiled.take() else { return Poll::Ready(Ok(())) };
        let done = self.poll_spoiling(&mut spoiled, cx);
        if done.is_pending() {
            self.spoiled = Some(spoiled);
        }
        done
    }

    fn poll_spoiling(&mut self, spoiled: &mut Spoiled, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Wire::Hang { at_most } = spoiled.wire {
            // Nobody else reads meanwhile: whatever the client does is heard here.
            while let Poll::Ready(read) = self.poll_discard(cx) {
                if !matches!(read, Ok(1..)) {
                    return self.break_off();
                }
            }
            std::task::ready!(self.spoil_timer.poll_after(at_most, cx));
            return self.break_off();
        }
        loop {
            if let (true, Some(pause)) = (spoiled.pausing, spoiled.pause()) {
                std::task::ready!(self.spoil_timer.poll_after(pause, cx));
                self.spoil_timer.stop();
                spoiled.pausing = false;
            }
            let bytes = spoiled.next();
            if bytes.is_empty() {
                break;
            }
            let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
            let written = std::task::ready!(self.written(cx, result, &[IoSlice::new(bytes)]))?;
            spoiled.has_left(written);
            std::task::ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        }
        match spoiled.wire {
            Wire::Reset { .. } => {
                if let Err(error) = self.stream.reset_on_close() {
                    tracing::warn!(%error, "the connection cannot be reset; it is closed");
                }
                self.break_off()
            }
            Wire::Truncate { .. } => {
                std::task::ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                self.break_off()
            }
            Wire::WrongLength { .. } => {
                self.recorder.lock().spoiled_whole();
                Poll::Ready(Ok(()))
            }
            Wire::Drip { .. } | Wire::Hang { .. } => Poll::Ready(Ok(())),
        }
    }

    /// Ends the connection for the HTTP server.
    fn break_off(&mut self) -> Poll<io::Result<()>> {
        self.broken = true;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "a rule breaks the response off")))
    }

    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => {
                self.send_timer.stop();
                let mut left = written;
                self.recorder.lock().sent(pieces.iter().map(|piece| {
                    let here = left.min(piece.len());
                    left -= here;
                    &piece[..here]
                }));
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => {
                self.broken = true;
                Poll::Ready(Err(error))
            }
            Poll::Pending => {
                std::task::ready!(self.send_timer.poll_after(self.send_timeout, cx));
                self.broken = true;
                self.recorder.lock().send_timed_out();
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read the response")))
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        loop {
            if tap.released.has_remaining() {
                let here = tap.released.len().min(buffer.remaining());
                buffer.put_slice(&tap.released.split_to(here));
                return Poll::Ready(Ok(()));
            }
            tap.ended |= tap.after == After::Fault;
            if tap.ended {
                return Poll::Ready(Ok(()));
            }
            let before = tap.after;
            let read = match before.holds_back() {
                true => tap.poll_read_aside(cx),
                false => tap.poll_read_straight(cx, buffer),
            };
            match read {
                Poll::Ready(Ok(true)) => {
                    tap.read_timer.stop();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(false)) => {
                    // The time for a head counts from its first byte, however slowly the others come.
                    if tap.after != before || before != After::PartOfHead {
                        tap.read_timer.stop();
                    }
                }
                Poll::Ready(Err(error)) => {
                    tap.ended = true;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => std::task::ready!(tap.poll_read_timeout(cx)),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Reset + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let tap = self.get_mut();
        if let Some(taken) = tap.take_in(&[IoSlice::new(bytes)]) {
            return Poll::Ready(Ok(taken));
        }
        let result = Pin::new(&mut tap.stream).poll_write(cx, bytes);
        tap.written(cx, result, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tap = self.get_mut();
        if let Some(taken) = tap.take_in(pieces) {
            return Poll::Ready(Ok(taken));
        }
        let result = Pin::new(&mut tap.stream).poll_write_vectored(cx, pieces);
        tap.written(cx, result, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        if tap.spoiled.is_some() {
            std::task::ready!(tap.poll_spoiled(cx))?;
        }
        Pin::new(&mut tap.stream).poll_flush(cx)
    }

    /// Flushes only: the connection may have something to say after the HTTP server is done.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// A deadline that is set when it is first asked for.
#[derive(Debug, Default)]
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Timer {
    fn poll_after(&mut self, timeout: Duration, cx: &mut Context<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.running, true) {
            let deadline = Instant::now() + timeout;
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(deadline),
                None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
            }
        }
        self.sleep.as_mut().map_or(Poll::Ready(()), |sleep| sleep.as_mut().poll(cx))
    }

    fn stop(&mut self) {
        self.running = false;
    }
}
