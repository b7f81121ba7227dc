//! What can go wrong with a workspace file.

use std::io;
use std::path::PathBuf;

/// Why a workspace file could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is something else. It was not touched.
    #[error("{} is not a Scimscope workspace: {why}. Choose another file, or a name that does not exist yet", path.display())]
    NotAWorkspace {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// The file comes from a newer program. It was not touched.
    #[error(
        "{} was written by a newer Scimscope: its format is version {found}, this program knows versions up to {known}. \
         Open it with the newer program, or choose another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// Someone has the file open. It was not touched.
    #[error("{} is already open in a running Scimscope. Close it there first, or choose another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// There is a file of this name already. It was not touched.
    #[error("{} is there already. Choose another name, or say that it may be overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Somebody stopped the copying. There is no copy.
    #[error("{} was not copied: it was stopped", path.display())]
    Stopped {
        /// The file that was being copied.
        path: PathBuf,
    },
    /// The operating system refused something.
    #[error("{}: cannot {doing}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// The answer.
        source: io::Error,
    },
    /// The database refused something.
    #[error("{}: cannot {doing}: {}", path.display(), reason(source))]
    Database {
        /// The workspace file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// The answer.
        source: rusqlite::Error,
    },
    /// Something in the file cannot be read back as what was written.
    #[error("{}: {what} cannot be read back: {why}. The file has been changed by something else or is damaged", path.display())]
    Damaged {
        /// The workspace file.
        path: PathBuf,
        /// What it is: "exchange 12".
        what: String,
        /// Why.
        why: String,
    },
    /// The log given to record does not go on where the file ends.
    #[error(
        "the log is at position {log}, but the workspace file holds positions up to {file}: resume the log from the file first"
    )]
    Behind {
        /// Where the log is.
        log: u64,
        /// Where the file is.
        file: u64,
    },
    /// A journal records one log, once.
    #[error("the journal is already recording a log")]
    AlreadyRecording,
    /// The journal was closed before.
    #[error("the workspace file is closed")]
    Closed,
    /// Nothing could be removed.
    #[error("nothing was removed: {0}")]
    NotRemoved(String),
    /// The writer's thread could not be started.
    #[error("cannot start the thread that writes the workspace file: {0}")]
    Thread(io::Error),
}

impl Error {
    /// Whether the file, or its folder, cannot be written by this user now, although it may be read.
    pub fn is_read_only(&self) -> bool {
        match self {
            Error::File { source, .. } => {
                matches!(source.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
            }
            Error::Database { source, .. } => source.sqlite_error_code() == Some(rusqlite::ErrorCode::ReadOnly),
            _ => false,
        }
    }
}

/// A database error in words that a person who runs out of disk understands.
pub(crate) fn reason(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
    match error.sqlite_error_code() {
        Some(DiskFull) => "the disk is full, or the file has reached its greatest size".to_owned(),
        Some(ReadOnly) => "the file, or the folder that it is in, may not be written".to_owned(),
        Some(DatabaseCorrupt | NotADatabase) => format!("the file is damaged ({error})"),
        _ => error.to_string(),
    }
}
