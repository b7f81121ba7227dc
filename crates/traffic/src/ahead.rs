//! Changes that storage has before there is the commit that they belong to: a commit of a hundred thousand changes is small then,
//! and nobody who comes right behind it waits until all of them are written.

use std::fmt;

use crate::change::Change;

/// Names the changes that storage has taken ahead of their commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead(pub u64);

/// Storage that takes changes ahead of their commit. Calls wait for a disk.
pub trait TakesAhead: fmt::Debug + Send + Sync {
    /// Takes the changes of a commit that is to come, in parts; what others append to the log meanwhile is confirmed between
    /// two of them. `go_on` is asked between them, too. Nobody sees the changes before a commit names them
    /// ([`crate::change::Committed::ahead`]), and if the process ends before that, they are gone.
    ///
    /// None if they are not taken, because they are few, or not all of new resources, or nobody waits for this storage, or it
    /// fails, or `go_on` said no: then the commit is written like any other.
    fn take(&self, tenant: &str, changes: &[Change], go_on: &mut dyn FnMut() -> bool) -> Option<Ahead>;

    /// There will be no such commit.
    fn give_up(&self, ahead: Ahead);
}
