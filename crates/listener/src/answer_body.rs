//! The body of a response: there already, or still coming from another server.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// The rest of a body will never come, so that the response cannot be ended as if it were whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off")]
pub struct BrokenOff;

/// The body of a response.
#[derive(Debug)]
pub struct AnswerBody {
    pieces: Pieces,
    /// Whether it is sent without telling its length.
    is_chunked: bool,
}

#[derive(Debug)]
enum Pieces {
    Whole(Option<Bytes>),
    Coming { taken: mpsc::Receiver<Result<Bytes, BrokenOff>>, left: Option<u64> },
}

impl AnswerBody {
    /// A body that is there. It is sent in chunks if it came so.
    pub fn whole(body: Bytes, is_chunked: bool) -> AnswerBody {
        AnswerBody { pieces: Pieces::Whole((!body.is_empty()).then_some(body)), is_chunked }
    }

    /// A body whose pieces are still coming, so many bytes in all if that is known.
    pub fn coming(taken: mpsc::Receiver<Result<Bytes, BrokenOff>>, length: Option<u64>) -> AnswerBody {
        AnswerBody { pieces: Pieces::Coming { taken, left: length }, is_chunked: length.is_none() }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.get_mut().pieces {
            Pieces::Whole(body) => Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
            Pieces::Coming { taken, left } => {
                let piece = ready!(taken.poll_recv(cx));
                if let (Some(Ok(piece)), Some(left)) = (&piece, left) {
                    *left = left.saturating_sub(piece.len() as u64);
                }
                Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.pieces, Pieces::Whole(None)) && !self.is_chunked
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.pieces, self.is_chunked) {
            (_, true) => SizeHint::default(),
            (Pieces::Whole(body), _) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            (Pieces::Coming { left, .. }, _) => left.map(SizeHint::with_exact).unwrap_or_default(),
        }
    }
}
