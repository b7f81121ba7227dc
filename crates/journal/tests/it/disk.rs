//! A disk that is small: a file system of its own. Where none can be made, a bound on the pages of the file has to do.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use journal::{Journal, Options, Place};
use serde_json::Value;
use tempfile::TempDir;

/// How large the disk is.
const BYTES: usize = 3 << 20;

/// A disk with something on it that can be taken away.
pub struct SmallDisk {
    dir: TempDir,
    mounted: bool,
}

impl SmallDisk {
    pub fn new() -> SmallDisk {
        let dir = TempDir::new().unwrap();
        let size = format!("size={BYTES}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path()).output();
        let mounted = mount.as_ref().is_ok_and(|output| output.status.success());
        if mounted {
            std::fs::write(dir.path().join("ballast"), vec![0; BYTES / 2]).unwrap();
        } else {
            let said = writeln!(
                std::io::stderr(),
                "no file system can be mounted here ({mount:?}): the test uses a bound on the pages of the file"
            );
            said.unwrap();
        }
        SmallDisk { dir, mounted }
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("work.scimscope")
    }

    /// Opens a workspace on it that tries often.
    pub fn open(&self) -> Journal {
        let max_pages = (!self.mounted).then_some((BYTES / 4096) as u32);
        let retry = Duration::from_millis(5);
        let options = Options { max_pages, retry, ..Options::default() };
        let journal = Journal::open(&Place::File(self.file()), &options).unwrap();
        if !self.mounted {
            journal.put_document("ballast", "1", &Value::String("x".repeat(BYTES / 2))).unwrap();
        }
        journal
    }

    /// Opens the workspace that is there, with room for what a start writes.
    pub fn open_again(&self) -> Journal {
        if self.mounted {
            let _ = std::fs::remove_file(self.dir.path().join("ballast"));
        }
        Journal::open(&Place::File(self.file()), &Options::default()).unwrap()
    }

    /// Takes the right to write from everybody, or at least from this user; tells whether it can. Nothing on it may be open.
    pub fn make_read_only(&self) -> bool {
        if self.mounted {
            let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(self.dir.path()).status();
            return remount.is_ok_and(|status| status.success());
        }
        let only_read = |path: &std::path::Path, mode| {
            let rights = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode);
            std::fs::set_permissions(path, rights).is_ok()
        };
        only_read(&self.file(), 0o400) && std::fs::OpenOptions::new().write(true).open(self.file()).is_err()
    }

    /// Makes room for as much again as there was.
    pub fn clear(&self, journal: &Journal) {
        if self.mounted {
            std::fs::remove_file(self.dir.path().join("ballast")).unwrap();
        } else {
            assert!(journal.delete_document("ballast", "1").unwrap());
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(self.dir.path()).status();
        }
    }
}
