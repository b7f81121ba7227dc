//! A workspace file under another name: a copy of it, or the file itself from now on.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, params};
use serde_json::Value;

use crate::error::Error;
use crate::journal::Journal;
use crate::lock::{Lock, Refused};
use crate::options::Options;
use crate::place::{Home, create, full_path, remove_database};
use crate::schema;

/// How many pages (of 4,096 bytes) are copied before it is asked whether to go on.
const STEP_PAGES: i32 = 256;

/// Where a file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its new path; its folder must exist.
    pub path: PathBuf,
    /// Whether a workspace that is there already, and is not open, may be overwritten.
    pub replace: bool,
}

/// A document for a copy: its kind, its id, and what it says there.
pub type CopyDocument = (&'static str, &'static str, Value);

/// Told how many pages are done, of how many; false stops the work.
pub type Going<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

impl Journal {
    /// Copies the file, as it is at one moment, to another place, with some documents changed. Whoever records or reads goes on
    /// meanwhile. The copy has a temporary name until it is whole, and only its owner may read it.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::InUse`] or [`Error::NotAWorkspace`] if the place is taken, [`Error::Stopped`] if it was told
    /// to stop; then, and if anything fails, there is no copy and what was there before is untouched.
    pub fn copy_to(&self, target: &Target, documents: &[CopyDocument], going: Going<'_>) -> Result<PathBuf, Error> {
        let (place, _lock) = NewPlace::take(target)?;
        self.flush();
        self.read_into(&place.part, going)?;
        finish(&place.part, documents)?;
        place.rename()?;
        Ok(place.path.clone())
    }

    /// A copy without a name, for somebody to read from the beginning: it is gone when the file is closed. It is written in
    /// the folder for temporary files.
    ///
    /// # Errors
    /// As [`Journal::copy_to`].
    pub fn copy(&self, documents: &[CopyDocument], going: Going<'_>) -> Result<File, Error> {
        self.flush();
        let home = Home::find(&crate::place::Place::Temporary, None)?;
        let copied = self.read_into(&home.path, going).and_then(|()| finish(&home.path, documents));
        let opened = copied.and_then(|()| File::open(&home.path).map_err(file_error(&home.path, "open the copy")));
        home.leave();
        opened
    }

    /// Moves the file to another place, where it stays when the journal is closed: from then on everything is written and read
    /// there. Nothing is written until that is done; the log holds what comes meanwhile, and those who wait for it to be
    /// confirmed wait. What was temporary is not any more.
    ///
    /// # Errors
    /// As [`Journal::copy_to`]; then everything goes on where it was.
    pub fn move_to(&self, target: &Target, going: Going<'_>) -> Result<PathBuf, Error> {
        let (place, lock) = NewPlace::take(target)?;
        let mut writer = self.shared().connection();
        let source = writer.as_ref().ok_or(Error::Closed)?;
        pages_into(source, &place.part, &self.path(), going)?;
        finish(&place.part, &[])?;
        place.rename()?;
        let home = Home { path: place.path.clone(), temporary: false, lock };
        let options =
            Options { durability: self.durability(), disk_budget: self.disk().budget(), ..Options::default() };
        let path = home.path.clone();
        let connection = schema::open_writer(&home, &options)?;
        let before = writer.replace(connection);
        self.readers().move_to(&path);
        self.shared().settle(&path, false);
        let left = self.replace_home(home);
        drop(before);
        drop(writer);
        if let Some(left) = left {
            left.leave();
        }
        // What was kept in memory as long as the file was temporary, and wakes the thread that writes.
        self.flush();
        Ok(path)
    }

    fn read_into(&self, part: &Path, going: Going<'_>) -> Result<(), Error> {
        let mut copied = Ok(());
        self.readers().read("copy it", |connection| {
            // From here on this connection sees the file as it is now, whatever is written: the copy never begins again.
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            copied = pages_into(connection, part, &self.path(), going);
            Ok(Ok(()))
        })?;
        copied
    }
}

/// A name that is ours as long as its lock is held, with nothing under it that must not be overwritten. Until [`NewPlace::rename`] the file has
/// another one, under which it goes away with this value.
struct NewPlace {
    path: PathBuf,
    part: PathBuf,
}

impl NewPlace {
    fn take(target: &Target) -> Result<(NewPlace, Lock), Error> {
        let path = full_path(&target.path).map_err(file_error(&target.path, "find its folder"))?;
        if path.is_dir() {
            return Err(Error::NotAWorkspace { path, why: "it is a folder".to_owned() });
        }
        let lock = Lock::of(&path).map_err(|refused| match refused {
            Refused::Held => Error::InUse { path: path.clone() },
            Refused::Failed(source) => file_error(&path, "lock it")(source),
        })?;
        if path.exists() {
            if !target.replace {
                return Err(Error::Exists { path });
            }
            schema::check_header(&path)?;
        }
        let part = beside(&path);
        create(&part).map_err(file_error(&part, "create it"))?;
        Ok((NewPlace { path, part }, lock))
    }

    fn rename(&self) -> Result<(), Error> {
        // What a crash has left of the file before must not be taken for a part of this one.
        for extra in ["-wal", "-shm"] {
            let file = with_suffix(&self.path, extra);
            if let Err(error) = fs::remove_file(&file)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(file_error(&file, "remove what was left of an earlier file")(error));
            }
        }
        fs::rename(&self.part, &self.path).map_err(file_error(&self.path, "give the copy its name"))?;
        if let Some(folder) = self.path.parent() {
            // The new name is on the disk as well; a file system that cannot do that says so, and nothing is lost.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for NewPlace {
    fn drop(&mut self) {
        // After the rename there is nothing under this name any more.
        remove_database(&self.part);
    }
}

/// Copies all pages that a connection sees into an empty file.
fn pages_into(source: &Connection, part: &Path, path: &Path, going: Going<'_>) -> Result<(), Error> {
    let fail = |source| Error::Database { path: path.to_owned(), doing: "copy it", source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(part, flags).map_err(fail)?;
    // If this program dies now there is no copy in any case.
    copy.pragma_update(None, "synchronous", "OFF").map_err(fail)?;
    let backup = Backup::new(source, &mut copy).map_err(fail)?;
    loop {
        let step = backup.step(STEP_PAGES).map_err(fail)?;
        let progress = backup.progress();
        let (total, left) = (progress.pagecount.max(0) as u64, progress.remaining.max(0) as u64);
        match step {
            StepResult::Done => {
                going(total, total);
                return Ok(());
            }
            StepResult::Busy | StepResult::Locked => std::thread::yield_now(),
            _ => {}
        }
        if !going(total - left.min(total), total) {
            return Err(Error::Stopped { path: path.to_owned() });
        }
    }
}

/// Changes documents in a copy and sees to it that the disk has it.
fn finish(part: &Path, documents: &[CopyDocument]) -> Result<(), Error> {
    let fail = |source| Error::Database { path: part.to_owned(), doing: "finish the copy", source };
    if !documents.is_empty() {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = Connection::open_with_flags(part, flags).map_err(fail)?;
        let transaction = copy.transaction().map_err(fail)?;
        for (kind, id, json) in documents {
            let sql = "INSERT INTO document (kind, id, version, json) VALUES (?1, ?2, 1, ?3)
                       ON CONFLICT (kind, id) DO UPDATE SET version = version + 1, json = excluded.json";
            transaction.execute(sql, params![kind, id, json.to_string()]).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        schema::checkpoint(&copy).map_err(fail)?;
        copy.close().map_err(|(_, error)| fail(error))?;
    }
    File::open(part).and_then(|file| file.sync_all()).map_err(file_error(part, "write the copy to the disk"))
}

/// A name in the same folder that nobody else has.
fn beside(path: &Path) -> PathBuf {
    with_suffix(path, &format!(".{}.part", std::process::id()))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

fn file_error(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { path, doing, source }
}
