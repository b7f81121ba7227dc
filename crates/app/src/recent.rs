//! The workspaces that were open before, newest first: a small file of the host's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use control::ports::RecentFile;
use jiff::Timestamp;

use crate::atomic;

/// How many are remembered.
const MOST: usize = 20;

/// The list and its file. Nothing depends on it: what cannot be read is an empty list, what cannot be written is forgotten.
#[derive(Debug)]
pub(crate) struct Recent {
    file: PathBuf,
    /// One change at a time.
    changing: Mutex<()>,
}

impl Recent {
    pub fn new(file: PathBuf) -> Recent {
        Recent { file, changing: Mutex::default() }
    }

    /// All of them. Looks at the disk.
    pub fn list(&self) -> Vec<RecentFile> {
        let Ok(text) = fs::read_to_string(&self.file) else { return Vec::new() };
        let mut list: Vec<RecentFile> = serde_json::from_str(&text).unwrap_or_default();
        list.truncate(MOST);
        for entry in &mut list {
            entry.missing = !entry.path.exists();
        }
        list
    }

    /// Puts a workspace at the front.
    pub fn opened(&self, path: &Path) {
        self.change(|list| {
            list.retain(|entry| entry.path != path);
            list.insert(0, RecentFile { path: path.to_owned(), opened_at: Timestamp::now(), missing: false });
        });
    }

    /// Takes a workspace off the list. Its file stays.
    pub fn forget(&self, path: &Path) {
        self.change(|list| list.retain(|entry| entry.path != path));
    }

    fn change(&self, change: impl FnOnce(&mut Vec<RecentFile>)) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list = self.list();
        change(&mut list);
        list.truncate(MOST);
        let text = serde_json::to_string_pretty(&list).unwrap_or_else(|_| "[]".to_owned());
        let folder = self.file.parent().map_or(Ok(()), |folder| {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)
        });
        if let Err(error) = folder.and_then(|()| atomic::write(&self.file, &text)) {
            tracing::warn!(file = %self.file.display(), %error, "the list of recent workspaces cannot be kept");
        }
    }
}
