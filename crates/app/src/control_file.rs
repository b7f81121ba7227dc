//! The file beside a workspace that says how to reach the program that has it open.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::atomic;
use crate::running::Access;

/// `work.scimscope.control` beside `work.scimscope`: `{"url", "token", "pid"}`, for its owner alone. It goes with this value;
/// one that a crash has left is overwritten by the next who has the workspace open.
#[derive(Debug)]
pub(crate) struct ControlFile {
    path: PathBuf,
}

impl ControlFile {
    /// Writes the file. Only for who holds the lock of the workspace.
    pub fn write(workspace: &Path, access: &Access) -> io::Result<ControlFile> {
        let mut path = workspace.as_os_str().to_owned();
        path.push(".control");
        let path = PathBuf::from(path);
        let text = json!({ "url": access.url, "token": access.token, "pid": std::process::id() });
        atomic::write(&path, &format!("{text}\n"))?;
        Ok(ControlFile { path })
    }
}

impl Drop for ControlFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(file = %self.path.display(), %error, "cannot remove the control file");
        }
    }
}
