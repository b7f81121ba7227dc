//! One open workspace file.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use traffic::ids::{Pos, Seq};
use traffic::log::{Durable, Log};

use crate::ahead::Taker;
use crate::batch::Failure;
use crate::disk::Disk;
use crate::error::Error;
use crate::hand::Hand;
use crate::mover::Mover;
use crate::options::{Durability, Options};
use crate::patience::Patience;
use crate::place::{Home, Place};
use crate::prune::Pruner;
use crate::read::{self, Resumed};
use crate::readers::Readers;
use crate::recover::{self, End};
use crate::remove::{Asked, Removed, Unwanted};
use crate::schema;
use crate::search::{self, Indexer};
use crate::writer::Writer;

/// Whether what happens reaches the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Healthy,
    /// It does not. What was confirmed before is safe; writing is tried again as long as the log has what comes next.
    Degraded {
        /// Why, in words.
        why: String,
        /// The first position that is not in the file.
        since: Pos,
    },
}

/// An open workspace file. Nobody else can open it while this value lives.
///
/// Dropping it closes it; [`Journal::close`] does the same and tells how it went.
#[derive(Debug)]
pub struct Journal {
    retry: Duration,
    end: End,
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    recording: Mutex<Option<Recording>>,
    home: Mutex<Option<Home>>,
}

/// What the journal and the writing thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    connection: Mutex<Option<Connection>>,
    state: watch::Sender<State>,
    durability: watch::Sender<Durability>,
    place: Mutex<Settled>,
    /// Changed only by who holds the connection.
    indexed_through: AtomicU64,
    pub(crate) disk: Disk,
}

/// Where the file is.
#[derive(Clone, Debug)]
struct Settled {
    path: PathBuf,
    temporary: bool,
}

#[derive(Debug)]
struct Recording {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
    /// Dropped to stop the thread that makes the index.
    indexing: mpsc::Sender<()>,
    /// Where wishes go that exchanges be gone.
    removals: UnboundedSender<Asked>,
    log: Arc<Log>,
    index_thread: JoinHandle<()>,
    moving_thread: JoinHandle<()>,
}

impl Journal {
    /// Opens a workspace file and brings it to the present format. A file that is something else, that is newer or that
    /// is open elsewhere is refused and not touched. Exchanges that were open when the last process ended are closed.
    pub fn open(place: &Place, options: &Options) -> Result<Journal, Error> {
        let home = Home::find(place, options.temporary_dir.as_deref())?;
        Journal::at(home, options)
    }

    /// Opens what is in a file that can be read but not written, as a temporary workspace: nothing gets into the file. Takes as
    /// long as it takes to copy it. [`Journal::move_to`] makes a workspace of it that stays.
    pub fn open_copy_of(path: &Path, options: &Options) -> Result<Journal, Error> {
        schema::check_header(path)?;
        let dir = options.temporary_dir.clone().unwrap_or_else(std::env::temp_dir);
        Journal::at(Home::copy_of(path, &dir)?, options)
    }

    fn at(home: Home, options: &Options) -> Result<Journal, Error> {
        match Journal::open_connections(&home, options) {
            Ok((writer, readers, end, indexed_through, disk)) => Ok(Journal {
                retry: options.retry,
                end,
                shared: Arc::new(Shared {
                    connection: Mutex::new(Some(writer)),
                    state: watch::Sender::new(State::Healthy),
                    durability: watch::Sender::new(options.durability),
                    place: Mutex::new(Settled { path: home.path.clone(), temporary: home.temporary }),
                    indexed_through: AtomicU64::new(indexed_through),
                    disk,
                }),
                readers: Arc::new(readers),
                recording: Mutex::new(None),
                home: Mutex::new(Some(home)),
            }),
            Err(error) => {
                home.leave();
                Err(error)
            }
        }
    }

    fn open_connections(home: &Home, options: &Options) -> Result<(Connection, Readers, End, u64, Disk), Error> {
        let was_left_open = recover::was_left_open(&home.path);
        let mut writer = schema::open_writer(home, options)?;
        let readers = Readers::open(&home.path)?;
        let end = recover::close_interrupted(&mut writer, was_left_open).map_err(|failure| match failure {
            Failure::Database(source) => {
                Error::Database { path: home.path.clone(), doing: "close what the last process left open", source }
            }
            Failure::Json(error) => {
                Error::Damaged { path: home.path.clone(), what: "an ending".to_owned(), why: error.to_string() }
            }
        })?;
        let fail = |doing| move |source| Error::Database { path: home.path.clone(), doing, source };
        let indexed_through = search::indexed_through(&writer).map_err(fail("look at the index"))?;
        let disk = Disk::open(&writer, options.disk_budget).map_err(fail("read how much was pruned"))?;
        Ok((writer, readers, end, indexed_through, disk))
    }

    /// The workspace file.
    pub fn path(&self) -> PathBuf {
        self.shared.path()
    }

    /// Whether the file is removed when it is closed.
    pub fn is_temporary(&self) -> bool {
        self.shared.is_temporary()
    }

    /// When an entry counts as confirmed.
    pub fn durability(&self) -> Durability {
        self.shared.durability()
    }

    /// Changes when an entry counts as confirmed, for what is written from now on. Waits for the batch that is being
    /// written, if one is.
    pub fn set_durability(&self, durability: Durability) -> Result<(), Error> {
        self.with_writer("change when it is safe", |connection| {
            schema::set_synchronous(connection, self.is_temporary(), durability)
        })?;
        self.shared.durability.send_replace(durability);
        Ok(())
    }

    /// Lets the database refuse everything that is to be written, as on a disk that can only be read, or not any more. For
    /// tests: a disk cannot be made so while a file on it is open.
    pub fn refuse_writes(&self, refuse: bool) -> Result<(), Error> {
        self.with_writer("refuse writes", |connection| connection.pragma_update(None, "query_only", refuse))
    }

    /// Whether what happens reaches the file.
    pub fn state(&self) -> State {
        self.shared.state.borrow().clone()
    }

    /// The same, for those who want to know when it changes.
    pub fn watch_state(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }

    /// Where the file ended when it was opened, and the directories. Takes as long as there are resources, however many
    /// exchanges there are.
    pub fn resume(&self) -> Result<Resumed, Error> {
        read::resume(self)
    }

    /// Starts the thread that writes what comes into a log. The log must go on where the file ends: new for a new file,
    /// otherwise made by [`Log::resume`] from what [`Journal::resume`] and [`Journal::archive`] gave. From now on the log's entries are confirmed.
    pub fn record(&self, log: Arc<Log>) -> Result<(), Error> {
        let mut recording = lock(&self.recording);
        if recording.is_some() {
            return Err(Error::AlreadyRecording);
        }
        let (at, end) = (log.head().pos, self.end.pos);
        if at < end {
            return Err(Error::Behind { log: at.0, file: end.0 });
        }
        if lock(&self.shared.connection).is_none() {
            return Err(Error::Closed);
        }
        let pruner =
            self.with_writer("read what was pruned", |connection| Pruner::after(log.head().seq, connection))?;
        log.store_ahead_in(Arc::new(Taker { shared: Arc::clone(&self.shared), log: Arc::downgrade(&log) }));
        let (stop, stopped) = watch::channel(false);
        log.confirm(Durable::Through(end));
        let shared = Arc::clone(&self.shared);
        let indexer = Indexer { shared: Arc::clone(&shared), readers: Arc::clone(&self.readers) };
        let watched = Arc::clone(&log);
        let (removals, asked) = unbounded_channel();
        let recorded = Arc::clone(&log);
        let (retry, hand, budget) = (self.retry, Hand::default(), shared.disk.watch());
        let patience = self.is_temporary().then(|| Patience::new(&log));
        let wanted = log.wanted();
        let (log_is_long, due) = mpsc::sync_channel(1);
        let mover = Mover { shared: Arc::clone(&shared), due };
        let moving_thread = std::thread::Builder::new().name("write-ahead-log".to_owned());
        let moving_thread = moving_thread.spawn(move || mover.run()).map_err(Error::Thread)?;
        let writer = Writer {
            shared,
            log,
            written: end,
            stop: stopped,
            retry,
            hand,
            budget,
            asked,
            pruner,
            wanted,
            patience,
            log_is_long,
        };
        let thread = std::thread::Builder::new().name("journal".to_owned());
        let thread = thread.spawn(move || writer.run()).map_err(Error::Thread)?;
        let (indexing, until) = mpsc::channel();
        let index_thread = std::thread::Builder::new().name("search-index".to_owned());
        let index_thread = index_thread.spawn(move || indexer.run(&watched, &until)).map_err(Error::Thread)?;
        *recording = Some(Recording { stop, thread, indexing, index_thread, moving_thread, removals, log: recorded });
        Ok(())
    }

    /// Writes everything that is in the log now to the file, also what a temporary workspace would keep in memory for a while;
    /// blocks until it is there. False if the file is not recorded to or cannot be written: see [`Journal::state`].
    pub fn flush(&self) -> bool {
        let Some(log) = lock(&self.recording).as_ref().map(|recording| Arc::clone(&recording.log)) else {
            return false;
        };
        wait_written(&log)
    }

    /// Writes what is in the log now, unless the file is temporary, stops writing and gives the file up; removes it if it is temporary. Blocks until
    /// that is done. After that every call that needs the file fails with [`Error::Closed`]; closing again does nothing.
    pub fn close(&self) -> Result<(), Error> {
        if let Some(Recording { stop, thread, indexing, index_thread, moving_thread, .. }) =
            lock(&self.recording).take()
        {
            drop(indexing);
            stop.send_replace(true);
            if index_thread.join().is_err() {
                tracing::error!("the thread that makes the index for searches has failed");
            }
            if thread.join().is_err() {
                tracing::error!("the thread that writes the workspace file has failed");
            }
            // Ends behind the one that writes.
            if moving_thread.join().is_err() {
                tracing::error!("the thread that moves the write-ahead log has failed");
            }
        }
        self.readers.close();
        let writer = lock(&self.shared.connection).take();
        let Some(home) = lock(&self.home).take() else { return Ok(()) };
        // The last connection to close moves the write-ahead log into the file.
        let closed = writer.map_or(Ok(()), |writer| writer.close().map_err(|(_, error)| error));
        home.leave();
        closed.map_err(|source| Error::Database { path: self.path(), doing: "close it", source })
    }

    /// Up to which number exchanges are in the index that searches use. Newer ones are looked at one by one.
    pub fn indexed_through(&self) -> Seq {
        self.shared.indexed_through()
    }

    /// Brings that index up to date now, as far as blocks of it are full, and tells up to where. It is made in any case when
    /// the file is recorded to and there is nothing else to do.
    pub fn index(&self) -> Result<Seq, Error> {
        let indexer = Indexer { shared: Arc::clone(&self.shared), readers: Arc::clone(&self.readers) };
        while indexer.next(&mut || true)? {}
        Ok(self.indexed_through())
    }

    /// Hands a wish to the thread that writes.
    pub(crate) fn ask_writer(&self, what: Unwanted, reply: mpsc::Sender<Result<Removed, String>>) -> Result<(), Error> {
        let recording = lock(&self.recording);
        let recording = recording.as_ref().ok_or(Error::Closed)?;
        let asked = Asked { what, at: recording.log.head().pos, reply };
        recording.log.want(asked.at);
        recording.removals.send(asked).map_err(|_| Error::Closed)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.shared.disk
    }

    pub(crate) fn end(&self) -> &End {
        &self.end
    }

    pub(crate) fn with_writer<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.shared.write(doing, work)
    }

    /// Takes the file's lock and what goes with it from now on, and gives what it was before.
    pub(crate) fn replace_home(&self, home: Home) -> Option<Home> {
        lock(&self.home).replace(home)
    }

    pub(crate) fn readers(&self) -> &Arc<Readers> {
        &self.readers
    }

    pub(crate) fn damaged(&self, what: String, why: impl Display) -> Error {
        Error::Damaged { path: self.path(), what, why: why.to_string() }
    }
}

/// Asks storage to write what is in a log now, and blocks until that is confirmed. False if it is not going to be.
pub(crate) fn wait_written(log: &Log) -> bool {
    let Ok(runtime) = Builder::new_current_thread().build() else { return false };
    // On a thread of its own, because the caller may be one of a runtime, where waiting for another one is an error.
    std::thread::scope(|scope| scope.spawn(|| runtime.block_on(log.wait_durable(log.head().pos))).join())
        .unwrap_or(false)
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "closing the workspace file failed");
        }
    }
}

impl Shared {
    pub(crate) fn connection(&self) -> MutexGuard<'_, Option<Connection>> {
        lock(&self.connection)
    }

    pub(crate) fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let mut connection = self.connection();
        let connection = connection.as_mut().ok_or(Error::Closed)?;
        work(connection).map_err(|source| Error::Database { path: self.path(), doing, source })
    }

    pub(crate) fn is_temporary(&self) -> bool {
        lock(&self.place).temporary
    }

    pub(crate) fn path(&self) -> PathBuf {
        lock(&self.place).path.clone()
    }

    /// The file is at this place from now on.
    pub(crate) fn settle(&self, path: &Path, temporary: bool) {
        *lock(&self.place) = Settled { path: path.to_owned(), temporary };
    }

    pub(crate) fn durability(&self) -> Durability {
        *self.durability.borrow()
    }

    pub(crate) fn indexed_through(&self) -> Seq {
        Seq(self.indexed_through.load(Ordering::Acquire))
    }

    /// To be called by who holds the connection.
    pub(crate) fn set_indexed_through(&self, through: Seq) {
        self.indexed_through.fetch_max(through.0, Ordering::AcqRel);
    }

    pub(crate) fn set_state(&self, state: State) {
        self.replace_state(state);
    }

    /// Sets the state and gives the one before.
    pub(crate) fn replace_state(&self, state: State) -> State {
        self.state.send_replace(state)
    }

    pub(crate) fn is_degraded(&self) -> bool {
        matches!(*self.state.borrow(), State::Degraded { .. })
    }
}

/// A panic elsewhere leaves a transaction to be rolled back, nothing else.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
