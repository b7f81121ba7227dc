//! One app for a data folder: a second start hands what it was given to the first and ends.
//!
//! The first holds a lock on `instance.lock` and listens at a socket beside it. Both are in the data folder, which belongs to
//! the user alone, so nobody else can call. No session bus is needed.

use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// A call is a command line; nothing that is longer is read.
const CALL_BYTES: u64 = 1 << 20;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a start waits for an app that is about to end.
const ENDING: Duration = Duration::from_secs(15);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Paths of sockets are short (sun_path, unix(7)).
const LONGEST_SOCKET_PATH: usize = 100;

/// What a second start was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What to open: a link or a workspace file.
    pub target: Option<String>,
    /// The folder in which it was started, for a path that is relative.
    pub folder: PathBuf,
    /// What the desktop gave the second start so that a window may come to the front (XDG activation, startup notification).
    pub activation: Option<String>,
}

/// What a start turned out to be.
pub enum Start {
    /// The first: it goes on.
    First(Instance),
    /// A later one: the first has taken the call.
    Second,
}

/// The first app of a data folder, until it is dropped.
pub struct Instance {
    socket: PathBuf,
    listener: UnixListener,
    lock: File,
}

impl Instance {
    /// Becomes the app of a data folder, or hands the call to the one that is.
    ///
    /// Fails if the folder cannot be used, or if the app that has it does not answer.
    pub fn claim(data: &Path, call: &Call) -> anyhow::Result<Start> {
        let lock_path = data.join("instance.lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.with_context(|| format!("{} cannot be opened", lock_path.display()))?;
        let socket = socket(data);
        let until = Instant::now() + ENDING;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("{} cannot be locked", lock_path.display()));
                }
            }
            // One that is ending has taken its socket away already; then the lock becomes free in a moment.
            if hand_over(&socket, call).is_ok() {
                return Ok(Start::Second);
            }
            if Instant::now() > until {
                bail!(
                    "Scimscope is running already with {} but does not answer; end that process first",
                    data.display()
                );
            }
            // Nobody is told when another process ends.
            std::thread::park_timeout(LOOK_EVERY);
        }
        // Left behind by an app that was killed.
        match std::fs::remove_file(&socket) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{} cannot be replaced", socket.display())),
        }
        let listener = UnixListener::bind(&socket).with_context(|| format!("cannot listen at {}", socket.display()))?;
        Ok(Start::First(Instance { socket, listener, lock }))
    }

    /// Takes calls from now on, on a thread of its own. The result ends that when it is dropped.
    pub fn listen(self, mut on_call: impl FnMut(Call) + Send + 'static) -> anyhow::Result<Listening> {
        let Instance { socket, listener, lock } = self;
        let answer = move || {
            for stream in listener.incoming() {
                match stream.map_err(anyhow::Error::from).and_then(take) {
                    Ok(call) => on_call(call),
                    Err(error) => tracing::warn!("a second start could not be understood: {error:#}"),
                }
            }
        };
        std::thread::Builder::new().name("second starts".into()).spawn(answer)?;
        Ok(Listening { socket, _lock: lock })
    }
}

/// The right to be the only one, and the socket for those that come later.
pub struct Listening {
    socket: PathBuf,
    _lock: File,
}

impl Listening {
    /// Takes no calls any more: who starts from now on waits until this process is over and becomes the first.
    pub fn close(&self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where the app of a data folder listens: in that folder, unless its path is too long for a socket.
fn socket(data: &Path) -> PathBuf {
    let path = data.join("instance.sock");
    if path.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return path;
    }
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    base.join(format!("scimscope-{:016x}.sock", hasher.finish()))
}

fn hand_over(socket: &Path, call: &Call) -> anyhow::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{}\n", serde_json::to_string(call)?).as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(16)).read_line(&mut answer)?;
    if answer != "taken\n" {
        bail!("the running app answered {answer:?}");
    }
    Ok(())
}

fn take(mut stream: UnixStream) -> anyhow::Result<Call> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&stream).take(CALL_BYTES)).read_line(&mut line)?;
    let call = serde_json::from_str(&line)?;
    stream.write_all(b"taken\n")?;
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(target: &str) -> Call {
        Call { target: Some(target.into()), folder: "/tmp".into(), activation: None }
    }

    fn first(data: &Path) -> Instance {
        match Instance::claim(data, &call("")).unwrap() {
            Start::First(instance) => instance,
            Start::Second => panic!("somebody else has {}", data.display()),
        }
    }

    #[test]
    fn a_second_start_hands_over_what_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let listening = first(folder.path()).listen(move |call| told.send(call).unwrap()).unwrap();
        for target in ["scimscope://flow/1", "a file.scimscope"] {
            assert!(matches!(Instance::claim(folder.path(), &call(target)).unwrap(), Start::Second));
            assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), call(target));
        }
        drop(listening);
    }

    #[test]
    fn two_data_folders_are_two_apps() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let _one = first(one.path());
        let _other = first(other.path());
    }

    #[test]
    fn the_next_start_is_the_first_again_once_the_app_has_ended_or_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        drop(first(folder.path()).listen(|_| {}).unwrap());
        // As a killed process leaves it: the lock is free, the socket is still there.
        let Instance { lock, listener, .. } = first(folder.path());
        drop((lock, listener));
        assert!(folder.path().join("instance.sock").exists());
        first(folder.path());
    }

    #[test]
    fn nonsense_at_the_socket_does_not_end_the_listening() {
        let folder = tempfile::tempdir().unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let _listening = first(folder.path()).listen(move |call| told.send(call).unwrap()).unwrap();
        let mut stream = UnixStream::connect(folder.path().join("instance.sock")).unwrap();
        stream.write_all(b"\xff\xfe nonsense\n").unwrap();
        drop(stream);
        assert!(matches!(Instance::claim(folder.path(), &call("x")).unwrap(), Start::Second));
        assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), call("x"));
    }

    #[test]
    fn a_folder_with_a_long_path_has_its_socket_elsewhere() {
        let long = PathBuf::from(format!("/home/{}", "x".repeat(120)));
        assert!(socket(&long).as_os_str().len() <= LONGEST_SOCKET_PATH + 20 && !socket(&long).starts_with(&long));
        assert_ne!(socket(&long), socket(&long.join("y")));
    }
}
