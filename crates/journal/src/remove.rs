//! Giving exchanges up because somebody wants them gone.

use std::sync::mpsc;

use traffic::ids::{Pos, Seq};

use crate::error::Error;
use crate::journal::Journal;

/// Which exchanges are to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// These, pinned or not.
    These(Vec<Seq>),
    /// All up to and including a number that are not pinned.
    UpTo {
        /// The number.
        through: Seq,
        /// Only those with this tag, in whatever case.
        tag: Option<String>,
    },
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Those that are gone, ascending.
    pub seqs: Vec<Seq>,
    /// How many stay because they are not over.
    pub kept: u64,
}

/// A wish, as the thread that writes gets it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) what: Unwanted,
    /// Where the log ended then: it waits until so much is in the file.
    pub(crate) at: Pos,
    pub(crate) reply: mpsc::Sender<Result<Removed, String>>,
}

impl Asked {
    /// Says that nothing was removed, and why.
    pub(crate) fn refuse(self, why: &str) {
        // Whoever asked may be gone.
        let _ = self.reply.send(Err(why.to_owned()));
    }
}

impl Journal {
    /// Removes exchanges with everything that is theirs, in small steps between what is written, and gives the room back to the
    /// disk. What they changed in directories stays, and so does its history. Exchanges that are not over stay as well. Blocks
    /// until it is done.
    ///
    /// # Errors
    /// If the file is closed, or cannot be written now: then nothing is removed.
    pub fn remove(&self, what: Unwanted) -> Result<Removed, Error> {
        let (reply, answer) = mpsc::channel();
        self.ask_writer(what, reply)?;
        // The thread that writes has ended if it gives no answer.
        answer.recv().map_err(|_| Error::Closed)?.map_err(Error::NotRemoved)
    }
}
