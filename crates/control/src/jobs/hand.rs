//! What work on a thread of its own has in hand: where to tell how far it is, and whether to stop.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{JobFile, Jobs};

/// In the hand of whoever does the work of a job.
pub struct Hand {
    jobs: Jobs,
    id: u64,
    stop: Arc<AtomicBool>,
}

/// What work came to.
#[derive(Debug, Default)]
pub struct Made {
    /// The file that it made.
    pub file: Option<ResultFile>,
    /// What else there is to tell.
    pub facts: Option<serde_json::Value>,
}

/// A file without a name of its own on the disk: it is gone when nobody holds it any more, however the program ends.
#[derive(Debug)]
pub struct ResultFile {
    file: File,
    name: String,
    media_type: String,
    bytes: u64,
}

impl Hand {
    pub(super) fn new(jobs: Jobs, id: u64, stop: Arc<AtomicBool>) -> Hand {
        Hand { jobs, id, stop }
    }

    /// Tells how far the work is; a total of 0 means that nobody knows yet.
    pub fn tell(&self, done: u64, total: u64) {
        self.jobs.tell(self.id, done, total);
    }

    /// Whether the work is to stop, because somebody cancelled it or the program ends.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl ResultFile {
    /// A file that is written to its end.
    ///
    /// # Errors
    /// If its length cannot be told.
    pub fn new(file: File, name: impl Into<String>, media_type: impl Into<String>) -> io::Result<ResultFile> {
        let bytes = file.metadata()?.len();
        Ok(ResultFile { file, name: name.into(), media_type: media_type.into(), bytes })
    }

    /// What it is called, of what type, and how long it is.
    pub fn describe(&self) -> JobFile {
        JobFile { name: self.name.clone(), media_type: self.media_type.clone(), bytes: self.bytes }
    }

    /// At most so many bytes from a place on; none at the end. Waits for the disk. Several may read at the same time.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self, from: u64, most: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.bytes.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut part = vec![0; most.min(left)];
        self.file.read_exact_at(&mut part, from)?;
        Ok(part)
    }
}
