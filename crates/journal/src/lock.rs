//! One program at a time: an advisory lock beside the workspace file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A lock that is held as long as this value lives, and never longer than the process.
///
/// The lock is on a file of its own because SQLite locks the database file itself, and on some systems the two kinds of
/// lock meet. That the lock file exists says nothing; whether it is locked does.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

/// Why a lock was not to be had.
#[derive(Debug)]
pub(crate) enum Refused {
    Held,
    Failed(io::Error),
}

impl Lock {
    /// Takes the lock that belongs to a workspace file, without waiting.
    pub(crate) fn of(workspace: &Path) -> Result<Lock, Refused> {
        let path = lock_path(workspace);
        loop {
            let file = open(&path).map_err(Refused::Failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Refused::Held),
                Err(TryLockError::Error(error)) => return Err(Refused::Failed(error)),
            }
            // Whoever had the lock before may have removed the file between our opening it and our locking it. Then we
            // hold a lock on nothing and the next comer would get one as well.
            if is_at(&file, &path) {
                return Ok(Lock { path, _file: file });
            }
        }
    }
}

impl Lock {
    /// Whether somebody holds the lock of a workspace file, as far as that can be told by who may only read.
    pub(crate) fn is_held(workspace: &Path) -> bool {
        let file = File::open(lock_path(workspace));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only where `is_at` can see it; elsewhere the empty file stays, which does no harm.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// `work.scimscope.lock` for `work.scimscope`.
pub(crate) fn lock_path(workspace: &Path) -> PathBuf {
    let mut path = workspace.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(there)) => held.ino() == there.ino() && held.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
