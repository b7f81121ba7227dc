//! The current root and the one writer's lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use scim::document::Document;
use scim::schema::Registry;
use scim::value::Value;

use crate::indexed::Layout;
use crate::root::Root;
use crate::transaction::Transaction;

/// The resources of one tenant.
#[derive(Debug)]
pub struct Directory {
    registry: Arc<Registry>,
    root: ArcSwap<Root>,
    writer: Mutex<()>,
    kept: Mutex<Kept>,
}

/// How many of the last roots are kept.
const RECENT: usize = 256;

/// States that can be read again. They share what they have in common with the current one.
#[derive(Debug, Default)]
struct Kept {
    /// Their revisions follow one another; the last one is the current root.
    recent: VecDeque<Arc<Root>>,
    snapshots: BTreeMap<String, Arc<Root>>,
}

/// A resource as durable storage kept it.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The name of its resource type.
    pub resource_type: String,
    /// The resource at rest.
    pub document: Document,
    /// Its version.
    pub version: u64,
}

/// Why saved resources do not make a directory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// A saved resource is of a type that the registry does not have.
    #[error("a saved resource is of the type {resource_type:?}, which no schema file defines; add the file that did")]
    UnknownType {
        /// The missing type's name.
        resource_type: String,
    },
    /// A saved resource has no `id`, or the `id` of another one.
    #[error("saved resource number {at} of type {resource_type} has no id of its own (it says {id:?})")]
    Id {
        /// Position among the saved resources, from 1.
        at: usize,
        /// Its type.
        resource_type: String,
        /// What stands in the place of an `id`.
        id: String,
    },
}

impl Directory {
    /// A directory without resources, at revision 0.
    pub fn new(registry: Arc<Registry>) -> Directory {
        let root = Root::empty(Arc::new(Layout::new(&registry)), 0);
        Directory::starting_at(registry, root)
    }

    fn starting_at(registry: Arc<Registry>, root: Root) -> Directory {
        let root = Arc::new(root);
        let kept = Kept { recent: VecDeque::from([Arc::clone(&root)]), snapshots: BTreeMap::new() };
        Directory { registry, root: ArcSwap::new(root), writer: Mutex::new(()), kept: Mutex::new(kept) }
    }

    /// A directory as it was saved: the last revision, and the resources in the order of their creation.
    pub fn resume(
        registry: Arc<Registry>,
        revision: u64,
        resources: impl IntoIterator<Item = Saved>,
    ) -> Result<Directory, ResumeError> {
        let mut root = Root::empty(Arc::new(Layout::new(&registry)), revision);
        for (at, saved) in resources.into_iter().enumerate() {
            let Some(of_type) = root.type_number(&saved.resource_type) else {
                return Err(ResumeError::UnknownType { resource_type: saved.resource_type });
            };
            let id = saved.document.get("id").and_then(Value::as_str).unwrap_or_default();
            if id.is_empty() || root.get(id).is_some() {
                let id = id.to_owned();
                return Err(ResumeError::Id { at: at + 1, resource_type: saved.resource_type, id });
            }
            root.restore(of_type, saved.document, saved.version);
        }
        Ok(Directory::starting_at(registry, root))
    }

    /// The schemas and resource types that hold here.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The current state; never waits for a writer.
    pub fn root(&self) -> Arc<Root> {
        self.root.load_full()
    }

    /// Becomes the one writer; waits until another one is done. Keep it short: no input or output before the commit.
    pub fn begin(&self) -> Transaction<'_> {
        // The lock guards no data: a transaction that panicked published nothing.
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Root::clone(&self.root.load());
        Transaction::new(self, writer, root)
    }

    /// Sets so many places in the order of creation aside: the current state, in which nobody else gets them, and the first.
    pub(crate) fn set_aside(&self, places: u64) -> (Arc<Root>, u64) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut root = Root::clone(&self.root.load());
        let first = root.set_aside(places);
        let root = Arc::new(root);
        // The same revision: for readers it is the same state.
        if let Some(last) = self.kept().recent.back_mut() {
            *last = Arc::clone(&root);
        }
        self.root.store(Arc::clone(&root));
        drop(writer);
        (root, first)
    }

    /// The state at a revision, if it is one of the last 256 or the revision of a snapshot.
    pub fn at(&self, revision: u64) -> Option<Arc<Root>> {
        let kept = self.kept();
        let first = kept.recent.front()?.revision();
        let recent = revision.checked_sub(first).and_then(|at| kept.recent.get(usize::try_from(at).ok()?));
        recent.or_else(|| kept.snapshots.values().find(|root| root.revision() == revision)).cloned()
    }

    /// The kept state that is nearest to a revision among those that are not earlier: the current one, if no other is.
    pub fn nearest(&self, revision: u64) -> Arc<Root> {
        let kept = self.kept();
        let later = kept.recent.iter().chain(kept.snapshots.values()).filter(|root| root.revision() >= revision);
        later.min_by_key(|root| root.revision()).cloned().unwrap_or_else(|| self.root())
    }

    /// Keeps the current state under a name, in the place of what was kept under it. Takes the same time whatever the size.
    pub fn keep(&self, name: &str) -> Arc<Root> {
        let root = self.root();
        self.keep_root(name, Arc::clone(&root));
        root
    }

    /// Keeps a state of this directory under a name, in the place of what was kept under it.
    pub fn keep_root(&self, name: &str, root: Arc<Root>) {
        let before = self.kept().snapshots.insert(name.to_owned(), root);
        // Freed when nobody waits for the lock.
        drop(before);
    }

    /// The state that is kept under a name.
    pub fn snapshot(&self, name: &str) -> Option<Arc<Root>> {
        self.kept().snapshots.get(name).cloned()
    }

    /// The names under which states are kept, in alphabetical order, with their revisions.
    pub fn snapshots(&self) -> Vec<(String, u64)> {
        self.kept().snapshots.iter().map(|(name, root)| (name.clone(), root.revision())).collect()
    }

    /// Keeps a state no longer. False if there was none of this name.
    pub fn forget(&self, name: &str) -> bool {
        self.kept().snapshots.remove(name).is_some()
    }

    pub(crate) fn publish(&self, root: Arc<Root>) {
        let mut kept = self.kept();
        kept.recent.push_back(Arc::clone(&root));
        let oldest = if kept.recent.len() > RECENT { kept.recent.pop_front() } else { None };
        drop(kept);
        self.root.store(root);
        // Freed when nobody waits for the lock.
        drop(oldest);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whatever panicked with the lock had done one thing or not yet begun.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
