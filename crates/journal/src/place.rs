//! Where a workspace is: a file of the user's, or a temporary one.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::lock::{Lock, Refused};

/// Where the workspace file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the folder for temporary files; removed when the journal is closed.
    Temporary,
    /// This file, which is created if it does not exist. Its folder must exist.
    File(PathBuf),
}

const PREFIX: &str = "scimscope-";
const SUFFIX: &str = ".scimscope";

/// A workspace file that is there and locked.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) temporary: bool,
    pub(crate) lock: Lock,
}

impl Home {
    /// Finds or makes the file and locks it. What is in it has not been looked at.
    pub(crate) fn find(place: &Place, temporary_dir: Option<&Path>) -> Result<Home, Error> {
        match place {
            Place::Temporary => {
                let dir = temporary_dir.map_or_else(std::env::temp_dir, Path::to_owned);
                let home = Home::temporary(&dir)?;
                remove_stale(&dir, &home.path);
                Ok(home)
            }
            Place::File(path) => Home::file(path),
        }
    }

    fn file(path: &Path) -> Result<Home, Error> {
        let failed = |doing, source| Error::File { path: path.to_owned(), doing, source };
        let path = full_path(path).map_err(|source| failed("find its folder", source))?;
        if path.is_dir() {
            return Err(Error::NotAWorkspace { path, why: "it is a folder".to_owned() });
        }
        let lock = Lock::of(&path).map_err(|refused| match refused {
            Refused::Held => Error::InUse { path: path.clone() },
            Refused::Failed(source) => failed("lock it", source),
        })?;
        match create(&path) {
            Ok(_) => {}
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                // SQLite would open a file that may only be read, and fail later.
                OpenOptions::new().write(true).open(&path).map_err(|source| failed("write it", source))?;
            }
            Err(source) => return Err(failed("create it", source)),
        }
        Ok(Home { path, temporary: false, lock })
    }

    /// A temporary file with what is in a file that can only be read.
    pub(crate) fn copy_of(path: &Path, dir: &Path) -> Result<Home, Error> {
        let failed = |doing, source| Error::File { path: path.to_owned(), doing, source };
        if Lock::is_held(path) {
            return Err(Error::InUse { path: path.to_owned() });
        }
        let home = Home::temporary(dir)?;
        for extra in ["", "-wal"] {
            let mut from = path.as_os_str().to_owned();
            from.push(extra);
            let mut to = home.path.as_os_str().to_owned();
            to.push(extra);
            let copied = match File::open(&from) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && !extra.is_empty() => Ok(0),
                from => from.and_then(|mut from| {
                    let mut to = if extra.is_empty() {
                        OpenOptions::new().write(true).open(&to)?
                    } else {
                        create(Path::new(&to))?
                    };
                    io::copy(&mut from, &mut to)
                }),
            };
            if let Err(source) = copied {
                home.leave();
                return Err(failed("copy it, because it can only be read", source));
            }
        }
        Ok(home)
    }

    fn temporary(dir: &Path) -> Result<Home, Error> {
        let failed = |doing, source| Error::File { path: dir.to_owned(), doing, source };
        loop {
            let random = getrandom::u64()
                .map_err(|error| failed("draw a random name in it", io::Error::other(error.to_string())))?;
            let path = dir.join(format!("{PREFIX}{}-{random:016x}{SUFFIX}", std::process::id()));
            // The lock comes first: a file of this name that is not locked is taken for stale.
            let lock = match Lock::of(&path) {
                Ok(lock) => lock,
                Err(Refused::Held) => continue,
                Err(Refused::Failed(source)) => return Err(failed("lock a temporary file in it", source)),
            };
            match create(&path) {
                Ok(_) => return Ok(Home { path, temporary: true, lock }),
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(failed("create a temporary file in it", source)),
            }
        }
    }

    /// Gives the file up. The database must have been closed before.
    pub(crate) fn leave(self) {
        if self.temporary {
            remove_database(&self.path);
        }
        drop(self.lock);
    }
}

/// The path without symbolic links, so that one file has one lock. The file itself need not exist.
pub(crate) fn full_path(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = path.file_name().ok_or(error)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Ok(folder.unwrap_or(Path::new(".")).canonicalize()?.join(name))
        }
        found => found,
    }
}

/// Makes an empty file that only its owner may read: recordings hold tokens. SQLite gives its own files beside it the
/// same mode.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes what processes that died have left: temporary files that nobody holds the lock of.
fn remove_stale(dir: &Path, own: &Path) {
    let Ok(found) = fs::read_dir(dir) else { return };
    for path in found.flatten().filter_map(|file| workspace_of(&file.path())) {
        if path == own || !is_ours(&path, own) || !is_ours(&crate::lock::lock_path(&path), own) {
            continue;
        }
        if let Ok(lock) = Lock::of(&path) {
            if path.exists() {
                tracing::info!(file = %path.display(), "removing a temporary workspace that a crashed process has left");
            }
            remove_database(&path);
            drop(lock);
        }
    }
}

/// The temporary workspace that a file belongs to, if it is one or the lock of one.
fn workspace_of(path: &Path) -> Option<PathBuf> {
    let path = if path.extension() == Some(OsStr::new("lock")) { path.with_extension("") } else { path.to_owned() };
    let (pid, random) = path.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-')?;
    let named_so = !pid.is_empty()
        && pid.bytes().all(|byte| byte.is_ascii_digit())
        && random.len() == 16
        && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    named_so.then_some(path)
}

/// Whether a file is a plain one of our own user, or not there. The folder is one that everybody may write to.
fn is_ours(path: &Path, own: &Path) -> bool {
    match (fs::symlink_metadata(path), fs::symlink_metadata(own)) {
        (Err(error), _) => error.kind() == io::ErrorKind::NotFound,
        (Ok(there), Ok(own)) => there.is_file() && same_owner(&there, &own),
        (Ok(_), Err(_)) => false,
    }
}

#[cfg(unix)]
fn same_owner(left: &fs::Metadata, right: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    left.uid() == right.uid()
}

#[cfg(not(unix))]
fn same_owner(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

pub(crate) fn remove_database(path: &Path) {
    for extra in ["-wal", "-shm", "-journal", ""] {
        let mut file = path.as_os_str().to_owned();
        file.push(extra);
        if let Err(error) = fs::remove_file(&file)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %Path::new(&file).display(), %error, "cannot remove a temporary file");
        }
    }
}
