//! Opening, saving and copying workspaces, for the control API.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use control::ports::{Opening, Pending, RecentFile, SaveTarget, WorkspaceError, WorkspaceErrorKind, Workspaces};
use journal::Target;

use crate::house::House;

/// The house through the door of the control API. It does not keep the house standing.
pub(crate) struct Doors(pub Weak<House>);

impl Doors {
    fn house(&self) -> Result<Arc<House>, WorkspaceError> {
        let gone = || WorkspaceError::new(WorkspaceErrorKind::Failed, "the program is stopping");
        self.0.upgrade().ok_or_else(gone)
    }
}

impl Workspaces for Doors {
    fn may_name_files(&self) -> bool {
        self.0.upgrade().is_some_and(|house| house.config.open_files)
    }

    fn open(&self, opening: Opening) -> Pending<Result<(), WorkspaceError>> {
        let house = self.house();
        Box::pin(async move {
            let house = house?;
            // Not to be left half done because whoever asked has gone.
            let opening = tokio::spawn(async move { house.open(opening).await });
            let broken =
                |error: tokio::task::JoinError| WorkspaceError::new(WorkspaceErrorKind::Failed, error.to_string());
            opening.await.unwrap_or_else(|error| Err(broken(error)))
        })
    }

    fn save(
        &self,
        SaveTarget { path, replace }: SaveTarget,
        going: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<PathBuf, WorkspaceError> {
        self.house()?.save(Target { path, replace }, going)
    }

    fn copy(&self, going: &mut dyn FnMut(u64, u64) -> bool) -> Result<File, WorkspaceError> {
        self.house()?.copy(going)
    }

    fn recent(&self) -> Vec<RecentFile> {
        let Some(house) = self.0.upgrade() else { return Vec::new() };
        house.recent.as_ref().map(|recent| recent.list()).unwrap_or_default()
    }

    fn forget(&self, path: &Path) {
        if let Some(house) = self.0.upgrade()
            && let Some(recent) = &house.recent
        {
            recent.forget(path);
        }
    }
}
