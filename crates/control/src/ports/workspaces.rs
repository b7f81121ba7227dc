//! Other workspaces than the open one: opened, made, saved and copied.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Nowhere, Pending};

/// A workspace to put in the place of the open one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// This file, which is there.
    File(PathBuf),
    /// This file, which is not there yet.
    NewFile(PathBuf),
    /// A new one that is deleted at the end.
    NewTemporary,
}

/// Where the open workspace is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveTarget {
    /// Its file.
    pub path: PathBuf,
    /// Whether a workspace that is there already may be overwritten.
    pub replace: bool,
}

/// A workspace that was open before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentFile {
    /// Its file.
    pub path: PathBuf,
    /// When it was opened last.
    pub opened_at: Timestamp,
    /// Whether the file is not there now.
    #[serde(skip)]
    pub missing: bool,
}

/// Why a workspace was not opened, saved or copied. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WorkspaceError {
    /// What sort of reason it is.
    pub kind: WorkspaceErrorKind,
    /// What was wrong and what to do, for people.
    pub message: String,
}

/// What sort of reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceErrorKind {
    /// There is no such file.
    Missing,
    /// There is such a file already.
    Exists,
    /// A program has it open.
    InUse,
    /// A newer program wrote it.
    Newer,
    /// It is something else.
    NotAWorkspace,
    /// It cannot be read.
    Damaged,
    /// Somebody stopped it.
    Stopped,
    /// Something else, like a disk that is full.
    Failed,
}

impl WorkspaceError {
    /// A reason with its words.
    pub fn new(kind: WorkspaceErrorKind, message: impl Into<String>) -> WorkspaceError {
        WorkspaceError { kind, message: message.into() }
    }
}

/// Opens, saves and copies workspaces, and knows which were open before.
pub trait Workspaces: Send + Sync {
    /// Whether a call may name a file of this machine. A host that has no window decides that at the start.
    fn may_name_files(&self) -> bool;

    /// Puts another workspace in the place of the open one. On an error the open one stays.
    fn open(&self, opening: Opening) -> Pending<Result<(), WorkspaceError>>;

    /// Saves a copy of the open workspace; one that is temporary goes on in the new file. Blocks. `going` is told how much is
    /// done, of how much, and stops it with false. Tells the whole path.
    fn save(&self, target: SaveTarget, going: &mut dyn FnMut(u64, u64) -> bool) -> Result<PathBuf, WorkspaceError>;

    /// A copy of the open workspace without a name, to be read from its beginning. Blocks.
    fn copy(&self, going: &mut dyn FnMut(u64, u64) -> bool) -> Result<File, WorkspaceError>;

    /// Workspaces that were open before, the last one first. Looks at the disk.
    fn recent(&self) -> Vec<RecentFile>;

    /// Takes a file off that list; the file stays.
    fn forget(&self, path: &Path);
}

impl Workspaces for Nowhere {
    fn may_name_files(&self) -> bool {
        false
    }

    fn open(&self, _: Opening) -> Pending<Result<(), WorkspaceError>> {
        Box::pin(async { Err(none()) })
    }

    fn save(&self, _: SaveTarget, _: &mut dyn FnMut(u64, u64) -> bool) -> Result<PathBuf, WorkspaceError> {
        Err(none())
    }

    fn copy(&self, _: &mut dyn FnMut(u64, u64) -> bool) -> Result<File, WorkspaceError> {
        Err(none())
    }

    fn recent(&self) -> Vec<RecentFile> {
        Vec::new()
    }

    fn forget(&self, _: &Path) {}
}

fn none() -> WorkspaceError {
    WorkspaceError::new(WorkspaceErrorKind::Failed, "this host has no other workspaces")
}

impl fmt::Debug for dyn Workspaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workspaces")
    }
}
