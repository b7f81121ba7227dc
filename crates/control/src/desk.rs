//! The workspace that is open: another can take its place while the router serves.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRef;
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;

use crate::control::Control;
use crate::events::Batch;
use crate::ports::{Nowhere, Workspaces};

/// What lies on the desk is the open workspace. Cheap to clone; clones are the same desk.
///
/// Every call sees the workspace that is open when the call begins. Streams of events go on in the next one.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    open: watch::Sender<Control>,
    /// Whether no other workspace comes after the open one.
    last: watch::Sender<bool>,
    workspaces: Arc<dyn Workspaces>,
}

/// Where a reader of events is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The workspace that it was reading: [`Batch::workspace`]. Without one, the open workspace.
    pub workspace: Option<String>,
    /// The position there that it has seen: [`Batch::pos`].
    pub pos: u64,
}

impl Desk {
    /// A desk with this workspace; others are opened by `workspaces`, and put here by [`Desk::replace`].
    pub fn new(control: Control, workspaces: Arc<dyn Workspaces>) -> Desk {
        Desk::with(control, workspaces, false)
    }

    fn with(control: Control, workspaces: Arc<dyn Workspaces>, last: bool) -> Desk {
        let inner = Inner { open: watch::Sender::new(control), last: watch::Sender::new(last), workspaces };
        Desk { inner: Arc::new(inner) }
    }

    /// The open workspace.
    pub fn control(&self) -> Control {
        self.inner.open.borrow().clone()
    }

    /// Puts another workspace in the place of the open one. Streams of events go on there, jobs of the one before end.
    pub fn replace(&self, control: Control) {
        let before = self.inner.open.send_replace(control);
        before.close();
    }

    pub(crate) fn workspaces(&self) -> &Arc<dyn Workspaces> {
        &self.inner.workspaces
    }

    /// Live batches of everything after a place, without end, through all workspaces that are opened: each batch says of which
    /// it is. A place in another workspace than the open one is the beginning of the open one.
    pub fn events(&self, cursor: Cursor) -> impl Stream<Item = Batch> + Send + use<> {
        let reader =
            Reader { open: self.inner.open.subscribe(), last: self.inner.last.subscribe(), cursor, stream: None };
        futures_util::stream::unfold(reader, |mut reader| async move { Some((reader.next().await?, reader)) })
    }

    /// Ends event streams and jobs, so that the listener can drain. Other calls still work.
    pub fn close(&self) {
        self.inner.last.send_replace(true);
        self.control().close();
    }
}

type Batches = Pin<Box<dyn Stream<Item = Batch> + Send>>;

struct Reader {
    open: watch::Receiver<Control>,
    last: watch::Receiver<bool>,
    cursor: Cursor,
    stream: Option<Batches>,
}

impl Reader {
    async fn next(&mut self) -> Option<Batch> {
        loop {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                None => {
                    let control = self.open.borrow_and_update().clone();
                    let id = control.workspace_id();
                    let same = self.cursor.workspace.as_ref().is_none_or(|workspace| *workspace == id);
                    let after = if same { self.cursor.pos } else { 0 };
                    self.cursor.workspace = Some(id);
                    let batches = control.events(after);
                    let closed = async move { control.closed().await };
                    self.stream.insert(Box::pin(batches.take_until(Box::pin(closed))))
                }
            };
            if let Some(batch) = stream.next().await {
                self.cursor.pos = batch.pos.0;
                return Some(batch);
            }
            self.stream = None;
            tokio::select! {
                changed = self.open.changed() => changed.ok()?,
                _ = self.last.wait_for(|last| *last) => return None,
            }
        }
    }
}

impl From<Control> for Desk {
    /// A desk with a workspace that stays.
    fn from(control: Control) -> Desk {
        Desk::with(control, Arc::new(Nowhere), true)
    }
}

impl FromRef<Desk> for Control {
    fn from_ref(desk: &Desk) -> Control {
        desk.control()
    }
}
